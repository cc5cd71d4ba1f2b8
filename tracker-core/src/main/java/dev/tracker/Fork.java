package dev.tracker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.Json;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.lock.RunLock;
import dev.tracker.media.DurableFiles;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunState;
import dev.tracker.read.StepHistory;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes a run that begins with another run's past.
 *
 * <p>It is made whole in a folder beside its own, whose name begins with a dot, and then given its
 * name: a run that is there by its name is complete, whenever the process may have died.
 */
final class Fork {
  /** What a run takes over of its parent's document; all else is of one run alone. */
  private static final Set<String> INHERITED = Set.of(RunDocument.CONFIG, "tags", "notes");

  private Fork() {}

  /**
   * Makes the run, unless it is there and may be resumed.
   *
   * @param parent the other run's folder
   * @param step the greatest step that is taken over
   * @param document what the new run's document gets besides
   */
  static void make(
      RunLayout layout, Resume resume, Path parent, long step, ObjectNode document, FileLayer files)
      throws IOException {
    Path run = layout.root();
    if (Files.isDirectory(layout.journal())) {
      if (resume == Resume.NEVER) {
        throw LiveRun.exists(run, null);
      }
      requireFork(run, parent, step);
      return;
    }
    if (resume == Resume.MUST) {
      throw LiveRun.missing(run);
    }
    Path project = Objects.requireNonNull(run.toAbsolutePath().getParent());
    LiveRun.makeFolders(project, files);
    RunLayout draft = new RunLayout(project.resolve("." + run.getFileName() + ".fork"));
    try (RunReader reader = RunReader.open(parent)) {
      delete(draft.root()); // of a process that died over it
      reader.linkTo(draft.root());
      goBack(draft, step, document, reader.info(), files);
      force(draft.root());
      Files.move(draft.root(), run, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      throw Files.exists(run) ? LiveRun.exists(run, e) : e;
    } finally {
      delete(draft.root()); // it has its own name by now, or nobody wants it
    }
    files.forceFolder(project);
  }

  /** A run that is there, and would only be gone on with, must be that fork already. */
  private static void requireFork(Path run, Path parent, long step) throws IOException {
    String wanted = String.valueOf(parent.getFileName());
    try (RunReader reader = RunReader.open(run)) {
      Optional<RunInfo.Parent> begun = reader.info().parent();
      if (begun.isEmpty() || !begun.get().id().equals(wanted) || begun.get().step() != step) {
        throw new IOException(
            "the run that is resumed is no fork of that run: run="
                + run
                + " forkFrom="
                + wanted
                + " step="
                + step
                + " parent="
                + begun.map(is -> is.id() + " step=" + is.step()).orElse("none")
                + " (choose another id, or leave out forkFrom)");
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  private static void force(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        if (Files.isDirectory(path)) {
          DurableFiles.forceFolder(path);
        } else {
          DurableFiles.forceFile(path);
        }
      }
    }
  }

  private static void goBack(
      RunLayout draft, long step, ObjectNode document, RunInfo parent, FileLayer files)
      throws IOException {
    try (RunLock lock = RunLock.acquire(draft)) {
      lock.heartbeat();
      RunState state = RunState.load(draft);
      long globalStep = StepHistory.globalStepAt(draft, step);
      try (JournalWriter journal = JournalWriter.open(draft.journal(), state.counters(), files)) {
        journal.run(Json.bytes(birth(state.document(), document, parent, step)));
        journal.write();
        journal.rewind(step, globalStep);
        journal.write();
        journal.force();
      }
    }
  }

  /** The columns of tables, too: their rows are taken over. */
  private static boolean isInherited(String field) {
    return INHERITED.contains(field) || field.startsWith(RunDocument.TABLE);
  }

  private static ObjectNode birth(
      RunDocument copied, ObjectNode document, RunInfo parent, long step) {
    ObjectNode patch = document.deepCopy();
    Description.keepTags(copied.fields(), patch);
    copied
        .fields()
        .fieldNames()
        .forEachRemaining(field -> {
          if (!isInherited(field) && !patch.has(field)) {
            patch.putNull(field);
          }
        });
    patch.put("status", "RUNNING");
    patch.put("created", Instant.now().toString());
    patch
        .putObject("parent")
        .put("id", parent.id())
        .put("project", parent.project())
        .put("step", step);
    return patch;
  }
}
