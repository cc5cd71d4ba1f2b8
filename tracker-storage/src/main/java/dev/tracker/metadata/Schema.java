package dev.tracker.metadata;

import dev.tracker.format.FormatVersion;
import dev.tracker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The tables of a run's database, made and recognised. They are described in {@code schema.sql}
 * itself.
 */
final class Schema {
  /** SQLite's {@code application_id}: "TRKR". */
  static final int APPLICATION_ID = 0x54524B52;

  private static final String RESOURCE = "schema.sql";

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

  /** Makes the tables; part of the caller's transaction. */
  static void create(Connection connection) throws SQLException, IOException {
    Database.run(connection, "PRAGMA application_id = " + APPLICATION_ID);
    Database.run(connection, "PRAGMA user_version = " + FormatVersion.CURRENT);
    Database.run(connection, script());
  }

  private static String script() throws IOException {
    try (InputStream in = Schema.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException("resource is missing from the jar: name=" + RESOURCE);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
