package dev.tracker.metadata;

import dev.tracker.format.Kind;
import dev.tracker.media.DurableFiles;
import dev.tracker.metadata.Change.FullTiles;
import dev.tracker.metadata.Change.StepsBack;
import dev.tracker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The one writer of a run's database.
 *
 * <p>Assumes that its process holds the run's lock. Guarantees that a commit is on stable storage
 * when it returns, and that the database is in the state after a whole commit, whatever happens.
 *
 * <p>Belongs to one thread.
 */
public final class MetadataWriter implements AutoCloseable {
  /** Pages in the WAL from which on SQLite moves them into the database after a commit: 4 MB. */
  private static final int CHECKPOINT_PAGES = 1_000;

  /** What a WAL that had to grow is cut back to. */
  private static final int WAL_BYTES = 4 << 20;

  private static final int CACHE_KILOBYTES = 8_000;

  /** How long {@link #finish} waits for readers to go. */
  private static final long FINISH_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long FINISH_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Path file;
  private final Database database;
  private final Object identity;
  private final CheckpointTable checkpoints;
  private final RunTable runs;
  private final SeriesTable series;
  private final TileTable tiles;
  private final FileTable files;
  private final StepTable steps;
  private final MediaTable media;
  private final Map<Integer, Known> known = new HashMap<>();
  private long position;
  private boolean closed;
  private boolean single;

  /** What must not change of a series, and what shows that it was written anew. */
  private record Known(Kind kind, int generation) {
    static Known of(SeriesEntry entry) {
      return new Known(entry.kind(), entry.generation());
    }
  }

  private MetadataWriter(Path file, Database database, Connection connection)
      throws SQLException, IOException {
    this.file = file;
    this.database = database;
    identity = identity(file);
    checkpoints = new CheckpointTable(connection);
    runs = new RunTable(connection);
    series = new SeriesTable(connection);
    tiles = new TileTable(connection);
    files = new FileTable(connection);
    steps = new StepTable(connection);
    media = new MediaTable(connection);
    Snapshot now = MetadataReader.snapshot(connection);
    position = now.checkpoint().position();
    now.series().forEach(entry -> known.put(entry.id(), Known.of(entry)));
  }

  /**
   * Opens a run's database, or creates it; its folder must be there.
   *
   * @throws MetadataException also where the format is newer than this library's
   */
  public static MetadataWriter open(Path file) throws IOException {
    Database database = Database.toWrite(file);
    try {
      return database.attempt(
          "open",
          connection -> {
            prepare(database, connection);
            return new MetadataWriter(file, database, connection);
          });
    } catch (Throwable e) {
      try (database) {
        throw e;
      }
    }
  }

  private static void prepare(Database database, Connection connection)
      throws SQLException, IOException {
    Schema.check(database, connection); // before anything is written into a file that is not ours
    // Where there is no shared memory the answer is another mode: slower, and as safe.
    Database.text(connection, "PRAGMA journal_mode = WAL");
    Database.run(connection, "PRAGMA synchronous = FULL");
    Database.run(connection, "PRAGMA fullfsync = ON");
    Database.run(connection, "PRAGMA checkpoint_fullfsync = ON");
    Database.number(connection, "PRAGMA wal_autocheckpoint = " + CHECKPOINT_PAGES);
    Database.number(connection, "PRAGMA journal_size_limit = " + WAL_BYTES);
    Database.run(connection, "PRAGMA cache_size = -" + CACHE_KILOBYTES);
    Database.run(connection, "PRAGMA temp_store = MEMORY");
    database.write("create the tables", c -> createIfEmpty(database, c));
  }

  private static void createIfEmpty(Database database, Connection connection)
      throws SQLException, IOException {
    if (Schema.check(database, connection) == Schema.State.EMPTY) {
      Schema.create(connection);
      CheckpointTable.create(connection);
      RunTable.create(connection);
    }
  }

  /** Reads the state after the last commit; before the first, that of a run without anything. */
  public Snapshot snapshot() throws IOException {
    requireOpen();
    return database.read("read the state", MetadataReader::snapshot);
  }

  /** Reads the ranges of global steps that begin at or before a step and reach beyond it. */
  public List<StepRange> stepsAcross(long step) throws IOException {
    requireOpen();
    return database.read("read the steps", connection -> StepTable.across(connection, step));
  }

  /** Returns the entry of a file by its path, as of the last commit. */
  public Optional<FileEntry> file(String path) throws IOException {
    requireOpen();
    return database.read("look up a file", connection -> FileTable.find(connection, path));
  }

  /**
   * Returns a path in the table of files, as SQL, that is below neither {@code data/} nor {@code
   * media/}; there is one at most in a sound run, that of the console's log.
   */
  public Optional<String> strayPath() throws IOException {
    requireOpen();
    return database.read("look through the files", FileTable::strayPath);
  }

  /** Returns where the file of a content is, by its SHA-256, as of the last commit. */
  public Optional<String> mediaPath(String digest) throws IOException {
    requireOpen();
    return database.read("look up a content", connection -> MediaTable.path(connection, digest));
  }

