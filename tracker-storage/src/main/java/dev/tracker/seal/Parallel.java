package dev.tracker.seal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The sealer's helpers: many small appends wait for the disk at the same time instead of one after
 * the other.
 *
 * <p>Daemon threads {@code tracker-sealer-1…}, made when there is work and gone when there has been
 * none for a while, or there are no live runs any more.
 */
final class Parallel {
  private static final int THREADS = 8;
  private static final long KEEP_ALIVE_MILLIS = 10_000;
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
    if (tasks.size() == 1) {
      return List.of(tasks.get(0).run());
    }
    POOL.setKeepAliveTime(KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS);
    List<Future<T>> running = new ArrayList<>(tasks.size());
    for (Task<T> task : tasks) {
      running.add(POOL.submit(task::run));
    }
    List<T> results = new ArrayList<>(tasks.size());
    IOException failure = null;
    for (Future<T> future : running) {
      try {
        results.add(uninterrupted(future));
      } catch (ExecutionException e) {
        IOException cause = asIoException(e.getCause());
        if (failure == null) {
          failure = cause;
        } else {
          failure.addSuppressed(cause);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  /** Has idle helpers end now: whoever unloads the library would otherwise wait for them. */
  static void dismiss() {
    POOL.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
  }

  private static <T> T uninterrupted(Future<T> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException asIoException(@Nullable Throwable cause) {
    return cause instanceof IOException io
        ? io
        : new IOException("a part of sealing failed: " + cause, cause);
  }
}
