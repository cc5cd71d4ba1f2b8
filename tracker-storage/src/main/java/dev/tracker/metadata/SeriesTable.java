package dev.tracker.metadata;

import dev.tracker.format.FolderNames;
import dev.tracker.format.Kind;
import dev.tracker.format.Tile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code series}.
 *
 * <p>Columns without a value are NULL: steps where there are no rows, extremes where there is no
 * value, every NaN. They come back as what an empty tile of the kind holds, and their steps as 0.
 */
final class SeriesTable {
  /** In the order of the parameters of both statements, whose last one is the id. */
  private static final String[] COLUMNS = {
    "name", "kind", "folder", "generation", "version", "rows", "checkpoint", "first_step",
        "last_step", "last",
    "step_of_last", "min", "step_of_min", "max", "step_of_max", "sum", "mean", "nan_count",
        "infinity_count", "tail",
  };

  /** The place of the id, the last of the columns. */
  static final int ID = COLUMNS.length + 1;

  /** The columns from which {@link #entry} makes one. */
  static final String SELECTED = String.join(", ", COLUMNS) + ", id";

  /** Lists are kept by id, so a wrong one must not be large. */
  private static final int MAX_ID = 1 << 24;

  private static final Map<Kind, String> KIND_NAMES = new EnumMap<>(Kind.class);

  private static final Map<String, Kind> KINDS = new HashMap<>();

  static {
    for (Kind kind : Kind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      KIND_NAMES.put(kind, name);
      KINDS.put(name, kind);
    }
  }

  private final PreparedStatement insert;
  private final PreparedStatement update;

  SeriesTable(Connection connection) throws SQLException {
    insert =
        connection.prepareStatement(
            "INSERT INTO series (%s, id) VALUES (%s?)"
                .formatted(String.join(", ", COLUMNS), "?, ".repeat(COLUMNS.length)));
    update =
        connection.prepareStatement(
            "UPDATE series SET %s = ? WHERE id = ?".formatted(String.join(" = ?, ", COLUMNS)));
  }

  void insert(SeriesEntry entry) throws SQLException {
    execute(insert, entry);
  }

  void update(SeriesEntry entry) throws SQLException {
    execute(update, entry);
  }

  private static void execute(PreparedStatement statement, SeriesEntry entry) throws SQLException {
    Kind kind = entry.kind();
    SeriesStats stats = entry.stats();
    boolean rows = entry.rows() > 0;
    long values = kind.isFixed() ? entry.rows() - stats.nans() : 0;
    long finite = values - stats.infinities();
    statement.setString(1, entry.name());
    statement.setString(2, KIND_NAMES.get(kind));
    statement.setString(3, entry.folder());
    statement.setInt(4, entry.generation());
    statement.setLong(5, entry.version());
    statement.setLong(6, entry.rows());
    statement.setLong(7, entry.checkpoint());
    bindLong(statement, 8, rows, entry.firstStep());
    bindLong(statement, 9, rows, entry.lastStep());
    if (kind == Kind.STRING) {
      statement.setString(10, stats.lastText());
    } else {
      bindValue(statement, 10, rows, kind, stats.last());
    }
    bindLong(statement, 11, rows, stats.stepOfLast());
    bindValue(statement, 12, values > 0, kind, stats.min());
    bindLong(statement, 13, values > 0, stats.stepOfMin());
    bindValue(statement, 14, values > 0, kind, stats.max());
    bindLong(statement, 15, values > 0, stats.stepOfMax());
    bindDouble(statement, 16, kind.isFixed(), stats.sum());
    bindDouble(statement, 17, finite > 0, stats.sum() / finite);
    statement.setLong(18, stats.nans());
    statement.setLong(19, stats.infinities());
    statement.setBytes(20, entry.tail() == null ? null : bytes(entry.tail()));
    statement.setInt(ID, entry.id());
    statement.executeUpdate();
  }

  private static void bindLong(PreparedStatement statement, int index, boolean present, long value)
      throws SQLException {
    if (present) {
      statement.setLong(index, value);
    } else {
      statement.setNull(index, Types.INTEGER);
    }
  }

  private static void bindDouble(
      PreparedStatement statement, int index, boolean present, double value) throws SQLException {
    if (present) {
      statement.setDouble(index, value);
    } else {
      statement.setNull(index, Types.REAL);
    }
  }

