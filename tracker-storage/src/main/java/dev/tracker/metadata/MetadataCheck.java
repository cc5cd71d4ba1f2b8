package dev.tracker.metadata;

import dev.tracker.format.Counters;
import dev.tracker.format.RunDocument;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Looks for what is wrong in a private copy of a run's database, and reads what can be read of one
 * that is damaged, table by table.
 *
 * <p>The copy may be changed by SQLite (a WAL is taken in) and nobody else may use it. One thread.
 */
public final class MetadataCheck implements AutoCloseable {
  /** How many lines of {@code integrity_check} are asked for. */
  private static final int MAX_FAULTS = 20;

  /** What must not be there, as a query that gives a place for each that is. */
  private static final String[][] RULES = {
    {"more or less than one checkpoint", "SELECT count(*) FROM checkpoint HAVING count(*) <> 1"},
    {"more or less than one run", "SELECT count(*) FROM run HAVING count(*) <> 1"},
    {
      "counters are negative",
      "SELECT position FROM checkpoint WHERE position < 0 OR step < 0 OR gaps < 0 OR rows_lost < 0"
    },
    {
      "totals of gaps are not their sum",
      "SELECT gaps FROM checkpoint WHERE gaps <> (SELECT count(*) FROM gap)"
          + " OR rows_lost <> (SELECT coalesce(sum(rows), 0) FROM gap)"
    },
    {
      "gap ends before it begins",
      "SELECT ordinal FROM gap WHERE rows < 1 OR last_time < first_time"
    },
    {
      "series changed after the checkpoint",
      "SELECT name FROM series WHERE checkpoint > (SELECT max(position) FROM checkpoint)"
    },
    {
      "series has steps and no rows, or rows and no steps",
      "SELECT name FROM series WHERE (rows > 0) <> (first_step IS NOT NULL) OR (rows > 0) <> (last_step IS NOT NULL)"
          + " OR first_step > last_step"
    },
    {
      "numbers of series are not those of their order",
      "SELECT id FROM series WHERE id < 0 OR id >= (SELECT count(*) FROM series)"
    },
    {
      "two series share a folder",
      "SELECT folder FROM series WHERE kind <> 'media' GROUP BY folder, kind HAVING count(*) > 1"
    },
    {
      "mean is not the sum by the count",
      "SELECT name FROM series WHERE mean IS NOT NULL AND rows - nan_count - infinity_count > 0"
          + " AND abs(mean - sum / (rows - nan_count - infinity_count)) > 1e-9 * (abs(mean) + 1e-300)"
    },
    {
      "range of a global step ends before it begins",
      "SELECT global_step FROM step_info WHERE last_step < first_step OR last_time < first_time OR rows < 1"
    },
    {
      "range of a global step ends beyond the checkpoint",
      "SELECT i.global_step FROM step_info i, checkpoint c WHERE i.last_step > c.step OR i.last_time > c.time"
    },
    {
      "tiles of no series, or not as many as their count",
      "SELECT series || '/' || level || '/' || first FROM tile WHERE series NOT IN (SELECT id FROM series)"
          + " OR level NOT IN (0, 1) OR count < 1 OR length(tiles) <> 128 * count OR first < 0"
    },
    {
      "more or fewer tiles than the rows make",
      "SELECT name FROM series s WHERE kind <> 'media' AND (SELECT coalesce(sum(count), 0) FROM tile"
          + " WHERE series = s.id AND level = 0) <> s.rows / 1024"
    },
    {"file of negative length", "SELECT path FROM file WHERE length < 0"},
    {
      "media of no series of media",
      "SELECT id FROM media WHERE series NOT IN (SELECT id FROM series WHERE kind = 'media')"
    },
    {
      "media and the count of their series differ",
      "SELECT name FROM series s WHERE kind = 'media'"
          + " AND rows <> (SELECT count(*) FROM media WHERE series = s.id)"
    },
    {
      "media and the steps of their series differ",
      "SELECT name FROM series s WHERE kind = 'media' AND rows > 0 AND (first_step <> (SELECT min(step)"
          + " FROM media WHERE series = s.id) OR last_step <> (SELECT max(step) FROM media WHERE series = s.id))"
    },
    {
      "entry of media that the table of files does not bear out",
      "SELECT id FROM media m WHERE (path IS NULL) <> (error IS NOT NULL) OR (path IS NOT NULL AND NOT EXISTS"
          + " (SELECT 1 FROM file f WHERE f.path = m.path AND f.length = m.length AND f.digest = 'sha256:' || m.digest))"
    },
    {
      "media file that no entry names",
      "SELECT path FROM file WHERE path >= 'media/' AND path < 'media0' AND path NOT IN"
          + " (SELECT path FROM media WHERE path IS NOT NULL)"
    },
    {
      "entry of media outside of its global step",
      "SELECT m.id FROM media m LEFT JOIN step_info i ON i.global_step = m.global_step"
          + " WHERE i.global_step IS NULL OR m.step NOT BETWEEN i.first_step AND i.last_step"
          + " OR m.time NOT BETWEEN i.first_time AND i.last_time"
    },
  };

