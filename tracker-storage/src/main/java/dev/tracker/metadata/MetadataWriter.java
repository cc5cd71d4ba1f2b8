package dev.tracker.metadata;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The one writer of a run's database.
 *
 * <p>Belongs to one thread, and to the process that holds the run's lock.
 */
public final class MetadataWriter implements AutoCloseable {
  private final Path db;

  private MetadataWriter(Path db) {
    this.db = db;
  }

  /**
   * Opens a run's database, or creates it; its folder must be there.
   *
   * @throws MetadataException also where the format is newer than this library's
   */
  public static MetadataWriter open(Path db) throws IOException {
    return new MetadataWriter(db);
  }

  /** Reads the state after the last commit; before the first, that of a run in which nothing happened. */
  public Snapshot snapshot() throws IOException {
    throw new MetadataException(MetadataException.Reason.OTHER, "not written yet: file=" + db);
  }

  /**
   * Makes a change true, on stable storage, in one transaction.
   *
   * @throws MetadataException when nothing of it was done; the same change can be committed again later
   */
  public void commit(Change change) throws IOException {
    throw new MetadataException(MetadataException.Reason.OTHER, "not written yet: file=" + db);
  }

  /** Closes the database such that it is one file, which opens from a read-only medium too. */
  public void finish() throws IOException {
    close();
  }

  /** Closes the database; idempotent. */
  @Override
  public void close() throws IOException {}
}
