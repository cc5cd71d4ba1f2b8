package dev.tracker.torture;

import dev.tracker.format.StorageException;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A reader that stays with a run while it is written, killed and resumed: it must never fail, and
 * rows that it has seen must stay where they are unless the run went back.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
final class Watcher implements AutoCloseable {
  private static final long PAUSE_NANOS = 15_000_000;
  private static final long LATE_NANOS = 3_000_000_000L;

  private final Path run;
  private final Ledger ledger;
  private final String metric;
  private final Thread thread;
  private volatile boolean isEnding;
  private volatile @Nullable Throwable failure;
  private volatile long looks;

  // The last row that was seen. Of the watching thread alone.
  private long step = -1;
  private double value;

  /** How often the ledger had heard of a rewind by then. */
  private long rewinds;

  Watcher(Path run, Ledger ledger, int thread) {
    this.run = run;
    this.ledger = ledger;
    this.metric = Call.series(thread);
    this.thread = new Thread(this::watch, "watcher");
    this.thread.setDaemon(true);
    this.thread.start();
  }

  private void watch() {
    try {
      while (!isEnding && !(Files.exists(run) && ledger.everOpened())) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      if (isEnding) {
        return;
      }
      try (RunReader reader = RunReader.open(run)) {
        while (!isEnding) {
          long events = ledger.rewindEvents();
          reader.refresh();
          look(reader, events);
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  private void look(RunReader reader, long events) {
    if (events != rewinds) {
      forget(events);
    }
    try {
      boolean isThere = reader.metrics().contains(metric);
      Scalars rows = isThere ? reader.scalars(metric, step, Long.MAX_VALUE) : null;
      int size = rows == null ? 0 : rows.size();
      boolean isKept =
          step < 0
              || (rows != null
                  && size > 0
                  && rows.steps()[0] == step
                  && Double.doubleToRawLongBits(rows.values()[0])
                      == Double.doubleToRawLongBits(value));
      if (!isKept && !isRewinding()) {
        throw new AssertionError("a row is gone: metric=" + metric + " step=" + step);
      }
      if (isKept && rows != null && size > 0 && ledger.rewindEvents() == rewinds) {
        step = rows.steps()[size - 1];
        value = rows.values()[size - 1];
      } else if (!isKept) {
        forget(rewinds);
      }
      looks++;
    } catch (StorageException e) {
      if (!isGone(e)) {
        throw e; // nothing but a rewind, and its being carried out later, may take a moment away
      }
    }
  }

  /** Whether a reader says that the run went back, and it did. */
  private boolean isGone(Throwable failure) {
    boolean says = false;
    for (Throwable at = failure; at != null; at = at.getCause()) {
      says |= String.valueOf(at.getMessage()).contains("the run went back to an earlier step");
    }
    return says && !ledger.rewinds().isEmpty();
  }

  private void forget(long events) {
    rewinds = events;
    step = -1;
  }

  /** Whether the run goes back, or went while we looked; the victim's word of it may be late. */
  private boolean isRewinding() {
    long deadline = System.nanoTime() + LATE_NANOS;
    while (!ledger.isRewinding() && ledger.rewindEvents() == rewinds) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }

  /** Returns how often it has looked. */
  long looks() {
    return looks;
  }

  /** Ends watching; throws what went wrong. */
  void end() throws InterruptedException {
    close();
    thread.join();
    Throwable cause = failure;
    if (cause != null) {
      throw new AssertionError("the reader that was attached failed: " + cause, cause);
    }
  }

  @Override
  public void close() {
    isEnding = true;
  }
}
