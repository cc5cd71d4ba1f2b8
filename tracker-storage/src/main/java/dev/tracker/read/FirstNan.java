package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.format.Tile;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Tiles;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset.Stretch;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/**
 * The search for the first NaN of a series: tiles tell where it is, so that of a series of any
 * length the rows of one tile are read.
 */
final class FirstNan {
  private final RunMoment moment;
  private final RunMoment.View view;

  FirstNan(RunMoment moment, RunMoment.View view) {
    this.moment = moment;
    this.view = view;
  }

  /** Returns the step of the first row, in the order of logging, that holds NaN. */
  OptionalLong find() throws IOException {
    if (view.kind() != Kind.FLOAT64) {
      return OptionalLong.empty();
    }
    SeriesEntry entry = view.sealed();
    OptionalLong sealed =
        entry == null || entry.stats().nans() == 0 ? OptionalLong.empty() : inSealed(entry);
    return sealed.isPresent() ? sealed : inTail();
  }

  private OptionalLong inSealed(SeriesEntry entry) throws IOException {
    long full = entry.rows() / Tile.ROWS;
    long pages = full / Tiles.FANOUT;
    for (long first = 0; first < pages; first += Tiles.FANOUT) {
      Tiles coarse = tiles(entry, 1, first, (int) Math.min(Tiles.FANOUT, pages - first));
      for (int i = 0; i < coarse.size(); i++) {
        OptionalLong found =
            mayHold(coarse.get(i))
                ? inPage(entry, (first + i) * Tiles.FANOUT, Tiles.FANOUT)
                : OptionalLong.empty();
        if (found.isPresent()) {
          return found;
        }
      }
    }
    long rest = pages * Tiles.FANOUT;
    OptionalLong found = inPage(entry, rest, (int) (full - rest));
    Tile tail = entry.tail();
    return found.isPresent() || tail == null || !mayHold(tail)
        ? found
        : inRows(entry, full * Tile.ROWS, entry.rows());
  }

  private OptionalLong inPage(SeriesEntry entry, long first, int count) throws IOException {
    Tiles page = tiles(entry, 0, first, count);
    for (int i = 0; i < page.size(); i++) {
      if (mayHold(page.get(i))) {
        long from = (first + i) * Tile.ROWS;
        OptionalLong found = inRows(entry, from, from + Tile.ROWS);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return OptionalLong.empty();
  }

  private boolean mayHold(Tile tile) {
    return tile.nans() > 0 && tile.stepLow() <= view.lastSealed();
  }

  private Tiles tiles(SeriesEntry entry, int level, long first, int count) throws IOException {
    return MetadataReader.tiles(moment.layout().metadata(), entry, level, first, count)
        .orElseThrow(() -> GoneException.of(moment.layout(), entry));
  }

  private OptionalLong inRows(SeriesEntry entry, long from, long to) throws IOException {
    Rows rows = new Rows(Kind.FLOAT64, (int) (to - from));
    new SealedRows(moment.layout(), entry).read(List.of(new Stretch(from, to)), rows);
    for (int i = 0; i < rows.size(); i++) {
      if (Double.isNaN(Double.longBitsToDouble(rows.bits()[i]))
          && rows.steps()[i] <= view.lastSealed()) {
        return OptionalLong.of(rows.steps()[i]);
      }
    }
    return OptionalLong.empty();
  }

  private OptionalLong inTail() throws IOException {
    RowStats tail = view.tailRows() > 0 ? moment.tailStats(view) : null;
    if (tail == null || tail.nans == 0) {
      return OptionalLong.empty();
    }
    Search search = new Search(view.id());
    moment.decodeTail(search);
    return search.found;
  }

  /** Remembers the step of the first NaN that comes by. */
  private static final class Search implements RecordVisitor {
    private final int id;
    private long step;
    OptionalLong found = OptionalLong.empty();

    Search(int id) {
      this.id = id;
    }

    @Override
    public void row(long rowStep, long globalStep, long micros, int values) {
      step = rowStep;
    }

    @Override
    public void value(int series, long bits) {
      if (series == id && found.isEmpty() && Double.isNaN(Double.longBitsToDouble(bits))) {
        found = OptionalLong.of(step);
      }
    }
  }
}
