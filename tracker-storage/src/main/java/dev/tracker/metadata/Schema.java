package dev.tracker.metadata;

import dev.tracker.format.FormatVersion;
import dev.tracker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tables of a run's database, made and recognised. They are described in {@code schema.sql}
 * itself.
 */
final class Schema {
  /** SQLite's {@code application_id}: "TRKR". */
  static final int APPLICATION_ID = 0x54524B52;

  private static final String RESOURCE = "schema.sql";

  /** The tables that are read, quoted. */
  static final List<String> TABLES =
      Stream.of(
              "checkpoint",
              "run",
              "config",
              "environment",
              "tag",
              "tables",
              "series",
              "tile",
              "file",
              "media",
              "step_info",
              "gap")
          .map(name -> "'" + name + "'")
          .toList();

  private static final String OURS =
      "SELECT (SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name IN ("
          + String.join(", ", TABLES)
          + ")) = "
          + TABLES.size()
          + " AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger')"
          + " AND NOT EXISTS (SELECT 1 FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) c"
          + " WHERE s.type = 'table' AND s.rootpage > 0 AND c.hidden > 0)";

  /** What {@link #create} makes, each in its own words, as SQLite keeps them. */
  private static final Set<String> WORDS =
      Arrays.stream(script().replaceAll("(?m)^--.*", "").split(";\n"))
          .map(String::strip)
          .filter(words -> !words.isEmpty())
          .collect(Collectors.toUnmodifiableSet());

  private Schema() {}

  /** What a file turned out to be. */
  enum State {
    /** A file without tables: its writer was killed before its first commit. */
    EMPTY,
    /** A database of a run, in a format that this library knows. */
    READY
  }

  /**
   * Looks what a database is.
   *
   * @throws MetadataException where it is of a newer format, or something else
   */
  static State check(Database database, Connection connection) throws SQLException, IOException {
    long version = Database.number(connection, "PRAGMA user_version");
    long application = Database.number(connection, "PRAGMA application_id");
    if (application == APPLICATION_ID && version > FormatVersion.CURRENT) {
      throw database.failure(
          Reason.NEWER_FORMAT,
          "run was written by a newer version of Tracker: format=%d known=%d (use a version that knows this format)"
              .formatted(version, FormatVersion.CURRENT));
    }
    if (application == APPLICATION_ID && version > 0) {
      requireTables(database, connection);
      return State.READY;
    }
    if (version == 0 && Database.number(connection, "SELECT count(*) FROM sqlite_schema") == 0) {
      return State.EMPTY;
    }
    throw database.failure(
        Reason.DAMAGED,
        "database is not one of a run: application_id=%d expected=%d user_version=%d (written by another program?)"
            .formatted(application, APPLICATION_ID, version));
  }

  /**
   * Throws where something else stands in a table's place (a view may never end), where a column is
   * computed, or where there are triggers: nothing of that is ours.
   */
  private static void requireTables(Database database, Connection connection)
      throws SQLException, IOException {
    if (!isOurs(connection)) {
      throw database.failure(
          Reason.DAMAGED,
          "database has not the tables of a run: tables expected=%d, and neither triggers nor computed columns (changed by another program?)"
              .formatted(TABLES.size()));
    }
  }

  /** Whether all tables are tables, and there is nothing that computes. */
  private static boolean isOurs(Connection connection) throws SQLException {
    return isWordForWord(connection) || Database.number(connection, OURS) == 1;
  }

  /** Whether there is what {@link #create} makes and nothing else: cheaper than to look into it. */
  static boolean isWordForWord(Connection connection) throws SQLException {
    Set<String> found = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT sql FROM sqlite_schema WHERE sql NOT NULL")) {
      while (row.next()) {
        found.add(row.getString(1));
      }
    }
    return found.equals(WORDS);
  }

  /** Makes the tables; part of the caller's transaction. */
  static void create(Connection connection) throws SQLException {
    Database.run(connection, "PRAGMA application_id = " + APPLICATION_ID);
    Database.run(connection, "PRAGMA user_version = " + FormatVersion.CURRENT);
    Database.run(connection, script());
  }

  private static String script() {
    try (InputStream in = Schema.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException("resource is missing from the jar: name=" + RESOURCE);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
