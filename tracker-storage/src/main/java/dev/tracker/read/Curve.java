package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.format.Tile;
import java.util.List;

/**
 * A series in few buckets, for drawing: each says what its rows amount to, so that a single spike
 * among millions of rows is in {@link #max}, and a single NaN in {@link #nans}.
 *
 * <p>Buckets are spread evenly over the part of the axis on which there are rows; those without
 * rows are left out. They do not overlap on the axis, whatever the order in which rows were logged;
 * where a bucket spans more than four tiles of {@value Tile#ROWS} rows its edges are where tiles
 * end. Every bucket says where its rows really are, and is exact for them.
 *
 * <p>Figures leave NaN out. Infinities count in the extremes, not in mean and deviation. Booleans
 * are 0 and 1, so that the mean is the share of those that are true. Integers beyond 2^53 are
 * rounded in the doubles and exact in the methods that return {@code long}. Safe for use by several
 * threads.
 */
public final class Curve {
  private final Kind kind;
  private final Axis axis;
  private final long origin;
  private final Tile[] buckets;

  /**
   * Makes a curve.
   *
   * @param origin what is 0 on the axis, for {@link Axis#RELATIVE_TIME}
   */
  Curve(Kind kind, Axis axis, long origin, List<Tile> buckets) {
    this.kind = kind;
    this.axis = axis;
    this.origin = origin;
    this.buckets = buckets.toArray(Tile[]::new);
  }

  /** Returns the number of buckets that have rows. */
  public int size() {
    return buckets.length;
  }

  /** Returns what the curve runs along. */
  public Axis axis() {
    return axis;
  }

  /** Returns where on the axis the least row of bucket {@code i} is. */
  public long from(int i) {
    return axis.low(buckets[i]) - origin;
  }

  /** Returns where on the axis the greatest row of bucket {@code i} is. */
  public long to(int i) {
    return axis.high(buckets[i]) - origin;
  }

  /** Returns the least step of bucket {@code i}. */
  public long fromStep(int i) {
    return buckets[i].stepLow();
  }

  /** Returns the greatest step of bucket {@code i}. */
  public long toStep(int i) {
    return buckets[i].stepHigh();
  }

  /** Returns the least global step of bucket {@code i}. */
  public long fromGlobalStep(int i) {
    return buckets[i].globalLow();
  }

  /** Returns the greatest global step of bucket {@code i}. */
  public long toGlobalStep(int i) {
    return buckets[i].globalHigh();
  }

  /** Returns the earliest time of bucket {@code i}, in microseconds since the epoch. */
  public long fromTime(int i) {
    return buckets[i].microsLow();
  }

  /** Returns the latest time of bucket {@code i}, in microseconds since the epoch. */
  public long toTime(int i) {
    return buckets[i].microsHigh();
  }

  /** Returns the least value of bucket {@code i}; NaN where there is no other. */
  public double min(int i) {
    return number(buckets[i].min());
  }

  /** Returns the greatest value of bucket {@code i}; NaN where there is no other. */
  public double max(int i) {
    return number(buckets[i].max());
  }

  /** Returns the value that was logged first in bucket {@code i}. */
  public double first(int i) {
    return number(buckets[i].first());
  }

  /** Returns the value that was logged last in bucket {@code i}. */
  public double last(int i) {
    return number(buckets[i].last());
  }

  /**
   * Returns the mean of the finite values of bucket {@code i}; NaN where there is none. It is
   * infinite, or NaN, where their sum is greater than any double.
   */
  public double mean(int i) {
    return buckets[i].mean();
  }

  /**
   * Returns the standard deviation of the finite values of bucket {@code i}, taken for all there
   * are; NaN where there is none.
   */
  public double deviation(int i) {
    return buckets[i].deviation();
  }

  /** Returns the number of rows in bucket {@code i}, at least 1. */
  public long count(int i) {
    return buckets[i].count();
  }

  /** Returns how many values of bucket {@code i} are NaN. */
  public long nans(int i) {
    return buckets[i].nans();
  }

  /** Returns how many values of bucket {@code i} are +Infinity. */
  public long positiveInfinities(int i) {
    return buckets[i].positiveInfinities();
  }

  /** Returns how many values of bucket {@code i} are -Infinity. */
  public long negativeInfinities(int i) {
    return buckets[i].negativeInfinities();
  }

  /**
   * Returns the least value of bucket {@code i} of a series of integers or booleans exactly; of one
   * of doubles, rounded towards zero. The same holds for the other three.
   */
  public long minLong(int i) {
    return integer(buckets[i].min());
  }

  /** Returns the greatest value of bucket {@code i}, as {@link #minLong} does the least. */
  public long maxLong(int i) {
    return integer(buckets[i].max());
  }

  /** Returns the value logged first in bucket {@code i}, as {@link #minLong} does the least. */
  public long firstLong(int i) {
    return integer(buckets[i].first());
  }

  /** Returns the value logged last in bucket {@code i}, as {@link #minLong} does the least. */
  public long lastLong(int i) {
    return integer(buckets[i].last());
  }

  private double number(long bits) {
    return kind == Kind.FLOAT64 ? Double.longBitsToDouble(bits) : (double) bits;
  }

  private long integer(long bits) {
    return kind == Kind.FLOAT64 ? (long) Double.longBitsToDouble(bits) : bits;
  }
}
