package dev.tracker.journal;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A journal that cannot be read on from a position: the records there are gone, later ones exist.
 *
 * <p>Where the position came from an older look at the metadata this is expected: the segments were
 * sealed and released meanwhile, and a new look finds a later checkpoint. Otherwise records that
 * had been on stable storage are missing.
 */
public final class JournalHoleException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long expected;
  private final long found;

  JournalHoleException(Path folder, long expected, long found) {
    super(
        "journal has a hole: folder="
            + folder
            + " expected="
            + expected
            + " found="
            + found
            + " (sealed meanwhile, or a segment was removed or damaged? tracker verify tells more)");
    this.expected = expected;
    this.found = found;
  }

  /** Returns the position whose record is missing. */
  public long expected() {
    return expected;
  }

  /** Returns the first position after it that a segment begins at. */
  public long found() {
    return found;
  }
}
