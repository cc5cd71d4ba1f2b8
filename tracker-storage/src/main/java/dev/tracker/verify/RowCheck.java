package dev.tracker.verify;

import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.format.Tile;
import dev.tracker.metadata.MetadataCheck;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.SeriesStats;
import dev.tracker.metadata.Tiles;
import dev.tracker.seal.SeriesState;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset;
import dev.tracker.value.Column;
import dev.tracker.value.Histogram;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a series and holds tiles and statistics against them. Sums may differ by what
 * another order of adding makes; everything else must be the same.
 */
final class RowCheck {
  /**
   * Relative to the sum of absolute values; rounding is far below, one flipped bit mostly above.
   */
  private static final double ROUNDING = 1e-9;

  private final RunLayout layout;
  private final SeriesEntry entry;
  private final RunDocument document;
  private final @Nullable MetadataCheck metadata;
  private final StepCover steps;
  private final SeriesState state;
  private double absolute;
  private @Nullable String wrongTile;
  private @Nullable String wrongRow;
  private @Nullable Tile coarse;

  RowCheck(
      RunLayout layout,
      SeriesEntry entry,
      RunDocument document,
      @Nullable MetadataCheck metadata,
      StepCover steps) {
    this.layout = layout;
    this.entry = entry;
    this.document = document;
    this.metadata = metadata;
    this.steps = steps;
    state = new SeriesState(entry.id(), entry.name(), entry.kind(), entry.folder());
  }

  long rows() {
    return state.rows();
  }

  /**
   * Reads the files, which are whole.
   *
   * @param all whether they are all of the series: only then can statistics be right
   * @return whether nothing is wrong
   */
  boolean make(
      List<SeriesDataset.DataFile> files, boolean all, BiConsumer<SeriesEntry, String> faults) {
    Path folder = layout.series(entry.kind(), entry.folder());
    for (SeriesDataset.DataFile file : files) {
      try {
        SeriesDataset.scan(folder, entry.kind(), file, rows -> take(rows, all));
      } catch (IOException e) {
        faults.accept(entry, "rows cannot be read: cause=" + e.getMessage());
        return false;
      }
    }
    boolean right = true;
    if (wrongRow != null) {
      faults.accept(entry, wrongRow);
      right = false;
    }
    if (!all) {
      return right;
    }
    if (wrongTile != null) {
      faults.accept(entry, wrongTile);
      right = false;
    }
    Optional<String> wrong = difference();
    wrong.ifPresent(what -> faults.accept(entry, "metadata and rows differ: " + what));
    return right && wrong.isEmpty();
  }

  private void take(Rows rows, boolean all) throws IOException {
    if (rows.size() == 0) {
      return;
    }
    steps.check(entry.name(), rows);
    if (entry.kind() == Kind.TABLE && wrongRow == null) {
      wrongRow = wrongColumns(document, entry.name(), rows.columns());
    }
    decode(rows);
    long first = state.rows() / Tile.ROWS;
    state.add(rows, entry.checkpoint());
    if (entry.kind() == Kind.FLOAT64) {
      for (int i = 0; i < rows.size(); i++) {
        double value = Math.abs(Double.longBitsToDouble(rows.bits()[i]));
        absolute += Double.isFinite(value) ? value : 0;
      }
    } else if (entry.kind().isFixed()) {
      for (int i = 0; i < rows.size(); i++) {
        absolute += Math.abs((double) rows.bits()[i]);
      }
    }
    List<Tile> full = state.full();
    if (all && !full.isEmpty() && wrongTile == null) {
      compareTiles(first, full);
    }
    state.committed();
  }

