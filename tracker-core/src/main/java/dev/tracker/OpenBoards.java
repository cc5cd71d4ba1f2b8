package dev.tracker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The boards of this JVM that have not ended, and what is there as long as there are any: the
 * shutdown hook, and the ear for exceptions that nobody catches. Any thread.
 */
final class OpenBoards {
  private record Entry(Board board, @Nullable Lifecycle lifecycle) {}

  // Guarded by this class's monitor, which nobody holds while a board ends.
  private static final List<Entry> OPEN = new ArrayList<>();
  private static @Nullable Thread hook;
  private static @Nullable OtherThreads otherThreads;

  private OpenBoards() {}

  /**
   * Adds a board.
   *
   * @param lifecycle how it ends; null for a board that is off
   */
  static synchronized void add(Board board, @Nullable Lifecycle lifecycle) {
    OPEN.add(new Entry(board, lifecycle));
    if (otherThreads == null && lifecycle != null) {
      otherThreads = OtherThreads.listen();
    }
    if (hook == null && lifecycle != null) {
      Thread thread = new Thread(OpenBoards::shutDown, "tracker-shutdown");
      try {
        Runtime.getRuntime().addShutdownHook(thread);
        hook = thread;
      } catch (IllegalStateException e) {
        hook =
            null; // the JVM is going down already: the board has to be finished by whoever opened
        // it
      }
    }
  }

  /** Removes a board that is off. */
  static synchronized void remove(Board board) {
    OPEN.removeIf(entry -> entry.board == board);
  }

  /** Removes a board that has ended. */
  static synchronized void remove(Lifecycle lifecycle) {
    OPEN.removeIf(entry -> entry.lifecycle == lifecycle);
    if (!lifecycles().isEmpty()) {
      return;
    }
    if (otherThreads != null) {
      otherThreads.end();
      otherThreads = null;
    }
    if (hook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
        hook = null;
      } catch (IllegalStateException e) {
        return; // the JVM is going down, so the hook is running
      }
    }
  }

  /** Returns the board that was opened last of those that are open; null where there is none. */
  static synchronized @Nullable Board latest() {
    return OPEN.isEmpty() ? null : OPEN.get(OPEN.size() - 1).board;
  }

  /** Has the open boards write down that an exception ended a thread. */
  static void uncaught(Thread thread, Throwable error) {
    for (Lifecycle board : lifecycles()) {
      board.uncaught(thread, error);
    }
  }

  /** Ends all boards; a Ctrl+C meanwhile ends the process as soon as their journals are whole. */
  private static void shutDown() {
    List<Lifecycle> boards = lifecycles();
    Runnable putBack =
        Signals.onInterrupt(() -> boards.stream().allMatch(Lifecycle::isJournalClosed));
    try {
      shutDown(boards);
    } finally {
      putBack.run();
    }
  }

  /** Side by side, so that the first one's sealing does not keep the last one's data in memory. */
  private static void shutDown(List<Lifecycle> boards) {
    List<Thread> threads = new ArrayList<>();
    for (Lifecycle board : boards) {
      Thread thread = new Thread(board::shutDown, "tracker-shutdown-" + threads.size());
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        return; // somebody wants the JVM to be gone
      }
    }
  }

  private static synchronized List<Lifecycle> lifecycles() {
    List<Lifecycle> all = new ArrayList<>(OPEN.size());
    for (Entry entry : OPEN) { // a stream takes more of a heap that may be full
      if (entry.lifecycle != null) {
        all.add(entry.lifecycle);
      }
    }
    return all;
  }
}
