package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.format.Tile;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Snapshot;
import dev.tracker.metadata.Tiles;
import dev.tracker.series.NativeLibrary;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset;
import java.io.IOException;
import java.util.Optional;

/**
 * The rows of a series that are in its dataset, as of a snapshot.
 *
 * <p>A writer that compacts removes the version that the snapshot names. The next one has the same
 * rows in the same order and perhaps more after them, so as long as the generation is the same its
 * first rows are the ones wanted.
 */
final class SealedRows {
  /**
   * How often the writer may compact a series between a look at metadata and the opening of the
   * dataset.
   */
  private static final int ATTEMPTS = 5;

  private final RunLayout layout;
  private final SeriesEntry entry;

  SealedRows(RunLayout layout, SeriesEntry entry) {
    this.layout = layout;
    this.entry = entry;
  }

  /** Adds the rows whose step is within {@code from} to {@code to}, both included. */
  void read(long from, long to, Rows into) throws IOException {
    if (entry.rows() == 0 || entry.lastStep() < from || entry.firstStep() > to) {
      return;
    }
    if (from <= entry.firstStep() && entry.lastStep() <= to) {
      readRows(0, entry.rows(), into);
      return;
    }
    long first = Long.MAX_VALUE;
    long end = 0;
    long tiles = entry.rows() / Tile.ROWS;
    for (long page = 0; page < tiles; page += Tiles.FANOUT) {
      Optional<Tiles> found =
          MetadataReader.tiles(
              layout.metadata(), entry, 0, page, (int) Math.min(Tiles.FANOUT, tiles - page));
      if (found.isEmpty()) {
        throw gone();
      }
      for (int i = 0; i < found.get().size(); i++) {
        Tile tile = found.get().get(i);
        if (tile.stepHigh() >= from && tile.stepLow() <= to) {
          first = Math.min(first, (page + i) * Tile.ROWS);
          end = (page + i + 1) * Tile.ROWS;
        }
      }
    }
    Tile tail = entry.tail();
    if (tail != null && tail.stepHigh() >= from && tail.stepLow() <= to) {
      first = Math.min(first, tiles * Tile.ROWS);
      end = entry.rows();
    }
    if (first < end) {
      Rows rows = new Rows(entry.kind(), (int) (end - first));
      readRows(first, end, rows);
      pick(rows, from, to, into);
    }
  }

  private static void pick(Rows rows, long from, long to, Rows into) {
    for (int i = 0; i < rows.size(); i++) {
      long step = rows.steps()[i];
      if (step >= from && step <= to) {
        into.add(rows, i);
      }
    }
  }

  /** Adds rows {@code from} to {@code to - 1} of the series. */
  void readRows(long from, long to, Rows into) throws IOException {
    Optional<String> missing = NativeLibrary.whyUnavailable();
    if (missing.isPresent()) {
      throw new IOException(
          "sealed rows cannot be read here: run="
              + layout.root()
              + " metric='"
              + entry.name()
              + "' rows="
              + entry.rows()
              + " ("
              + missing.get()
              + ")");
    }
    SeriesEntry current = entry;
    for (int attempt = 1; ; attempt++) {
      int before = into.size();
      try {
        SeriesDataset.read(
            layout.series(current.folder()),
            current.kind(),
            current.version(),
            from,
            to - from,
            into);
        if (into.size() - before != to - from) {
          throw new IOException(
              "a series has fewer rows than metadata says: run="
                  + layout.root()
                  + " metric='"
                  + entry.name()
                  + "' version="
                  + current.version()
                  + " rows="
                  + entry.rows()
                  + " wanted="
                  + from
                  + ".."
                  + to
                  + " found="
                  + (into.size() - before));
        }
        return;
      } catch (IOException e) {
        SeriesEntry next = latest();
        if (attempt == ATTEMPTS || next.version() == current.version()) {
          throw e;
        }
        into.truncate(before);
        current = next;
      }
    }
  }

  private SeriesEntry latest() throws IOException {
    Optional<Snapshot> snapshot = MetadataReader.read(layout.metadata());
    return snapshot.stream()
        .flatMap(s -> s.series().stream())
        .filter(s ->
            s.id() == entry.id()
                && s.generation() == entry.generation()
                && s.rows() >= entry.rows())
        .findFirst()
        .orElseThrow(this::gone);
  }

  private GoneException gone() {
    return GoneException.of(layout, entry);
  }
}
