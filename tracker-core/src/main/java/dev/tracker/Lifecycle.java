package dev.tracker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.ErrorText;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.lock.RunLock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How a board ends: once, whoever asks for it first, and in this order.
 *
 * <ol>
 *   <li>The program's output is no longer captured, and the machine no longer sampled.
 *   <li>The ring refuses further messages.
 *   <li>{@code tracker-writer} puts what is in the ring and the run's last words into the journal,
 *       forces and closes it, and ends.
 *   <li>The sealer seals the rest, within the time that is left, and gives the lock back.
 * </ol>
 *
 * <p>After that it only remembers where the run is, so that a failure that comes to light later can
 * still be written down. May be used from any thread; one that asks while another is ending the
 * board waits for it.
 */
final class Lifecycle {
  /** Who ends a board. */
  enum By {
    /** The user, by {@code finish}. */
    FINISH,
    /** The user, by {@code close}, which cannot see an exception on its way out. */
    CLOSE,
    /** The JVM, on its way down. */
    SHUTDOWN
  }

  private static final String SUCCEEDED = "SUCCEEDED";
  private static final String FAILED = "FAILED";
  private static final String KILLED = "KILLED";

  /**
   * Draining the ring takes milliseconds; it is not given up earlier than this, whatever the
   * timeout.
   */
  private static final long MIN_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final int MAX_ERROR_CHARS = 32_768;

  /** What a board that has not ended is made of. */
  private record Parts(Ring ring, Writer writer, LiveRun run) {}

  private final RunLayout layout;
  private final FileLayer files;
  private final Duration closeTimeout;
  private final Reports reports;

  private final ReentrantLock ending = new ReentrantLock();

  private final Uncaught uncaught = new Uncaught();

  // Written under ending. Null once the board has ended.
  private volatile @Nullable Parts parts;

  // Guarded by ending.
  private boolean hasReason;
  private boolean sealedInTime;

  private volatile @Nullable By endedBy;
  private volatile boolean journalClosed;

  Lifecycle(
      RunLayout layout,
      FileLayer files,
      Duration closeTimeout,
      Reports reports,
      Ring ring,
      Writer writer,
      LiveRun run) {
    this.layout = layout;
    this.files = files;
    this.closeTimeout = closeTimeout;
    this.reports = reports;
    this.parts = new Parts(ring, writer, run);
  }

  /** Says who ended the board, or is about to; null while it is open. */
  @Nullable By endedBy() {
    return endedBy;
  }

  /**
   * Ends the board, or writes down that it failed where it had ended well.
   *
   * @throws TrackerException if something that was logged is not on stable storage
   */
  void end(@Nullable Throwable error, By by) {
    ending.lock();
    try {
      Parts live = parts;
      if (live != null) {
        String signal = by == By.FINISH ? null : Signals.ending();
        ObjectNode lastWords = lastWords(error, signal);
        parts = null;
        hasReason = error != null || signal != null;
        endedBy = by;
        try {
          end(live, lastWords, by == By.SHUTDOWN || signal != null);
        } finally {
          OpenBoards.remove(this);
        }
      } else if (error != null && !hasReason) {
        amend(error);
        hasReason = true;
      }
      if (by == By.FINISH) {
        OpeningThread.finished(this);
      }
    } finally {
      ending.unlock();
    }
  }

