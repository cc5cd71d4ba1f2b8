package dev.tracker.value;

import java.util.Arrays;

/**
 * From samples to bins, in two passes over pieces small enough to stay in the nearest cache: one
 * for the statistics and the percentiles, one for the counts.
 */
final class Binning {
  /** The values of a piece. */
  private static final int PIECE = 1024;

  /** Up to so many values a sort is faster than anything cleverer. */
  private static final int FEW = 1024;

  private Binning() {}

  static Binned bin(Samples samples, int bins) {
    return samples.length <= FEW ? binSorted(samples, bins) : binInPieces(samples, bins);
  }

  private static Binned binInPieces(Samples samples, int bins) {
    Moments moments = new Moments();
    Percentiles percentiles = new Percentiles(samples);
    double[] piece = new double[PIECE];
    for (int from = 0; from < samples.length; from += PIECE) {
      int n = Math.min(PIECE, samples.length - from);
      samples.read(from, piece, 0, n);
      percentiles.add(piece, moments.add(piece, n));
    }
    long finite = moments.finite();
    if (finite == 0 || !percentiles.found(finite)) {
      return binSorted(samples, bins);
    }
    Grid grid = Grid.covering(percentiles.low(finite), percentiles.high(finite), bins);
    int[] slots = new int[grid.slots()];
    boolean allFinite = finite == samples.length;
    for (int from = 0; from < samples.length; from += PIECE) {
      int n = Math.min(PIECE, samples.length - from);
      samples.read(from, piece, 0, n);
      grid.count(piece, allFinite ? n : Moments.keepFinite(piece, n), slots);
    }
    return Binned.of(moments, grid, widen(slots));
  }

  private static Binned binSorted(Samples samples, int bins) {
    double[] values = new double[samples.length];
    samples.read(0, values, 0, values.length);
    Moments moments = new Moments();
    int finite = moments.add(values, values.length);
    if (finite == 0) {
      return Binned.withoutGrid(moments, bins);
    }
    Arrays.sort(values, 0, finite);
    int tail = (int) Percentiles.tail(finite);
    Grid grid = Grid.covering(values[tail], values[finite - 1 - tail], bins);
    int[] slots = new int[grid.slots()];
    grid.count(values, finite, slots);
    return Binned.of(moments, grid, widen(slots));
  }

  private static long[] widen(int[] slots) {
    return Arrays.stream(slots).asLongStream().toArray();
  }
}
