package dev.tracker.media;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** A film in a file. It is copied in the background as it is and never read into memory. */
public final class Video extends Media {
  private final SourceFile file;

  private Video(SourceFile file, String caption) {
    super(caption);
    this.file = file;
  }

  /**
   * Gives a film by path. The file must stay as it is until it has been copied; where it is missing
   * or changes before, this one entry carries an error.
   */
  public static Video of(Path file) {
    return of(file, "");
  }

  /** As {@link #of(Path)}, with a caption. */
  public static Video of(Path file, String caption) {
    Objects.requireNonNull(file, "file");
    return new Video(SourceFile.of(file), caption);
  }

  @Override
  public Video withCaption(String caption) {
    return new Video(file, caption);
  }

  @Override
  public String mediaType() {
    return MediaTypes.ofName(file.path());
  }

  @Override
  public String extension() {
    return MediaTypes.extension(file.path());
  }

  @Override
  public long payloadBytes() {
    return 0;
  }

  @Override
  public Details details() {
    return Details.NONE;
  }

  @Override
  public Optional<SourceFile> sourceFile() {
    return Optional.of(file);
  }

  @Override
  public Encoded encode() {
    throw givenByPath(file);
  }
}
