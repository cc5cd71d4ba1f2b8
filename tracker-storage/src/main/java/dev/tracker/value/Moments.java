package dev.tracker.value;

/**
 * What is known of values without a grid: how many, how many of them are not finite, extremes, sum.
 *
 * <p>The sum is compensated (Neumaier), so that its error does not grow with the number of values,
 * and does not overflow where only a partial sum does: values of 2^900 and more are added up apart
 * from the others, scaled down.
 *
 * <p>Not safe for use by several threads.
 */
final class Moments {
  private static final double LARGE = 0x1p900;
  private static final double DOWN = 0x1p-100;
  private static final double UP = 0x1p100;

  long count;
  long nans;
  long positiveInfinities;
  long negativeInfinities;
  double min = Double.POSITIVE_INFINITY;
  double max = Double.NEGATIVE_INFINITY;

  private double sum;
  private double error;
  private double largeSum;
  private double largeError;

  /** Adds the first {@code n} values; moves the finite ones to the front and returns how many. */
  int add(double[] values, int n) {
    int finite = keepFinite(values, n);
    double least = min;
    double greatest = max;
    for (int i = 0; i < finite; i++) {
      least = Math.min(least, values[i]);
      greatest = Math.max(greatest, values[i]);
    }
    min = least;
    max = greatest;
    if (finite > 0 && Math.max(-least, greatest) >= LARGE) {
      addLarge(values, finite);
    } else {
      addSum(values, finite);
    }
    count += n;
    return finite;
  }

  private int keepFinite(double[] values, int n) {
    double poison = 0;
    for (int i = 0; i < n; i++) {
      poison += values[i] * 0;
    }
    if (poison == 0) {
      return n;
    }
    int kept = 0;
    for (int i = 0; i < n; i++) {
      double value = values[i];
      if (Double.isFinite(value)) {
        values[kept++] = value;
      } else if (value > 0) {
        positiveInfinities++;
      } else if (value < 0) {
        negativeInfinities++;
      } else {
        nans++;
      }
    }
    return kept;
  }

  private void addSum(double[] values, int n) {
    double total = sum;
    double lost = error;
    for (int i = 0; i < n; i++) {
      double value = values[i];
      double next = total + value;
      lost += lost(total, value, next);
      total = next;
    }
    sum = total;
    error = lost;
  }

  private void addLarge(double[] values, int n) {
    for (int i = 0; i < n; i++) {
      double value = values[i] * DOWN;
      double next = largeSum + value;
      largeError += lost(largeSum, value, next);
      largeSum = next;
    }
  }

  /** What rounding took from {@code a + b}. */
  private static double lost(double a, double b, double sum) {
    double part = sum - a;
    return (a - (sum - part)) + (b - part);
  }

  void merge(Moments other) {
    count += other.count;
    nans += other.nans;
    positiveInfinities += other.positiveInfinities;
    negativeInfinities += other.negativeInfinities;
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
    double next = sum + other.sum;
    error += other.error + lost(sum, other.sum, next);
    sum = next;
    next = largeSum + other.largeSum;
    largeError += other.largeError + lost(largeSum, other.largeSum, next);
    largeSum = next;
  }

  long finite() {
    return count - nans - positiveInfinities - negativeInfinities;
  }

  /** Returns the sum of the finite values. */
  double sum() {
    double small = sum + error;
    if (largeSum == 0 && largeError == 0) {
      return small;
    }
    return (largeSum + small * DOWN + largeError) * UP;
  }
}
