package dev.tracker.metadata;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads a run's database, live or finished: each call opens it, reads in one short transaction, and closes it.
 *
 * <p>May be called from any thread. What lies between two calls may differ, so what belongs together is read by one.
 */
public final class MetadataReader {
  private MetadataReader() {}

  /** Reads the state after the last commit; empty where there was none yet. */
  public static Optional<Snapshot> read(Path db) throws IOException {
    return Optional.empty();
  }

  /** Reads the state after the last commit and hands over every file it is made of, by path. */
  public static Optional<Snapshot> read(Path db, Consumer<FileEntry> files) throws IOException {
    return Optional.empty();
  }

  /**
   * Reads full tiles {@code first} to {@code first + count - 1} of a series, as far as there are any.
   *
   * @return empty where the series has another generation by now: take a new snapshot
   */
  public static Optional<Tiles> tiles(Path db, SeriesEntry series, int level, long first, int count)
      throws IOException {
    return Optional.empty();
  }

  /** Reads the ranges of global steps {@code from} to {@code to}, both included, by global step. */
  public static List<StepRange> steps(Path db, long from, long to) throws IOException {
    return List.of();
  }

  /** Reads the gaps, in the order of the journal. */
  public static List<Gap> gaps(Path db) throws IOException {
    return List.of();
  }

  /** Copies the database, live or not, as one file that nobody else writes; the target must not exist. */
  public static void copy(Path db, Path target) throws IOException {
    throw new MetadataException(MetadataException.Reason.OTHER, "not written yet: file=" + db);
  }
}
