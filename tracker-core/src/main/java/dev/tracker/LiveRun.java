package dev.tracker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.FormatVersion;
import dev.tracker.format.Json;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.lock.Holder;
import dev.tracker.lock.RunLock;
import dev.tracker.read.RunState;
import dev.tracker.read.StepHistory;
import dev.tracker.seal.SealHandle;
import dev.tracker.seal.SealListener;
import dev.tracker.seal.Sealer;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A run folder while this process writes it: its lock, its journal, and the sealer's hold on it.
 *
 * @param state where the run stood once it was opened
 * @param tables the columns of the tables that were there
 * @param journal the writing end
 * @param sealing the sealer's hold; owns the lock
 */
record LiveRun(
    RunState state, Map<String, TableSchema> tables, JournalWriter journal, SealHandle sealing) {
  /** Where a run goes back to. */
  private record Rewind(long step, long globalStep) {}

  private static final String ATTEMPTS = "attempts";
  private static final String STATUS = "status";
  private static final String FINISHED = "finished";

  /**
   * Takes a run that is there or begins a new one, and puts a first record into its journal.
   *
   * @param document what becomes of the run's document
   * @param rewindStep the step to go back to first; null to stay
   */
  static LiveRun open(
      RunLayout layout,
      Resume resume,
      ObjectNode document,
      @Nullable Long rewindStep,
      FileLayer files,
      Reports reports)
      throws IOException {
    makeFolder(layout, resume, files);
    return take(layout, before -> opening(before, document, layout), rewindStep, files, reports);
  }

  /** Takes a run that has ended, only to change its document and to end it again. */
  static LiveRun amend(RunLayout layout, ObjectNode patch, FileLayer files, Reports reports)
      throws IOException {
    return take(layout, before -> ending(before, patch), null, files, reports);
  }

  private static LiveRun take(
      RunLayout layout,
      Function<RunDocument, ObjectNode> change,
      @Nullable Long rewindStep,
      FileLayer files,
      Reports reports)
      throws IOException {
    RunLock lock = RunLock.acquire(layout);
    try {
      RunState before = RunState.load(layout);
      Map<String, TableSchema> tables = before.tables();
      Rewind rewind =
          rewindStep == null || before.counters().position() == 0
              ? null
              : new Rewind(rewindStep, StepHistory.globalStepAt(layout, rewindStep));
      byte[] patch = Json.bytes(change.apply(before.document()));
      JournalWriter journal = JournalWriter.open(layout.journal(), before.counters(), files);
      try {
        journal.run(patch);
        journal.write();
        if (rewind != null) {
          journal.rewind(rewind.step, rewind.globalStep);
          journal.write();
        }
        before.document().patch(patch);
        RunState state = new RunState(journal.counters(), before.series(), before.document());
        SealListener listener = new Listener(reports);
        SealHandle sealing = Sealer.register(layout, journal, files, lock, listener);
        reports.writeTo(sealing);
        LiveRun live = new LiveRun(state, tables, journal, sealing);
        sealing.note(live.opened(rewind));
        return live;
      } catch (Throwable e) {
        close(journal, e);
        throw e;
      }
    } catch (Throwable e) {
      close(lock, e);
      throw e;
    }
  }

  private static void close(AutoCloseable opened, Throwable failure) {
    try {
      opened.close();
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  /** Lets go of the run, which nobody has written to yet. */
  void giveUp(Throwable failure) {
    close(journal, failure);
    sealing.finish(Duration.ZERO);
  }

  private String opened(@Nullable Rewind rewind) {
    String version = LiveRun.class.getPackage().getImplementationVersion();
    return "opened: attempt="
        + attempts(state.document()).size()
        + " pid="
        + ProcessHandle.current().pid()
        + " tracker="
        + (version == null ? "?" : version)
        + " format="
        + FormatVersion.CURRENT
        + " java="
        + Runtime.version()
        + " position="
        + state.counters().position()
        + " step="
        + state.counters().step()
        + " globalStep="
        + state.counters().globalStep()
        + (rewind == null ? "" : " rewoundTo=" + rewind.step)
        + (state.document().fields().has("parent")
            ? " parent=" + state.document().fields().get("parent")
            : "");
  }

  private static void makeFolder(RunLayout layout, Resume resume, FileLayer files)
      throws IOException {
    Path run = layout.root();
    boolean exists = Files.isDirectory(layout.journal()) || Files.exists(layout.metadata());
    if (exists && resume == Resume.NEVER) {
      throw exists(run, null);
    }
    if (!exists && resume == Resume.MUST) {
      throw missing(run);
    }
    try {
      if (resume == Resume.NEVER) {
        makeFolders(parent(run), files);
        makeNew(run);
      }
      makeFolders(run, files);
      Files.createDirectories(layout.journal()); // forced along with its first segment
    } catch (FileSystemException e) {
      throw new IOException(
          "the run's folder cannot be made: run=" + run + " cause=" + e + obstacle(run), e);
    }
  }

  /**
   * Makes a folder that lasts, and those above it: each when those above it are on stable storage.
   * So of the ones that are there already only the lowest may not be, which somebody may have made
   * who was killed then.
   */
  static void makeFolders(Path folder, FileLayer files) throws IOException {
    Path above = folder.toAbsolutePath().getParent();
    if (above == null) {
      return;
    }
    boolean missing = !Files.isDirectory(folder);
    if (missing) {
      makeFolders(above, files);
      Files.createDirectories(folder); // another thread may be faster
    }
    if (missing || (Files.isReadable(above) && Files.isWritable(above))) {
      files.forceFolder(above);
    }
  }

  private static Path parent(Path folder) {
    return Objects.requireNonNull(folder.toAbsolutePath().getParent());
  }

  /** Returns a folder if it is there, else the nearest of those above it that is. */
  private static Path nearest(Path folder) {
    Path above = folder.toAbsolutePath();
    while (!Files.exists(above) && above.getParent() != null) {
      above = above.getParent();
    }
    return above;
  }

  private static void makeNew(Path run) throws IOException {
    try {
      Files.createDirectory(run);
    } catch (FileAlreadyExistsException e) {
      throw exists(run, e);
    }
  }

  /** Guesses what stands in the way of a folder. */
  private static String obstacle(Path folder) {
    Path above = nearest(folder);
    if (!Files.isDirectory(above)) {
      return " (" + above + " is not a folder)";
    }
    return Files.isWritable(above) ? " (disk full?)" : " (" + above + " is read-only)";
  }

  static IOException missing(Path run) {
    return new IOException(
        "there is no such run to resume: run=" + run + " (another root, project or id?)");
  }

  static IOException exists(Path run, @Nullable Exception cause) {
    return new IOException(
        "there is a run of this id already: run="
            + run
            + " (choose another id, or resume(Resume.ALLOW))",
        cause);
  }

  /** Says what opening the run changes in its document. */
  private static ObjectNode opening(RunDocument before, ObjectNode document, RunLayout layout) {
    String now = Instant.now().toString();
    ObjectNode patch = document.deepCopy();
    Description.keepTags(before.fields(), patch);
    patch.put(STATUS, "RUNNING");
    ArrayNode attempts = attempts(before);
    ObjectNode attempt = attempts.addObject().put("started", now);
    Holder.of(layout).ifPresent(self -> attempt.put("host", self.host()).put("pid", self.pid()));
    patch.set(ATTEMPTS, attempts);
    if (before.text("created").isEmpty()) {
      patch.put("created", now);
    } else {
      patch.putNull(FINISHED);
      patch.putNull("error");
      patch.putNull(RunDocument.UNCAUGHT);
    }
    if (before.fields().has(RunDocument.ENVIRONMENT)) {
      patch.putNull(RunDocument.ENVIRONMENT); // that of an earlier attempt
    }
    return patch;
  }

  /** Returns what the machine is called. */
  String host() {
    ArrayNode attempts = attempts(state.document());
    return attempts.path(attempts.size() - 1).path("host").asText("?");
  }

  /** Adds to the run's last words how its latest attempt ended. */
  ObjectNode ending(ObjectNode lastWords) {
    return ending(state.document(), lastWords);
  }

  private static ObjectNode ending(RunDocument before, ObjectNode lastWords) {
    ArrayNode attempts = attempts(before);
    if (!(attempts.path(attempts.size() - 1) instanceof ObjectNode attempt)) {
      return lastWords;
    }
    ObjectNode patch = lastWords.deepCopy();
    if (patch.hasNonNull(FINISHED)) {
      attempt.set(FINISHED, patch.get(FINISHED));
    }
    if (patch.hasNonNull(STATUS)) {
      attempt.set(STATUS, patch.get(STATUS));
    }
    patch.set(ATTEMPTS, attempts);
    return patch;
  }

  private static ArrayNode attempts(RunDocument document) {
    return document.fields().get(ATTEMPTS) instanceof ArrayNode known
        ? known.deepCopy()
        : JsonNodeFactory.instance.arrayNode();
  }

  /** Hears of sealing that failed; what it means for the user is said once for each kind. */
  private static final class Listener implements SealListener {
    private final Reports reports;

    /** Whether the user was told that the run is not being sealed, and not yet that it is again. */
    private boolean warned;

    Listener(Reports reports) {
      this.reports = reports;
    }

    @Override
    public void sealed(long position, long rows, long values, int series, long millis) {
      if (warned) {
        warned = false;
        reports.warn("the run is being sealed again: position=" + position, null);
      }
    }

    @Override
    public void failed(String kind, Exception cause) {
      reports.failed(cause);
      if (reports.isFirst("seal " + kind)) {
        warned = true;
        reports.isFirst("seal"); // the end of the run need not say it again
        reports.warn(
            "the run is not being sealed; its journal keeps everything, and readers read it there",
            cause);
      }
    }

    @Override
    public void looked() {
      reports.sayWaiting();
    }
  }
}