  /** Says where the document's columns of a table are not those of its dataset; null: nowhere. */
  static @Nullable String wrongColumns(RunDocument document, String table, List<Column> dataset) {
    try {
      TableSchema told =
          TableSchema.ofJson(table, document.fields().get(RunDocument.TABLE + table));
      List<Column> stored = told.stored().stream().map(RowCheck::inDataset).toList();
      return stored.equals(dataset)
          ? null
          : "columns are not those of its dataset: document=" + stored + " dataset=" + dataset;
    } catch (IOException | IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  /** A dataset holds the hashes of media as texts. */
  private static Column inDataset(Column column) {
    return column.type() == Column.Type.MEDIA
        ? new Column(column.name(), Column.Type.TEXT)
        : column;
  }

  private void decode(Rows rows) {
    if (entry.kind() != Kind.HISTOGRAM_I32 && entry.kind() != Kind.HISTOGRAM_U8) {
      return;
    }
    for (int i = 0; i < rows.size() && wrongRow == null; i++) {
      try {
        Histogram.decode(ByteBuffer.wrap(rows.bytes(i)).order(ByteOrder.LITTLE_ENDIAN));
      } catch (IllegalArgumentException e) {
        wrongRow = "row is no histogram: step=" + rows.steps()[i] + " cause=" + e.getMessage();
      }
    }
  }

  private void compareTiles(long first, List<Tile> full) throws IOException {
    MetadataCheck check = metadata;
    if (check == null) {
      return;
    }
    Optional<Tiles> recorded;
    try {
      recorded = check.tiles(entry, 0, first, full.size());
    } catch (IOException e) {
      wrongTile = "tiles cannot be read: cause=" + e.getMessage();
      return;
    }
    for (int i = 0; i < full.size() && wrongTile == null; i++) {
      Tile made = full.get(i);
      Tile there = recorded.isPresent() && i < recorded.get().size() ? recorded.get().get(i) : null;
      if (there == null || !same(made, there)) {
        wrongTile = "tile is not what its rows make: level=0 number=" + (first + i);
      }
      compareCoarse(check, first + i, made);
    }
  }

  private void compareCoarse(MetadataCheck check, long number, Tile made) throws IOException {
    Tile all = coarse;
    if (all == null) {
      all = new Tile(entry.kind());
      coarse = all;
    }
    all.merge(made);
    if (number % Tiles.FANOUT == Tiles.FANOUT - 1) {
      coarse = null;
      Optional<Tiles> recorded = check.tiles(entry, 1, number / Tiles.FANOUT, 1);
      if (recorded.isEmpty() || recorded.get().size() == 0 || !same(all, recorded.get().get(0))) {
        wrongTile = "tile is not what its rows make: level=1 number=" + number / Tiles.FANOUT;
      }
    }
  }

  private static boolean same(Tile a, Tile b) {
    double squares = a.squares();
    double bound = ROUNDING * Math.sqrt(Math.max(0, a.count() * squares));
    return a.count() == b.count()
        && a.stepLow() == b.stepLow()
        && a.stepHigh() == b.stepHigh()
        && a.globalLow() == b.globalLow()
        && a.globalHigh() == b.globalHigh()
        && a.microsLow() == b.microsLow()
        && a.microsHigh() == b.microsHigh()
        && a.min() == b.min()
        && a.max() == b.max()
        && a.first() == b.first()
        && a.last() == b.last()
        && a.nans() == b.nans()
        && a.positiveInfinities() == b.positiveInfinities()
        && a.negativeInfinities() == b.negativeInfinities()
        && near(a.sum(), b.sum(), bound)
        && near(squares, b.squares(), ROUNDING * squares);
  }

  /** Whether two sums are the same but for rounding; one that overflowed says nothing. */
  private static boolean near(double made, double there, double bound) {
    return !Double.isFinite(made) || Double.isInfinite(bound) || Math.abs(made - there) <= bound;
  }

  private Optional<String> difference() {
    SeriesEntry made = state.entry();
    if (made.rows() != entry.rows()) {
      return Optional.of("rows=" + made.rows() + " expected=" + entry.rows());
    }
    if (made.rows() == 0) {
      return Optional.empty();
    }
    if (made.firstStep() != entry.firstStep() || made.lastStep() != entry.lastStep()) {
      return Optional.of(
          "steps=%d..%d expected=%d..%d"
              .formatted(made.firstStep(), made.lastStep(), entry.firstStep(), entry.lastStep()));
    }
    Tile tail = entry.tail();
    Tile madeTail = made.tail();
    if ((tail == null) != (madeTail == null)
        || (tail != null && madeTail != null && !same(madeTail, tail))) {
      return Optional.of("the tile of the last rows");
    }
    return statistics(made.stats(), entry.stats());
  }

  private Optional<String> statistics(SeriesStats made, SeriesStats there) {
    boolean values = entry.kind().isFixed() && made.nans() < entry.rows();
    if (!Objects.equals(made.lastText(), there.lastText())
        || made.stepOfLast() != there.stepOfLast()
        || !equal(made.last(), there.last())) {
      return Optional.of("the last value");
    }
    if (values
        && (!equal(made.min(), there.min())
            || !equal(made.max(), there.max())
            || made.stepOfMin() != there.stepOfMin()
            || made.stepOfMax() != there.stepOfMax())) {
      return Optional.of("the least or the greatest value");
    }
    if (made.nans() != there.nans() || made.infinities() != there.infinities()) {
      return Optional.of("counts of NaN or infinities");
    }
    return near(made.sum(), there.sum(), ROUNDING * absolute)
        ? Optional.empty()
        : Optional.of("sum=" + there.sum() + " expected=" + made.sum());
  }

  /** SQLite keeps one NaN of all, and min and max do not tell the zeros apart. */
  private boolean equal(long a, long b) {
    if (entry.kind() != Kind.FLOAT64) {
      return a == b;
    }
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    return x == y || (Double.isNaN(x) && Double.isNaN(y));
  }
}
