package dev.tracker.format;

import java.nio.ByteBuffer;

/**
 * What a curve needs to know of a stretch of rows, without the rows: ranges, extremes, sums and
 * counts.
 *
 * <p>Tiles of neighbouring stretches {@linkplain #merge merge} into the tile of both, so a
 * half-full tile can be gone on with later. Extremes and sums leave NaN out; infinities count in
 * the extremes and not in the sums.
 *
 * <p>128 bytes in a file, little endian:
 *
 * <pre>
 *   0 int64   count             64 value   min    (bits of the series' kind)
 *   8 int64   step low          72 value   max
 *  16 int64   step high         80 value   first
 *  24 int64   global step low   88 value   last
 *  32 int64   global step high  96 float64 sum of finite values
 *  40 int64   time low         104 float64 sum of their squares
 *  48 int64   time high        112 int64   NaN count
 *  56 int64   +Infinity count  120 int64   -Infinity count
 * </pre>
 *
 * "Low" and "high" are the least and greatest of the stretch: steps may be out of order. For INT64
 * series the four values are int64, for BOOL 0 and 1 as int64, for others 0; for FLOAT64 they are
 * float64, and where every value is NaN, min and max are NaN too.
 *
 * <p>Not safe for use by several threads.
 */
public final class Tile {
  /** The rows that a full tile of the finest level covers. */
  public static final int ROWS = 1024;

  /** The bytes of a tile in a file. */
  public static final int BYTES = 128;

  /** The 64-bit words of a tile in a file. */
  public static final int WORDS = BYTES / Long.BYTES;

  private final Kind kind;
  private long count;
  private long stepLow = Long.MAX_VALUE;
  private long stepHigh = Long.MIN_VALUE;
  private long globalLow = Long.MAX_VALUE;
  private long globalHigh = Long.MIN_VALUE;
  private long microsLow = Long.MAX_VALUE;
  private long microsHigh = Long.MIN_VALUE;
  private long positiveInfinities;
  private long min;
  private long max;
  private long first;
  private long last;
  private double sum;
  private double squares;
  private long nans;
  private long negativeInfinities;

  /** Makes the tile of no rows. */
  public Tile(Kind kind) {
    this.kind = kind;
    if (kind == Kind.FLOAT64) {
      min = max = Double.doubleToRawLongBits(Double.NaN);
    }
  }

  /**
   * Adds rows {@code from} to {@code to - 1} of a series' columns, in their order.
   *
   * @param bits the values, as {@link Kind} says; not looked at where values are not fixed
   */
  public void add(long[] steps, long[] globalSteps, long[] micros, long[] bits, int from, int to) {
    if (from == to) {
      return;
    }
    addRanges(steps, globalSteps, micros, from, to);
    if (kind == Kind.FLOAT64) {
      addDoubles(bits, from, to);
    } else if (kind.isFixed()) {
      addLongs(bits, from, to);
    }
    if (kind.isFixed()) {
      if (count == 0) {
        first = bits[from];
      }
      last = bits[to - 1];
    }
    count += to - from;
  }

  private void addRanges(long[] steps, long[] globalSteps, long[] times, int from, int to) {
    for (int i = from; i < to; i++) {
      stepLow = Math.min(stepLow, steps[i]);
      stepHigh = Math.max(stepHigh, steps[i]);
      globalLow = Math.min(globalLow, globalSteps[i]);
      globalHigh = Math.max(globalHigh, globalSteps[i]);
      microsLow = Math.min(microsLow, times[i]);
      microsHigh = Math.max(microsHigh, times[i]);
    }
  }

  private void addDoubles(long[] bits, int from, int to) {
    boolean any = count > nans;
    double low = any ? Double.longBitsToDouble(min) : Double.POSITIVE_INFINITY;
    double high = any ? Double.longBitsToDouble(max) : Double.NEGATIVE_INFINITY;
    int nan = 0;
    for (int i = from; i < to; i++) {
      double value = Double.longBitsToDouble(bits[i]);
      if (Double.isNaN(value)) {
        nan++;
        continue;
      }
      low = Math.min(low, value);
      high = Math.max(high, value);
      if (value == Double.POSITIVE_INFINITY) {
        positiveInfinities++;
      } else if (value == Double.NEGATIVE_INFINITY) {
        negativeInfinities++;
      } else {
        sum += value;
        squares += value * value;
      }
    }
    nans += nan;
    if (any || nan < to - from) {
      min = Double.doubleToRawLongBits(low);
      max = Double.doubleToRawLongBits(high);
    }
  }

  private void addLongs(long[] bits, int from, int to) {
    long low = count == 0 ? Long.MAX_VALUE : min;
    long high = count == 0 ? Long.MIN_VALUE : max;
    for (int i = from; i < to; i++) {
      long value = bits[i];
      low = Math.min(low, value);
      high = Math.max(high, value);
      sum += value;
      squares += (double) value * value;
    }
    min = low;
    max = high;
  }

  /** Adds the rows of a tile of the same kind that come right after this one's. */
  public void merge(Tile next) {
    if (next.count == 0) {
      return;
    }
    stepLow = Math.min(stepLow, next.stepLow);
    stepHigh = Math.max(stepHigh, next.stepHigh);
    globalLow = Math.min(globalLow, next.globalLow);
    globalHigh = Math.max(globalHigh, next.globalHigh);
    microsLow = Math.min(microsLow, next.microsLow);
    microsHigh = Math.max(microsHigh, next.microsHigh);
    if (next.count > next.nans) {
      boolean any = count > nans;
      min = any ? lesser(min, next.min) : next.min;
      max = any ? greater(max, next.max) : next.max;
    }
    first = count == 0 ? next.first : first;
    last = next.last;
    sum += next.sum;
    squares += next.squares;
    nans += next.nans;
    positiveInfinities += next.positiveInfinities;
    negativeInfinities += next.negativeInfinities;
    count += next.count;
  }

