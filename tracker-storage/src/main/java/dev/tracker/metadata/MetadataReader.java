package dev.tracker.metadata;

import dev.tracker.format.ConsoleLog;
import dev.tracker.metadata.Database.Work;
import dev.tracker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads a run's database, live or finished: each call opens it, reads in one short transaction, and
 * closes it.
 *
 * <p>It never holds up the writer. Calls see each the state after a whole commit, but not the same
 * one; what belongs together is read by one call.
 *
 * <p>May be called from any thread.
 */
public final class MetadataReader {
  /** The most tiles that one call gives: a billion rows of level 0. */
  public static final int MAX_TILES = 1 << 20;

  private MetadataReader() {}

  /** Reads the state after the last commit; empty where there is no database yet. */
  public static Optional<Snapshot> read(Path file) throws IOException {
    return query(file, "read the state", MetadataReader::snapshot);
  }

  /**
   * Reads the state after the last commit, of the series only those that may have changed since an
   * earlier one: those that commits touched whose checkpoint is not less, and those of greater ids.
   * Empty where there is no database yet.
   *
   * @param position the checkpoint's position in the state that is known
   * @param highestId the highest id of a series in it, -1 where there are none
   */
  public static Optional<Snapshot> readSince(Path file, long position, int highestId)
      throws IOException {
    return query(
        file,
        "read what has changed",
        connection -> snapshot(connection, SeriesTable.readSince(connection, position, highestId)));
  }

  /**
   * Reads the state after the last commit and hands over every file the run is made of, by path.
   */
  public static Optional<Snapshot> read(Path file, Consumer<FileEntry> files) throws IOException {
    return query(
        file,
        "read the state and the files",
        connection -> {
          FileTable.read(connection, files);
          return snapshot(connection);
        });
  }

  /**
   * Reads full tiles {@code first} to {@code first + count - 1} of a level of a series, as far as
   * there are any.
   *
   * @param count at most {@link #MAX_TILES}
   * @return empty where the series is of another generation by now: take a new snapshot
   */
  public static Optional<Tiles> tiles(
      Path file, SeriesEntry series, int level, long first, int count) throws IOException {
    if (level < 0 || level >= Tiles.LEVELS || first < 0 || count < 0 || count > MAX_TILES) {
      throw new IllegalArgumentException(
          "no such tiles: level=%d first=%d count=%d levels=%d most=%d"
              .formatted(level, first, count, Tiles.LEVELS, MAX_TILES));
    }
    return query(
            file,
            "read tiles of series " + series.name(),
            connection ->
                SeriesTable.generation(connection, series.id()) == series.generation()
                    ? Optional.of(
                        new Tiles(
                            series.kind(),
                            first,
                            TileTable.read(connection, series.id(), level, first, count)))
                    : Optional.<Tiles>empty())
        .flatMap(tiles -> tiles);
  }

  /**
   * The ranges of all global steps, by global step, as of a checkpoint.
   *
   * @param position the checkpoint's position in the journal
   * @param ranges the ranges
   */
  public record StepsAt(long position, List<StepRange> ranges) {}

  /** Reads all ranges of global steps and the checkpoint that they belong to. */
  public static StepsAt steps(Path file) throws IOException {
    return query(
            file,
            "read the steps",
            connection ->
                new StepsAt(
                    CheckpointTable.read(connection).counters().position(),
                    StepTable.read(connection, Long.MIN_VALUE, Long.MAX_VALUE)))
        .orElse(new StepsAt(0, List.of()));
  }

  /** Reads the ranges of global steps {@code from} to {@code to}, both included, by global step. */
  public static List<StepRange> steps(Path file, long from, long to) throws IOException {
    return query(file, "read the steps", connection -> StepTable.read(connection, from, to))
        .orElse(List.of());
  }

  /**
   * What is known of global steps around a step.
   *
   * @param latest the range that ends last of those that lie wholly at or before the step
   * @param across the ranges that begin at or before it and reach beyond it
   */
  public record StepsAround(Optional<StepRange> latest, List<StepRange> across) {}

  /** Reads which ranges of global steps end before a step, and which reach across it. */
  public static StepsAround stepsAround(Path file, long step) throws IOException {
    return query(
            file,
            "read the steps",
            connection ->
                new StepsAround(
                    StepTable.latestUpTo(connection, step).stream().findFirst(),
                    StepTable.across(connection, step)))
        .orElse(new StepsAround(Optional.empty(), List.of()));
  }

  /** Reads entries of media, in the order in which they were logged. */
  public static List<MediaEntry> media(Path file, MediaQuery query) throws IOException {
    return query(
            file,
            "read media",
            connection -> {
              List<MediaEntry> entries = new ArrayList<>();
              MediaTable.read(connection, query, entries::add);
              return entries;
            })
        .orElse(List.of());
  }

