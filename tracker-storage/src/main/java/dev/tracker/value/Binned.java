package dev.tracker.value;

import java.util.Arrays;

/** A histogram's counts and statistics: what remains once its samples are let go. */
final class Binned {
  final float low;
  final float high;
  final int[] counts;

  /** Whether the counts are shares of 255, and no longer numbers of values. */
  final boolean scaled;

  final long underflow;
  final long overflow;
  final long nans;
  final long positiveInfinities;
  final long negativeInfinities;
  final long count;
  final double min;
  final double max;
  final double sum;

  Binned(
      float low,
      float high,
      int[] counts,
      boolean scaled,
      long count,
      long underflow,
      long overflow,
      long nans,
      long positiveInfinities,
      long negativeInfinities,
      double min,
      double max,
      double sum) {
    this.low = low;
    this.high = high;
    this.counts = counts;
    this.scaled = scaled;
    this.count = count;
    this.underflow = underflow;
    this.overflow = overflow;
    this.nans = nans;
    this.positiveInfinities = positiveInfinities;
    this.negativeInfinities = negativeInfinities;
    this.min = min;
    this.max = max;
    this.sum = sum;
  }

  /** Counts samples on the grid from their p1 to their p99. */
  static Binned of(Samples samples, int bins) {
    return Binning.bin(samples, bins);
  }

  /** Makes the result of values without one that is finite. */
  static Binned withoutGrid(Moments moments, int bins) {
    return of(moments, Float.NaN, Float.NaN, new int[bins], 0, 0);
  }

