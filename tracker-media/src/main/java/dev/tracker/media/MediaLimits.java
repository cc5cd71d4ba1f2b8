package dev.tracker.media;

/**
 * How much a value may be. What is more is refused where it is made, by an {@link
 * IllegalArgumentException}, so that no bomb gets into the queue. Files given by path are not held
 * in memory and have no limit.
 *
 * <p>The system properties are read at each call.
 */
public final class MediaLimits {
  /** The system property that sets how many bytes a value may hold in memory. */
  public static final String MAX_BYTES_PROPERTY = "tracker.media.maxBytes";

  /** 256 MB. */
  public static final long DEFAULT_MAX_BYTES = 256L << 20;

  /** The system property that sets how many pixels an image may have. */
  public static final String MAX_PIXELS_PROPERTY = "tracker.media.maxPixels";

  /** 2^26, as 8,192 x 8,192 has. */
  public static final long DEFAULT_MAX_PIXELS = 1L << 26;

  /** What an array can hold, whatever the properties say. */
  private static final long MOST_BYTES = 1L << 30;

  private static final long MOST_PIXELS = 1L << 27;

  /** How long a caption may be, in chars. */
  public static final int MAX_CAPTION = 1 << 16;

  private MediaLimits() {}

  /** Returns how many bytes a value may hold in memory; at most 1 GB. */
  public static long maxBytes() {
    return Math.min(MOST_BYTES, Long.getLong(MAX_BYTES_PROPERTY, DEFAULT_MAX_BYTES));
  }

  /** Returns how many pixels an image may have; at most 2^27. */
  public static long maxPixels() {
    return Math.min(MOST_PIXELS, Long.getLong(MAX_PIXELS_PROPERTY, DEFAULT_MAX_PIXELS));
  }

  static void checkBytes(String what, long bytes) {
    long limit = maxBytes();
    if (bytes > limit) {
      throw new IllegalArgumentException(
          what
              + " is too large to be logged from memory: bytes="
              + bytes
              + " limit="
              + limit
              + " (log it as a file by path, or set -D"
              + MAX_BYTES_PROPERTY
              + ")");
    }
  }

  /** Checks the size of an image and returns the number of its pixels. */
  static long checkPixels(long width, long height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "an image has at least one pixel: width=" + width + " height=" + height);
    }
    long limit = maxPixels();
    if (width > Integer.MAX_VALUE || height > Integer.MAX_VALUE || width * height > limit) {
      throw new IllegalArgumentException(
          "image has too many pixels: width="
              + width
              + " height="
              + height
              + " limit="
              + limit
              + " pixels (make it smaller, or set -D"
              + MAX_PIXELS_PROPERTY
              + ")");
    }
    return width * height;
  }

  static String checkCaption(String caption) {
    if (caption.length() > MAX_CAPTION) {
      throw new IllegalArgumentException(
          "caption is too long: chars="
              + caption.length()
              + " limit="
              + MAX_CAPTION
              + " (log it as a Text)");
    }
    return caption;
  }
}