  private final Database database;
  private final boolean isEmpty;

  private MetadataCheck(Database database, boolean isEmpty) {
    this.database = database;
    this.isEmpty = isEmpty;
  }

  /**
   * Opens a copy.
   *
   * @throws MetadataException where nothing can be read from it
   */
  public static MetadataCheck open(Path copy) throws IOException {
    Database database = Database.toCheck(copy);
    try {
      Schema.State state = database.attempt("look at the tables", c -> Schema.check(database, c));
      return new MetadataCheck(database, state == Schema.State.EMPTY);
    } catch (IOException | RuntimeException e) {
      try (database) {
        throw e;
      }
    }
  }

  /** Whether it has no tables yet: its writer was killed before it had made them. */
  public boolean isEmpty() {
    return isEmpty;
  }

  /** Looks through all of it: SQLite's own check, types, and what tables say of each other. */
  public void faults(Consumer<String> into) {
    if (isEmpty) {
      return;
    }
    check("integrity_check", into, c -> integrity(c, into));
    for (String table : Schema.TABLES) {
      check("types of " + table, into, c -> types(c, table, into));
    }
    for (String[] rule : RULES) {
      check(rule[0], into, c -> rule(c, rule, into));
    }
    check("document", into, c -> document(c, into));
  }

  private void check(String what, Consumer<String> into, Database.Action action) {
    try {
      database.attempt(
          what,
          connection -> {
            action.with(connection);
            return true;
          });
    } catch (IOException e) {
      into.accept("cannot be checked: what=" + what + " cause=" + e.getMessage());
    }
  }

  private static void integrity(Connection connection, Consumer<String> into) throws SQLException {
    for (String line : column(connection, "PRAGMA integrity_check(" + MAX_FAULTS + ")")) {
      if (!line.equals("ok")) {
        into.accept("integrity_check says: " + line.replace('\n', ' '));
      }
    }
  }

