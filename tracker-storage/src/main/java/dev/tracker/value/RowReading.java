package dev.tracker.value;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the forms in which callers give the rows of a table. */
final class RowReading {
  private RowReading() {}

  static Table named(List<?> rows) {
    TableGathering table = new TableGathering();
    for (Object row : rows) {
      if (row instanceof Map<?, ?> map) {
        add(map, table);
      } else if (row instanceof Record record) {
        add(record, table);
      } else {
        throw new IllegalArgumentException(
            "a row of a table is neither a map nor a record: row="
                + table.next()
                + " class="
                + className(row)
                + " (for arrays and lists: Table.of(columns, rows))");
      }
    }
    return table.build();
  }

  private static void add(Map<?, ?> row, TableGathering table) {
    @Nullable Object[] cells = new Object[table.columns()];
    for (Map.Entry<?, ?> cell : row.entrySet()) {
      if (!(cell.getKey() instanceof CharSequence name)) {
        throw new IllegalArgumentException(
            "a row of a table has a key that is no text: row="
                + table.next()
                + " column="
                + cell.getKey());
      }
      cells = put(cells, table.place(name.toString()), cell.getValue());
    }
    table.begin(cells);
  }

  private static @Nullable Object[] put(
      @Nullable Object[] cells, int place, @Nullable Object value) {
    @Nullable Object[] room = place < cells.length ? cells : Arrays.copyOf(cells, place + 1);
    room[place] = value;
    return room;
  }

  private static void add(Record row, TableGathering table) {
    @Nullable Object[] cells = new Object[table.columns()];
    for (RecordComponent component : row.getClass().getRecordComponents()) {
      Object value = value(row, component, table.next());
      cells = put(cells, table.place(component.getName()), value);
    }
    table.begin(cells);
  }

  private static @Nullable Object value(Record row, RecordComponent component, int number) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(row);
    } catch (InvocationTargetException | IllegalAccessException | RuntimeException e) {
      Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
      throw new IllegalArgumentException(
          "a component of a record cannot be read: row="
              + number
              + " column='"
              + component.getName()
              + "' class="
              + row.getClass().getName()
              + " cause="
              + cause
              + " (make the record public and export or open its package, or use maps)",
          cause);
    }
  }

  static Table positional(List<String> columns, List<?> rows) {
    TableGathering table = new TableGathering();
    columns.forEach(table::add);
    for (Object row : rows) {
      @Nullable Object[] values = Table.values(row);
      if (values == null) {
        throw new IllegalArgumentException(
            "a row of a table is neither an array nor a list: row="
                + table.next()
                + " class="
                + className(row)
                + " (for maps and records: Table.of(rows))");
      }
      table.row(values);
    }
    return table.build();
  }

  /** Returns the values of a column. */
  static @Nullable Object[] array(String name, @Nullable Object column) {
    @Nullable Object[] values = Table.values(column);
    if (values == null) {
      throw new IllegalArgumentException(
          "a column of a table is neither an array nor a collection: column='"
              + name
              + "' class="
              + className(column));
    }
    return values;
  }

  static Table columns(Map<String, @Nullable Object[]> columns) {
    TableGathering table = new TableGathering();
    columns.keySet().forEach(table::add);
    int rows = columns.values().stream().mapToInt(column -> column.length).max().orElse(0);
    columns.forEach((name, column) -> {
      if (column.length != rows) {
        throw new IllegalArgumentException(
            "the columns of a table have different lengths: column='"
                + name
                + "' length="
                + column.length
                + " longest="
                + rows
                + " (row="
                + column.length
                + " is missing there)");
      }
    });
    List<@Nullable Object[]> all = List.copyOf(columns.values());
    for (int row = 0; row < rows; row++) {
      @Nullable Object[] cells = new Object[all.size()];
      for (int i = 0; i < cells.length; i++) {
        cells[i] = all.get(i)[row];
      }
      table.begin(cells);
    }
    return table.build();
  }

  private static String className(@Nullable Object value) {
    return value == null ? "null" : value.getClass().getName();
  }
}
