package dev.tracker.metadata;

import dev.tracker.metadata.Change.StepsBack;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The table {@code step_info}. */
final class StepTable {
  private final PreparedStatement join;
  private final PreparedStatement deleteAfter;

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
    deleteAfter = connection.prepareStatement("DELETE FROM step_info WHERE last_step > ?");
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

  /** Goes back to a step: replaces the ranges that reach beyond it with what is left of them. */
  void goBack(StepsBack back) throws SQLException {
    deleteAfter.setLong(1, back.step());
    deleteAfter.executeUpdate();
    write(back.cut());
  }

  static List<StepRange> read(Connection connection, long from, long to) throws SQLException {
    return query(connection, "WHERE global_step BETWEEN ? AND ? ORDER BY global_step", from, to);
  }

  /** Reads the ranges that begin at or before a step and reach beyond it. */
  static List<StepRange> across(Connection connection, long step) throws SQLException {
    return query(
        connection, "WHERE first_step <= ? AND last_step > ? ORDER BY global_step", step, step);
  }

  /** Reads the range that ends last of those that do not reach beyond a step. */
  static List<StepRange> latestUpTo(Connection connection, long step) throws SQLException {
    return query(
        connection,
        "WHERE first_step <= ? AND last_step <= ? ORDER BY last_time DESC, last_step DESC LIMIT 1",
        step,
        step);
  }

  private static List<StepRange> query(Connection connection, String which, long a, long b)
      throws SQLException {
    List<StepRange> ranges = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT global_step, first_step, last_step, first_time, last_time, rows FROM step_info "
                + which)) {
      query.setLong(1, a);
      query.setLong(2, b);
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
