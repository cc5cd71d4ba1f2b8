package dev.tracker.metadata;

import dev.tracker.metadata.MetadataException.Reason;
import dev.tracker.natives.JvmAccess;
import dev.tracker.natives.NativeCache;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.jdbc4.JDBC4Connection;

/**
 * SQLite's native library: found, cached and loaded once in a JVM.
 *
 * <p>The driver would unpack it into the temporary folder at every start, and a process that is
 * killed leaves it there. So it is told of the file in the user's cache folder ({@code
 * -Dtracker.cache} names another). Where that is not possible, or the program has chosen a file
 * itself by the driver's own property, the driver does as it likes.
 *
 * <p>Any thread; the first call loads it, others wait for that.
 */
public final class NativeSqlite {
  private static final String PATH_PROPERTY = "org.sqlite.lib.path";
  private static final String NAME_PROPERTY = "org.sqlite.lib.name";
  private static final String LOADED_PROPERTY = "dev.tracker.sqlite.loaded".intern();

  private NativeSqlite() {}

  /**
   * Says whether SQLite can be used here; the first call loads it, which takes some 60 ms.
   *
   * @return why not, in one sentence; empty when it can
   */
  public static Optional<String> whyUnavailable() {
    return Loaded.WHY_NOT;
  }

  /** Returns the version of SQLite. */
  public static String version() {
    return SQLiteJDBCLoader.getVersion();
  }

  /** Throws where there is no library. */
  static void require() throws MetadataException {
    if (Loaded.WHY_NOT.isPresent()) {
      throw new MetadataException(
          Reason.NO_NATIVE_LIBRARY,
          "metadata cannot be read or written here: " + Loaded.WHY_NOT.get());
    }
  }

  /** The folder of the driver's jar that holds the library for a platform; null where unknown. */
  static @Nullable String platform(String system, String processor, boolean musl) {
    String os = system.toLowerCase(Locale.ROOT);
    String arch =
        switch (processor.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch64";
          default -> null;
        };
    if (arch == null) {
      return null;
    }
    if (os.startsWith("linux")) {
      return (musl ? "Linux-Musl/" : "Linux/") + arch;
    }
    return os.startsWith("mac") ? "Mac/" + arch : null;
  }

  /** Loads when it is initialised: the JVM sees to it that this happens once. */
  private static final class Loaded {
    static final Optional<String> WHY_NOT = load();

    private static Optional<String> load() {
      try {
        letLoadQuietly();
        loadFromCache();
        openOnce();
        return Optional.empty();
      } catch (Throwable e) { // whatever it is, it must not reach training code
        return Optional.of(
            "SQLite's native library could not be loaded: system=%s processor=%s java=%s error=%s"
                .formatted(
                    System.getProperty("os.name"),
                    System.getProperty("os.arch"),
                    Runtime.version(),
                    e));
      }
    }

    /**
     * New JVMs warn of native code on standard error; without the rights it is loaded all the same.
     */
    private static void letLoadQuietly() {
      try {
        JvmAccess.take().grantNativeAccess(SQLiteJDBCLoader.class.getModule());
      } catch (Throwable e) {
        return;
      }
    }

    private static void loadFromCache() throws Exception {
      NativeCache.Library library = find();
      if (library == null) {
        SQLiteJDBCLoader.initialize();
      } else {
        load(library);
      }
    }

    private static void load(NativeCache.Library library) throws Exception {
      Path file = library.path().toAbsolutePath();
      String name = System.getProperty(NAME_PROPERTY);
      System.setProperty(PATH_PROPERTY, file.resolveSibling("").toString());
      System.setProperty(NAME_PROPERTY, file.getFileName().toString());
      try {
        SQLiteJDBCLoader.initialize();
      } finally {
        System.clearProperty(PATH_PROPERTY);
        if (name == null) {
          System.clearProperty(NAME_PROPERTY);
        } else {
          System.setProperty(NAME_PROPERTY, name);
        }
        library.loaded();
      }
    }

    /**
     * Null where the driver is to see to it. A file of its own where another class loader of this
     * JVM may have the cached one: a library belongs to one loader at a time.
     */
    private static NativeCache.@Nullable Library find() {
      if (System.getProperty(PATH_PROPERTY) != null) {
        return null;
      }
      try {
        String platform =
            platform(
                System.getProperty("os.name", ""), System.getProperty("os.arch", ""), isMusl());
        URL resource =
            SQLiteJDBCLoader.class.getResource(
                "/org/sqlite/native/" + platform + "/" + System.mapLibraryName("sqlitejdbc"));
        if (resource == null) {
          return null;
        }
        return isFirst()
            ? new NativeCache(NativeCache.userFolder().resolve("native"))
                .find(resource, "sqlitejdbc-" + String.valueOf(platform).replace('/', '-'))
            : NativeCache.temporary(resource);
      } catch (IOException e) {
        return null;
      }
    }

    /**
     * Whether no class loader of this JVM has loaded the library by this class. The driver would
     * not say why it cannot, but complain at length. System properties are what loaders share.
     */
    private static boolean isFirst() {
      synchronized (LOADED_PROPERTY) {
        return System.setProperty(LOADED_PROPERTY, "1") == null;
      }
    }

    /**
     * Whether this process runs on the musl C library; the driver asks for it at twenty times the
     * cost.
     */
    private static boolean isMusl() throws IOException {
      Path maps = Path.of("/proc/self/maps");
      if (!Files.exists(maps)) {
        return false;
      }
      try (Stream<String> lines = Files.lines(maps)) {
        return lines.anyMatch(line -> line.contains("/ld-musl-"));
      }
    }

    /** Shows that the library works, and loads the rest of the driver ahead of its first use. */
    private static void openOnce() throws SQLException {
      new JDBC4Connection("jdbc:sqlite::memory:", ":memory:", new SQLiteConfig().toProperties())
          .close();
    }
  }
}
