package dev.tracker.series;

/**
 * Stands in for {@code org.apache.arrow.c.jni.JniLoader}, as {@link LanceLoader} does for Lance's:
 * Arrow's own leaves its library in the temporary folder, too.
 */
final class ArrowLoader {
  private static final ArrowLoader INSTANCE = new ArrowLoader();

  private ArrowLoader() {}

  /** What Arrow calls first. */
  public static ArrowLoader get() {
    return INSTANCE;
  }

  /** What Arrow calls then; there is nothing left to do. */
  public void ensureLoaded() {}

  /** Loads the library for the class loader that Arrow's classes are in. */
  @SuppressWarnings("restricted")
  static void load(String file) {
    System.load(file);
  }
}
