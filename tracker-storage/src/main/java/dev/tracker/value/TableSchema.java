package dev.tracker.value;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a table that rows are appended to; they stay as they are for ever.
 *
 * @param columns in the order of the table's first entry
 * @param fields what each is called in the dataset: the same where that is safe, and unique
 *     whatever the case of its letters
 */
public record TableSchema(List<Column> columns, List<String> fields) {
  private static final int MAX_FIELD = 100;

  /** Names that Lance has uses of its own for, and those of every row. */
  private static final Set<String> TAKEN =
      Set.of(
          "_step",
          "_global_step",
          "_timestamp",
          "_rowid",
          "_rowaddr",
          "_rowoffset",
          "_distance",
          "_score",
          "_fragid",
          "_row_created_at_version",
          "_row_last_updated_at_version");

  /** Keeps copies. */
  public TableSchema {
    columns = List.copyOf(columns);
    fields = List.copyOf(fields);
    if (columns.size() != fields.size()) {
      throw new IllegalArgumentException(
          "every column has a field: columns=" + columns.size() + " fields=" + fields.size());
    }
  }

  /** Returns the schema of a table that is the first of its name. */
  public static TableSchema of(Table table) {
    return of(table.columns());
  }

  /** Returns the schema of columns that nobody has stored yet. */
  public static TableSchema of(List<Column> columns) {
    Set<String> taken = new HashSet<>(TAKEN);
    List<String> fields = new ArrayList<>();
    for (Column column : columns) {
      String safe = safe(column.name());
      String field = safe;
      for (int i = 2; !taken.add(field.toLowerCase(Locale.ROOT)); i++) {
        field = safe + "_" + i;
      }
      fields.add(field);
    }
    return new TableSchema(columns, fields);
  }

  private static String safe(String name) {
    StringBuilder safe = new StringBuilder();
    name.codePoints()
        .limit(MAX_FIELD)
        .map(c -> Character.isLetterOrDigit(c) || c == '_' || c == '-' ? c : '_')
        .forEach(safe::appendCodePoint);
    return safe.toString();
  }

  // ---- JSON

  /** Returns it as an array of {@code {"name", "type", "field"}}. */
  public ArrayNode toJson() {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < columns.size(); i++) {
      array
          .addObject()
          .put("name", columns.get(i).name())
          .put("type", columns.get(i).type().name().toLowerCase(Locale.ROOT))
          .put("field", fields.get(i));
    }
    return array;
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @param table what the table is called
   * @param json what the run's document says of it; null for nothing
   * @throws IOException if it is something else, or of a newer version
   */
  public static TableSchema ofJson(String table, @Nullable JsonNode json) throws IOException {
    if (json == null || !json.isArray()) {
      throw new IOException("nothing says which columns a table has: table='" + table + "'");
    }
    try {
      List<Column> columns = new ArrayList<>();
      List<String> fields = new ArrayList<>();
      for (JsonNode column : json) {
        Column.Type type =
            Column.Type.valueOf(column.path("type").asText().toUpperCase(Locale.ROOT));
        columns.add(new Column(column.path("name").asText(), type));
        fields.add(new Column(column.path("field").asText(), type).name());
      }
      return new TableSchema(columns, fields);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "the columns of a table are damaged, or of a newer version: table='"
              + table
              + "' cause="
              + e.getMessage(),
          e);
    }
  }

  // ---- rows

  /** Returns the form of rows with all columns. */
  public TableForm form() {
    return new TableForm(columns.stream().map(Column::type).toList());
  }

  /** Returns the columns under the names that they have in the dataset. */
  public List<Column> stored() {
    List<Column> stored = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      stored.add(new Column(fields.get(i), columns.get(i).type()));
    }
    return stored;
  }

  /** Returns the number of a column; -1 where there is none of that name. */
  public int indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return i;
      }
    }
    return -1;
  }

  /** Says why the rows of a table cannot be appended; empty where they can. */
  public Optional<String> misfit(Table table) {
    for (int i = 0; i < table.columns().size(); i++) {
      Column given = table.columns().get(i);
      int at = indexOf(given.name());
      if (at < 0) {
        return Optional.of(
            "row=0 column='"
                + Cells.shorten(given.name())
                + "' (there is no such column; a table keeps the columns of its first entry)");
      }
      Optional<String> misfit = misfit(table, i, columns.get(at));
      if (misfit.isPresent()) {
        return misfit;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> misfit(Table table, int column, Column wanted) {
    if (table.columns().get(column).type() == wanted.type()) {
      return Optional.empty();
    }
    for (int row = 0; row < table.rows(); row++) {
      Object cell = table.get(row, column);
      if (cell != null && as(wanted.type(), cell) == null) {
        return Optional.of(
            "row="
                + row
                + " column='"
                + Cells.shorten(wanted.name())
                + "' type="
                + wanted.type()
                + " found="
                + table.columns().get(column).type()
                + " value="
                + Cells.shorten(cell.toString())
                + " (a column keeps the type that it had in the table's first entry)");
      }
    }
    return Optional.empty();
  }

  /** Returns a cell of a column of another type as one of this type; null where it does not fit. */
  private static @Nullable Object as(Column.Type type, Object cell) {
    if (type == Column.Type.NUMBER && cell instanceof Long integer) {
      return Cells.fitsDouble(integer) ? (Double) (double) integer : null;
    } else if (type == Column.Type.INTEGER && cell instanceof Double number) {
      Long integer = Cells.integer(number);
      return integer != null && Cells.fitsDouble(integer) ? integer : null;
    }
    return null;
  }

  /** Gives the rows of a table that fits as rows with all columns. */
  public final class Fitted {
    private final Table table;

    /** By column of the schema; -1 where the table lacks it. */
    private final int[] places;

    private Fitted(Table table) {
      this.table = table;
      places = new int[columns.size()];
      Arrays.fill(places, -1);
      Map<String, Integer> byName = new HashMap<>();
      for (int i = 0; i < table.columns().size(); i++) {
        byName.put(table.columns().get(i).name(), i);
      }
      for (int i = 0; i < places.length; i++) {
        places[i] = byName.getOrDefault(columns.get(i).name(), -1);
      }
    }

    /** Returns the number of rows. */
    public int rows() {
      return table.rows();
    }

    /** Returns the cells of a row, one for each column of the schema. */
    public @Nullable Object[] row(int row) {
      @Nullable Object[] cells = new Object[places.length];
      for (int i = 0; i < cells.length; i++) {
        Object cell = places[i] < 0 ? null : table.get(row, places[i]);
        if (cell != null && table.columns().get(places[i]).type() != columns.get(i).type()) {
          cell = as(columns.get(i).type(), cell);
        }
        cells[i] = cell;
      }
      return cells;
    }
  }

  /** Returns the rows of a table for which {@link #misfit} is empty. */
  public Fitted fit(Table table) {
    return new Fitted(table);
  }
}