  private long lesser(long a, long b) {
    return kind == Kind.FLOAT64
        ? Double.doubleToRawLongBits(
            Math.min(Double.longBitsToDouble(a), Double.longBitsToDouble(b)))
        : Math.min(a, b);
  }

  private long greater(long a, long b) {
    return kind == Kind.FLOAT64
        ? Double.doubleToRawLongBits(
            Math.max(Double.longBitsToDouble(a), Double.longBitsToDouble(b)))
        : Math.max(a, b);
  }

  /** Writes {@link #BYTES} bytes; the buffer must be little endian. */
  public void encode(ByteBuffer out) {
    out.putLong(count).putLong(stepLow).putLong(stepHigh).putLong(globalLow).putLong(globalHigh);
    out.putLong(microsLow).putLong(microsHigh).putLong(positiveInfinities);
    out.putLong(min).putLong(max).putLong(first).putLong(last);
    out.putDouble(sum).putDouble(squares).putLong(nans).putLong(negativeInfinities);
  }

  /** Reads what {@link #encode} wrote; the buffer must be little endian. */
  public static Tile decode(Kind kind, ByteBuffer in) {
    long[] words = new long[WORDS];
    in.asLongBuffer().get(words);
    in.position(in.position() + BYTES);
    return decode(kind, words, 0);
  }

  /**
   * Reads what {@link #encode} wrote from the 64-bit words that it consists of.
   *
   * @param at the number of its first word
   */
  public static Tile decode(Kind kind, long[] words, int at) {
    Tile tile = new Tile(kind);
    tile.count = words[at];
    tile.stepLow = words[at + 1];
    tile.stepHigh = words[at + 2];
    tile.globalLow = words[at + 3];
    tile.globalHigh = words[at + 4];
    tile.microsLow = words[at + 5];
    tile.microsHigh = words[at + 6];
    tile.positiveInfinities = words[at + 7];
    tile.min = words[at + 8];
    tile.max = words[at + 9];
    tile.first = words[at + 10];
    tile.last = words[at + 11];
    tile.sum = Double.longBitsToDouble(words[at + 12]);
    tile.squares = Double.longBitsToDouble(words[at + 13]);
    tile.nans = words[at + 14];
    tile.negativeInfinities = words[at + 15];
    return tile;
  }

  /** Returns the kind of the series. */
  public Kind kind() {
    return kind;
  }

  /** Returns the number of rows. */
  public long count() {
    return count;
  }

  /** Returns the least step, {@link Long#MAX_VALUE} where there are no rows. */
  public long stepLow() {
    return stepLow;
  }

  /** Returns the greatest step, {@link Long#MIN_VALUE} where there are no rows. */
  public long stepHigh() {
    return stepHigh;
  }

  /** Returns the least global step. */
  public long globalLow() {
    return globalLow;
  }

  /** Returns the greatest global step. */
  public long globalHigh() {
    return globalHigh;
  }

  /** Returns the earliest time. */
  public long microsLow() {
    return microsLow;
  }

  /** Returns the latest time. */
  public long microsHigh() {
    return microsHigh;
  }

  /** Returns the least value that is not NaN, as bits of the kind. */
  public long min() {
    return min;
  }

  /** Returns the greatest value that is not NaN, as bits of the kind. */
  public long max() {
    return max;
  }

  /** Returns the first row's value, as bits of the kind. */
  public long first() {
    return first;
  }

  /** Returns the last row's value, as bits of the kind. */
  public long last() {
    return last;
  }

  /** Returns the sum of the finite values. */
  public double sum() {
    return sum;
  }

  /** Returns the sum of the squares of the finite values. */
  public double squares() {
    return squares;
  }

  /** Returns how many values are NaN. */
  public long nans() {
    return nans;
  }

  /** Returns how many values are +Infinity. */
  public long positiveInfinities() {
    return positiveInfinities;
  }

  /** Returns how many values are -Infinity. */
  public long negativeInfinities() {
    return negativeInfinities;
  }

  /**
   * Returns the mean of the finite values, NaN where there is none. It is their sum by their count,
   * so it is infinite, or NaN, where the sum is greater than any double.
   */
  public double mean() {
    long finite = count - nans - positiveInfinities - negativeInfinities;
    return !kind.isFixed() || finite == 0 ? Double.NaN : sum / finite;
  }

  /**
   * Returns the standard deviation of the finite values, of all there are and not of a sample; NaN
   * where there is none. It is made from the sums, so it loses digits where it is much smaller than
   * the mean, and all where squares are greater than any double: it then says half the range of the
   * values at most, and 0 where all are equal.
   */
  public double deviation() {
    long infinite = positiveInfinities + negativeInfinities;
    long finite = count - nans - infinite;
    if (kind == Kind.STRING || finite == 0) {
      return Double.NaN;
    }
    double mean = sum / finite;
    double deviation =
        squares <= Double.MAX_VALUE
            ? Math.sqrt(Math.max(0, squares / finite - mean * mean))
            : Double.POSITIVE_INFINITY;
    return infinite > 0 ? deviation : Math.min(deviation, number(max) / 2 - number(min) / 2);
  }

  private double number(long bits) {
    return kind == Kind.FLOAT64 ? Double.longBitsToDouble(bits) : (double) bits;
  }
}