  private static void bindValue(
      PreparedStatement statement, int index, boolean present, Kind kind, long bits)
      throws SQLException {
    if (kind == Kind.FLOAT64) {
      bindDouble(statement, index, present, Double.longBitsToDouble(bits));
    } else {
      bindLong(statement, index, present, bits);
    }
  }

  private static byte[] bytes(Tile tile) {
    ByteBuffer bytes = ByteBuffer.allocate(Tile.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    tile.encode(bytes);
    return bytes.array();
  }

  /** Returns the generation of a series; -1 where there is no such series. */
  static int generation(Connection connection, int id) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT generation FROM series WHERE id = ?")) {
      query.setInt(1, id);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getInt(1) : -1;
      }
    }
  }

  /** Reads every series, by id. */
  static List<SeriesEntry> read(Connection connection) throws SQLException {
    List<SeriesEntry> all = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT " + SELECTED + " FROM series ORDER BY id")) {
      while (row.next()) {
        all.add(entry(row));
      }
    }
    return all;
  }

  /**
   * Reads the series, by id, that were changed by a commit whose checkpoint is not less than a
   * position, and those of greater ids: one without rows was never changed.
   */
  static List<SeriesEntry> readSince(Connection connection, long position, int highestId)
      throws SQLException {
    List<SeriesEntry> changed = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT " + SELECTED + " FROM series WHERE checkpoint >= ? OR id > ? ORDER BY id")) {
      query.setLong(1, position);
      query.setInt(2, highestId);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          changed.add(entry(row));
        }
      }
    }
    return changed;
  }

  /** Reads the series of a number, or nothing. */
  static List<SeriesEntry> readOne(Connection connection, long id) throws SQLException {
    List<SeriesEntry> found = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT %s, id FROM series WHERE id = ?".formatted(String.join(", ", COLUMNS)))) {
      query.setLong(1, id);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          found.add(entry(row));
        }
      }
    }
    return found;
  }

  /** Makes an entry from {@link #SELECTED} columns. */
  static SeriesEntry entry(ResultSet row) throws SQLException {
    Kind kind = kind(row.getString(2));
    long rows = row.getLong(6);
    byte[] tail = row.getBytes(20);
    String name = row.getString(1);
    String folder = row.getString(3);
    long id = row.getLong(ID);
    if (name == null
        || folder == null
        || !FolderNames.isFolder(folder)
        || id < 0
        || id > MAX_ID
        || rows < 0
        || row.getLong(5) < 0
        || (tail != null && tail.length != Tile.BYTES)) {
      throw new SQLDataException(
          "not a series of a run: id=%d name=%.200s folder=%.200s version=%d rows=%d"
              .formatted(id, name, folder, row.getLong(5), rows));
    }
    return new SeriesEntry(
        (int) id,
        name,
        kind,
        folder,
        row.getInt(4),
        row.getLong(5),
        rows,
        row.getLong(7),
        rows > 0 ? row.getLong(8) : Long.MAX_VALUE,
        rows > 0 ? row.getLong(9) : Long.MIN_VALUE,
        stats(row, kind),
        tail == null
            ? null
            : Tile.decode(kind, ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN)));
  }

  private static SeriesStats stats(ResultSet row, Kind kind) throws SQLException {
    return new SeriesStats(
        value(row, 10, kind),
        kind == Kind.STRING ? row.getString(10) : null,
        row.getLong(11),
        value(row, 12, kind),
        row.getLong(13),
        value(row, 14, kind),
        row.getLong(15),
        kind.isFixed() ? number(row, 16) : 0,
        row.getLong(18),
        row.getLong(19));
  }

  private static long value(ResultSet row, int column, Kind kind) throws SQLException {
    return switch (kind) {
      case FLOAT64 -> Double.doubleToRawLongBits(number(row, column));
      case INT64, BOOL -> row.getLong(column);
      default -> 0;
    };
  }

  /** SQLite keeps a NaN as NULL. */
  private static double number(ResultSet row, int column) throws SQLException {
    double value = row.getDouble(column);
    return value == 0 && row.wasNull() ? Double.NaN : value;
  }

  private static Kind kind(@Nullable String name) throws SQLException {
    Kind kind = KINDS.get(name);
    if (kind == null) {
      throw new SQLDataException("unknown kind of series: kind=" + name);
    }
    return kind;
  }
}
