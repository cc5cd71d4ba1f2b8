package dev.tracker.metadata;

import dev.tracker.format.Counters;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The table {@code checkpoint}, one row, and the table {@code gap}, whose totals stand in it. */
final class CheckpointTable {
  private final PreparedStatement update;
  private final PreparedStatement insertGap;

  CheckpointTable(Connection connection) throws SQLException {
    update =
        connection.prepareStatement(
            "UPDATE checkpoint SET position = ?, step = ?, global_step = ?, time = ?,"
                + " gaps = gaps + ?, rows_lost = rows_lost + ?");
    insertGap =
        connection.prepareStatement(
            "INSERT INTO gap (rows, first_time, last_time) VALUES (?, ?, ?)");
  }

  /** The one row. */
  record State(Counters counters, long gaps, long rowsLost) {}

  static void create(Connection connection) throws SQLException {
    Database.run(connection, "INSERT INTO checkpoint VALUES (1, 0, 0, 0, 0, 0, 0)");
  }

  static State read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT position, step, global_step, time, gaps, rows_lost FROM checkpoint")) {
      if (!row.next()) {
        throw new SQLDataException("table checkpoint is empty");
      }
      Counters counters =
          new Counters(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
      return new State(counters, row.getLong(5), row.getLong(6));
    }
  }

  void write(Counters counters, List<Gap> gaps) throws SQLException {
    long lost = 0;
    for (Gap gap : gaps) {
      insertGap.setLong(1, gap.rows());
      insertGap.setLong(2, gap.fromMicros());
      insertGap.setLong(3, gap.toMicros());
      insertGap.executeUpdate();
      lost += gap.rows();
    }
    update.setLong(1, counters.position());
    update.setLong(2, counters.step());
    update.setLong(3, counters.globalStep());
    update.setLong(4, counters.micros());
    update.setLong(5, gaps.size());
    update.setLong(6, lost);
    update.executeUpdate();
  }

  static List<Gap> readGaps(Connection connection) throws SQLException {
    List<Gap> gaps = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT rows, first_time, last_time FROM gap ORDER BY ordinal")) {
      while (row.next()) {
        gaps.add(new Gap(row.getLong(1), row.getLong(2), row.getLong(3)));
      }
    }
    return gaps;
  }
}
