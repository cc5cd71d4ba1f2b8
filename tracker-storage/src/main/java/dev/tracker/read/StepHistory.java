package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.format.Tile;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.StepRange;
import dev.tracker.metadata.Tiles;
import dev.tracker.series.Rows;
import java.io.IOException;
import java.util.List;

/** Which global step a run was at: what a writer has to know to go back. */
public final class StepHistory {
  private StepHistory() {}

  /**
   * Returns the global step of the last row, in the order in which rows were logged, whose step is
   * not greater than a given one; 0 where there is none.
   *
   * <p>Looks at the rows in the journal first and then at the ranges of global steps; only where
   * steps and global steps were logged so far out of order that these cannot tell, at one tile of
   * each series.
   *
   * @throws IOException if the run cannot be read
   */
  public static long globalStepAt(RunLayout layout, long step) throws IOException {
    try (RunMoment moment = RunMoment.take(layout)) {
      LastRow last = new LastRow(step);
      moment.decodeTail(last);
      if (last.found) {
        return last.globalStep;
      }
      return sealed(layout, moment, Math.min(step, moment.lastSealed()));
    }
  }

  private static long sealed(RunLayout layout, RunMoment moment, long step) throws IOException {
    MetadataReader.StepsAround around = MetadataReader.stepsAround(layout.metadata(), step);
    List<StepRange> across = around.across();
    if (across.isEmpty()) {
      return around.latest().map(StepRange::globalStep).orElse(0L);
    }
    // The range across has a row at or before the step, and all its rows come after those of the
    // range before it.
    StepRange only = across.get(0);
    if (across.size() == 1
        && around.latest().map(before -> before.lastMicros() < only.firstMicros()).orElse(true)) {
      return only.globalStep();
    }
    return lastOfAllSeries(layout, moment, step);
  }

  private static long lastOfAllSeries(RunLayout layout, RunMoment moment, long step)
      throws IOException {
    long micros = Long.MIN_VALUE;
    long atStep = Long.MIN_VALUE;
    long globalStep = 0;
    for (RunMoment.View view : moment.views().values()) {
      SeriesEntry entry = view.sealed();
      if (entry == null || entry.rows() == 0 || entry.firstStep() > step) {
        continue;
      }
      Rows rows = lastTile(layout, entry, step);
      for (int i = 0; i < rows.size(); i++) {
        long time = rows.micros()[i];
        long taken = rows.steps()[i];
        if (taken <= step && (time > micros || (time == micros && taken >= atStep))) {
          micros = time;
          atStep = taken;
          globalStep = rows.globalSteps()[i];
        }
      }
    }
    return globalStep;
  }

  /**
   * Reads the last tile that has a row at or before a step: times do not run backwards, so it holds
   * the last one.
   */
  private static Rows lastTile(RunLayout layout, SeriesEntry entry, long step) throws IOException {
    long full = entry.rows() / Tile.ROWS;
    Tile tail = entry.tail();
    long tile = tail != null && tail.stepLow() <= step ? full : lastFull(layout, entry, step, full);
    Rows rows = new Rows(entry.kind(), Tile.ROWS);
    if (tile >= 0) {
      long end = Math.min(entry.rows(), (tile + 1) * Tile.ROWS);
      new SealedRows(layout, entry).readRows(tile * Tile.ROWS, end, rows);
    }
    return rows;
  }

  private static long lastFull(RunLayout layout, SeriesEntry entry, long step, long full)
      throws IOException {
    for (long end = full; end > 0; ) {
      long first = Math.max(0, end - Tiles.FANOUT);
      Tiles tiles =
          MetadataReader.tiles(layout.metadata(), entry, 0, first, (int) (end - first))
              .orElseThrow(() ->
                  new IOException("the run changes while it is looked at: run=" + layout.root()));
      for (int i = tiles.size() - 1; i >= 0; i--) {
        if (tiles.get(i).stepLow() <= step) {
          return first + i;
        }
      }
      end = first;
    }
    return -1;
  }

  /** Remembers the last row at or before a step. */
  private static final class LastRow implements RecordVisitor {
    private final long step;
    boolean found;
    long globalStep;

    LastRow(long step) {
      this.step = step;
    }

    @Override
    public void row(long rowStep, long rowGlobalStep, long micros, int values) {
      if (rowStep <= step) {
        found = true;
        globalStep = rowGlobalStep;
      }
    }
  }
}
