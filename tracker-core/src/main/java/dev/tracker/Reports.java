package dev.tracker;

import dev.tracker.seal.SealHandle;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLoggerFactory;
import org.slf4j.helpers.SubstituteLoggerFactory;

/**
 * What a board has to say to its user: through SLF4J, or on {@code System.err} where no provider is
 * bound.
 *
 * <p>Log calls and {@code tracker-writer} leave their reports here, and {@code tracker-sealer} says
 * them when it looks next: a logger may do I/O, and hold a lock that somebody holds who waits for
 * room in the ring. Any thread.
 */
final class Reports {
  /**
   * Further names are not told apart, so that a board with a new mistake at every step stays small.
   */
  private static final int MAX_NAMES = 1000;

  /** Causes may go round in circles. */
  private static final int MAX_CAUSES = 8;

  private static final int MAX_LOOKS = 1000;
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private record Report(String text, @Nullable Throwable cause) {}

  private final String run;
  private final Set<String> subjects = ConcurrentHashMap.newKeySet();
  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final Queue<Report> waiting = new ConcurrentLinkedQueue<>();

  private volatile @Nullable Throwable lastError;
  private volatile @Nullable SealHandle log;

  Reports(String run) {
    this.run = run;
  }

  /** Has all that is said from now on stand in the run's own log as well. */
  void writeTo(SealHandle run) {
    log = run;
  }

  /** Notes a failure of storage for {@link #lastError}. */
  void failed(Throwable cause) {
    lastError = cause;
  }

  /** Returns what storage failed with last. */
  @Nullable Throwable lastError() {
    return lastError;
  }

  /**
   * Says whether this is the first report of a subject; then its maker goes on to {@link #later}.
   */
  boolean isFirst(String subject) {
    return !subjects.contains(subject) && subjects.add(subject);
  }

  /** The same for a subject that users have a name for, of which there may be any number. */
  boolean isFirst(String subject, String name) {
    String both = subject + " " + name;
    return !names.contains(both) && names.size() < MAX_NAMES && names.add(both);
  }

  /** Leaves a report to be said by {@link #sayWaiting}. */
  void later(String text) {
    later(text, null);
  }

  /** Leaves a report of what failed. */
  void later(String text, @Nullable Throwable cause) {
    try {
      waiting.add(new Report(text, cause));
    } catch (OutOfMemoryError e) {
      failed(e); // the next report may find room
    }
  }

  /** Says what was left to be said. */
  void sayWaiting() {
    for (Report report = waiting.poll(); report != null; report = waiting.poll()) {
      warn(report.text, report.cause);
    }
  }

  /** Says something now. Whatever a logger throws stays here, and ends none of our threads. */
  void warn(String text, @Nullable Throwable cause) {
    try {
      SealHandle also = log;
      if (also != null) {
        also.warn(text, cause);
      }
      String line = text + " run=" + run;
      Logger logger = logger();
      if (logger != null) {
        logger.warn(line, cause);
      } else {
        System.err.println("tracker: " + line + causes(cause));
      }
    } catch (OutOfMemoryError e) {
      failed(e); // the next report may find room
    } catch (Throwable e) { // errors too: a binding of another version lacks classes and methods
      warnWithoutLogger(text, e);
    }
  }

  private void warnWithoutLogger(String text, Throwable failure) {
    try {
      System.err.println(
          "tracker: " + text + " run=" + run + " (the logger failed as well: " + failure + ")");
    } catch (Throwable e) {
      failed(failure); // there is nobody left to tell but whoever asks
    }
  }

  /** Returns what failed and all that it came from, on one line: the last one tells the most. */
  private static String causes(@Nullable Throwable failure) {
    StringBuilder all = new StringBuilder();
    Throwable at = failure;
    for (int i = 0; at != null && i < MAX_CAUSES; i++) {
      String text = at.toString().replace('\n', ' ');
      if (all.indexOf(text) < 0) {
        all.append(" cause=").append(text);
      }
      at = at.getCause();
    }
    return all.toString();
  }

  /**
   * Returns SLF4J's loggers; null where no provider is bound. Asked when there is something to say,
   * not when a board is opened. While another thread makes SLF4J look for its provider, it would
   * hand out stand-ins; that takes milliseconds.
   */
  private static @Nullable Logger logger() {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    for (int i = 0; i < MAX_LOOKS && factory instanceof SubstituteLoggerFactory; i++) {
      LockSupport.parkNanos(LOOK_NANOS);
      factory = LoggerFactory.getILoggerFactory();
    }
    return factory instanceof NOPLoggerFactory ? null : factory.getLogger("dev.tracker.Board");
  }
}
