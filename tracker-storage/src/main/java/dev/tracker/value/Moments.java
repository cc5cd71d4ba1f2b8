package dev.tracker.value;

/**
 * What is known of values without a grid: how many, how many of them are not finite, extremes, sum.
 *
 * <p>The sum is compensated (Neumaier), so that its error does not grow with the number of values,
 * and does not overflow where only a partial sum does: pieces whose sum is 2^900 and more are added
 * up apart from the others, scaled down.
 *
 * <p>Not safe for use by several threads.
 */
final class Moments {
  private static final double LARGE = 0x1p900;
  private static final double DOWN = 0x1p-100;
  private static final double UP = 0x1p100;
  private static final int LANES = 4;

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
    count += n;
    if (addFinite(values, n)) {
      return n;
    }
    countOthers(values, n);
    int finite = keepFinite(values, n);
    if (!addFinite(values, finite)) {
      addRange(values, finite);
      addLarge(values, finite);
    }
    return finite;
  }

  /** Adds values to range and sum, unless their sum is not finite. */
  private boolean addFinite(double[] values, int n) {
    double[] lanes = new double[2 * LANES];
    int even = n - n % LANES;
    addLanes(values, even, lanes);
    for (int i = even; i < n; i++) {
      addTo(lanes, 0, values[i], 0);
    }
    for (int lane = 1; lane < LANES; lane++) {
      addTo(lanes, 0, lanes[lane], lanes[LANES + lane]);
    }
    if (!(Math.abs(lanes[0]) < LARGE)) {
      return false;
    }
    addRange(values, n);
    double next = sum + lanes[0];
    error += lanes[LANES] + lost(sum, lanes[0], next);
    sum = next;
    return true;
  }

  private static void addTo(double[] lanes, int lane, double value, double error) {
    double next = lanes[lane] + value;
    lanes[LANES + lane] += error + lost(lanes[lane], value, next);
    lanes[lane] = next;
  }

  /** Four sums side by side, so that one addition need not wait for the one before. */
  private static void addLanes(double[] values, int n, double[] lanes) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    double lostA = 0;
    double lostB = 0;
    double lostC = 0;
    double lostD = 0;
    for (int i = 0; i < n; i += LANES) {
      double next = a + values[i];
      lostA += lost(a, values[i], next);
      a = next;
      next = b + values[i + 1];
      lostB += lost(b, values[i + 1], next);
      b = next;
      next = c + values[i + 2];
      lostC += lost(c, values[i + 2], next);
      c = next;
      next = d + values[i + 3];
      lostD += lost(d, values[i + 3], next);
      d = next;
    }
    lanes[0] = a;
    lanes[1] = b;
    lanes[2] = c;
    lanes[3] = d;
    lanes[4] = lostA;
    lanes[5] = lostB;
    lanes[6] = lostC;
    lanes[7] = lostD;
  }

  private void addRange(double[] values, int n) {
    double least = min;
    double greatest = max;
    for (int i = 0; i < n; i++) {
      least = Math.min(least, values[i]);
      greatest = Math.max(greatest, values[i]);
    }
    min = least;
    max = greatest;
  }

  private void countOthers(double[] values, int n) {
    for (int i = 0; i < n; i++) {
      double value = values[i];
      nans += Double.isNaN(value) ? 1 : 0;
      positiveInfinities += value == Double.POSITIVE_INFINITY ? 1 : 0;
      negativeInfinities += value == Double.NEGATIVE_INFINITY ? 1 : 0;
    }
  }

  /** Moves the finite values to the front, in their order, and returns how many they are. */
  static int keepFinite(double[] values, int n) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
      double value = values[i];
      if (Double.isFinite(value)) {
        values[kept++] = value;
      }
    }
    return kept;
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
