package dev.tracker.seal;

import dev.tracker.journal.RecordVisitor;
import dev.tracker.series.Rows;
import org.jspecify.annotations.Nullable;

/** Gathers the values of some series from the journal into columns, and passes over all others. */
final class Collector implements RecordVisitor {
  /** By series id; null for a series that is passed over. */
  private final @Nullable Rows[] wanted;

  private long step;
  private long globalStep;
  private long micros;

  Collector(@Nullable Rows[] wanted) {
    this.wanted = wanted;
  }

  @Override
  public void row(long rowStep, long rowGlobalStep, long rowMicros, int values) {
    step = rowStep;
    globalStep = rowGlobalStep;
    micros = rowMicros;
  }

  @Override
  public void singles(
      long firstStep, long rowsGlobalStep, int count, long[] times, int[] ids, long[] bits) {
    for (int i = 0; i < count; i++) {
      Rows rows = ids[i] < wanted.length ? wanted[ids[i]] : null;
      if (rows != null) {
        rows.add(firstStep + i, rowsGlobalStep, times[i], bits[i]);
      }
    }
  }

  @Override
  public void value(int id, long bits) {
    Rows rows = id < wanted.length ? wanted[id] : null;
    if (rows != null) {
      rows.add(step, globalStep, micros, bits);
    }
  }

  @Override
  public void entry(
      int id,
      long entryStep,
      long entryGlobalStep,
      long entryMicros,
      byte[] bytes,
      int offset,
      int length) {
    Rows rows = id < wanted.length ? wanted[id] : null;
    if (rows != null) {
      rows.addText(entryStep, entryGlobalStep, entryMicros, bytes, offset, length);
    }
  }

  @Override
  public void text(int id, byte[] bytes, int offset, int length) {
    Rows rows = id < wanted.length ? wanted[id] : null;
    if (rows != null) {
      rows.addText(step, globalStep, micros, bytes, offset, length);
    }
  }
}
