package dev.tracker.metadata;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tracker.format.RunDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables {@code run}, {@code config}, {@code environment}, {@code tag} and {@code tables}: the
 * run's document, whole, and spread out for those who ask in SQL. Only the whole one is ever read
 * back.
 */
final class RunTable {
  /** Fields of the document that are columns too. */
  private static final String[] FIELDS = {
    "id", "name", "project", "status", "created", "finished", "notes", "error"
  };

  private final PreparedStatement update;
  private final SpreadTable config;
  private final SpreadTable environment;
  private final PreparedStatement clearTags;
  private final PreparedStatement insertTag;
  private final PreparedStatement clearTables;
  private final PreparedStatement insertColumn;

  RunTable(Connection connection) throws SQLException {
    update =
        connection.prepareStatement(
            "UPDATE run SET " + String.join(" = ?, ", FIELDS) + " = ?, document = ?");
    config = new SpreadTable(connection, RunDocument.CONFIG);
    environment = new SpreadTable(connection, RunDocument.ENVIRONMENT);
    clearTags = connection.prepareStatement("DELETE FROM tag");
    insertTag = connection.prepareStatement("INSERT INTO tag (tag) VALUES (?)");
    clearTables = connection.prepareStatement("DELETE FROM tables");
    insertColumn =
        connection.prepareStatement(
            "INSERT INTO tables (name, ordinal, column_name, type, field) VALUES (?, ?, ?, ?, ?)");
  }

  static void create(Connection connection) throws SQLException {
    Database.run(connection, "INSERT INTO run (one, document) VALUES (1, '{}')");
  }

  static RunDocument read(Connection connection) throws SQLException, IOException {
    String json = Database.text(connection, "SELECT document FROM run");
    if (json == null) {
      throw new SQLDataException("the run has no document");
    }
    return RunDocument.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  void write(RunDocument document) throws SQLException {
    for (int i = 0; i < FIELDS.length; i++) {
      update.setString(i + 1, plain(document.fields().get(FIELDS[i])));
    }
    update.setString(FIELDS.length + 1, new String(document.toJson(), StandardCharsets.UTF_8));
    update.executeUpdate();
    config.write(document.fields().get(RunDocument.CONFIG));
    environment.write(document.fields().get(RunDocument.ENVIRONMENT));
    clearTags.executeUpdate();
    for (JsonNode tag : document.fields().path("tags")) {
      insertTag.setString(1, plain(tag));
      insertTag.executeUpdate();
    }
    clearTables.executeUpdate();
    for (Map.Entry<String, JsonNode> field : document.fields().properties()) {
      if (field.getKey().startsWith(RunDocument.TABLE)) {
        insertColumns(field.getKey().substring(RunDocument.TABLE.length()), field.getValue());
      }
    }
  }

  private void insertColumns(String table, JsonNode columns) throws SQLException {
    int ordinal = 0;
    for (JsonNode column : columns) {
      insertColumn.setString(1, table);
      insertColumn.setInt(2, ordinal++);
      insertColumn.setString(3, column.path("name").asText());
      insertColumn.setString(4, column.path("type").asText());
      insertColumn.setString(5, column.path("field").asText());
      insertColumn.executeUpdate();
    }
  }

  private static @Nullable String plain(@Nullable JsonNode value) {
    return value == null ? null : value.isTextual() ? value.textValue() : value.toString();
  }
}
