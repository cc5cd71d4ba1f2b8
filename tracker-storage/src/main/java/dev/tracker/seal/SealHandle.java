package dev.tracker.seal;

import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.lock.RunLock;
import dev.tracker.metadata.MetadataException;
import dev.tracker.metadata.NativeSqlite;
import dev.tracker.series.NativeLibrary;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A live run as the sealer knows it: how far it is sealed, and the way to end it.
 *
 * <p>It owns the run's lock from its making on and gives it back when the sealer has let go of the
 * run, which may be after {@link #finish} has given up waiting. Methods may be called from any
 * thread.
 */
public final class SealHandle {
  /** A run in one of these states is the sealer's; it moves only forward. */
  private enum Phase {
    /** Being written. */
    LIVE,
    /** Its journal is closed; the rest is to be sealed and put in order. */
    FINISHING,
    /** Whoever waited has given up; the sealer lets go at the next window. */
    ABANDONED,
    /** The lock has been given back. */
    RELEASED
  }

  /** How long records wait that need not be sealed soon: the library's own samples. */
  private static final long NOT_DUE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How long whoever gives up waits for a line of the log that is being written. */
  private static final long LOG_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Sealer sealer;
  private final RunLayout layout;
  private final JournalWriter journal;
  private final FileLayer files;
  private final RunLock lock;
  private final SealListener listener;
  private final RunLog log;

  /** The journal position at which this attempt began. */
  private final long attemptStart;

  // Guarded by this.
  private Phase phase = Phase.LIVE;
  private boolean complete;

  /** Whether the sealer writes the run's log just now, and may make a file. */
  private boolean logging;

  // Written by the sealer's thread, read by any.
  private volatile long sealedPosition;
  private final AtomicLong sealedRows = new AtomicLong();
  private volatile @Nullable Exception lastError;

  /** A moment before which everything that is in the journal is sealed. */
  private volatile long caughtUpNanos;

  // Of the sealer's thread alone.
  private @Nullable RunSealer run;
  private @Nullable String lastComplaint;

  SealHandle(
      Sealer sealer,
      RunLayout layout,
      JournalWriter journal,
      FileLayer files,
      RunLock lock,
      SealListener listener) {
    this.sealer = sealer;
    this.layout = layout;
    this.journal = journal;
    this.files = files;
    this.lock = lock;
    this.listener = listener;
    this.log = new RunLog(layout);
    this.attemptStart = journal.written();
    this.caughtUpNanos = System.nanoTime();
    journal.onSegment(name -> log.say("segment rotated: file=" + name));
  }

  /** Says in the run's log what was done; the sealer's thread writes it. */
  public void note(String text) {
    log.say(text);
  }

  /** Says in the run's log what went wrong; the sealer's thread writes it. */
  public void warn(String text, @Nullable Throwable cause) {
    log.warn(text, cause);
  }

  /**
   * Returns the journal position up to which everything is in series and metadata; 0 before the
   * first commit.
   */
  public long sealedPosition() {
    return sealedPosition;
  }

  /** Returns how many log calls of this attempt have been sealed. */
  public long sealedRows() {
    return sealedRows.get();
  }

  /**
   * Returns how long the journal has held something that is not sealed, to a quarter of a second;
   * zero where it holds nothing of that kind.
   */
  public Duration lag() {
    long caughtUp = caughtUpNanos; // read first: it follows the position
    boolean isSealed = journal.written() <= sealedPosition;
    return isSealed ? Duration.ZERO : Duration.ofNanos(Math.max(0, System.nanoTime() - caughtUp));
  }

  /** Returns what the last cycle failed with, empty when it went well. */
  public Optional<Exception> lastError() {
    return Optional.ofNullable(lastError);
  }

  /**
   * Seals what is left of a journal that its writer has closed, puts the run's files into their
   * final form, deletes the journal and gives the lock back. Waits without regard to interrupts,
   * which it keeps.
   *
   * @return whether all of it was done in time; if not, the journal keeps the rest for whoever
   *     opens the run next
   */
  public boolean finish(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    boolean interrupted = false;
    synchronized (this) {
      if (phase == Phase.LIVE) {
        phase = Phase.FINISHING;
        sealer.wake();
      }
      while (phase == Phase.FINISHING || isLogging(deadline)) {
        long left = deadline - System.nanoTime();
        if (left <= 0 && phase == Phase.FINISHING) {
          phase = Phase.ABANDONED;
          sealer.wake();
          continue;
        }
        try {
          wait((left > 0 ? left : LOG_NANOS) / 1_000_000 + 1);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return complete;
    }
  }

  /** Says whether to wait for the log, which takes no time unless the disk is stuck. */
  private synchronized boolean isLogging(long deadline) {
    return logging && System.nanoTime() - deadline < LOG_NANOS;
  }

  // ---- the sealer's thread

  private synchronized Phase phase() {
    return phase;
  }

  boolean isEnding() {
    return phase() != Phase.LIVE;
  }

  /** Whether the journal holds so much that it must not wait for its turn. */
  boolean isUrgent() {
    return lastError == null && journal.bytes() > Sealer.JOURNAL_BUDGET_BYTES;
  }

  /** Whether there is something to seal. What need not be sealed soon gathers for a while. */
  boolean hasNews() {
    return journal.dueForSealing() > sealedPosition
        || (journal.written() > sealedPosition
            && System.nanoTime() - caughtUpNanos > NOT_DUE_NANOS);
  }

  /** Writes the run's log, and notices where there is nothing to seal. */
  void look() {
    long now = System.nanoTime();
    if (journal.written() == sealedPosition) {
      caughtUpNanos = now;
    }
    listener.looked();
    writeLog();
  }

  /**
   * Writes the run's log; makes no file once whoever waited has given up, and may delete the run.
   */
  private void writeLog() {
    if (!log.hasNews()) {
      return;
    }
    boolean creates;
    synchronized (this) {
      if (phase == Phase.RELEASED) {
        return;
      }
      creates = phase != Phase.ABANDONED;
      logging = creates;
    }
    try {
      log.write(creates);
    } finally {
      synchronized (this) {
        logging = false;
        notifyAll();
      }
    }
  }

  void heartbeat() {
    lock.heartbeat();
  }

  /** Seals what was in the journal at the call. */
  void cycle() {
    long start = System.nanoTime();
    long end = journal.written();
    try {
      while (sealedPosition < end && phase() != Phase.ABANDONED && sealWindow()) {
        journal.release(sealedPosition);
      }
      if (sealedPosition >= end) {
        caughtUpNanos = start;
      }
      recovered();
    } catch (Throwable e) {
      failed(e);
    }
  }

  private boolean sealWindow() throws IOException {
    long start = System.nanoTime();
    lock.requirePlace(); // or a folder that the user took away would be made again
    RunSealer sealing = open();
    RunSealer.Window window = sealing.sealWindow(isEnding() || isUrgent());
    if (window == null) {
      return false;
    }
    // Before the position, which says that all is sealed.
    sealedRows.addAndGet(window.rows() - window.earlierRows());
    sealedPosition = sealing.checkpoint().position();
    long millis = (System.nanoTime() - start) / 1_000_000;
    log.say(describe(window, sealedPosition, millis));
    listener.sealed(sealedPosition, window.rows(), window.values(), window.series(), millis);
    return true;
  }

  static String describe(RunSealer.Window window, long position, long millis) {
    String what =
        window.rewindStep() == null ? "sealed:" : "sealed a rewind: step=" + window.rewindStep();
    return what
        + " position="
        + position
        + " rows="
        + window.rows()
        + " values="
        + window.values()
        + " series="
        + window.series()
        + (window.lost() == 0 ? "" : " lost=" + window.lost())
        + " ms="
        + millis;
  }

  private RunSealer open() throws IOException {
    RunSealer sealing = run;
    if (sealing == null) {
      Optional<String> missing = NativeLibrary.whyUnavailable();
      if (missing.isPresent()) {
        throw new IOException(
            "the run stays in its journal: run="
                + layout.root()
                + " ("
                + missing.get()
                + "; it can be read as it is, and sealed later by a process that has the library)");
      }
      sealing = RunSealer.open(layout, files, attemptStart);
      run = sealing;
      sealedPosition = sealing.checkpoint().position();
      log.say(
          "sealing begins: checkpoint="
              + sealedPosition
              + " lance="
              + NativeLibrary.version()
              + " sqlite="
              + NativeSqlite.version());
    }
    return sealing;
  }

  private void failed(Throwable cause) {
    Exception error = cause instanceof Exception e ? e : new IOException(cause.toString(), cause);
    lastError = error;
    complain(error);
    closeRun();
    listener.failed(kind(error), error);
  }

  private static String kind(Exception error) {
    if (error instanceof MetadataException metadata) {
      return metadata.reason().name();
    }
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getName();
  }

  /** Says what failed, once as long as it stays the same. */
  private void complain(Exception error) {
    String complaint = String.valueOf(error);
    if (!complaint.equals(lastComplaint)) {
      lastComplaint = complaint;
      log.warn("sealing failed: checkpoint=" + sealedPosition, error);
    }
  }

  private void recovered() {
    lastError = null;
    if (lastComplaint != null) {
      lastComplaint = null;
      log.say("sealing goes on: checkpoint=" + sealedPosition);
    }
  }

  private void closeRun() {
    RunSealer sealing = run;
    run = null;
    if (sealing != null) {
      try {
        sealing.close();
      } catch (IOException e) {
        listener.failed(kind(e), e);
      }
    }
  }

  /** Does what {@link #finish} promises, and lets go of the run. */
  void end() {
    boolean done = false;
    long start = System.nanoTime();
    try {
      if (phase() == Phase.FINISHING) {
        done = sealAll();
      }
    } catch (Throwable e) {
      failed(e);
    } finally {
      try {
        closeRun();
        log.say(
            "closed: sealed="
                + (done ? "all" : "not all, the journal keeps the rest")
                + " position="
                + sealedPosition
                + " written="
                + journal.written()
                + " ms="
                + (System.nanoTime() - start) / 1_000_000);
        writeLog();
      } finally {
        release(done); // whatever became of the log
      }
    }
  }

  private boolean sealAll() throws IOException {
    while (sealWindow()) {
      if (phase() != Phase.FINISHING) {
        return false;
      }
    }
    open().finish();
    JournalWriter.release(layout.journal(), sealedPosition, files);
    recovered();
    return true;
  }

  private void release(boolean done) {
    try {
      lock.close();
    } catch (IOException e) {
      listener.failed(kind(e), e);
    }
    synchronized (this) {
      phase = Phase.RELEASED;
      complete = done;
      notifyAll();
    }
  }
}
