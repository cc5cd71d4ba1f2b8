package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.series.Rows;
import java.util.Arrays;

/**
 * Rows of a series of numbers or booleans, in the order in which they were logged.
 *
 * <p>The arrays are the object's own and of one length; whoever changes them changes what it
 * returns.
 */
public final class Scalars {
  private final Kind kind;
  private final long[] steps;
  private final long[] globalSteps;
  private final long[] timestamps;
  private final double[] values;

  /** The values exactly; empty for a series of doubles. */
  private final long[] longs;

  /** Takes over rows; at the least cost such {@linkplain Rows#withDoubles with doubles}. */
  Scalars(Rows rows) {
    kind = rows.kind();
    int size = rows.size();
    steps = trim(rows.steps(), size);
    globalSteps = trim(rows.globalSteps(), size);
    timestamps = trim(rows.micros(), size);
    if (kind == Kind.FLOAT64) {
      longs = new long[0];
      values = doubles(rows);
    } else {
      longs = trim(rows.bits(), size);
      values = new double[size];
      Arrays.setAll(values, i -> (double) longs[i]);
    }
  }

  private static double[] doubles(Rows rows) {
    int size = rows.size();
    if (rows.hasDoubles()) {
      return rows.doubles().length == size ? rows.doubles() : Arrays.copyOf(rows.doubles(), size);
    }
    double[] values = new double[size];
    Arrays.setAll(values, i -> Double.longBitsToDouble(rows.bits()[i]));
    return values;
  }

  static long[] trim(long[] column, int size) {
    return column.length == size ? column : Arrays.copyOf(column, size);
  }

  /** Returns the number of rows. */
  public int size() {
    return steps.length;
  }

  /** Returns the steps: out of order, or repeated, where they were logged so. */
  public long[] steps() {
    return steps;
  }

  /** Returns the global steps. */
  public long[] globalSteps() {
    return globalSteps;
  }

  /** Returns the times, in microseconds since the epoch. */
  public long[] timestamps() {
    return timestamps;
  }

  /** Returns the values: bit for bit for a series of doubles, 0 and 1 for one of booleans. */
  public double[] values() {
    return values;
  }

  /**
   * Returns the values of a series of integers or booleans exactly; for one of doubles, rounded
   * towards zero.
   */
  public long[] longs() {
    if (kind != Kind.FLOAT64) {
      return longs;
    }
    return Arrays.stream(values).mapToLong(value -> (long) value).toArray();
  }
}
