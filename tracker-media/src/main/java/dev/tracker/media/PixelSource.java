package dev.tracker.media;

import java.util.Optional;

/** What an image is made of, as it was given. Immutable, or never changed by a promise. */
sealed interface PixelSource
    permits ArraySource, BufferedSource, EncodedSource, FileSource, GridSource {
  /** Returns how many bytes it holds in memory. */
  long bytes();

  /** Returns width, height and channels as far as they are known. */
  Details details();

  /** Returns the type of the file that it is; empty where it is none yet. */
  default Optional<String> mediaType() {
    return Optional.empty();
  }

  /** Computes the pixels. */
  Pixels render();
}