  /** Takes the counts from a grid's slots. */
  static Binned of(Moments moments, Grid grid, long[] slots) {
    int[] counts = new int[grid.bins];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = count(slots[i + 1]);
    }
    return of(moments, grid.low, grid.high, counts, slots[0], slots[grid.bins + 1]);
  }

  private static Binned of(
      Moments moments, float low, float high, int[] counts, long underflow, long overflow) {
    boolean any = moments.finite() > 0;
    return new Binned(
        low,
        high,
        counts,
        false,
        moments.count,
        underflow,
        overflow,
        moments.nans,
        moments.positiveInfinities,
        moments.negativeInfinities,
        any ? moments.min : Double.NaN,
        any ? moments.max : Double.NaN,
        moments.sum());
  }

  private static int count(long slot) {
    if (slot > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "more values in one bin than int32 counts: values="
              + slot
              + " (log several histograms, or more bins)");
    }
    return (int) slot;
  }

  long inside() {
    return count - underflow - overflow - nans - positiveInfinities - negativeInfinities;
  }

  boolean hasGrid() {
    return !Float.isNaN(low);
  }

  /** Returns this with counts scaled so that the fullest bin has 255 and no value vanishes. */
  Binned scale() {
    int most = Arrays.stream(counts).max().orElse(0);
    if (scaled || most == 0) {
      return withCounts(counts, true);
    }
    int[] shares = new int[counts.length];
    for (int i = 0; i < shares.length; i++) {
      long share = (counts[i] * 510L + most) / (2L * most);
      shares[i] = counts[i] == 0 ? 0 : (int) Math.max(1, share);
    }
    return withCounts(shares, true);
  }

  /** Returns this with counts of values again, as near as their shares tell. */
  private Binned unscale() {
    if (!scaled) {
      return this;
    }
    long shares = Arrays.stream(counts).asLongStream().sum();
    int[] values = new int[counts.length];
    long sharesBefore = 0;
    long valuesBefore = 0;
    for (int i = 0; i < values.length; i++) {
      sharesBefore += counts[i];
      long upTo =
          shares == 0 ? 0 : Math.round((double) inside() * ((double) sharesBefore / shares));
      upTo = sharesBefore == shares ? inside() : upTo;
      values[i] = count(upTo - valuesBefore);
      valuesBefore = upTo;
    }
    return withCounts(values, false);
  }

  private Binned withCounts(int[] newCounts, boolean shares) {
    return new Binned(
        low,
        high,
        newCounts,
        shares,
        count,
        underflow,
        overflow,
        nans,
        positiveInfinities,
        negativeInfinities,
        min,
        max,
        sum);
  }

  Binned outside(long newUnderflow, long newOverflow) {
    return with(newUnderflow, newOverflow, nans, positiveInfinities, negativeInfinities);
  }

  Binned nonFinite(long newNans, long positive, long negative) {
    return with(underflow, overflow, newNans, positive, negative);
  }

  private Binned with(long under, long over, long nan, long positive, long negative) {
    long total = inside();
    for (long part : new long[] {under, over, nan, positive, negative}) {
      if (part < 0 || total + part < 0) {
        throw new IllegalArgumentException("not a number of values: value=" + part);
      }
      total += part;
    }
    return new Binned(
        low, high, counts, scaled, total, under, over, nan, positive, negative, min, max, sum);
  }

  Binned statistics(double newMin, double newMax, double newSum) {
    return new Binned(
        low,
        high,
        counts,
        scaled,
        count,
        underflow,
        overflow,
        nans,
        positiveInfinities,
        negativeInfinities,
        newMin,
        newMax,
        newSum);
  }

  /** Returns the histogram of both, on the least grid that covers the grids of both. */
  Binned merge(Binned other) {
    Binned a = unscale();
    Binned b = other.unscale();
    int bins = Math.max(a.counts.length, b.counts.length);
    float newLow = a.hasGrid() ? b.hasGrid() ? Math.min(a.low, b.low) : a.low : b.low;
    float newHigh = a.hasGrid() ? b.hasGrid() ? Math.max(a.high, b.high) : a.high : b.high;
    long[] slots = new long[bins + 2];
    if (!Float.isNaN(newLow)) {
      Grid grid = new Grid(newLow, newHigh, bins);
      a.addTo(grid, slots);
      b.addTo(grid, slots);
    }
    int[] newCounts = new int[bins];
    for (int i = 0; i < bins; i++) {
      newCounts[i] = count(slots[i + 1]);
    }
    return new Binned(
        newLow,
        newHigh,
        newCounts,
        false,
        Math.addExact(count, other.count),
        slots[0],
        slots[bins + 1],
        nans + other.nans,
        positiveInfinities + other.positiveInfinities,
        negativeInfinities + other.negativeInfinities,
        finite() == 0 ? other.min : other.finite() == 0 ? min : Math.min(min, other.min),
        finite() == 0 ? other.max : other.finite() == 0 ? max : Math.max(max, other.max),
        finite() == 0 ? other.sum : other.finite() == 0 ? sum : sum + other.sum);
  }

  private long finite() {
    return count - nans - positiveInfinities - negativeInfinities;
  }

  private void addTo(Grid grid, long[] slots) {
    if (!hasGrid()) {
      return;
    }
    if (grid.low == low && grid.high == high && grid.bins == counts.length) {
      for (int i = 0; i < counts.length; i++) {
        slots[i + 1] += counts[i];
      }
      slots[0] += underflow;
      slots[grid.bins + 1] += overflow;
      return;
    }
    double[] edges = Grid.edges(low, high, counts.length);
    for (int i = 0; i < counts.length; i++) {
      spread(counts[i], edges[i], edges[i + 1], grid, slots);
    }
    if (Double.isNaN(min) || grid.low == low) {
      slots[0] += underflow;
    } else {
      spread(underflow, min, low, grid, slots);
    }
    if (Double.isNaN(max) || grid.high == high) {
      slots[grid.bins + 1] += overflow;
    } else {
      spread(overflow, high, max, grid, slots);
    }
  }

  /** Adds {@code n} values that lie somewhere from {@code from} to {@code to}: evenly spread. */
  private static void spread(long n, double from, double to, Grid grid, long[] slots) {
    if (n == 0) {
      return;
    }
    int last = grid.slot(to);
    long before = 0;
    for (int slot = grid.slot(from); slot < last; slot++) {
      double part = (grid.end(slot) - from) / (to - from);
      long upTo = Math.max(before, Math.min(n, Math.round(n * part)));
      slots[slot] += upTo - before;
      before = upTo;
    }
    slots[last] += n - before;
  }
}
