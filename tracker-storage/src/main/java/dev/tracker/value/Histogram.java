package dev.tracker.value;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How numbers are distributed: counts in equal-width bins, and what lies outside of them.
 *
 * <p>Every form of making one means the same:
 *
 * <ul>
 *   <li>The grid spans p1 to p99 of the finite values. With {@code n} of them in order, p1 is the
 *       one that {@code (n - 1) / 100} (rounded down) come before, and p99 the one that as many
 *       come after; up to 100 values these are the least and the greatest. Both are values that
 *       occur.
 *   <li>The edges of the grid, {@link #low} and {@link #high}, are float32: p1 rounded down and p99
 *       rounded up, so that both lie inside. Counts are exact with respect to the rounded edges.
 *       Values beyond the range of float32 have no edge of their own: the grid then ends at the
 *       greatest float32.
 *   <li>{@link #edges} are those of {@code numpy.linspace(low, high, bins + 1)} in float64, bit for
 *       bit. A bin holds what is at least its lower edge and below its upper edge; the last bin
 *       holds its upper edge too.
 *   <li>Finite values below the grid are {@link #underflow}, above it {@link #overflow}; NaN and
 *       both infinities are counted apart. Nothing vanishes: {@code count = underflow + overflow +
 *       nans + positiveInfinities + negativeInfinities + } all {@link #counts}.
 *   <li>{@link #min}, {@link #max} and {@link #sum} are those of the finite values: the extremes
 *       exact, the sum with an error of a few units in its last place. It is infinite only where
 *       float64 has no number for it.
 *   <li>Where p1 = p99 is a float32 (one value, or hardly any other), low = high and all that
 *       equals it is in the last bin, as the rule above has it. Without finite values there is no
 *       grid: low, high, min and max are NaN, the sum and all counts 0.
 * </ul>
 *
 * <p>{@code int} values are exact. {@code long} values beyond 2^53 are rounded to the nearest
 * float64 first, here as everywhere in Tracker.
 *
 * <p>A histogram is made of samples, which are copied: changing the array afterwards changes
 * nothing. It is binned later, off the caller's thread; or at once, by {@link #computeBins}, which
 * costs the caller more time and the queue far less memory. Immutable, and safe for use by any
 * thread, but for arrays handed over by {@code adopt} that somebody changes all the same.
 */
public final class Histogram {
  /** The bins where nothing else was asked for. */
  public static final int DEFAULT_BINS = 64;

  /** The most bins that a histogram can have. */
  public static final int MAX_BINS = 65_536;

  /** What an object and its few fields weigh, beside its arrays. */
  private static final int OBJECT_BYTES = 160;

  /** How counts are stored. */
  public enum Precision {
    /** As int32: what was counted. */
    EXACT(Integer.BYTES),

    /**
     * As uint8: shares of the fullest bin, which has 255. Other bins are rounded to the nearest
     * share, but never to 0 where something was counted.
     */
    COMPACT(Byte.BYTES);

    private final int bytes;

    Precision(int bytes) {
      this.bytes = bytes;
    }

    int bytes() {
      return bytes;
    }

    byte code() {
      return (byte) (this == COMPACT ? 1 : 0);
    }
  }

  private final int bins;
  private final Precision precision;

  /** Exactly one of these two is there. */
  private final @Nullable Samples samples;

  private final @Nullable Binned binned;

  private Histogram(Samples samples, int bins, Precision precision) {
    this.samples = samples;
    this.binned = null;
    this.bins = bins;
    this.precision = precision;
  }

  Histogram(Binned binned, Precision precision) {
    this.samples = null;
    this.binned = binned;
    this.bins = binned.counts.length;
    this.precision = precision;
  }

  private static Histogram of(Samples samples) {
    return new Histogram(samples, DEFAULT_BINS, Precision.EXACT);
  }

  /** Takes a copy of the values. */
  public static Histogram of(float[] values) {
    Objects.requireNonNull(values, "values");
    return adopt(values.clone());
  }

  /** Takes a copy of {@code length} values from {@code offset} on. */
  public static Histogram of(float[] values, int offset, int length) {
    Objects.requireNonNull(values, "values");
    Objects.checkFromIndexSize(offset, length, values.length);
    return adopt(Arrays.copyOfRange(values, offset, offset + length));
  }

  /** Takes a copy of the values. */
  public static Histogram of(double[] values) {
    Objects.requireNonNull(values, "values");
    return adopt(values.clone());
  }

  /** Takes a copy of {@code length} values from {@code offset} on. */
  public static Histogram of(double[] values, int offset, int length) {
    Objects.requireNonNull(values, "values");
    Objects.checkFromIndexSize(offset, length, values.length);
    return adopt(Arrays.copyOfRange(values, offset, offset + length));
  }

  /** Takes a copy of the values. */
  public static Histogram of(int[] values) {
    Objects.requireNonNull(values, "values");
    return adopt(values.clone());
  }

  /** Takes a copy of {@code length} values from {@code offset} on. */
  public static Histogram of(int[] values, int offset, int length) {
    Objects.requireNonNull(values, "values");
    Objects.checkFromIndexSize(offset, length, values.length);
    return adopt(Arrays.copyOfRange(values, offset, offset + length));
  }

  /** Takes a copy of the values; those beyond 2^53 are rounded when they are binned. */
  public static Histogram of(long[] values) {
    Objects.requireNonNull(values, "values");
    return adopt(values.clone());
  }

  /** Takes a copy of {@code length} values from {@code offset} on. */
  public static Histogram of(long[] values, int offset, int length) {
    Objects.requireNonNull(values, "values");
    Objects.checkFromIndexSize(offset, length, values.length);
    return adopt(Arrays.copyOfRange(values, offset, offset + length));
  }

  /** Takes a copy of what remains in the buffer, whose position stays where it is. */
  public static Histogram of(FloatBuffer values) {
    Objects.requireNonNull(values, "values");
    float[] copy = new float[values.remaining()];
    values.duplicate().get(copy);
    return adopt(copy);
  }

  /** Takes a copy of what remains in the buffer, whose position stays where it is. */
  public static Histogram of(DoubleBuffer values) {
    Objects.requireNonNull(values, "values");
    double[] copy = new double[values.remaining()];
    values.duplicate().get(copy);
    return adopt(copy);
  }

  /** Takes the array itself: the caller promises not to change it any more. */
  public static Histogram adopt(float[] values) {
    Objects.requireNonNull(values, "values");
    return of(new Samples.Floats(values));
  }

  /** Takes the array itself: the caller promises not to change it any more. */
  public static Histogram adopt(double[] values) {
    Objects.requireNonNull(values, "values");
    return of(new Samples.Doubles(values));
  }

  /** Takes the array itself: the caller promises not to change it any more. */
  public static Histogram adopt(int[] values) {
    Objects.requireNonNull(values, "values");
    return of(new Samples.Ints(values));
  }

  /** Takes the array itself: the caller promises not to change it any more. */
  public static Histogram adopt(long[] values) {
    Objects.requireNonNull(values, "values");
    return of(new Samples.Longs(values));
  }

  /**
   * Takes counts that somebody else made, of equal-width bins from {@code low} to {@code high}.
   *
   * <p>The edges are stored as float32, the lower one rounded down and the upper one rounded up;
   * the counts are kept as they are. What counts do not tell is taken for unknown, {@link #min},
   * {@link #max} and {@link #sum} are NaN, or for nothing: see {@link #outside}, {@link
   * #statistics} and {@link #nonFinite}.
   *
   * @throws IllegalArgumentException where the edges are not finite or not in order, a count is
   *     negative, or the number of bins is not 1 to {@link #MAX_BINS}
   */
  public static Histogram ofBins(double low, double high, int[] counts) {
    Objects.requireNonNull(counts, "counts");
    return new Histogram(Precomputed.of(low, high, counts.clone()), Precision.EXACT);
  }

  /** As {@link #ofBins(double, double, int[])}; a count must fit into int32. */
  public static Histogram ofBins(double low, double high, long[] counts) {
    Objects.requireNonNull(counts, "counts");
    return new Histogram(Precomputed.of(low, high, Precomputed.narrow(counts)), Precision.EXACT);
  }

  /**
   * As {@link #ofBins(double, double, int[])}, from edges of which there is one more than bins.
   *
   * @throws IllegalArgumentException also where the bins are not of equal width (to a thousandth)
   */
  public static Histogram ofBins(double[] edges, int[] counts) {
    Objects.requireNonNull(counts, "counts");
    Precomputed.checkEdges(edges, counts.length);
    return ofBins(edges[0], edges[edges.length - 1], counts);
  }

  /** As {@link #ofBins(double[], int[])}; a count must fit into int32. */
  public static Histogram ofBins(double[] edges, long[] counts) {
    Objects.requireNonNull(counts, "counts");
    Precomputed.checkEdges(edges, counts.length);
    return ofBins(edges[0], edges[edges.length - 1], counts);
  }

  /** Begins a histogram whose values come piece by piece. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns this with another number of bins, from 1 to {@link #MAX_BINS}.
   *
   * @throws IllegalStateException if it is binned already, and differently
   */
  public Histogram bins(int number) {
    checkBins(number);
    if (samples != null) {
      return new Histogram(samples, number, precision);
    }
    if (number != bins) {
      throw new IllegalStateException(
          "histogram is binned already: bins="
              + bins
              + " asked="
              + number
              + " (call bins(n) before computeBins())");
    }
    return this;
  }

  private static void checkBins(int number) {
    if (number < 1 || number > MAX_BINS) {
      throw new IllegalArgumentException(
          "number of bins out of range: bins=" + number + " least=1 most=" + MAX_BINS);
    }
  }

  /**
   * Returns this with counts stored as int32, as they are by default.
   *
   * @throws IllegalStateException if the counts are {@link #isScaled scaled} already
   */
  public Histogram exact() {
    if (isScaled()) {
      throw new IllegalStateException(
          "counts are scaled already: bins=" + bins + " (was it read from a compact series?)");
    }
    return with(Precision.EXACT);
  }

  /** Returns this with counts stored as uint8. */
  public Histogram compact() {
    return with(Precision.COMPACT);
  }

  private Histogram with(Precision other) {
    return samples != null ? new Histogram(samples, bins, other) : new Histogram(binned(), other);
  }

  /**
   * Returns this binned, now, on this thread, and without the samples; this if it is so already.
   */
  public Histogram computeBins() {
    return samples == null ? this : new Histogram(Binned.of(samples, bins), precision);
  }

  /**
   * Returns the histogram of the values of both, with this one's {@link #precision}.
   *
   * <p>Two that are not binned give one that is not binned, of all values and with this one's bins:
   * exact. Otherwise both are binned first, and the counts go to the least grid that covers both
   * grids, with the bins of the one that has more; that grid may be wider than p1 to p99 of all
   * values. Where the two grids are the same, and what lay outside stays outside, counts are exact.
   * Otherwise the values of a bin (and those outside, up to the extreme) are taken to be spread
   * evenly, so that a value is found at most as far from where it was as the bin that it was in is
   * wide. Total, outliers, NaN, infinities and extremes are exact in every case: underflow and
   * overflow may become less where the other grid reaches further. Scaled counts are turned back
   * into numbers of values as far as they tell.
   *
   * <p>The order in which several are merged makes no difference to grid, totals and extremes; to
   * counts at most what each merge may move. Where the order should make none, or p1 and p99 are to
   * be those of all, merge {@linkplain Builder#merge builders}.
   *
   * @throws IllegalStateException where a bin has more values than int32 counts
   */
  public Histogram merge(Histogram other) {
    if (samples != null && other.samples != null) {
      return new Histogram(samples.and(other.samples), bins, precision);
    }
    return new Histogram(computeBins().binned().merge(other.computeBins().binned()), precision);
  }

  /** Returns this, binned elsewhere, with numbers of finite values below and above the grid. */
  public Histogram outside(long newUnderflow, long newOverflow) {
    return new Histogram(binned().outside(newUnderflow, newOverflow), precision);
  }

  /** Returns this, binned elsewhere, with numbers of values that are not finite. */
  public Histogram nonFinite(long newNans, long positive, long negative) {
    return new Histogram(binned().nonFinite(newNans, positive, negative), precision);
  }

  /** Returns this, binned elsewhere, with extremes and sum of the finite values, NaN if unknown. */
  public Histogram statistics(double newMin, double newMax, double newSum) {
    return new Histogram(binned().statistics(newMin, newMax, newSum), precision);
  }

  /** Returns whether there are counts: all that follows but {@link #count} needs them. */
  public boolean isBinned() {
    return binned != null;
  }

  private Binned binned() {
    if (binned == null) {
      throw new IllegalStateException(
          "histogram is not binned yet: values=" + count() + " (call computeBins() first)");
    }
    return binned;
  }

  /**
   * Returns whether {@link #counts} are shares of 255 and no longer numbers of values, as in a
   * compact histogram that was {@linkplain #decode decoded}. Until it is encoded, a compact one has
   * numbers of values.
   */
  public boolean isScaled() {
    return binned != null && binned.scaled;
  }

  /** Returns how counts are stored. */
  public Precision precision() {
    return precision;
  }

  /** Returns the number of bins, also before it is binned. */
  public int bins() {
    return bins;
  }

  /** Returns the number of values, whatever they are, also before it is binned. */
  public long count() {
    return samples != null ? samples.length : binned().count;
  }

  /** Returns the number of finite values on the grid: the sum of counts that are not scaled. */
  public long inside() {
    return binned().inside();
  }

  /** Returns the least finite value, NaN where there is none or it is unknown. */
  public double min() {
    return binned().min;
  }

  /** Returns the greatest finite value, NaN where there is none or it is unknown. */
  public double max() {
    return binned().max;
  }

  /** Returns the sum of the finite values, NaN where it is unknown. */
  public double sum() {
    return binned().sum;
  }

  /** Returns the lower edge of the first bin, NaN where there is no finite value. */
  public float low() {
    return binned().low;
  }

  /** Returns the upper edge of the last bin, NaN where there is no finite value. */
  public float high() {
    return binned().high;
  }

  /** Returns a new array of the edges, one more than bins; all NaN where there is no grid. */
  public double[] edges() {
    return Grid.edges(low(), high(), bins);
  }

  /** Returns a new array of the counts: numbers of values, or shares if {@link #isScaled}. */
  public int[] counts() {
    return binned().counts.clone();
  }

  /** Returns the number of finite values below the grid. */
  public long underflow() {
    return binned().underflow;
  }

  /** Returns the number of finite values above the grid. */
  public long overflow() {
    return binned().overflow;
  }

  /** Returns the number of values that are NaN. */
  public long nans() {
    return binned().nans;
  }

  /** Returns the number of values that are +Infinity. */
  public long positiveInfinities() {
    return binned().positiveInfinities;
  }

  /** Returns the number of values that are −Infinity. */
  public long negativeInfinities() {
    return binned().negativeInfinities;
  }

  /** Returns about how many bytes of memory this holds: samples, or counts. */
  public long payloadBytes() {
    return OBJECT_BYTES + (samples != null ? samples.bytes() : (long) bins * Integer.BYTES);
  }

  /** Returns how many bytes {@link #encode} will write, also before it is binned. */
  public int encodedLength() {
    return HistogramBytes.length(bins, precision);
  }

  /**
   * Writes the binned form, {@link #encodedLength} bytes.
   *
   * <pre>
   *  0 uint8   version, 1               40 int64 count
   *  1 uint8   0 exact, 1 compact       48 int64 underflow
   *  2 uint16  0                        56 int64 overflow
   *  4 int32   bins                     64 int64 NaN count
   *  8 float32 low   (p1, down)         72 int64 +Infinity count
   * 12 float32 high  (p99, up)          80 int64 -Infinity count
   * 16 float64 min                      88 int32[bins] or uint8[bins] counts
   * 24 float64 max
   * 32 float64 sum
   * </pre>
   *
   * <p>Here, and nowhere else, the counts of a compact histogram are scaled: {@code c} becomes
   * {@code c × 255 / most}, rounded half up and at least 1, 0 stays 0. Scaled counts stay as they
   * are, so that decoding and encoding again gives the same bytes. All other numbers are kept.
   *
   * @param out little endian, with room
   * @throws IllegalStateException if this is not binned
   */
  public void encode(ByteBuffer out) {
    HistogramBytes.encode(binned(), precision, out);
  }

  /**
   * Reads what {@link #encode} wrote and moves the position behind it.
   *
   * <p>The result is binned. That of a compact histogram {@linkplain #isScaled is scaled}: its
   * counts are shares of 255 of the fullest bin, while {@link #count} and {@link #inside} are still
   * numbers of values.
   *
   * @param in little endian
   * @throws IllegalArgumentException if the bytes cannot be what {@link #encode} wrote; nothing is
   *     allocated beyond what is there to fill it
   */
  public static Histogram decode(ByteBuffer in) {
    return HistogramBytes.decode(in);
  }

  /** Returns a line for people. */
  @Override
  public String toString() {
    return binned == null
        ? "Histogram[values=" + count() + " bins=" + bins + " precision=" + precision + "]"
        : "Histogram[values="
            + count()
            + " bins="
            + bins
            + " precision="
            + precision
            + " low="
            + binned.low
            + " high="
            + binned.high
            + " min="
            + binned.min
            + " max="
            + binned.max
            + "]";
  }

  /**
   * Gathers values piece by piece, in memory that grows with the logarithm of their number.
   *
   * <p>Up to {@value #EXACT_VALUES} finite values the result is the one of {@link
   * Histogram#of(double[])}, but for the last places of the sum. Beyond that, count, extremes, NaN
   * and infinities are still exact, the sum as good as there, and all counts still add up.
   * Approximate are the place of p1 and p99 and how many values lie below each edge: no such number
   * is off by more than {@code L / 16384} of the number {@code n} of finite values, with {@code L}
   * the doublings from {@value #EXACT_VALUES} to {@code n}, rounded up: 0.04 % of a million, 0.1 %
   * of 1,000 million.
   *
   * <p>For one thread. Several threads each have their own and {@linkplain #merge merge} them.
   */
  public static final class Builder {
    /** Up to so many finite values nothing is approximate. */
    public static final int EXACT_VALUES = Sketch.EXACT;

    private static final int PIECE = 1024;

    private final Moments moments = new Moments();
    private final Sketch sketch = new Sketch();
    private final double[] pending = new double[PIECE];
    private int pendings;
    private int bins = DEFAULT_BINS;
    private Precision precision = Precision.EXACT;

    private Builder() {}

    /** Sets the number of bins, from 1 to {@link Histogram#MAX_BINS}. */
    public Builder bins(int number) {
      checkBins(number);
      bins = number;
      return this;
    }

    /** Has counts stored as int32, as they are by default. */
    public Builder exact() {
      precision = Precision.EXACT;
      return this;
    }

    /** Has counts stored as uint8. */
    public Builder compact() {
      precision = Precision.COMPACT;
      return this;
    }

    /** Adds a value. */
    public Builder add(double value) {
      if (pendings == PIECE) {
        take();
      }
      pending[pendings++] = value;
      return this;
    }

    /** Adds values. */
    public Builder add(double... values) {
      return add(new Samples.Doubles(values));
    }

    /** Adds values. */
    public Builder add(float... values) {
      return add(new Samples.Floats(values));
    }

    /** Adds values. */
    public Builder add(int... values) {
      return add(new Samples.Ints(values));
    }

    /** Adds values. */
    public Builder add(long... values) {
      return add(new Samples.Longs(values));
    }

    private Builder add(Samples samples) {
      for (int from = 0; from < samples.length; ) {
        if (pendings == PIECE) {
          take();
        }
        int n = Math.min(PIECE - pendings, samples.length - from);
        samples.read(from, pending, pendings, n);
        pendings += n;
        from += n;
      }
      return this;
    }

    private void take() {
      int finite = moments.add(pending, pendings);
      sketch.add(pending, finite);
      pendings = 0;
    }

    /** Adds all that another one gathered, and leaves that as it is. */
    public Builder merge(Builder other) {
      if (other == this) {
        throw new IllegalArgumentException("builder merged with itself: values=" + moments.count);
      }
      other.take();
      moments.merge(other.moments);
      sketch.merge(other.sketch);
      return this;
    }

    /**
     * Returns the histogram of all values up to now, binned; more may be added afterwards.
     *
     * @throws IllegalStateException where a bin has more values than int32 counts
     */
    public Histogram build() {
      take();
      long finite = moments.finite();
      if (finite == 0) {
        return new Histogram(Binned.withoutGrid(moments, bins), precision);
      }
      double[] percentiles = sketch.percentiles(finite);
      Grid grid = Grid.covering(percentiles[0], percentiles[1], bins);
      return new Histogram(Binned.of(moments, grid, sketch.count(grid)), precision);
    }
  }
}
