package dev.tracker.media;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Something to see, hear or read that is logged like a number: an {@link Image}, {@link Audio},
 * {@link Video}, {@link Text} or {@link Attachment}.
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>A value is a snapshot: what it was made from may be changed as soon as the factory method
 *       has returned. The exceptions are the methods called {@code adopt}, whose caller promises
 *       not to touch the array again, and a file that is given by path, which stays where it is
 *       until it is copied in the background ({@link #source}).
 *   <li>A value is immutable and safe for any number of threads. Methods like {@link #withCaption}
 *       return another value that shares the snapshot.
 *   <li>Too much is refused by the factory method, with the limit and how to change it ({@link
 *       MediaLimits}). Nothing is refused later.
 *   <li>Nothing here needs a display.
 * </ul>
 */
public abstract sealed class Media permits Image, Audio, Video, Text, Attachment {
  private final String caption;

  Media(String caption) {
    this.caption = MediaLimits.checkCaption(caption);
  }

  /** Returns what is to stand below it; may be empty. */
  public final String caption() {
    return caption;
  }

  /** Returns the same value with another caption. */
  public abstract Media withCaption(String caption);

  /** Returns the type of the bytes that {@link #encode} gives or the file holds: image/png, say. */
  public abstract String mediaType();

  /** Returns the ending of the file that will hold it: lower-case letters and digits, no dot. */
  public abstract String extension();

  /** Returns about how many bytes it holds in memory until it is encoded. */
  public abstract long payloadBytes();

  /** Returns what is known of it without encoding. */
  public abstract Details details();

  /**
   * Returns the file that is to be copied, where the value is a file given by path; such a value
   * has nothing to encode and never goes through the ring.
   */
  public Optional<SourceFile> sourceFile() {
    return Optional.empty();
  }

  /** Returns the path of {@link #sourceFile}. */
  public final Optional<Path> source() {
    return sourceFile().map(SourceFile::path);
  }

  /**
   * Returns the bytes of the file that will hold it. The same value gives the same bytes each time.
   * It computes, so it does not belong on the thread that logs.
   *
   * @throws IllegalStateException if the value is a file given by path
   * @throws java.io.UncheckedIOException if an image that was given encoded had to be decoded, for
   *     a grid or as JPEG, and is broken
   */
  public abstract Encoded encode();

  static IllegalStateException givenByPath(SourceFile file) {
    return new IllegalStateException(
        "a file given by path is copied, not encoded: source=" + file.path());
  }
}
