package dev.tracker.torture.load;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long calls took, counted by any number of threads in buckets that are an eighth of their
 * value wide: an hour of them takes as much memory as a second.
 */
final class Delays {
  private static final int FINE_BITS = 3;
  private static final int FINE = 1 << FINE_BITS;

  private final AtomicLongArray counts = new AtomicLongArray((Long.SIZE - FINE_BITS) * FINE);

  void add(long nanos) {
    counts.getAndIncrement(bucket(Math.max(FINE, nanos)));
  }

  private static int bucket(long nanos) {
    int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
    int fine = (int) (nanos >>> (exponent - FINE_BITS)) & (FINE - 1);
    return (exponent - FINE_BITS) * FINE + fine;
  }

  /** Returns the nanoseconds at which a bucket ends. */
  private static long end(int bucket) {
    int exponent = bucket / FINE;
    return (long) (FINE + bucket % FINE + 1) << exponent;
  }

  /** Returns the least bounds that these shares of all calls did not exceed, and begins anew. */
  long[] take(double... shares) {
    long[] taken = new long[counts.length()];
    long all = 0;
    for (int i = 0; i < taken.length; i++) {
      taken[i] = counts.getAndSet(i, 0);
      all += taken[i];
    }
    long[] nanos = new long[shares.length];
    for (int i = 0; i < shares.length; i++) {
      nanos[i] = at(taken, (long) Math.ceil(all * shares[i]));
    }
    return nanos;
  }

  private static long at(long[] taken, long rank) {
    long seen = 0;
    for (int i = 0; i < taken.length; i++) {
      seen += taken[i];
      if (seen >= rank && seen > 0) {
        return end(i);
      }
    }
    return 0;
  }
}
