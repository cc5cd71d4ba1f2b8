package dev.tracker.value;

import java.util.Arrays;

/**
 * Finds p1 and p99 of many values without sorting or moving them.
 *
 * <p>A random sample tells two pivots, so chosen that p1 is almost certainly not above the lower
 * one and p99 not below the upper one (Floyd and Rivest, "Expected time bounds for selection",
 * 1975). Of all values that then go by, only those beyond a pivot are kept, 2 to 5 % at either end,
 * and selected from; those that equal a pivot are only counted, so that a constant keeps nothing.
 * The sample decides how long it takes, never the result: where it misled, {@link #found} says so.
 *
 * <p>Not safe for use by several threads.
 */
final class Percentiles {
  private static final int LEAST_SAMPLE = 256;
  private static final int MOST_SAMPLE = 4096;

  /** How many standard deviations of the sample's rank a pivot keeps clear of its percentile. */
  private static final int DEVIATIONS = 5;

  private final double lower;
  private final double upper;
  private double[] below = new double[1024];
  private double[] above = new double[1024];
  private int belows;
  private int aboves;
  private long lowers;
  private long uppers;

  /** Draws the sample. */
  Percentiles(Samples samples) {
    double[] sample = new double[sampleSize(samples.length)];
    int size = 0;
    for (int i = 0; i < sample.length; i++) {
      double value = samples.at(position(i, samples.length));
      if (Double.isFinite(value)) {
        sample[size++] = value;
      }
    }
    Arrays.sort(sample, 0, size);
    int rank = (int) (size / 100.0 + DEVIATIONS * Math.sqrt(size / 100.0)) + 1;
    lower = size > rank ? sample[rank] : Double.NaN;
    upper = size > rank ? sample[size - 1 - rank] : Double.NaN;
  }

  static int sampleSize(int length) {
    return Math.max(LEAST_SAMPLE, Math.min(length / 32, MOST_SAMPLE));
  }

  /** Returns where the sample's number {@code i} is from: scattered, and always the same. */
  static int position(int i, int length) {
    long mixed = (i + 1) * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xd6e8feb86659fd93L;
    return (int) Math.multiplyHigh((mixed ^ (mixed >>> 32)) >>> 1, 2L * length);
  }

  /** Returns how many of {@code n} values, in order, come before p1: as many as after p99. */
  static long tail(long n) {
    return (n - 1) / 100;
  }

  /** Looks at {@code n} finite values. */
  void add(double[] values, int n) {
    addBelow(values, n);
    addAbove(values, n);
  }

  private void addBelow(double[] values, int n) {
    if (below.length - belows < n) {
      below = Arrays.copyOf(below, Math.max(2 * below.length, belows + n));
    }
    double[] kept = below;
    double pivot = lower;
    int size = belows;
    int equal = 0;
    for (int i = 0; i < n; i++) {
      double value = values[i];
      if (value < pivot) {
        kept[size++] = value;
      }
      equal += value == pivot ? 1 : 0;
    }
    belows = size;
    lowers += equal;
  }

  private void addAbove(double[] values, int n) {
    if (above.length - aboves < n) {
      above = Arrays.copyOf(above, Math.max(2 * above.length, aboves + n));
    }
    double[] kept = above;
    double pivot = upper;
    int size = aboves;
    int equal = 0;
    for (int i = 0; i < n; i++) {
      double value = values[i];
      if (value > pivot) {
        kept[size++] = value;
      }
      equal += value == pivot ? 1 : 0;
    }
    aboves = size;
    uppers += equal;
  }

  /** Returns whether both are known, of {@code n} finite values, all that there were. */
  boolean found(long n) {
    long tail = tail(n);
    return belows + lowers > tail && aboves + uppers > tail;
  }

  /** Returns p1, where it is {@linkplain #found found}. */
  double low(long n) {
    int tail = (int) tail(n);
    return belows > tail ? Selection.select(below, belows, tail) : lower;
  }

  /** Returns p99, where it is {@linkplain #found found}. */
  double high(long n) {
    int tail = (int) tail(n);
    return aboves > tail ? Selection.select(above, aboves, aboves - 1 - tail) : upper;
  }
}
