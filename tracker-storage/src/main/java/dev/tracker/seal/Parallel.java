package dev.tracker.seal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The sealer's helpers: many small appends wait for the disk at the same time instead of one after
 * the other. Whoever asks for them works along, and does everything where there are none: a full
 * heap ends threads of a pool.
 *
 * <p>Daemon threads {@code tracker-sealer-1…}, made when there is work and gone when there has been
 * none for a while, or there are no live runs any more.
 */
final class Parallel {
  private static final int THREADS = 8;
  private static final long KEEP_ALIVE_MILLIS = 10_000;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final ThreadPoolExecutor POOL = pool();

  private Parallel() {}

  /** A piece of work that may fail as files do. */
  interface Task<T> {
    T run() throws IOException;
  }

  private static ThreadPoolExecutor pool() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            KEEP_ALIVE_MILLIS,
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              String name = "tracker-sealer-" + NUMBER.incrementAndGet();
              Thread thread = new Thread(null, work, name, 0, false);
              thread.setDaemon(true);
              thread.setContextClassLoader(Parallel.class.getClassLoader());
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * Runs all tasks and returns their results in order; throws the first failure after all have
   * ended.
   */
  static <T> List<T> run(List<Task<T>> tasks) throws IOException {
    return run(tasks, true);
  }

  /** The same; without help it takes longer and is less in the way of whoever computes. */
  static <T> List<T> run(List<Task<T>> tasks, boolean helped) throws IOException {
    if (tasks.size() == 1) {
      return List.of(tasks.get(0).run());
    }
    List<FutureTask<T>> running = new ArrayList<>(tasks.size());
    for (Task<T> task : tasks) {
      running.add(new FutureTask<>(task::run));
    }
    if (helped) {
      share(running);
    }
    for (FutureTask<T> task : running) {
      task.run(); // does nothing where a helper has begun it
    }
    for (FutureTask<T> task : running) {
      awaitEnd(task); // whatever has failed: they write into the run
    }
    return results(running);
  }

  /** Offers tasks to the helpers, the last one first: their owner begins with the first. */
  private static <T> void share(List<FutureTask<T>> tasks) {
    try {
      POOL.setKeepAliveTime(KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS);
      for (int i = tasks.size() - 1; i > 0; i--) {
        POOL.execute(tasks.get(i));
      }
    } catch (OutOfMemoryError e) {
      return; // no room, or no thread to be had
    }
  }

  /** Has idle helpers end now: whoever unloads the library would otherwise wait for them. */
  static void dismiss() {
    POOL.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
  }

  private static void awaitEnd(Future<?> task) {
    boolean interrupted = false;
    while (!task.isDone()) {
      try {
        task.get();
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        break; // told by results
      } catch (OutOfMemoryError e) {
        LockSupport.parkNanos(PAUSE_NANOS); // there was no room to wait in
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns what tasks that have ended came to; throws the first failure. */
  private static <T> List<T> results(List<? extends Future<T>> tasks) throws IOException {
    List<T> results = new ArrayList<>(tasks.size());
    IOException failure = null;
    for (Future<T> task : tasks) {
      try {
        results.add(task.get());
      } catch (ExecutionException e) {
        IOException cause = asIoException(e.getCause());
        if (failure == null) {
          failure = cause;
        } else {
          failure.addSuppressed(cause);
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException("a task that has ended is not waited for", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  private static IOException asIoException(@Nullable Throwable cause) {
    return cause instanceof IOException io
        ? io
        : new IOException("a part of sealing failed: " + cause, cause);
  }
}
