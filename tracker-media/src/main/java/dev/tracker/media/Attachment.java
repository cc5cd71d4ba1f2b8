package dev.tracker.media;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Any file: weights, a report, a configuration. Given by path it is copied in the background and
 * never read into memory; given as bytes it goes the way of every value.
 */
public final class Attachment extends Media {
  private final Optional<SourceFile> file;
  private final byte[] bytes;
  private final String mediaType;
  private final String extension;

  private Attachment(
      Optional<SourceFile> file, byte[] bytes, String mediaType, String extension, String caption) {
    super(caption);
    this.file = file;
    this.bytes = bytes;
    this.mediaType = mediaType;
    this.extension = extension;
  }

  /**
   * Gives a file by path; its name tells the media type and is the caption. The file must stay as
   * it is until it has been copied; where it is missing or changes before, this one entry carries
   * an error.
   */
  public static Attachment of(Path file) {
    Objects.requireNonNull(file, "file");
    return new Attachment(
        Optional.of(SourceFile.of(file)),
        new byte[0],
        MediaTypes.ofName(file),
        MediaTypes.extension(file),
        Objects.toString(file.getFileName(), ""));
  }

  /** Gives a file's content and its name, which tells the media type and is the caption. */
  public static Attachment of(byte[] bytes, String name) {
    Objects.requireNonNull(bytes, "bytes");
    Objects.requireNonNull(name, "name");
    MediaLimits.checkBytes("attachment", bytes.length);
    return adopt(bytes.clone(), name);
  }

  /** As {@link #of(byte[], String)}, without a copy: the caller never touches the array again. */
  public static Attachment adopt(byte[] bytes, String name) {
    Objects.requireNonNull(bytes, "bytes");
    Objects.requireNonNull(name, "name");
    MediaLimits.checkBytes("attachment", bytes.length);
    return new Attachment(
        Optional.empty(), bytes, MediaTypes.ofName(name), MediaTypes.extension(name), name);
  }

  /** Returns the same attachment with a media type that its name does not tell. */
  public Attachment withMediaType(String mediaType) {
    return new Attachment(file, bytes, MediaTypes.check(mediaType), extension, caption());
  }

  @Override
  public Attachment withCaption(String caption) {
    return new Attachment(file, bytes, mediaType, extension, caption);
  }

  @Override
  public String mediaType() {
    return mediaType;
  }

  @Override
  public String extension() {
    return extension;
  }

  @Override
  public long payloadBytes() {
    return bytes.length;
  }

  @Override
  public Details details() {
    return Details.NONE;
  }

  @Override
  public Optional<SourceFile> sourceFile() {
    return file;
  }

  @Override
  public Encoded encode() {
    file.ifPresent(path -> {
      throw givenByPath(path);
    });
    return new Encoded(bytes, mediaType, extension, Details.NONE);
  }
}
