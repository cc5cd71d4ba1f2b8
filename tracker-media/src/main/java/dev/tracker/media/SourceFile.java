package dev.tracker.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * A file of the user's as it was at one moment, so that a change between logging and copying is
 * noticed.
 *
 * @param path absolute
 * @param size in bytes; {@link #GONE} where there was no such file, or not a plain one
 * @param modifiedNanos when it was last modified, in nanoseconds since 1970 as far as the file
 *     system tells
 */
public record SourceFile(Path path, long size, long modifiedNanos) {
  /** The size of a file that is not there. */
  public static final long GONE = -1;

  public SourceFile {
    path = path.toAbsolutePath();
  }

  /** Looks at a file. Never fails: one that is not there is so stated. */
  public static SourceFile of(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? new SourceFile(path, attributes.size(), nanos(attributes))
          : new SourceFile(path, GONE, 0);
    } catch (IOException e) {
      return new SourceFile(path, GONE, 0);
    }
  }

  /** Returns whether it was not there, or not a plain file. */
  public boolean isGone() {
    return size == GONE;
  }

  private static long nanos(BasicFileAttributes attributes) {
    Instant modified = attributes.lastModifiedTime().toInstant();
    return TimeUnit.SECONDS.toNanos(modified.getEpochSecond()) + modified.getNano();
  }
}
