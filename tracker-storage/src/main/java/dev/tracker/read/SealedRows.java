package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Snapshot;
import dev.tracker.series.NativeLibrary;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset;
import dev.tracker.series.SeriesDataset.RowsConsumer;
import dev.tracker.series.SeriesDataset.Stretch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

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

  /** Adds the rows that are wanted. */
  void read(Wanted wanted, Rows into) throws IOException {
    if (entry.rows() == 0 || entry.firstStep() > wanted.lastStep()) {
      return;
    }
    if (wanted.isAll() && entry.lastStep() <= wanted.lastStep()) {
      readRows(0, entry.rows(), into);
      return;
    }
    List<Piece> pieces = touched(wanted);
    if (pieces.isEmpty()) {
      return;
    }
    if (!entry.kind().isFixed()) {
      Rows rows = new Rows(entry.kind(), 0);
      read(stretches(pieces), rows);
      pick(rows, wanted, into);
      return;
    }
    int before = into.size();
    read(stretches(pieces), into);
    if (!pieces.stream().allMatch(piece -> wanted.covers(piece.tile()))) {
      wanted.keepIn(into, before);
    }
  }

  /** Returns the finest pieces that may have wanted rows. */
  List<Piece> touched(Wanted wanted) throws IOException {
    SealedTiles tiles = new SealedTiles(layout, entry);
    return touched(wanted, tiles.fine(touched(wanted, tiles.coarse())));
  }

  static List<Piece> touched(Wanted wanted, List<Piece> pieces) {
    return pieces.stream().filter(piece -> wanted.touches(piece.tile())).toList();
  }

  /** Returns where the rows of pieces are. */
  static List<Stretch> stretches(List<Piece> pieces) {
    List<Stretch> stretches = new ArrayList<>();
    for (int i = 0; i < pieces.size(); ) {
      int after = i + 1;
      while (after < pieces.size() && pieces.get(after).first() == pieces.get(after - 1).end()) {
        after++;
      }
      stretches.add(new Stretch(pieces.get(i).first(), pieces.get(after - 1).end()));
      i = after;
    }
    return stretches;
  }

  /** Adds the rows that are wanted of others. */
  static void pick(Rows rows, Wanted wanted, Rows into) {
    for (int i = 0; i < rows.size(); i++) {
      if (wanted.has(rows, i)) {
        into.add(rows, i);
      }
    }
  }

  /** Adds rows {@code from} to {@code to - 1} of the series. */
  void readRows(long from, long to, Rows into) throws IOException {
    read(List.of(new Stretch(from, to)), into);
  }

  /** Adds stretches of rows of the series, which are in ascending order. */
  void read(List<Stretch> stretches, Rows into) throws IOException {
    int before = into.size();
    attempt(
        stretches,
        () -> into.size() - before,
        (version, left) ->
            SeriesDataset.read(
                layout.series(entry.kind(), entry.folder()), entry.kind(), version, left, into));
  }

  /** Hands out stretches of rows of the series, a batch at a time. */
  void read(List<Stretch> stretches, RowsConsumer into) throws IOException {
    AtomicLong taken = new AtomicLong();
    attempt(
        stretches,
        taken::get,
        (version, left) ->
            SeriesDataset.read(
                layout.series(entry.kind(), entry.folder()),
                entry.kind(),
                version,
                left,
                rows -> {
                  into.accept(rows);
                  taken.addAndGet(rows.size());
                }));
  }

  /** Reads from a version what is left of the stretches. */
  private interface Reading {
    void from(long version, List<Stretch> left) throws IOException;
  }

  private void attempt(List<Stretch> stretches, LongSupplier taken, Reading reading)
      throws IOException {
    requireLance();
    long wanted = stretches.stream().mapToLong(Stretch::rows).sum();
    long version = entry.version();
    for (int attempt = 1; ; attempt++) {
      try {
        reading.from(version, behind(stretches, taken.getAsLong()));
        if (taken.getAsLong() != wanted) {
          throw fewerRows(version, stretches, taken.getAsLong());
        }
        return;
      } catch (IOException e) {
        long next = latest().version();
        if (attempt == ATTEMPTS || next == version) {
          throw e;
        }
        version = next;
      }
    }
  }

  /** Returns what is left of stretches behind their first rows. */
  private static List<Stretch> behind(List<Stretch> stretches, long taken) {
    List<Stretch> left = new ArrayList<>();
    long skip = taken;
    for (Stretch stretch : stretches) {
      long skipped = Math.min(skip, stretch.rows());
      skip -= skipped;
      if (skipped < stretch.rows()) {
        left.add(new Stretch(stretch.from() + skipped, stretch.to()));
      }
    }
    return left;
  }

  private void requireLance() throws IOException {
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
  }

  private IOException fewerRows(long version, List<Stretch> stretches, long found) {
    return new IOException(
        "a series has fewer rows than metadata says: run="
            + layout.root()
            + " metric='"
            + entry.name()
            + "' version="
            + version
            + " rows="
            + entry.rows()
            + " wanted="
            + stretches.get(0).from()
            + ".."
            + stretches.get(stretches.size() - 1).to()
            + " stretches="
            + stretches.size()
            + " found="
            + found);
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
        .orElseThrow(() -> GoneException.of(layout, entry));
  }
}
