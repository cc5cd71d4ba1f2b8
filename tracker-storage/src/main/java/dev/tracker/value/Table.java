package dev.tracker.value;

import java.lang.reflect.Array;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows with named and typed columns, logged like a number: predictions, a confusion table, samples
 * with their images. Tables that are logged under one name are appended to one another.
 *
 * <p>The first table of a name fixes its columns. Later ones may have them in another order, or
 * lack some; a table that does not fit is left out, counted and reported once, as every value is
 * that does not fit its series.
 *
 * <p>Unless {@link #builder} declares it, a column's type is that of its first value: numbers,
 * booleans, texts (characters and enum constants too), times ({@link java.time.Instant}, {@link
 * java.util.Date}, {@link java.time.OffsetDateTime}, {@link java.time.ZonedDateTime}) or {@link
 * dev.tracker.media.Media}. Any cell may be null. A column of nulls only fits every type; in the
 * first table of a name it becomes one of texts.
 *
 * <p>A table is a snapshot: what it was made of may be changed as soon as the factory method has
 * returned, as media define it. It is immutable and safe for any number of threads. Wrong values
 * and too much of them ({@link TableLimits}) are an {@link IllegalArgumentException} that names row
 * and column.
 */
public final class Table {
  private final List<Column> columns;

  /** Rows may be shorter than the columns are many: what is missing is null. */
  private final List<@Nullable Object[]> rows;

  private final long bytes;

  Table(List<Column> columns, List<@Nullable Object[]> rows, long bytes) {
    this.columns = List.copyOf(columns);
    this.rows = rows;
    this.bytes = bytes;
  }

  /**
   * Makes a table of maps or records. Its columns are the keys of the maps and the components of
   * the records, in the order in which they first appear; what a row does not have is null.
   *
   * @throws IllegalArgumentException if a row is something else, or a value cannot stand in a table
   */
  public static Table of(List<?> rows) {
    return RowReading.named(Objects.requireNonNull(rows, "rows"));
  }

  /**
   * Makes a table of arrays or lists, each of which is a row.
   *
   * @param columns what the columns are called
   * @param rows each with as many values as there are columns
   * @throws IllegalArgumentException if a row is something else or has another length, or a value
   *     cannot stand in a table
   */
  public static Table of(List<String> columns, List<?> rows) {
    return RowReading.positional(
        Objects.requireNonNull(columns, "columns"), Objects.requireNonNull(rows, "rows"));
  }

  /**
   * Makes a table of columns.
   *
   * @param columns arrays or collections of the same length, by name, in the map's order
   * @throws IllegalArgumentException if a column is something else or has another length, or a
   *     value cannot stand in a table
   */
  public static Table ofColumns(Map<String, ?> columns) {
    Map<String, @Nullable Object[]> values = new LinkedHashMap<>();
    Objects.requireNonNull(columns, "columns")
        .forEach((name, column) -> values.put(name, RowReading.array(name, column)));
    return RowReading.columns(values);
  }

  /** Returns a builder of a table whose columns are declared. */
  public static Builder builder() {
    return new Builder();
  }

  /** Declares columns and takes rows, one at a time. For one thread. */
  public static final class Builder {
    private final TableGathering table = new TableGathering();
    private boolean hasRows;

    private Builder() {}

    /**
     * Adds a column, before the first row.
     *
     * @throws IllegalArgumentException if there is one of that name
     */
    public Builder column(String name, Column.Type type) {
      if (hasRows) {
        throw new IllegalStateException(
            "a table's columns are declared before its rows: column='" + name + "'");
      }
      table.declare(new Column(name, Objects.requireNonNull(type, "type")));
      return this;
    }

    /**
     * Adds a row.
     *
     * @param cells as many values as there are columns, each of which may be null
     */
    public Builder row(@Nullable Object... cells) {
      hasRows = true;
      table.row(cells);
      return this;
    }

    /** Returns the table; further rows go into the next one, too. */
    public Table build() {
      return table.build();
    }
  }

  /** Returns the columns. */
  public List<Column> columns() {
    return columns;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows.size();
  }

  /**
   * Returns a cell: a String, Double, Long, Boolean, Instant, {@link dev.tracker.media.Media} or
   * null.
   */
  public @Nullable Object get(int row, int column) {
    Objects.checkIndex(column, columns.size());
    @Nullable Object[] cells = rows.get(row);
    return column < cells.length ? cells[column] : null;
  }

  /** Returns about how many bytes it holds in memory. */
  public long payloadBytes() {
    return bytes;
  }

  /** Returns the first row in which a column is not null; -1 where there is none. */
  public int firstNotNull(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return firstNotNull(i);
      }
    }
    return -1;
  }

  private int firstNotNull(int column) {
    for (int row = 0; row < rows.size(); row++) {
      if (get(row, column) != null) {
        return row;
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return "Table[rows=" + rows.size() + ", columns=" + columns + "]";
  }

  /** Returns the values of an array or collection. */
  static @Nullable Object @Nullable [] values(@Nullable Object from) {
    if (from instanceof Collection<?> collection) {
      return collection.toArray();
    } else if (from instanceof Object[] array) {
      return array.clone();
    } else if (from != null && from.getClass().isArray()) {
      @Nullable Object[] values = new Object[Array.getLength(from)];
      for (int i = 0; i < values.length; i++) {
        values[i] = Array.get(from, i);
      }
      return values;
    }
    return null;
  }
}
