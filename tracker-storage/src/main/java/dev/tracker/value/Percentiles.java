package dev.tracker.value;

import java.util.Arrays;

/** The two values between which a grid is laid: p1 and p99 of the finite values. */
final class Percentiles {
  private Percentiles() {}

  /** Returns how many of {@code n} values, sorted, come before p1: as many as after p99. */
  static long tail(long n) {
    return (n - 1) / 100;
  }

  /** Returns p1 and p99 of finite values, which are sorted for it. */
  static double[] of(double[] values) {
    Arrays.sort(values);
    int tail = (int) tail(values.length);
    return new double[] {values[tail], values[values.length - 1 - tail]};
  }
}
