package dev.tracker;

import java.lang.Thread.UncaughtExceptionHandler;
import java.util.ArrayList;
import java.util.List;

/**
 * Notices that an exception ends the thread that opened a board: then the run failed, though {@code
 * close()} may have ended it without seeing the exception pass.
 *
 * <p>It passes the exception on to the handler that was there before. A run that was ended by
 * {@code finish} keeps what that said. Of the thread's boards it knows those that were open when
 * the latest was opened, and that one: a run that ended well before the next began has nothing to
 * do with what comes later.
 */
final class OpeningThread implements UncaughtExceptionHandler {
  private final UncaughtExceptionHandler next;
  private final List<Lifecycle> boards = new ArrayList<>(); // guarded by itself

  private OpeningThread(UncaughtExceptionHandler next) {
    this.next = next;
  }

  /** Remembers that the current thread opened a board. */
  static void opens(Lifecycle lifecycle) {
    Thread thread = Thread.currentThread();
    UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
    OpeningThread ours;
    if (handler instanceof OpeningThread known) {
      ours = known;
    } else {
      ours = new OpeningThread(handler);
      thread.setUncaughtExceptionHandler(ours);
    }
    synchronized (ours.boards) {
      ours.boards.removeIf(board -> board.endedBy() != null);
      ours.boards.add(lifecycle);
    }
  }

  /**
   * Forgets a board that was finished on the current thread, and goes with the last such board: a
   * thread of a pool would keep this class alive.
   */
  static void finished(Lifecycle lifecycle) {
    Thread thread = Thread.currentThread();
    if (thread.getUncaughtExceptionHandler() instanceof OpeningThread ours
        && ours.forget(lifecycle)) {
      thread.setUncaughtExceptionHandler(ours.next instanceof ThreadGroup ? null : ours.next);
    }
  }

  /** Forgets a board, and says whether there is none left. */
  private boolean forget(Lifecycle lifecycle) {
    synchronized (boards) {
      boards.remove(lifecycle);
      return boards.isEmpty();
    }
  }

  @Override
  public void uncaughtException(Thread thread, Throwable error) {
    try {
      for (Lifecycle board : copy()) {
        if (board.endedBy() != Lifecycle.By.FINISH) {
          board.endReporting(error, Lifecycle.By.FINISH);
        }
      }
    } finally {
      next.uncaughtException(thread, error);
    }
  }

  private List<Lifecycle> copy() {
    synchronized (boards) {
      return List.copyOf(boards);
    }
  }
}
