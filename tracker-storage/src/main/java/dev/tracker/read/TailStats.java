package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.journal.RecordVisitor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of every series amount to that a stretch of the journal holds.
 *
 * <p>For one thread at a time.
 */
final class TailStats implements RecordVisitor {
  private final long from;
  private long to;
  private long step;
  private final List<@Nullable RowStats> stats = new ArrayList<>();
  private final KindOf kinds;

  /** Says what a series holds. */
  @FunctionalInterface
  interface KindOf {
    Kind of(int series);
  }

  /** Begins at a position; -1 for the stretch that nobody asks for. */
  TailStats(long from, KindOf kinds) {
    this.from = from;
    this.to = from;
    this.kinds = kinds;
  }

  long from() {
    return from;
  }

  /** Returns up to where it has counted. */
  long to() {
    return to;
  }

  void counted(long position) {
    to = position;
  }

  /** Returns what there is of a series; null where there is nothing. */
  @Nullable RowStats of(int series) {
    return series < stats.size() ? stats.get(series) : null;
  }

  @Override
  public void row(long rowStep, long rowGlobalStep, long micros, int values) {
    step = rowStep;
  }

  @Override
  public void value(int series, long bits) {
    at(series).add(step, bits);
  }

  @Override
  public void text(int series, byte[] bytes, int offset, int length) {
    at(series).addText(step, bytes, offset, length);
  }

  @Override
  public void entry(
      int series,
      long entryStep,
      long globalStep,
      long micros,
      byte[] value,
      int offset,
      int length) {
    at(series).addEntry(entryStep);
  }

  private RowStats at(int series) {
    while (stats.size() <= series) {
      stats.add(null);
    }
    RowStats found = stats.get(series);
    if (found == null) {
      found = new RowStats(kinds.of(series));
      stats.set(series, found);
    }
    return found;
  }
}