  /** Waits for whoever is ending the board, as long as that may take. */
  void awaitEnd() {
    boolean interrupted = false;
    long patience = closeTimeout.toNanos() + MIN_DRAIN_NANOS;
    long deadline = System.nanoTime() + patience;
    boolean held = false;
    while (!held && patience > 0) {
      try {
        held = ending.tryLock(patience, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      patience = deadline - System.nanoTime();
    }
    if (held) {
      ending.unlock();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the board.
   *
   * @param isGoingDown whether the JVM is, so that threads may go on logging into the void
   */
  private void end(Parts live, ObjectNode lastWords, boolean isGoingDown) {
    long deadline = System.nanoTime() + closeTimeout.toNanos();
    ObjectNode allWords = prepareEnd(live, lastWords);
    long last = live.ring.end(!isGoingDown);
    long patience = Math.max(closeTimeout.toNanos(), MIN_DRAIN_NANOS);
    if (live.writer.end(last, allWords, patience)) {
      journalClosed = true;
      reports.sayWaiting(); // while the run's own log is written
      seal(live.run, deadline);
    } // else it hangs in a write, and the run stays locked against it
    reports.sayWaiting();
    complain(live);
  }

  /**
   * Ends what feeds the board, and returns the last words with how the attempt ended. Where that
   * fails, as it does when the heap is full, the board is ended without.
   */
  private ObjectNode prepareEnd(Parts live, ObjectNode lastWords) {
    try {
      try {
        ConsoleCapture.end(live.ring);
      } finally {
        try {
          Sampler.end(live.ring);
        } finally {
          Prober.end(live.ring);
        }
      }
      live.run
          .sealing()
          .note(
              "ending: by="
                  + endedBy
                  + " status="
                  + lastWords.path("status").asText()
                  + " queued="
                  + live.ring.queued());
      return live.run.ending(lastWords);
    } catch (RuntimeException | Error e) {
      reports.failed(e);
      return lastWords;
    }
  }

  private void seal(LiveRun run, long deadline) {
    long left = Math.max(0, deadline - System.nanoTime());
    sealedInTime = run.sealing().finish(Duration.ofNanos(left));
    if (!sealedInTime && reports.isFirst("seal")) {
      reports.warn(
          "the run could not be sealed within closeTimeout="
              + closeTimeout
              + "; its journal keeps the rest, readers read it there, and whoever opens the run"
              + " next seals it",
          null);
    }
  }

  private void complain(Parts live) {
    long lost = live.writer.abandonedRows() + live.writer.takeUnreportedLosses();
    if (lost == 0 && live.writer.isConcluded()) {
      return;
    }
    String message =
        "the run ended, but not all that was logged is on stable storage: run="
            + layout.root()
            + " lost="
            + lost
            + " journaled="
            + Math.max(0, live.run.journal().writtenRows() - live.writer.openRows())
            + " durable="
            + live.run.journal().durableRows();
    throw new TrackerException(message, reports.lastError());
  }

  private void amend(Throwable error) {
    long deadline = System.nanoTime() + closeTimeout.toNanos();
    boolean interrupted =
        Thread.interrupted(); // it would close the files under this thread's hands
    try {
      awaitSealer();
      LiveRun run = LiveRun.amend(layout, lastWords(error, null), files, reports);
      try {
        run.journal().force();
      } finally {
        try {
          run.journal().close();
        } finally {
          seal(run, deadline);
        }
      }
    } catch (IOException e) {
      throw new TrackerException(
          "the run had ended, and that it failed could not be written down: run="
              + layout.root()
              + " error="
              + error,
          e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits until the sealer has let go of a run that it could not seal in time. */
  private void awaitSealer() throws IOException {
    long deadline = System.nanoTime() + MIN_DRAIN_NANOS;
    while (!sealedInTime && RunLock.isHeld(layout) && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private static ObjectNode lastWords(@Nullable Throwable error, @Nullable String signal) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.put("status", error != null ? FAILED : signal != null ? KILLED : SUCCEEDED);
    patch.put("finished", Instant.now().toString());
    if (error != null) {
      patch.put("error", ErrorText.of(error, MAX_ERROR_CHARS));
    } else if (signal != null) {
      patch.put("error", "killed by " + signal);
    }
    return patch;
  }

  /** Writes down that an exception ended a thread, which does not say that the run failed. */
  void uncaught(Thread thread, Throwable error) {
    Parts live = parts;
    ObjectNode patch = live == null ? null : uncaught.add(thread, error);
    if (live != null && patch != null) {
      live.writer.patch(patch);
    }
  }

  /** Says whether all that was logged is in the journal, with the run's last words behind it. */
  boolean isJournalClosed() {
    return journalClosed;
  }

  /** Ends the board on behalf of somebody who can only be told by a report. */
  void endReporting(@Nullable Throwable error, By by) {
    try {
      end(error, by);
    } catch (RuntimeException e) {
      reports.warn(String.valueOf(e.getMessage()), e.getCause());
    }
  }

  /** Ends a board that nobody finished, as the JVM goes down, or waits for whoever is at it. */
  void shutDown() {
    if (endedBy != null) {
      awaitEnd();
      return;
    }
    if (Signals.ending() == null) {
      reports.warn(
          "the board was still open when the JVM went down, and is closed now as SUCCEEDED: call"
              + " finish(), or use Board.run",
          null);
    }
    endReporting(null, By.SHUTDOWN);
  }
}
