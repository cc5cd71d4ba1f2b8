package dev.tracker.read;

import dev.tracker.format.Tile;
import dev.tracker.series.Rows;

/**
 * Which rows of a series are wanted.
 *
 * @param axis what {@code from} and {@code to} are, {@link Axis#RELATIVE_TIME} apart
 * @param from the least, included
 * @param to the greatest, included
 * @param lastStep the greatest step of a row that counts, whatever the axis: a rewind may not have
 *     been carried out yet
 */
record Wanted(Axis axis, long from, long to, long lastStep) {
  static final Wanted ALL = new Wanted(Axis.STEP, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

  /** Returns what is wanted of the rows up to a step. */
  Wanted upTo(long step) {
    return new Wanted(axis, from, to, Math.min(lastStep, step));
  }

  /** Returns what is wanted, of less. */
  Wanted within(long low, long high) {
    return new Wanted(axis, Math.max(from, low), Math.min(to, high), lastStep);
  }

  /** Whether every row of a series is wanted that has no step beyond the last one. */
  boolean isAll() {
    return from == Long.MIN_VALUE && to == Long.MAX_VALUE;
  }

  /** Whether a stretch may have wanted rows. */
  boolean touches(Tile tile) {
    return axis.low(tile) <= to && axis.high(tile) >= from && tile.stepLow() <= lastStep;
  }

  /** Whether all rows of a stretch are wanted. */
  boolean covers(Tile tile) {
    return axis.low(tile) >= from && axis.high(tile) <= to && tile.stepHigh() <= lastStep;
  }

  /** Whether a row is wanted. */
  boolean has(Rows rows, int i) {
    long at = axis.column(rows)[i];
    return at >= from && at <= to && rows.steps()[i] <= lastStep;
  }

  /** Removes from rows of numbers what is not wanted of those from {@code begin} on. */
  void keepIn(Rows rows, int begin) {
    int kept = begin;
    int end = rows.size();
    for (int i = begin; i < end; ) {
      int next = i;
      while (next < end && has(rows, next)) {
        next++;
      }
      rows.move(i, next, kept);
      kept += next - i;
      i = next;
      while (i < end && !has(rows, i)) {
        i++;
      }
    }
    rows.truncate(kept);
  }
}
