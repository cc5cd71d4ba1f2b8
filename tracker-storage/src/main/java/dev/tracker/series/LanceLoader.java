package dev.tracker.series;

/**
 * Stands in for {@code org.lance.JniLoader}: {@link NativeLibrary} defines it under that name.
 *
 * <p>Lance's own unpacks its library of 181 MB into the temporary folder at every start, which
 * takes more than a second, and leaves it there when the JVM is killed. This one is told where the
 * library is.
 */
final class LanceLoader {
  private LanceLoader() {}

  /** What the static initialisers of Lance's classes call; there is nothing left to do. */
  public static void ensureLoaded() {}

  /** Loads the library for the class loader that Lance's classes are in. */
  @SuppressWarnings("restricted")
  static void load(String file) {
    System.load(file);
    initLanceLogger();
  }

  static native void initLanceLogger();
}
