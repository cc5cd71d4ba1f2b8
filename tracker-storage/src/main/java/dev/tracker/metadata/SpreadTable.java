package dev.tracker.metadata;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A table that holds a field of the run's document spread out: one row for each value in it that is
 * not an object, or is an empty one, in its order. The tables {@code config} and {@code
 * environment} are of this kind.
 */
final class SpreadTable {
  private final PreparedStatement clear;
  private final PreparedStatement insert;

  SpreadTable(Connection connection, String table) throws SQLException {
    clear = connection.prepareStatement("DELETE FROM " + table);
    insert =
        connection.prepareStatement(
            "INSERT INTO " + table + " (path, type, value, number, text) VALUES (?, ?, ?, ?, ?)");
  }

  /** Replaces what the table holds; null leaves it empty. */
  void write(@Nullable JsonNode field) throws SQLException {
    clear.executeUpdate();
    if (field != null) {
      spread("", field);
    }
  }

  private void spread(String path, JsonNode value) throws SQLException {
    if (!value.isObject() || value.isEmpty()) {
      insert(path, value);
      return;
    }
    for (var field : value.properties()) {
      spread(path.isEmpty() ? field.getKey() : path + "/" + field.getKey(), field.getValue());
    }
  }

  private void insert(String path, JsonNode value) throws SQLException {
    insert.setString(1, path);
    insert.setString(2, value.getNodeType().name().toLowerCase(Locale.ROOT));
    insert.setString(3, value.toString());
    if (value.isBoolean()) {
      insert.setInt(4, value.booleanValue() ? 1 : 0);
    } else if (value.isIntegralNumber() && value.canConvertToLong()) {
      insert.setLong(4, value.longValue());
    } else if (value.isNumber()) {
      insert.setDouble(4, value.doubleValue());
    } else {
      insert.setObject(4, null);
    }
    insert.setString(5, value.textValue());
    insert.executeUpdate();
  }
}
