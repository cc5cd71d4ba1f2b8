package dev.tracker.media;

/**
 * The samples of an image as a PNG holds them: row by row, each pixel's channels together, samples
 * of 16 bits with the upper byte first.
 */
final class Pixels {
  final int width;
  final int height;

  /** 1: grey, 3: red, green, blue, 4: with alpha. */
  final int channels;

  /** Bits of a sample: 8 or 16. */
  final int depth;

  final byte[] samples;

  Pixels(int width, int height, int channels, int depth, byte[] samples) {
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.depth = depth;
    this.samples = samples;
  }

  /** Returns how many bytes a pixel has. */
  int pixelBytes() {
    return channels * depth / Byte.SIZE;
  }

  /** Returns how many bytes a row has. */
  int rowBytes() {
    return width * pixelBytes();
  }

  /** Returns the same image with the upper 8 bits of each sample. */
  Pixels shallow() {
    if (depth == Byte.SIZE) {
      return this;
    }
    byte[] upper = new byte[samples.length / 2];
    for (int i = 0; i < upper.length; i++) {
      upper[i] = samples[2 * i];
    }
    return new Pixels(width, height, channels, Byte.SIZE, upper);
  }
}
