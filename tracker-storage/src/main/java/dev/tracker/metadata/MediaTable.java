package dev.tracker.metadata;

import dev.tracker.format.MediaForm;
import dev.tracker.format.RunLayout;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The table {@code media}. */
final class MediaTable {
  private static final String COLUMNS =
      "series, step, global_step, time, type, extension, caption, name, path, digest, length,"
          + " width, height, channels, sample_rate, seconds, error";

  /** All entries in the order in which they were logged. */
  static final String ALL = "SELECT " + COLUMNS + " FROM media ORDER BY id";

  private final PreparedStatement insert;
  private final PreparedStatement deleteAfter;

  MediaTable(Connection connection) throws SQLException {
    insert =
        connection.prepareStatement(
            "INSERT INTO media ("
                + COLUMNS
                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    deleteAfter = connection.prepareStatement("DELETE FROM media WHERE step > ?");
  }

  void write(List<MediaEntry> entries) throws SQLException {
    for (MediaEntry entry : entries) {
      MediaForm form = entry.form();
      insert.setInt(1, entry.series());
      insert.setLong(2, entry.step());
      insert.setLong(3, entry.globalStep());
      insert.setLong(4, entry.micros());
      insert.setString(5, form.type());
      insert.setString(6, form.extension());
      insert.setString(7, form.caption());
      insert.setString(8, form.name());
      insert.setString(9, entry.path());
      insert.setString(10, form.digest());
      insert.setLong(11, form.length());
      insert.setInt(12, form.width());
      insert.setInt(13, form.height());
      insert.setInt(14, form.channels());
      insert.setInt(15, form.sampleRate());
      insert.setDouble(16, form.seconds());
      insert.setString(17, form.error().isEmpty() ? null : form.error());
      insert.executeUpdate();
    }
  }

  /** Takes out what was logged at a greater step. */
  void goBack(long step) throws SQLException {
    deleteAfter.setLong(1, step);
    deleteAfter.executeUpdate();
  }

  /** Reads where the file of a content is. */
  static Optional<String> path(Connection connection, String digest) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT path FROM media WHERE digest = ? AND path IS NOT NULL LIMIT 1")) {
      query.setString(1, digest);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(inside(row.getString(1))) : Optional.empty();
      }
    }
  }

  /** Reads the files that nothing holds which was logged at a step up to the given one. */
  static List<String> pathsOnlyAfter(Connection connection, long step) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT path FROM media WHERE path IS NOT NULL GROUP BY path HAVING min(step) > ?")) {
      query.setLong(1, step);
      return paths(query);
    }
  }

  /** Reads all files, also those that only the table {@code file} names. */
  static List<String> paths(Connection connection) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT path FROM media WHERE path IS NOT NULL"
                + " UNION SELECT path FROM file WHERE substr(path, 1, 6) = 'media/'")) {
      return paths(query);
    }
  }

  private static List<String> paths(PreparedStatement query) throws SQLException {
    List<String> paths = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        paths.add(inside(row.getString(1)));
      }
    }
    return paths;
  }

  /**
   * Reads entries of a series in the order in which they were logged.
   *
   * @param query which of them
   */
  static void read(Connection connection, MediaQuery query, Consumer<MediaEntry> into)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT "
                + COLUMNS
                + " FROM media WHERE series = ? AND step BETWEEN ? AND ? ORDER BY id"
                + " LIMIT ? OFFSET ?")) {
      statement.setInt(1, query.series());
      statement.setLong(2, query.fromStep());
      statement.setLong(3, query.toStep());
      statement.setLong(4, query.limit());
      statement.setLong(5, query.offset());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          into.accept(entry(row));
        }
      }
    }
  }

  /** Counts the entries of a series within the range of steps. */
  static long count(Connection connection, MediaQuery query) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT count(*) FROM media WHERE series = ? AND step BETWEEN ? AND ?")) {
      statement.setInt(1, query.series());
      statement.setLong(2, query.fromStep());
      statement.setLong(3, query.toStep());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /** Reads an entry from a row of {@link #ALL}. */
  static MediaEntry entry(ResultSet row) throws SQLException {
    String path = row.getString(9);
    try {
      return new MediaEntry(
          row.getInt(1),
          row.getLong(2),
          row.getLong(3),
          row.getLong(4),
          form(row),
          path == null ? null : inside(path));
    } catch (IllegalArgumentException e) {
      throw new SQLDataException(e.getMessage(), e);
    }
  }

  private static MediaForm form(ResultSet row) throws SQLException {
    return new MediaForm(
        text(row.getString(5)),
        text(row.getString(6)),
        text(row.getString(7)),
        text(row.getString(8)),
        text(row.getString(10)),
        row.getLong(11),
        row.getInt(12),
        row.getInt(13),
        row.getInt(14),
        row.getInt(15),
        row.getDouble(16),
        false,
        text(row.getString(17)));
  }

  /** Whoever reads or removes files by these paths must not leave the folder of media. */
  private static String inside(String path) throws SQLException {
    if (!path.startsWith("media/") || !RunLayout.isInside(path)) {
      throw new SQLDataException("not a media file of the run: path=%.200s".formatted(path));
    }
    return path;
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }
}
