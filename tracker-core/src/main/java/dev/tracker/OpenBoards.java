package dev.tracker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The boards of this JVM that have not ended, and the shutdown hook that is there as long as there
 * are any. Any thread.
 */
final class OpenBoards {
  private record Entry(Board board, @Nullable Lifecycle lifecycle) {}

  // Both guarded by this class's monitor, which nobody holds while a board ends.
  private static final List<Entry> OPEN = new ArrayList<>();
  private static @Nullable Thread hook;

  private OpenBoards() {}

  /**
   * Adds a board.
   *
   * @param lifecycle how it ends; null for a board that is off
   */
  static synchronized void add(Board board, @Nullable Lifecycle lifecycle) {
    OPEN.add(new Entry(board, lifecycle));
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
    if (hook != null && OPEN.stream().allMatch(entry -> entry.lifecycle == null)) {
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

  private static void shutDown() {
    for (Entry entry : copy()) {
      if (entry.lifecycle != null) {
        entry.lifecycle.shutDown();
      }
    }
  }

  private static synchronized List<Entry> copy() {
    return List.copyOf(OPEN);
  }
}
