package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset.Stretch;
import dev.tracker.value.Column;
import dev.tracker.value.TableForm;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table at a moment, a page at a time: first the sealed ones, then the journal's. Of
 * the sealed ones only the columns that are wanted are read.
 *
 * <p>For one thread at a time.
 */
final class TablePages {
  private static final int FIRST_ROWS = 256;
  private static final int MAX_ROWS = 8_192;

  /** A page has about so many bytes, by those before it; one of a single row may have more. */
  private static final long PAGE_BYTES = 4 << 20;

  /**
   * The columns that are read.
   *
   * @param table what the table is called
   * @param schema all columns
   * @param places which of them, in this order
   */
  record Shape(String table, TableSchema schema, List<Integer> places) {
    List<Column> columns() {
      return places.stream().map(schema.columns()::get).toList();
    }

    /** Returns where a column is among those that are read. */
    int place(String column) {
      int place = places.indexOf(index(schema, table, column));
      if (place < 0) {
        throw new IllegalArgumentException(
            "column '"
                + column
                + "' of table '"
                + table
                + "' was not selected: selected="
                + columns().stream().map(Column::name).toList());
      }
      return place;
    }

    /** Returns the number of a column. */
    static int index(TableSchema schema, String table, String column) {
      int index = schema.indexOf(column);
      if (index < 0) {
        throw new IllegalArgumentException(
            "no column '"
                + column
                + "' in table '"
                + table
                + "'; there are "
                + schema.columns().stream().map(Column::name).toList());
      }
      return index;
    }

    private List<Column> stored() {
      List<Column> stored = schema.stored();
      return places.stream().map(stored::get).toList();
    }

    private TableForm form() {
      return new TableForm(columns().stream().map(Column::type).toList());
    }
  }

  private final RunReader reader;
  private final RunMoment moment;
  private final RunMoment.View view;
  private final Wanted wanted;
  private final Shape shape;
  private final @Nullable SealedRows sealed;

  /** What has not been read of the sealed rows. */
  private final Deque<Stretch> left = new ArrayDeque<>();

  private final long end;
  private final long start;
  private long position;
  private final Rows sealedPage = new Rows(Kind.TABLE, 0);
  private final Rows tailPage = new Rows(Kind.TABLE, 0);
  private long pageRows = FIRST_ROWS;

  /** How many rows are yet to be passed over. */
  private long skip;

  /**
   * Begins.
   *
   * @param offset how many of the rows wanted to pass over
   */
  TablePages(
      RunReader reader,
      RunLayout layout,
      RunMoment moment,
      RunMoment.View view,
      Wanted wanted,
      Shape shape,
      long offset)
      throws IOException {
    this.reader = reader;
    this.moment = moment;
    this.view = view;
    this.wanted = wanted;
    this.shape = shape;
    this.skip = offset;
    end = moment.end().position();
    start = moment.tailStart();
    position = start;
    sealedPage.columns(shape.stored());
    tailPage.columns(shape.schema.stored());
    SeriesEntry entry = view.sealed();
    sealed = entry == null || entry.rows() == 0 ? null : new SealedRows(layout, entry);
    if (sealed != null && entry != null) {
      begin(sealed, entry.rows());
    }
  }

  private void begin(SealedRows rows, long count) throws IOException {
    if (!wanted.isAll() || view.isCut()) {
      left.addAll(SealedRows.stretches(rows.touched(wanted.upTo(view.lastSealed()))));
      return;
    }
    long passed = Math.min(skip, count);
    skip -= passed;
    if (passed < count) {
      left.add(new Stretch(passed, count));
    }
  }

  /**
   * Returns the next rows, of which there is one at least; null at the end.
   *
   * @param now the reader's moment
   * @throws IllegalStateException if it is not the one that the pages began with
   */
  @Nullable List<TableRow> next(RunMoment now) throws IOException {
    if (now != moment || now.end().position() != end || now.tailStart() != start) {
      throw new IllegalStateException(
          "the reader was refreshed while a table was being read: table='"
              + view.name()
              + "' (begin again)");
    }
    while (sealed != null && !left.isEmpty()) {
      sealedPage.clear();
      sealed.read(take(), sealedPage);
      List<TableRow> rows = rows(sealedPage, wanted.upTo(view.lastSealed()), false);
      if (!rows.isEmpty()) {
        return rows;
      }
    }
    while (position < end) {
      tailPage.clear();
      position = moment.readTail(view, position, end, (int) pageRows, tailPage);
      List<TableRow> rows = rows(tailPage, wanted, true);
      if (!rows.isEmpty()) {
        return rows;
      }
    }
    return null;
  }

  /** Takes as much of the stretches as fits into a page. */
  private List<Stretch> take() {
    List<Stretch> taken = new ArrayList<>();
    long room = pageRows;
    while (room > 0 && !left.isEmpty()) {
      Stretch stretch = left.remove();
      long rows = Math.min(room, stretch.rows());
      taken.add(new Stretch(stretch.from(), stretch.from() + rows));
      room -= rows;
      if (rows < stretch.rows()) {
        left.addFirst(new Stretch(stretch.from() + rows, stretch.to()));
      }
    }
    return taken;
  }

  private List<TableRow> rows(Rows page, Wanted these, boolean hasAllColumns) {
    long fromStep = Long.MAX_VALUE;
    long toStep = Long.MIN_VALUE;
    for (int i = 0; i < page.size(); i++) {
      fromStep = Math.min(fromStep, page.steps()[i]);
      toStep = Math.max(toStep, page.steps()[i]);
    }
    TableMedia media = new TableMedia(reader, shape.table, fromStep, toStep);
    TableForm form = hasAllColumns ? shape.schema.form() : shape.form();
    List<TableRow> rows = new ArrayList<>();
    for (int i = 0; i < page.size(); i++) {
      if (these.has(page, i) && skip-- <= 0) {
        skip = 0;
        byte[] bytes = page.bytes(i);
        @Nullable Object[] cells = form.decode(bytes, 0, bytes.length);
        rows.add(
            new TableRow(
                shape,
                media,
                page.steps()[i],
                page.globalSteps()[i],
                page.micros()[i],
                hasAllColumns ? picked(cells) : cells));
      }
    }
    if (page.size() > 0) {
      long bytesPerRow = Math.max(1, page.bytes() / page.size());
      pageRows = Math.max(1, Math.min(MAX_ROWS, PAGE_BYTES / bytesPerRow));
    }
    return rows;
  }

  private @Nullable Object[] picked(@Nullable Object[] cells) {
    @Nullable Object[] picked = new Object[shape.places.size()];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = cells[shape.places.get(i)];
    }
    return picked;
  }
}
