package dev.tracker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.lock.RunLock;
import dev.tracker.read.RunState;
import dev.tracker.seal.SealHandle;
import dev.tracker.seal.SealListener;
import dev.tracker.seal.Sealer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A run folder while this process writes it: its lock, its journal, and the sealer's hold on it.
 *
 * @param state where the run stood when it was opened
 * @param journal the writing end
 * @param sealing the sealer's hold; owns the lock
 */
record LiveRun(RunState state, JournalWriter journal, SealHandle sealing) {
  private static final String ATTEMPT = "attempt";

  /**
   * Takes a run that is there or begins a new one, and puts a first record into its journal.
   *
   * @param document what becomes of the run's document
   */
  static LiveRun open(
      RunLayout layout, Resume resume, ObjectNode document, FileLayer files, Reports reports)
      throws IOException {
    makeFolder(layout, resume, files);
    return take(layout, before -> opening(before, document), files, reports);
  }

  /** Takes a run that has ended, only to change its document and to end it again. */
  static LiveRun amend(RunLayout layout, ObjectNode patch, FileLayer files, Reports reports)
      throws IOException {
    return take(layout, before -> patch, files, reports);
  }

  private static LiveRun take(
      RunLayout layout, Function<RunDocument, ObjectNode> patch, FileLayer files, Reports reports)
      throws IOException {
    RunLock lock = RunLock.acquire(layout);
    try {
      RunState state = RunState.load(layout);
      JournalWriter journal = JournalWriter.open(layout.journal(), state.counters(), files);
      try {
        journal.run(json(patch.apply(state.document())));
        journal.write();
        SealListener listener = new Listener(reports);
        return new LiveRun(state, journal, Sealer.register(layout, journal, files, lock, listener));
      } catch (IOException | RuntimeException e) {
        journal.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static void makeFolder(RunLayout layout, Resume resume, FileLayer files)
      throws IOException {
    Path run = layout.root();
    boolean exists = Files.isDirectory(layout.journal());
    if (exists && resume == Resume.NEVER) {
      throw exists(run, null);
    }
    if (!exists && resume == Resume.MUST) {
      throw new IOException(
          "there is no such run to resume: run=" + run + " (another root, project or id?)");
    }
    if (exists) {
      return;
    }
    Path project = Objects.requireNonNull(run.toAbsolutePath().getParent());
    try {
      Files.createDirectories(project);
      if (resume == Resume.NEVER) {
        makeNew(run);
      }
      Files.createDirectories(layout.journal());
    } catch (FileSystemException e) {
      throw new IOException(
          "the run's folder cannot be made: run=" + run + " cause=" + e + obstacle(run), e);
    }
    files.forceFolder(run);
    files.forceFolder(project);
  }

  private static void makeNew(Path run) throws IOException {
    try {
      Files.createDirectory(run);
    } catch (FileAlreadyExistsException e) {
      throw exists(run, e);
    }
  }

  /** Guesses what stands in the way of a folder: the nearest of those above it that is there. */
  private static String obstacle(Path folder) {
    Path above = folder.toAbsolutePath();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (above == null) {
      return "";
    }
    if (!Files.isDirectory(above)) {
      return " (" + above + " is not a folder)";
    }
    return Files.isWritable(above) ? " (disk full?)" : " (" + above + " is read-only)";
  }

  private static IOException exists(Path run, @Nullable Exception cause) {
    return new IOException(
        "there is a run of this id already: run="
            + run
            + " (choose another id, or resume(Resume.ALLOW))",
        cause);
  }

  /** Says what opening the run changes in its document. */
  private static ObjectNode opening(RunDocument before, ObjectNode document) {
    ObjectNode patch = document.deepCopy();
    patch.put("status", "RUNNING");
    patch.put(ATTEMPT, before.fields().path(ATTEMPT).asInt(0) + 1);
    if (before.text("created").isEmpty()) {
      patch.put("created", Instant.now().toString());
    } else {
      patch.putNull("finished");
      patch.putNull("error");
    }
    return patch;
  }

  /** Returns a patch as a run record carries it. */
  static byte[] json(ObjectNode patch) {
    return patch.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Hears of sealing that failed; what it means for the user is said once. */
  private record Listener(Reports reports) implements SealListener {
    @Override
    public void sealed(long position, long rows, long values, int series, long millis) {
      // Health tells how much is sealed.
    }

    @Override
    public void failed(Exception cause) {
      reports.failed(cause);
      if (reports.isFirst("seal")) {
        reports.warn(
            "the run is not being sealed; its journal keeps everything, and readers read it there",
            cause);
      }
    }
  }
}
