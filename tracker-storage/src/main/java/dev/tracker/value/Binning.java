package dev.tracker.value;

import java.util.Arrays;

/** From samples to bins. */
final class Binning {
  /** Values that are read at a time: few enough to stay in the nearest cache. */
  private static final int PIECE = 1024;

  private Binning() {}

  static Binned bin(Samples samples, int bins) {
    Moments moments = new Moments();
    double[] piece = new double[Math.min(PIECE, samples.length)];
    double[] finite = new double[samples.length];
    int kept = 0;
    for (int from = 0; from < samples.length; from += PIECE) {
      int n = Math.min(PIECE, samples.length - from);
      samples.read(from, piece, 0, n);
      int good = moments.add(piece, n);
      System.arraycopy(piece, 0, finite, kept, good);
      kept += good;
    }
    if (kept == 0) {
      return Binned.withoutGrid(moments, bins);
    }
    finite = Arrays.copyOf(finite, kept);
    double[] percentiles = Percentiles.of(finite);
    Grid grid = Grid.covering(percentiles[0], percentiles[1], bins);
    int[] slots = new int[grid.slots()];
    grid.count(finite, kept, slots);
    return Binned.of(moments, grid, Arrays.stream(slots).asLongStream().toArray());
  }
}
