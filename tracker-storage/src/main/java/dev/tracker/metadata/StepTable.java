package dev.tracker.metadata;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The table {@code step_info}. */
final class StepTable {
  private final PreparedStatement join;

  StepTable(Connection connection) throws SQLException {
    join =
        connection.prepareStatement(
            "INSERT INTO step_info (global_step, first_step, last_step, first_time, last_time, rows)"
                + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (global_step) DO UPDATE SET"
                + " first_step = min(first_step, excluded.first_step),"
                + " last_step = max(last_step, excluded.last_step),"
                + " first_time = min(first_time, excluded.first_time),"
                + " last_time = max(last_time, excluded.last_time),"
                + " rows = rows + excluded.rows");
  }

  void write(List<StepRange> ranges) throws SQLException {
    for (StepRange range : ranges) {
      join.setLong(1, range.globalStep());
      join.setLong(2, range.firstStep());
      join.setLong(3, range.lastStep());
      join.setLong(4, range.firstMicros());
      join.setLong(5, range.lastMicros());
      join.setLong(6, range.rows());
      join.executeUpdate();
    }
  }

  static List<StepRange> read(Connection connection, long from, long to) throws SQLException {
    List<StepRange> ranges = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT global_step, first_step, last_step, first_time, last_time, rows FROM step_info"
                + " WHERE global_step BETWEEN ? AND ? ORDER BY global_step")) {
      query.setLong(1, from);
      query.setLong(2, to);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          ranges.add(
              new StepRange(
                  row.getLong(1),
                  row.getLong(2),
                  row.getLong(3),
                  row.getLong(4),
                  row.getLong(5),
                  row.getLong(6)));
        }
      }
    }
    return ranges;
  }
}
