package dev.tracker.metadata;

import dev.tracker.format.RunLayout;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The table {@code file}. */
final class FileTable {
  private static final String ALL = "SELECT path, length, digest FROM file ORDER BY path";

  private final PreparedStatement put;
  private final PreparedStatement delete;
  private final PreparedStatement deleteBelow;

  FileTable(Connection connection) throws SQLException {
    put =
        connection.prepareStatement(
            "INSERT OR REPLACE INTO file (path, length, digest) VALUES (?, ?, ?)");
    delete = connection.prepareStatement("DELETE FROM file WHERE path = ?");
    deleteBelow = connection.prepareStatement("DELETE FROM file WHERE path > ? AND path < ?");
  }

  void write(List<String> gone, List<FileEntry> added) throws SQLException {
    for (String path : gone) {
      delete.setString(1, path);
      delete.executeUpdate();
    }
    for (FileEntry file : added) {
      put.setString(1, file.path());
      put.setLong(2, file.length());
      put.setString(3, file.digest());
      put.executeUpdate();
    }
  }

  /** Takes out what is below folders. */
  void remove(List<String> folders) throws SQLException {
    for (String folder : folders) {
      deleteBelow.setString(1, folder + "/");
      deleteBelow.setString(2, folder + "0"); // the sign after the slash
      deleteBelow.executeUpdate();
    }
  }

  /** Reads the entry of a path. */
  static Optional<FileEntry> find(Connection connection, String path) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT length, digest FROM file WHERE path = ?")) {
      statement.setString(1, path);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(entry(path, row.getLong(1), row.getString(2)))
            : Optional.empty();
      }
    }
  }

  /**
   * Reads a path that is below neither folder in which there may be many files, as a message may
   * show it.
   */
  static Optional<String> strayPath(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT quote(substr(path, 1, 200)) FROM file WHERE coalesce("
                    + "substr(path, 1, 5) <> 'data/' AND substr(path, 1, 6) <> 'media/', 1)")) {
      return row.next() ? Optional.of(String.valueOf(row.getString(1))) : Optional.empty();
    }
  }

  static void read(Connection connection, Consumer<FileEntry> into) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(ALL)) {
      while (row.next()) {
        into.accept(entry(row.getString(1), row.getLong(2), row.getString(3)));
      }
    }
  }

  /** Reads on behind entries that are none, and tells of them. */
  static void read(Connection connection, Consumer<FileEntry> into, Consumer<String> faults)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(ALL)) {
      while (row.next()) {
        try {
          into.accept(entry(row.getString(1), row.getLong(2), row.getString(3)));
        } catch (SQLDataException e) {
          faults.accept("entry of a file cannot be read: cause=" + e.getMessage());
        }
      }
    }
  }

  /** Whoever reads or removes files by these paths must not leave the run folder. */
  private static FileEntry entry(@Nullable String path, long length, @Nullable String digest)
      throws SQLException {
    if (path == null || digest == null || !RunLayout.isInside(path)) {
      throw new SQLDataException(
          "not a file of the run: path=%.200s length=%d digest=%.200s"
              .formatted(path, length, digest));
    }
    return new FileEntry(path, length, digest);
  }
}