  /** Returns the media files that a rewind to a step leaves without an entry. */
  public List<String> mediaOnlyAfter(long step) throws IOException {
    requireOpen();
    return database.read("look up media", c -> MediaTable.pathsOnlyAfter(c, step));
  }

  /**
   * Returns all media files, as of the last commit: those of entries, and those that the table of
   * files names.
   */
  public List<String> mediaPaths() throws IOException {
    requireOpen();
    return database.read("look up media", MediaTable::paths);
  }

  /** Reads entries of media, as of the last commit. */
  public void media(MediaQuery query, Consumer<MediaEntry> into) throws IOException {
    requireOpen();
    database.read(
        "read media",
        connection -> {
          MediaTable.read(connection, query, into);
          return true;
        });
  }

  /**
   * Makes a change true, on stable storage, in one transaction.
   *
   * @throws MetadataException when it was not done. Where another program holds a lock or the disk
   *     is full, nothing of it was, and the same change can be committed again later. After every
   *     other failure this writer is closed: what is true then is what a new one says.
   * @throws IllegalArgumentException where the change goes back behind the last checkpoint, or
   *     changes a series' kind
   */
  public void commit(Change change) throws IOException {
    requireOpen();
    check(change);
    try {
      if (!identity.equals(identity(file))) {
        throw database.failure(Reason.NO_ACCESS, "metadata database was replaced while in use");
      }
      database.write(
          "commit at position " + change.checkpoint().position(), connection -> apply(change));
    } catch (MetadataException e) {
      if (e.reason() != Reason.LOCKED && e.reason() != Reason.DISK_FULL) {
        closeAfter(e);
      }
      throw e;
    }
    position = change.checkpoint().position();
    change.series().forEach(entry -> known.put(entry.id(), Known.of(entry)));
  }

  private void check(Change change) {
    if (change.checkpoint().position() < position) {
      throw new IllegalArgumentException(
          "checkpoint goes back: position=%d last=%d file=%s"
              .formatted(change.checkpoint().position(), position, file));
    }
    for (SeriesEntry entry : change.series()) {
      Known before = known.get(entry.id());
      if (before != null && before.kind != entry.kind()) {
        throw new IllegalArgumentException(
            "series changes its kind: name=%s kind=%s before=%s file=%s"
                .formatted(entry.name(), entry.kind(), before.kind, file));
      }
    }
  }

  private void apply(Change change) throws SQLException {
    checkpoints.write(change.checkpoint(), change.gaps());
    if (change.run() != null) {
      runs.write(change.run());
    }
    for (SeriesEntry entry : change.series()) {
      apply(entry);
    }
    for (FullTiles added : change.tiles()) {
      tiles.append(added);
    }
    files.remove(change.foldersGone());
    files.write(change.gone(), change.files());
    StepsBack back = change.stepsBack();
    if (back != null) {
      steps.goBack(back);
      media.goBack(back.step());
    }
    steps.write(change.steps());
    media.write(change.media());
  }

  private void apply(SeriesEntry entry) throws SQLException {
    Known before = known.get(entry.id());
    if (before == null) {
      series.insert(entry);
      return;
    }
    series.update(entry);
    if (before.generation != entry.generation()) {
      tiles.clear(entry.id());
    }
  }

  /**
   * Closes the database as one file, which opens from a read-only medium too; idempotent.
   *
   * @return whether it is one; not where other programs kept it open: it is whole all the same, but
   *     it can be opened only where files can be made beside it
   */
  public boolean finish() throws IOException {
    if (closed) {
      return single;
    }
    single = leaveWal();
    close();
    DurableFiles.forceFolder(file.toAbsolutePath().resolveSibling(""));
    return single;
  }

  private boolean leaveWal() throws IOException {
    long deadline = System.nanoTime() + FINISH_PATIENCE_NANOS;
    while (true) {
      try {
        database.attempt("finish", MetadataWriter::leaveWal);
        return true;
      } catch (MetadataException e) {
        if (e.reason() != Reason.LOCKED) {
          throw e;
        }
      }
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(FINISH_PAUSE_NANOS);
    }
  }

  private static String leaveWal(Connection connection) throws SQLException {
    Database.number(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    return String.valueOf(Database.text(connection, "PRAGMA journal_mode = DELETE"));
  }

  /** Closes the database; idempotent. */
  @Override
  public void close() throws IOException {
    closed = true;
    database.close();
  }

  private void closeAfter(MetadataException failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private void requireOpen() throws MetadataException {
    if (closed) {
      throw database.failure(Reason.OTHER, "metadata database is closed");
    }
  }

  /** Returns what tells this file from another of its name, asked without opening it. */
  private static Object identity(Path file) throws IOException {
    try {
      Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      return key == null ? file : key;
    } catch (NoSuchFileException e) {
      throw new MetadataException(
          Reason.NO_ACCESS,
          "metadata database is gone: file=" + file + " (was the run folder deleted or moved?)");
    }
  }
}