  /** Counts the entries of media that a query finds, whatever page it asks for. */
  public static long mediaCount(Path file, MediaQuery query) throws IOException {
    return query(file, "count media", connection -> MediaTable.count(connection, query)).orElse(0L);
  }

  /** Returns where the file of a content is, by its SHA-256. */
  public static Optional<String> mediaPath(Path file, String digest) throws IOException {
    return query(file, "look up a content", c -> MediaTable.path(c, digest)).flatMap(path -> path);
  }

  /** Reads the gaps, in the order of the journal. */
  public static List<Gap> gaps(Path file) throws IOException {
    return query(file, "read the gaps", CheckpointTable::readGaps).orElse(List.of());
  }

  /**
   * Copies the database, live or not, as one file on stable storage. To copy a run, copy this first
   * and then the files that the copy names.
   *
   * @param target must not exist
   * @return whether there was a database to copy
   */
  public static boolean copy(Path file, Path target) throws IOException {
    // VACUUM is a transaction of its own.
    return query(
            file,
            "copy to " + target,
            Database::attempt,
            connection -> vacuumInto(connection, target))
        .isPresent();
  }

  private static boolean vacuumInto(Connection connection, Path target) throws SQLException {
    try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
      Database.run(connection, "PRAGMA synchronous = FULL");
      vacuum.setString(1, target.toAbsolutePath().toString());
      return vacuum.executeUpdate() >= 0;
    }
  }

  /** Reads the state; part of the caller's transaction. */
  static Snapshot snapshot(Connection connection) throws SQLException, IOException {
    return snapshot(connection, SeriesTable.read(connection));
  }

  private static Snapshot snapshot(Connection connection, List<SeriesEntry> series)
      throws SQLException, IOException {
    CheckpointTable.State state = CheckpointTable.read(connection);
    return new Snapshot(
        state.counters(),
        RunTable.read(connection),
        series,
        state.gaps(),
        state.rowsLost(),
        FileTable.find(connection, ConsoleLog.PATH).map(FileEntry::length).orElse(0L));
  }

  /** How work is done: in a transaction or not. */
  @FunctionalInterface
  private interface Way<T> {
    Optional<T> go(Database database, String doing, Work<Optional<T>> work) throws IOException;
  }

  private static <T> Optional<T> query(Path file, String doing, Work<T> work) throws IOException {
    return query(file, doing, Database::read, work);
  }

  private static <T> Optional<T> query(Path file, String doing, Way<T> way, Work<T> work)
      throws IOException {
    if (!Database.exists(file)) {
      return Optional.empty();
    }
    try (Database database = Database.toRead(file)) {
      return answer(database, doing, way, work);
    } catch (MetadataException e) {
      if (e.reason() != Reason.NO_ACCESS) {
        throw e;
      }
      return queryFrozen(file, doing, way, work, e);
    }
  }

  /**
   * Reads a database in WAL mode from a folder in which SQLite can make no files. Where a WAL is
   * there it cannot be done, because what stands in it would be missed; nor where the file changes
   * meanwhile.
   */
  private static <T> Optional<T> queryFrozen(
      Path file, String doing, Way<T> way, Work<T> work, MetadataException plain)
      throws IOException {
    Frozen before = Frozen.look(file);
    if (before.wal) {
      throw new MetadataException(
          Reason.NO_ACCESS,
          "metadata database has a WAL, which cannot be read where no files can be made: file="
              + file
              + " (its writer was killed; copy the run to where it can be written and open it there)",
          plain);
    }
    Optional<T> answer;
    try (Database database = Database.toReadImmutable(file)) {
      answer = answer(database, doing, way, work);
    } catch (MetadataException e) {
      plain.addSuppressed(e);
      throw plain;
    }
    if (!Frozen.look(file).equals(before)) {
      throw plain;
    }
    return answer;
  }

  /** What shows, without opening it, that nobody writes a database. */
  private record Frozen(boolean wal, long length, FileTime changed) {
    static Frozen look(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      Path log = file.resolveSibling(file.getFileName() + "-wal");
      boolean wal = Files.exists(log) && Files.size(log) > 0;
      return new Frozen(wal, attributes.size(), attributes.lastModifiedTime());
    }
  }

  private static <T> Optional<T> answer(Database database, String doing, Way<T> way, Work<T> work)
      throws IOException {
    return way.go(
        database,
        doing,
        connection ->
            Schema.check(database, connection) == Schema.State.EMPTY
                ? Optional.empty()
                : Optional.of(work.with(connection)));
  }
}
