package dev.tracker;

import java.lang.Thread.UncaughtExceptionHandler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

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
  /**
   * Whether the program may be taken away while its threads stay, as in an application server. Then
   * these must not hold on to it, and each has a {@link WeakHandler}.
   */
  private static final boolean MAY_BE_UNLOADED = mayBeUnloaded();

  private static final Map<Thread, OpeningThread> KNOWN =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final UncaughtExceptionHandler next;

  /** What the thread knows. */
  private final UncaughtExceptionHandler installed;

  private final List<Lifecycle> boards = new ArrayList<>(); // guarded by itself

  private OpeningThread(UncaughtExceptionHandler next) {
    this.next = next;
    this.installed = MAY_BE_UNLOADED ? WeakHandler.of(this, next) : this;
  }

  @SuppressWarnings("ReferenceEquality") // a loader is one object
  private static boolean mayBeUnloaded() {
    ClassLoader ours = OpeningThread.class.getClassLoader();
    ClassLoader lasting = ClassLoader.getSystemClassLoader();
    while (lasting != null && lasting != ours) {
      lasting = lasting.getParent();
    }
    return lasting != ours;
  }

  /** Remembers that the current thread opened a board. */
  static void opens(Lifecycle lifecycle) {
    Thread thread = Thread.currentThread();
    OpeningThread ours = of(thread);
    if (ours == null) {
      ours = new OpeningThread(thread.getUncaughtExceptionHandler());
      KNOWN.put(thread, ours);
      thread.setUncaughtExceptionHandler(ours.installed);
    }
    synchronized (ours.boards) {
      ours.boards.removeIf(board -> board.endedBy() != null);
      ours.boards.add(lifecycle);
    }
  }

  /**
   * Forgets a board that was finished on the current thread, and goes with the last such board: a
   * thread of a pool would keep it alive.
   */
  static void finished(Lifecycle lifecycle) {
    Thread thread = Thread.currentThread();
    OpeningThread ours = of(thread);
    if (ours != null && ours.forget(lifecycle)) {
      KNOWN.remove(thread);
      thread.setUncaughtExceptionHandler(ours.next instanceof ThreadGroup ? null : ours.next);
    }
  }

  /**
   * Returns what listens on a thread; null where nothing does, or somebody else was put over it.
   */
  @SuppressWarnings("ReferenceEquality")
  private static @Nullable OpeningThread of(Thread thread) {
    OpeningThread known = KNOWN.get(thread);
    return known != null && thread.getUncaughtExceptionHandler() == known.installed ? known : null;
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
