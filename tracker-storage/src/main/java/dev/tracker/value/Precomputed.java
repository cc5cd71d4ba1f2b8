package dev.tracker.value;

/** Takes counts that were made elsewhere, once they are found to be counts. */
final class Precomputed {
  /** How far an edge may lie from where equal bins have it, in widths of a bin. */
  private static final double TOLERANCE = 1e-3;

  private Precomputed() {}

  static Binned of(double low, double high, int[] counts) {
    if (!Double.isFinite(low) || !Double.isFinite(high) || low > high) {
      throw new IllegalArgumentException(
          "edges are not finite numbers in order: low=" + low + " high=" + high);
    }
    if (counts.length < 1 || counts.length > Histogram.MAX_BINS) {
      throw new IllegalArgumentException(
          "number of bins out of range: bins="
              + counts.length
              + " least=1 most="
              + Histogram.MAX_BINS);
    }
    long total = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] < 0) {
        throw new IllegalArgumentException("negative count: bin=" + i + " count=" + counts[i]);
      }
      total += counts[i];
    }
    return new Binned(
        Grid.below(low),
        Grid.above(high),
        counts,
        false,
        total,
        0,
        0,
        0,
        0,
        0,
        Double.NaN,
        Double.NaN,
        Double.NaN);
  }

  static int[] narrow(long[] counts) {
    int[] narrow = new int[counts.length];
    for (int i = 0; i < narrow.length; i++) {
      if (counts[i] < 0 || counts[i] > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "count does not fit into int32: bin=" + i + " count=" + counts[i]);
      }
      narrow[i] = (int) counts[i];
    }
    return narrow;
  }

  static void checkEdges(double[] edges, int bins) {
    if (bins < 1 || edges.length != bins + 1) {
      throw new IllegalArgumentException(
          "edges must be one more than bins: edges=" + edges.length + " bins=" + bins);
    }
    double low = edges[0];
    double width = edges[bins] / bins - low / bins;
    for (int i = 0; i <= bins; i++) {
      double expected = low + i * width;
      if (!(Math.abs(edges[i] - expected) <= TOLERANCE * width)) {
        throw new IllegalArgumentException(
            "bins are not of equal width: edge="
                + i
                + " value="
                + edges[i]
                + " expected="
                + expected
                + " (log the samples, or counts of equal-width bins)");
      }
    }
  }
}
