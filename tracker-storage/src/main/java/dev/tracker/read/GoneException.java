package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.metadata.SeriesEntry;
import java.io.IOException;

/** What a reader's moment holds is no longer there: the run went back. A new moment can be read. */
final class GoneException extends IOException {
  private static final long serialVersionUID = 1L;

  private GoneException(String message) {
    super(message);
  }

  /** Says of which series, and what to do. */
  static GoneException of(RunLayout layout, SeriesEntry entry) {
    return new GoneException(
        "the run went back to an earlier step since this reader looked: run="
            + layout.root()
            + " metric='"
            + entry.name()
            + "' generation="
            + entry.generation()
            + " (call refresh)");
  }
}
