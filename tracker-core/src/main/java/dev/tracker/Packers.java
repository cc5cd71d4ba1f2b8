package dev.tracker;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that pack {@linkplain Parcel parcels}, shared by all boards of the JVM: {@code
 * tracker-packer} for arithmetic, {@code tracker-copier} for files. They come with the first parcel
 * and go when there has been none for a while.
 *
 * <p>The queues are bounded by the boards: a parcel's bytes count against its board's {@code
 * queueBytes} until it is in the journal.
 */
final class Packers {
  /** One core is left to those who train. */
  private static final int THREADS =
      Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors() - 1));

  private static final long IDLE_SECONDS = 1;

  private static final ThreadPoolExecutor ARITHMETIC = pool("tracker-packer-", THREADS);
  private static final ThreadPoolExecutor COPYING = pool("tracker-copier-", 1);

  private Packers() {}

  private static ThreadPoolExecutor pool(String name, int threads) {
    AtomicInteger made = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(null, work, name + made.incrementAndGet(), 0, false);
              thread.setDaemon(true);
              thread.setContextClassLoader(Packers.class.getClassLoader());
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Has a parcel packed; it hands itself back. */
  static void pack(Parcel parcel) {
    (parcel.effort == Parcel.Effort.COPY ? COPYING : ARITHMETIC).execute(parcel);
  }
}
