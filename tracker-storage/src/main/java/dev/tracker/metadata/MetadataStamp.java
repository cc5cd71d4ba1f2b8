package dev.tracker.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How a run's database looks from outside: lengths and times of its files. Looking costs two system
 * calls, opens nothing, and so harms no lock.
 *
 * <p>A commit changes it: it writes either to the WAL or to the database. But times have steps, and
 * a WAL that begins anew may get the length that it had; so two equal stamps mean that nothing was
 * committed in between only where the earlier one was {@linkplain #isSettled settled}.
 *
 * @param database the database's file
 * @param log the WAL
 * @param seen when it was looked at, in milliseconds since the epoch
 */
public record MetadataStamp(@Nullable Seen database, @Nullable Seen log, long seen) {
  /** Times of common file systems come in steps of the kernel's tick, of at most 10 ms. */
  private static final long TICK_MILLIS = 50;

  /** Those of others come in whole seconds, or two. */
  private static final long COARSE_MILLIS = 2_500;

  /**
   * One file.
   *
   * @param key what tells it from another file of the same name, where there is such a thing
   * @param length in bytes
   * @param changed when it was last changed, in nanoseconds since the epoch
   */
  public record Seen(@Nullable Object key, long length, long changed) {}

  /** Looks at the files of a database, which need not exist. */
  public static MetadataStamp of(Path file) throws IOException {
    long now = System.currentTimeMillis();
    Seen database = look(file);
    return new MetadataStamp(
        database,
        database == null ? null : look(file.resolveSibling(file.getFileName() + "-wal")),
        now);
  }

  private static @Nullable Seen look(Path file) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return new Seen(
          found.fileKey(), found.size(), found.lastModifiedTime().to(TimeUnit.NANOSECONDS));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Whether a change after the look would have shown in any case. */
  public boolean isSettled() {
    return isSettled(database) && isSettled(log);
  }

  private boolean isSettled(@Nullable Seen file) {
    if (file == null) {
      return true;
    }
    boolean coarse = file.changed % 1_000_000_000 == 0;
    long age = seen - file.changed / 1_000_000;
    return age > (coarse ? COARSE_MILLIS : TICK_MILLIS);
  }

  /** Whether the files look as they did then. */
  public boolean isSameAs(MetadataStamp then) {
    return same(database, then.database) && same(log, then.log);
  }

  /** Whether another database stands in its place. */
  public boolean isOfAnotherFileThan(MetadataStamp then) {
    return database != null
        && then.database != null
        && !Objects.equals(database.key, then.database.key);
  }

  private static boolean same(@Nullable Seen a, @Nullable Seen b) {
    return a == null ? b == null : a.equals(b);
  }
}
