package dev.tracker.media;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Samples in an array. */
final class ArraySource implements PixelSource {
  /** The ranges that samples are taken to lie in, if all do; see {@link Image}. */
  private static final double[][] USUAL_RANGES = {{0, 1}, {-1, 1}, {0, 255}};

  /** One of: byte[], short[], float[], double[]. */
  private final Object samples;

  private final int width;
  private final int height;
  private final int channels;
  private final Layout layout;

  /** From and to; null where it is to be found. */
  private final double @Nullable [] range;

  private ArraySource(
      Object samples,
      int width,
      int height,
      int channels,
      Layout layout,
      double @Nullable [] range) {
    this.samples = samples;
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.layout = Objects.requireNonNull(layout, "layout");
    this.range = range;
  }

  /** Takes an array that nobody changes any more, whose length was checked. */
  static ArraySource of(Object samples, int width, int height, int channels, Layout layout) {
    return new ArraySource(samples, width, height, channels, layout, null);
  }

  static void check(long length, int width, int height, int channels, int sampleBytes) {
    if (channels != 1 && channels != 3 && channels != 4) {
      throw new IllegalArgumentException(
          "an image has 1, 3 or 4 channels: channels=" + channels + " (dimensions swapped?)");
    }
    long expected = MediaLimits.checkPixels(width, height) * channels;
    if (length != expected) {
      throw new IllegalArgumentException(
          "the number of samples does not fit the size: samples="
              + length
              + " expected="
              + expected
              + " width="
              + width
              + " height="
              + height
              + " channels="
              + channels);
    }
    MediaLimits.checkBytes("image", length * sampleBytes);
  }

  boolean hasRange() {
    return samples instanceof float[] || samples instanceof double[];
  }

  ArraySource withRange(double from, double to) {
    return new ArraySource(samples, width, height, channels, layout, new double[] {from, to});
  }

  @Override
  public long bytes() {
    long count = (long) width * height * channels;
    if (samples instanceof byte[]) {
      return count;
    }
    return count * (samples instanceof short[] ? 2 : samples instanceof float[] ? 4 : 8);
  }

  @Override
  public Details details() {
    return Details.image(width, height, channels);
  }

  @Override
  public Pixels render() {
    if (samples instanceof short[] shorts) {
      return new Pixels(width, height, channels, Short.SIZE, split(shorts));
    }
    byte[] bytes;
    if (samples instanceof byte[] given) {
      bytes = given;
    } else if (samples instanceof float[] floats) {
      bytes = scale(floats);
    } else {
      bytes = scale((double[]) samples);
    }
    return new Pixels(width, height, channels, Byte.SIZE, interleave(bytes));
  }

  private byte[] split(short[] shorts) {
    byte[] bytes = new byte[2 * shorts.length];
    int plane = width * height;
    for (int i = 0; i < shorts.length; i++) {
      int to = layout == Layout.HWC ? i : i % plane * channels + i / plane;
      bytes[2 * to] = (byte) (shorts[i] >> Byte.SIZE);
      bytes[2 * to + 1] = (byte) shorts[i];
    }
    return bytes;
  }

  private byte[] interleave(byte[] given) {
    if (layout == Layout.HWC || channels == 1) {
      return given;
    }
    byte[] bytes = new byte[given.length];
    int plane = width * height;
    for (int c = 0; c < channels; c++) {
      int from = c * plane;
      for (int i = 0; i < plane; i++) {
        bytes[i * channels + c] = given[from + i];
      }
    }
    return bytes;
  }

  private byte[] scale(float[] values) {
    double[] within = range;
    if (within == null) {
      float min = Float.POSITIVE_INFINITY;
      float max = Float.NEGATIVE_INFINITY;
      for (float value : values) {
        if (Math.abs(value) <= Float.MAX_VALUE) {
          min = Math.min(min, value);
          max = Math.max(max, value);
        }
      }
      within = found(min, max);
    }
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = scaled(values[i], within[0], within[1]);
    }
    return bytes;
  }

  private byte[] scale(double[] values) {
    double[] within = range;
    if (within == null) {
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      for (double value : values) {
        if (Math.abs(value) <= Double.MAX_VALUE) {
          min = Math.min(min, value);
          max = Math.max(max, value);
        }
      }
      within = found(min, max);
    }
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = scaled(values[i], within[0], within[1]);
    }
    return bytes;
  }

  /** Returns the range of samples between two values; infinities where there are none. */
  private static double[] found(double min, double max) {
    for (double[] usual : USUAL_RANGES) {
      if (min >= usual[0] && max <= usual[1]) {
        return usual;
      }
    }
    return new double[] {min, max};
  }

  private static byte scaled(double value, double from, double to) {
    if (!(value > from)) { // NaN too
      return 0;
    }
    if (value >= to) {
      return (byte) 255;
    }
    // halved, so that the width of no range overflows
    return (byte) (255 * ((value / 2 - from / 2) / (to / 2 - from / 2)) + 0.5);
  }
}
