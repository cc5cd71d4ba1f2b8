package dev.tracker.series;

import dev.tracker.natives.JvmAccess;
import dev.tracker.natives.NativeCache;
import java.io.IOException;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.c.jni.JniWrapper;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;
import org.lance.Version;

/**
 * Lance's native code: found, cached and loaded once in a JVM, without flags on its command line.
 *
 * <p>{@code -Dtracker.native=off} or {@code TRACKER_NATIVE=off} leave it alone. The file is kept in
 * the user's cache folder ({@code -Dtracker.cache} names another), see {@code docs/decisions.md}.
 *
 * <p>Any thread; the first call loads it, which takes about 30 ms, or a second where the library
 * must be unpacked first; others wait for that.
 */
public final class NativeLibrary {
  private static final String SWITCH_PROPERTY = "tracker.native";
  private static final String SWITCH_VARIABLE = "TRACKER_NATIVE";

  private NativeLibrary() {}

  /**
   * Says whether series can be read and written here, and loads the library at the first call.
   *
   * @return why not, in one sentence; empty when they can
   */
  public static Optional<String> whyUnavailable() {
    return Loaded.WHY_NOT;
  }

  /** Returns Lance's version, or "?" where its jar does not say. */
  public static String version() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "?" : version;
  }

  /** Throws where there is no library. */
  static void require() throws IOException {
    if (Loaded.WHY_NOT.isPresent()) {
      throw new IOException("series cannot be read or written here: " + Loaded.WHY_NOT.get());
    }
  }

  /** The folder of the jar that holds the library for a platform; null where there is none. */
  static @Nullable String platform(String system, String processor) {
    String os = system.toLowerCase(Locale.ROOT);
    String name = os.startsWith("linux") ? "linux" : os.startsWith("mac") ? "darwin" : os;
    String arch =
        switch (processor.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64" -> "x86-64";
          case "arm64" -> "aarch64";
          default -> processor;
        };
    String platform = name + "-" + arch;
    return ARROW_FOLDERS.containsKey(platform) ? platform : null;
  }

  /** Lance's platforms, and what Arrow calls the processor there. */
  private static final Map<String, String> ARROW_FOLDERS =
      Map.of(
          "linux-x86-64", "x86_64",
          "linux-aarch64", "aarch_64",
          "darwin-aarch64", "aarch_64");

  /** Loads when it is initialised: the JVM sees to it that this happens once. */
  private static final class Loaded {
    static final Optional<String> WHY_NOT = load();

    private static Optional<String> load() {
      if (isSwitchedOff()) {
        return Optional.of("switched off by %s or %s".formatted(SWITCH_PROPERTY, SWITCH_VARIABLE));
      }
      String system = System.getProperty("os.name", "?");
      String processor = System.getProperty("os.arch", "?");
      String platform = platform(system, processor);
      if (platform == null) {
        return Optional.of(
            "Lance has no native library for this platform: system=%s processor=%s known=%s"
                .formatted(system, processor, String.join(",", ARROW_FOLDERS.keySet())));
      }
      try {
        letArrowWork();
        NativeCache cache = new NativeCache(NativeCache.userFolder().resolve("native"));
        loadArrow(cache, platform);
        loadLance(cache, platform);
        Lance.checkMemory();
        return Optional.empty();
      } catch (NoClassDefFoundError e) {
        return Optional.of("lance-core or what it needs is not on the class path: error=" + e);
      } catch (Throwable e) { // whatever it is, it must not reach training code
        return Optional.of(
            "the native library could not be loaded: platform=%s java=%s error=%s"
                .formatted(platform, Runtime.version(), rootOf(e)));
      }
    }

    /** The initialiser of a class that fails says nothing itself. */
    private static Throwable rootOf(Throwable e) {
      Throwable root = e;
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        root = cause;
      }
      return root;
    }

    private static boolean isSwitchedOff() {
      return System.getProperty(SWITCH_PROPERTY, "").equalsIgnoreCase("off")
          || "off".equalsIgnoreCase(System.getenv(SWITCH_VARIABLE));
    }

    private static void letArrowWork() throws Throwable {
      JvmAccess access = JvmAccess.take();
      access.open("java.nio", BufferAllocator.class.getModule());
      access.open("java.nio", VectorSchemaRoot.class.getModule());
      access.grantNativeAccess(JniWrapper.class.getModule());
      access.grantNativeAccess(Version.class.getModule());
    }

    private static void loadLance(NativeCache cache, String platform) throws Throwable {
      String name = System.mapLibraryName("lance_jni");
      URL resource = resource(Version.class, "/nativelib/" + platform + "/" + name);
      load(cache, resource, "lance-" + platform, LanceLoader.class, Version.class);
    }

    private static void loadArrow(NativeCache cache, String platform) throws Throwable {
      String name = System.mapLibraryName("arrow_cdata_jni");
      URL resource =
          resource(
              JniWrapper.class, "/arrow_cdata_jni/" + ARROW_FOLDERS.get(platform) + "/" + name);
      load(cache, resource, "arrow-" + platform, ArrowLoader.class, JniWrapper.class);
    }

    private static URL resource(Class<?> owner, String path) throws IOException {
      URL resource = owner.getResource(path);
      if (resource == null) {
        throw new IOException("native library is not in its jar: path=" + path);
      }
      return resource;
    }

    /** Puts our loader in the place of a library's own and lets it load. */
    private static void load(
        NativeCache cache, URL resource, String label, Class<?> ours, Class<?> neighbour)
        throws Throwable {
      String name = neighbour.getPackageName() + ".JniLoader";
      Lookup lookup = JvmAccess.beside(neighbour);
      Class<?> loader;
      try {
        loader = lookup.defineClass(ClassTemplate.renamed(ours, name.replace('.', '/')));
      } catch (LinkageError e) { // the program uses the library itself and has loaded it already
        Class.forName(name, true, neighbour.getClassLoader());
        return;
      }
      MethodType type = MethodType.methodType(void.class, String.class);
      var load = lookup.findStatic(loader, "load", type);
      NativeCache.Library library = cache.find(resource, label);
      try {
        load.invokeExact(library.path().toString());
      } catch (UnsatisfiedLinkError e) {
        if (library.temporary() || !isTheFilesFault(e)) {
          throw e;
        }
        library = NativeCache.temporary(resource);
        load.invokeExact(library.path().toString());
      } finally {
        library.loaded();
      }
    }

    /** Whether another file may do: one that no other class loader has, or on another device. */
    private static boolean isTheFilesFault(UnsatisfiedLinkError e) {
      String message = String.valueOf(e.getMessage());
      return message.contains("already loaded") || message.contains("failed to map segment");
    }
  }
}
