package dev.tracker.metadata;

import dev.tracker.format.ConsoleLog;
import dev.tracker.format.Counters;
import dev.tracker.format.FormatVersion;
import dev.tracker.format.RunDocument;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The whole state of a run, and what the database is, in one statement: that is a transaction by
 * itself. Whoever lists a thousand runs pays for each statement a thousand times.
 *
 * <p>The first row is the state, those after it are series, all in the columns of {@link
 * SeriesTable#SELECTED}.
 */
final class StateQuery {
  private static final int STATE_ID = -1;

  private static final String SQL =
      ("SELECT (SELECT application_id FROM pragma_application_id),"
              + " (SELECT user_version FROM pragma_user_version),"
              + " position, step, global_step, time, gaps, rows_lost, document,"
              + " (SELECT length FROM file WHERE path = '%s'), %s%d AS id FROM checkpoint, run"
              + " UNION ALL SELECT %s FROM series ORDER BY id")
          .formatted(
              ConsoleLog.PATH,
              "NULL, ".repeat(SeriesTable.ID - 11),
              STATE_ID,
              SeriesTable.SELECTED);

  private StateQuery() {}

  /**
   * Reads it; null where the database is not one of a run, or of another format, or without tables:
   * {@link Schema#check} tells which.
   */
  static @Nullable Snapshot read(Connection connection) throws SQLException, IOException {
    if (!Schema.isOurs(connection)) { // a view in a table's place may never end
      return null;
    }
    try (PreparedStatement query = connection.prepareStatement(SQL);
        ResultSet row = query.executeQuery()) {
      return row.next() && row.getInt(SeriesTable.ID) == STATE_ID && isKnown(row)
          ? snapshot(row)
          : null;
    } catch (SQLiteException e) {
      if (e.getResultCode() == SQLiteErrorCode.SQLITE_ERROR) { // no such table, or no such column
        return null;
      }
      throw e;
    }
  }

  private static boolean isKnown(ResultSet row) throws SQLException {
    long version = row.getLong(2);
    return row.getLong(1) == Schema.APPLICATION_ID
        && version > 0
        && version <= FormatVersion.CURRENT;
  }

  private static Snapshot snapshot(ResultSet row) throws SQLException, IOException {
    Counters checkpoint =
        new Counters(row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6));
    long gaps = row.getLong(7);
    long rowsLost = row.getLong(8);
    byte[] json = row.getBytes(9);
    if (json == null) {
      throw new SQLDataException("the run has no document");
    }
    RunDocument document = RunDocument.parse(json);
    long outputBytes = row.getLong(10);
    List<SeriesEntry> series = new ArrayList<>();
    while (row.next()) {
      series.add(SeriesTable.entry(row));
    }
    return new Snapshot(checkpoint, document, series, gaps, rowsLost, outputBytes);
  }
}
