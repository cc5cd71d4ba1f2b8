package dev.tracker.metadata;

import dev.tracker.metadata.MetadataException.Reason;
import java.util.Optional;
import org.sqlite.SQLiteJDBCLoader;

/** SQLite's native library: found, cached, loaded once in a process. */
public final class NativeSqlite {
  private NativeSqlite() {}

  /**
   * Says whether SQLite can be used here, and loads its library at the first call.
   *
   * @return why not, in one sentence; empty when it can
   */
  public static Optional<String> whyUnavailable() {
    return Loaded.WHY_NOT;
  }

  /** Throws where there is no library. */
  static void require() throws MetadataException {
    if (Loaded.WHY_NOT.isPresent()) {
      throw new MetadataException(
          Reason.NO_NATIVE_LIBRARY, "metadata cannot be read or written here: " + Loaded.WHY_NOT.get());
    }
  }

  /** Loads when it is initialised: the JVM sees to it that this happens once. */
  private static final class Loaded {
    static final Optional<String> WHY_NOT = load();

    private static Optional<String> load() {
      try {
        SQLiteJDBCLoader.initialize();
        return Optional.empty();
      } catch (Throwable e) { // whatever it is, it must not reach training code
        return Optional.of("SQLite's native library could not be loaded: error=" + e);
      }
    }
  }
}