  private static void types(Connection connection, String table, Consumer<String> into)
      throws SQLException {
    List<String> wrong = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet column =
            statement.executeQuery(
                "SELECT name, lower(type), \"notnull\" OR pk > 0 FROM pragma_table_info("
                    + table
                    + ")")) {
      while (column.next()) {
        if (!column.getString(2).isEmpty()) {
          wrong.add(
              "typeof(%1$s) <> '%2$s'%3$s"
                  .formatted(
                      '"' + column.getString(1).replace("\"", "\"\"") + '"',
                      column.getString(2),
                      column.getBoolean(3)
                          ? ""
                          : " AND typeof(\"" + column.getString(1) + "\") <> 'null'"));
        }
      }
    }
    String plain = table.substring(1, table.length() - 1);
    long rows =
        Database.number(
            connection,
            "SELECT count(*) FROM \"" + plain + "\" WHERE (" + String.join(") OR (", wrong) + ")");
    if (rows > 0) {
      into.accept("values of another type: table=" + plain + " rows=" + rows);
    }
  }

  private static void rule(Connection connection, String[] rule, Consumer<String> into)
      throws SQLException {
    List<String> places =
        column(
            connection,
            "WITH found(place) AS ("
                + rule[1]
                + " LIMIT 3) SELECT substr(place, 1, 200) FROM found");
    if (!places.isEmpty()) {
      into.accept(rule[0] + ": " + String.join(", ", places));
    }
  }

  /** Whether the tables that are taken from the document are what is made of it. */
  private static void document(Connection connection, Consumer<String> into)
      throws SQLException, IOException {
    Database.run(connection, "BEGIN");
    try {
      RunDocument document = RunTable.read(connection);
      List<String> before = derived(connection);
      new RunTable(connection).write(document);
      if (!derived(connection).equals(before)) {
        into.accept(
            "run, config, environment, tag and tables are not what the run's document says");
      }
    } finally {
      Database.run(connection, "ROLLBACK");
    }
  }

  private static List<String> derived(Connection connection) throws SQLException {
    List<String> all = new ArrayList<>();
    for (String from :
        List.of(
            "id name project status created finished notes error FROM run",
            "path type value number text FROM config ORDER BY ordinal",
            "path type value number text FROM environment ORDER BY ordinal",
            "tag FROM tag ORDER BY ordinal",
            "name column_name type field FROM tables ORDER BY name, ordinal")) {
      int end = from.indexOf(" FROM ");
      String columns =
          Arrays.stream(from.substring(0, end).split(" ", -1))
              .map(MetadataCheck::exactly)
              .collect(Collectors.joining(" || "));
      all.add(from);
      all.addAll(column(connection, "SELECT " + columns + from.substring(end)));
    }
    return all;
  }

  /** Returns the SQL of a value; of one that nobody can have written here, its begin and length. */
  private static String exactly(String column) {
    return ("CASE WHEN length(%1$s) > 8000000 THEN quote(substr(%1$s, 1, 9)) || length(%1$s)"
            + " ELSE quote(%1$s) END")
        .formatted(column);
  }

  private static List<String> column(Connection connection, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        values.add(Objects.toString(row.getString(1), "NULL"));
      }
    }
    return values;
  }

  /** Reads how far the journal is sealed. */
  public Counters checkpoint() throws IOException {
    return isEmpty
        ? Counters.START
        : database.attempt("read the checkpoint", c -> CheckpointTable.read(c).counters());
  }

  /** Reads the run's document. */
  public RunDocument document() throws IOException {
    return isEmpty ? RunDocument.empty() : database.attempt("read the run", RunTable::read);
  }

  /** Reads the series one by one; of those that cannot be read it tells why. */
  public List<SeriesEntry> series(Consumer<String> faults) {
    List<SeriesEntry> found = new ArrayList<>();
    if (isEmpty) {
      return found;
    }
    List<String> ids = new ArrayList<>();
    check("series", faults, c -> ids.addAll(column(c, "SELECT id FROM series ORDER BY id")));
    for (String id : ids) {
      check(
          "series " + id,
          faults,
          c -> {
            try {
              found.addAll(SeriesTable.readOne(c, Long.parseLong(id)));
            } catch (NumberFormatException e) {
              throw new SQLDataException("not the number of a series: id=" + id, e);
            }
          });
    }
    return found;
  }

  /**
   * Reads the table of files; of those that cannot be read it tells why. A path that is damaged may
   * be that of no file.
   */
  public List<FileEntry> files(Consumer<String> faults) {
    List<FileEntry> found = new ArrayList<>();
    if (!isEmpty) {
      check("file", faults, c -> FileTable.read(c, found::add, faults));
    }
    return found;
  }

  /** Reads the ranges of global steps, at most so many. */
  public List<StepRange> steps(int limit) throws IOException {
    if (isEmpty) {
      return List.of();
    }
    long rows =
        database.attempt("count", c -> Database.number(c, "SELECT count(*) FROM step_info"));
    return rows > limit
        ? List.of()
        : database.attempt(
            "read the steps", c -> StepTable.read(c, Long.MIN_VALUE, Long.MAX_VALUE));
  }

  /** Reads the gaps. */
  public List<Gap> gaps() throws IOException {
    return isEmpty ? List.of() : database.attempt("read the gaps", CheckpointTable::readGaps);
  }

  /** Reads all media, in the order in which they were logged; of those that cannot it tells why. */
  public void media(Consumer<MediaEntry> into, Consumer<String> faults) {
    if (isEmpty) {
      return;
    }
    check(
        "media",
        faults,
        c -> {
          try (PreparedStatement query = c.prepareStatement(MediaTable.ALL);
              ResultSet row = query.executeQuery()) {
            while (row.next()) {
              try {
                into.accept(MediaTable.entry(row));
              } catch (SQLDataException e) {
                faults.accept("entry of media cannot be read: cause=" + e.getMessage());
              }
            }
          }
        });
  }

  /** Reads full tiles of a series, as far as there are any. */
  public Optional<Tiles> tiles(SeriesEntry series, int level, long first, int count)
      throws IOException {
    if (isEmpty) {
      return Optional.empty();
    }
    return Optional.of(
        new Tiles(
            series.kind(),
            first,
            database.attempt(
                "read tiles", c -> TileTable.read(c, series.id(), level, first, count))));
  }

  @Override
  public void close() throws IOException {
    database.close();
  }
}
