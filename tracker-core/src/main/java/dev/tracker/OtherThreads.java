package dev.tracker;

import java.lang.Thread.UncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;

/**
 * Notices that an exception ends a thread which did not open a board: the open boards write that
 * down and go on. It is the JVM's default handler while boards are open, and passes everything on
 * to the one that was there before.
 *
 * <p>A handler that a program installs later, or for a thread of its own, goes before this one;
 * what it does not pass on is not seen here.
 */
final class OtherThreads implements UncaughtExceptionHandler {
  private final @Nullable UncaughtExceptionHandler next;

  private OtherThreads(@Nullable UncaughtExceptionHandler next) {
    this.next = next;
  }

  /** Begins to listen. */
  static OtherThreads listen() {
    OtherThreads ours = new OtherThreads(Thread.getDefaultUncaughtExceptionHandler());
    Thread.setDefaultUncaughtExceptionHandler(ours);
    return ours;
  }

  /** Puts the handler back that was there before, unless somebody has put another one over this. */
  @SuppressWarnings("ReferenceEquality")
  void end() {
    if (Thread.getDefaultUncaughtExceptionHandler() == this) {
      Thread.setDefaultUncaughtExceptionHandler(next);
    }
  }

  @Override
  public void uncaughtException(Thread thread, Throwable error) {
    try {
      OpenBoards.uncaught(thread, error);
    } finally {
      passOn(thread, error);
    }
  }

  private void passOn(Thread thread, Throwable error) {
    if (next != null) {
      next.uncaughtException(thread, error);
    } else { // what the JVM does where there is no handler
      System.err.print("Exception in thread \"" + thread.getName() + "\" ");
      error.printStackTrace(System.err);
    }
  }
}
