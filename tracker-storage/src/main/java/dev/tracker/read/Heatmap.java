package dev.tracker.read;

import dev.tracker.value.Histogram;
import java.util.Arrays;

/**
 * Histograms of one series as a matrix: a row for each, a column for each bin of one grid that
 * covers the grids of all.
 *
 * <p>The values of a bin that falls into several columns are taken to be spread evenly over it, and
 * those outside a histogram's own grid over the way to its extremes; none vanishes. So a row's
 * counts, {@link #below} and {@link #above} add up to the finite values of its histogram.
 *
 * <p>The arrays are the object's own; whoever changes them changes what it returns.
 */
public final class Heatmap {
  private final long[] steps;
  private final double[] edges;
  private final long[][] counts;
  private final long[] below;
  private final long[] above;

  private Heatmap(long[] steps, double[] edges, long[][] counts, long[] below, long[] above) {
    this.steps = steps;
    this.edges = edges;
    this.counts = counts;
    this.below = below;
    this.above = above;
  }

  static Heatmap of(Histograms histograms, int bins) {
    if (bins < 1 || bins > Histogram.MAX_BINS) {
      throw new IllegalArgumentException(
          "number of bins out of range: bins=" + bins + " least=1 most=" + Histogram.MAX_BINS);
    }
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    int finest = bins;
    for (Histogram histogram : histograms.values()) {
      if (!Float.isNaN(histogram.low())) {
        low = Math.min(low, histogram.low());
        high = Math.max(high, histogram.high());
        finest = Math.max(finest, histogram.bins());
      }
    }
    int size = histograms.size();
    long[][] counts = new long[size][bins];
    long[] below = new long[size];
    long[] above = new long[size];
    if (low > high) { // no finite value anywhere
      return new Heatmap(histograms.steps(), new double[bins + 1], counts, below, above);
    }
    int each = (finest + bins - 1) / bins;
    Histogram grid = Histogram.ofBins(low, high, new int[bins * each]);
    for (int row = 0; row < size; row++) {
      Histogram histogram = histograms.get(row);
      if (Float.isNaN(histogram.low())) {
        continue;
      }
      Histogram placed = grid.merge(histogram);
      below[row] = placed.underflow();
      above[row] = placed.overflow();
      int[] fine = placed.counts();
      for (int i = 0; i < fine.length; i++) {
        counts[row][i / each] += fine[i];
      }
    }
    double[] edges = Histogram.ofBins(low, high, new int[bins]).edges();
    return new Heatmap(histograms.steps(), edges, counts, below, above);
  }

  /** Returns how many histograms there are. */
  public int rows() {
    return counts.length;
  }

  /** Returns how many bins the grid has. */
  public int bins() {
    return edges.length - 1;
  }

  /** Returns the step of each row. */
  public long[] steps() {
    return steps;
  }

  /** Returns the edges of the grid, one more than it has bins; all 0 where no value is finite. */
  public double[] edges() {
    return edges;
  }

  /** Returns the matrix: first the row, then the bin. */
  public long[][] counts() {
    return counts;
  }

  /** Returns how many finite values of each row are below the grid. */
  public long[] below() {
    return below;
  }

  /** Returns how many finite values of each row are above the grid. */
  public long[] above() {
    return above;
  }

  /** Returns the greatest count, for choosing colours; 0 where there is none. */
  public long most() {
    return Arrays.stream(counts).flatMapToLong(Arrays::stream).max().orElse(0);
  }
}
