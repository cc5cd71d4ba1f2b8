package dev.tracker.bench;

import java.util.Arrays;

/** Durations, every one of them kept, so that percentiles are exact. */
final class Samples {
  private final long[] sorted;

  /** Takes a copy. */
  Samples(long... nanos) {
    sorted = nanos.clone();
    Arrays.sort(sorted);
  }

  /** Returns the least duration that at least this share of all do not exceed, in nanoseconds. */
  long percentile(double percent) {
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }

  long median() {
    return percentile(50);
  }

  long max() {
    return sorted[sorted.length - 1];
  }
}
