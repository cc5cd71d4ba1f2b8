package dev.tracker.media;

import java.util.Optional;

/** An image file that is copied by path; its header is there if it could be read. */
record FileSource(SourceFile file, Optional<ImageHeader> header) implements PixelSource {
  @Override
  public long bytes() {
    return 0;
  }

  @Override
  public Details details() {
    return header.map(ImageHeader::details).orElse(Details.NONE);
  }

  @Override
  public Optional<String> mediaType() {
    return Optional.of(
        header.map(ImageHeader::mediaType).orElseGet(() -> MediaTypes.ofName(file.path())));
  }

  @Override
  public Pixels render() {
    throw Media.givenByPath(file);
  }
}
