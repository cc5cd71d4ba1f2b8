package dev.tracker.metadata;

import dev.tracker.format.PlainFiles;
import dev.tracker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;
import org.sqlite.jdbc4.JDBC4Connection;

/**
 * A connection to a run's database, and the one place where an {@link SQLException} becomes ours.
 *
 * <p>One thread at a time.
 */
final class Database implements AutoCloseable {
  /** How long to wait for another program's lock. A writer waits less: it serves other runs too. */
  private static final int WRITER_PATIENCE_MILLIS = 2_000;

  private static final int READER_PATIENCE_MILLIS = 5_000;

  /** The longest text or blob that is read: far more than any that is written. */
  private static final int MAX_VALUE_BYTES = 256 << 20;

  private static final int MAX_TRIES_WITHOUT_MEMORY = 200;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** What SQLite opens by itself. */
  private static final List<String> ENDINGS = List.of("", "-wal", "-shm", "-journal");

  /** The driver copies them. */
  private static final Properties TO_WRITE = properties(false, false);

  private static final Properties TO_READ = properties(true, true);

  private static final Properties TO_CHECK = properties(false, true);

  private final Path file;
  private final Connection connection;

  private Database(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  /** What is done with the connection. */
  @FunctionalInterface
  interface Work<T> {
    T with(Connection connection) throws SQLException, IOException;
  }

  /** What is done with the connection where nothing comes of it. */
  @FunctionalInterface
  interface Action {
    void with(Connection connection) throws SQLException, IOException;
  }

  /** Opens a database to be written, and creates the file where there is none. */
  static Database toWrite(Path file) throws IOException {
    return open(file, "", TO_WRITE, WRITER_PATIENCE_MILLIS);
  }

  /** Opens a database to be read; neither it nor the files beside it need to be writable. */
  static Database toRead(Path file) throws IOException {
    return open(file, "?mode=ro", TO_READ, READER_PATIENCE_MILLIS);
  }

  /**
   * Opens a database that nothing can write, not even SQLite's own files beside it. What stands in
   * a WAL would not be seen, so there must be none.
   */
  static Database toReadImmutable(Path file) throws IOException {
    return open(file, "?mode=ro&immutable=1", TO_READ, READER_PATIENCE_MILLIS);
  }

  /** Opens a private copy of a database that may be damaged, and lets SQLite take in its WAL. */
  static Database toCheck(Path copy) throws IOException {
    return open(copy, "", TO_CHECK, WRITER_PATIENCE_MILLIS);
  }

  private static Properties properties(boolean readOnly, boolean limited) {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(readOnly);
    config.setOpenMode(SQLiteOpenMode.NOMUTEX); // one thread at a time is our rule
    if (limited) {
      // What another program made of the file must not have SQLite work or allocate without limit.
      config.setPragma(SQLiteConfig.Pragma.LIMIT_LENGTH, Integer.toString(MAX_VALUE_BYTES));
    }
    return config.toProperties();
  }

  private static Database open(Path file, String parameters, Properties config, int patienceMillis)
      throws IOException {
    NativeSqlite.require();
    PlainFiles.requireFolder(file.resolveSibling(""));
    for (String ending : ENDINGS) {
      PlainFiles.requireFile(file.resolveSibling(file.getFileName() + ending));
    }
    String uri = uri(file) + parameters;
    try {
      JDBC4Connection connection = new JDBC4Connection("jdbc:sqlite:" + uri, uri, config);
      connection.setBusyTimeout(patienceMillis); // among the properties it would be a statement
      return new Database(file, connection);
    } catch (SQLException e) {
      throw SqlFailures.explain(e, file, "open");
    }
  }

  /**
   * Returns a path as a URI, because the driver would take what follows a '?' in a plain one for
   * parameters. Most paths need no escapes, and the JDK would ask the disk for a folder's slash.
   */
  private static String uri(Path file) {
    Path absolute = file.toAbsolutePath();
    String plain = absolute.toString();
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      boolean unreserved =
          (c >= 'a' && c <= 'z') || (c >= '-' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!unreserved) {
        return "file:" + absolute.toUri().getRawPath();
      }
    }
    return "file:" + plain;
  }

  /** Works with the connection; a failure says what was being done. */
  <T> T attempt(String doing, Work<T> work) throws IOException {
    try {
      return work.with(connection);
    } catch (SQLException e) {
      throw SqlFailures.explain(e, file, doing);
    }
  }

  /** Works in one transaction that may write: all of it or, where it throws, nothing. */
  void write(String doing, Action action) throws IOException {
    attempt(
        doing,
        c ->
            inTransaction(
                c,
                "BEGIN IMMEDIATE",
                connection -> {
                  action.with(connection);
                  return true;
                }));
  }

  /** Works in one transaction that only reads: all of it is the same moment. */
  <T> T read(String doing, Work<T> work) throws IOException {
    return attempt(doing, c -> inTransaction(c, "BEGIN", work));
  }

  private static <T> T inTransaction(Connection connection, String begin, Work<T> work)
      throws SQLException, IOException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(begin);
      boolean done = false;
      try {
        T result = work.with(connection);
        statement.executeUpdate("COMMIT");
        done = true;
        return result;
      } finally {
        if (!done) {
          rollBack(statement);
        }
      }
    }
  }

  private static void rollBack(Statement statement) {
    try {
      statement.executeUpdate("ROLLBACK");
    } catch (SQLException e) {
      // SQLite has rolled back by itself, as it does where the disk is full; what failed is on its
      // way up.
    }
  }

  /** Runs statements that return nothing. */
  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  /** Returns the only value of a query's only row; 0 where there is no row. */
  static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /**
   * Returns the only text of a query's only row, which may be null; empty where there is no row.
   */
  static @Nullable String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : "";
    }
  }

  /** Returns a failure of this database that SQLite did not see. */
  MetadataException failure(Reason reason, String what) {
    return new MetadataException(reason, what + ": file=" + file);
  }

  /**
   * Whether there is a file, asked without opening it; a folder that cannot be looked into is an
   * error.
   */
  static boolean exists(Path file) throws IOException {
    try {
      Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new MetadataException(
          Reason.NO_ACCESS,
          "metadata database cannot be looked for: file="
              + file
              + " cause="
              + e.getMessage()
              + " (no permission on its folder?)");
    }
  }

  /**
   * Closes the connection; idempotent. It waits a while for memory: a connection that stays open
   * may hold a lock, against this process too.
   */
  @Override
  public void close() throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        connection.close();
        return;
      } catch (SQLException e) {
        throw SqlFailures.explain(e, file, "close");
      } catch (OutOfMemoryError e) {
        if (tries == MAX_TRIES_WITHOUT_MEMORY) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}
