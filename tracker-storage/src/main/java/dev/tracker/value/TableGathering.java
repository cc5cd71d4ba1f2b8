package dev.tracker.value;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers the rows of a table, finding out the columns' types. One thread. */
final class TableGathering {
  private static final int BYTES_PER_ROW = 32;

  private final List<String> names = new ArrayList<>();
  private final List<Column.@Nullable Type> types = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final List<@Nullable Object[]> rows = new ArrayList<>();
  private final long maxBytes = TableLimits.maxBytes();
  private long bytes;

  /** Adds a column of a known type. */
  void declare(Column column) {
    add(column.name(), column.type());
  }

  /** Adds a column whose type its first value decides. */
  void add(String name) {
    add(new Column(name, Column.Type.TEXT).name(), null);
  }

  private void add(String name, Column.@Nullable Type type) {
    if (places.putIfAbsent(name, names.size()) != null) {
      throw new IllegalArgumentException(
          "two columns of a table have the same name: column='" + Cells.shorten(name) + "'");
    }
    if (names.size() == TableLimits.MAX_COLUMNS) {
      throw new IllegalArgumentException(
          "a table has too many columns: limit="
              + TableLimits.MAX_COLUMNS
              + " column='"
              + Cells.shorten(name)
              + "' (make them rows)");
    }
    names.add(name);
    types.add(type);
  }

  /** Returns where a column is, adding it where it is new. */
  int place(String name) {
    Integer known = places.get(name);
    if (known == null) {
      add(name);
      return names.size() - 1;
    }
    return known;
  }

  int columns() {
    return names.size();
  }

  /** Returns the number of the row that comes next. */
  int next() {
    return rows.size();
  }

  /** Adds a row that has a value for every column. */
  void row(@Nullable Object[] values) {
    if (values == null || values.length != names.size()) {
      throw new IllegalArgumentException(
          "a row of a table has another number of values than there are columns: row="
              + rows.size()
              + " values="
              + (values == null ? "null" : values.length)
              + " columns="
              + names.size()
              + (values != null && values.length < names.size()
                  ? " missing='" + Cells.shorten(names.get(values.length)) + "'"
                  : ""));
    }
    begin(values.clone());
  }

  /** Adds a row; values that are missing at its end are null. */
  void begin(@Nullable Object[] values) {
    long added = BYTES_PER_ROW;
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      if (value != null) {
        values[i] = cell(i, value);
      }
      added += Cells.bytes(values[i]);
    }
    bytes += added;
    if (bytes > maxBytes) {
      throw new IllegalArgumentException(
          "a table is too large for one call: row="
              + rows.size()
              + " bytes="
              + bytes
              + " limit="
              + maxBytes
              + " (log its rows by several calls under the same name, or set -D"
              + TableLimits.MAX_BYTES_PROPERTY
              + ")");
    }
    rows.add(values);
  }

  private Object cell(int column, Object value) {
    Cells.Place place = new Cells.Place(rows.size(), names.get(column));
    Column.Type type = types.get(column);
    if (type == null) {
      type = Cells.typeOf(value, place);
      types.set(column, type);
    }
    return Cells.of(value, type, place);
  }

  Table build() {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Column.Type type = types.get(i);
      columns.add(new Column(names.get(i), type == null ? Column.Type.TEXT : type));
    }
    return new Table(columns, List.copyOf(rows), bytes);
  }
}
