package dev.tracker.value;

/**
 * Equal-width bins between two float32 edges, and a slot at each end for what lies outside.
 *
 * <p>Slot 0 is underflow, slots 1 to {@code bins} are the bins, slot {@code bins + 1} is overflow.
 * Which slot a value falls into is decided by comparing it with the edges themselves; the division
 * only guesses where to look, and is never off by more than one: a float32 range is at least 2^29
 * float64 steps wide, so that even 65,536 edges lie far apart.
 */
final class Grid {
  final float low;
  final float high;
  final int bins;

  /** −∞, the lower edges of the bins, the least value above the last bin, +∞. */
  private final double[] bounds;

  private final double perWidth;

  Grid(float low, float high, int bins) {
    this.low = low;
    this.high = high;
    this.bins = bins;
    perWidth = bins / ((double) high - low);
    bounds = new double[bins + 3];
    bounds[0] = Double.NEGATIVE_INFINITY;
    System.arraycopy(edges(low, high, bins), 0, bounds, 1, bins);
    bounds[bins + 1] = Math.nextUp((double) high);
    bounds[bins + 2] = Double.POSITIVE_INFINITY;
  }

  /** Makes the least grid of float32 edges that has both values inside. */
  static Grid covering(double least, double greatest, int bins) {
    return new Grid(below(least), above(greatest), bins);
  }

  /** Returns the edges, as {@code numpy.linspace(low, high, bins + 1)} computes them in float64. */
  static double[] edges(float low, float high, int bins) {
    double[] edges = new double[bins + 1];
    double width = ((double) high - low) / bins;
    for (int i = 0; i < bins; i++) {
      edges[i] = low + i * width;
    }
    edges[bins] = high;
    return edges;
  }

  /** Returns the greatest finite float32 that is at most {@code value}, or the least there is. */
  static float below(double value) {
    float near = Math.max((float) value, -Float.MAX_VALUE);
    float below = near > value ? Math.nextDown(near) : near;
    return Math.max(Math.min(below, Float.MAX_VALUE), -Float.MAX_VALUE) + 0.0f;
  }

  /** Returns the least finite float32 that is at least {@code value}, or the greatest there is. */
  static float above(double value) {
    return 0.0f - below(-value);
  }

  /** Returns the number of slots. */
  int slots() {
    return bins + 2;
  }

  /** Returns the slot of a finite value. */
  int slot(double value) {
    if (low == high) {
      return value < low ? 0 : value > high ? bins + 1 : bins;
    }
    int guess = (int) (Math.max(-1, Math.min((value - low) * perWidth, bins)) + 1);
    return guess + (value >= bounds[guess + 1] ? 1 : 0) - (value < bounds[guess] ? 1 : 0);
  }

  /** Returns where a slot ends. */
  double end(int slot) {
    return bounds[slot + 1];
  }

  /** Counts the first {@code n} values, all finite, into the slots. */
  void count(double[] values, int n, int[] slots) {
    if (low == high) {
      countAround(low, values, n, slots);
      return;
    }
    double[] around = bounds;
    double from = low;
    double scale = perWidth;
    double most = bins;
    for (int i = 0; i < n; i++) {
      double value = values[i];
      int guess = (int) (Math.max(-1, Math.min((value - from) * scale, most)) + 1);
      int up = value >= around[guess + 1] ? 1 : 0;
      int down = value < around[guess] ? 1 : 0;
      slots[guess + up - down]++;
    }
  }

  private void countAround(double edge, double[] values, int n, int[] slots) {
    int under = 0;
    int over = 0;
    for (int i = 0; i < n; i++) {
      under += values[i] < edge ? 1 : 0;
      over += values[i] > edge ? 1 : 0;
    }
    slots[0] += under;
    slots[bins] += n - under - over;
    slots[bins + 1] += over;
  }
}
