package dev.tracker.media;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;

/** An image as AWT holds it. */
final class BufferedSource implements PixelSource {
  private final BufferedImage image;

  BufferedSource(BufferedImage image) {
    this.image = image;
  }

  @Override
  public long bytes() {
    DataBuffer data = image.getRaster().getDataBuffer();
    return (long) data.getSize()
        * data.getNumBanks()
        * DataBuffer.getDataTypeSize(data.getDataType())
        / Byte.SIZE;
  }

  @Override
  public Details details() {
    return Details.image(image.getWidth(), image.getHeight(), channels(image));
  }

  @Override
  public Pixels render() {
    return pixels(image);
  }

  private static int channels(BufferedImage image) {
    if (isGrey(image)) {
      return 1;
    }
    return image.getColorModel().hasAlpha() ? 4 : 3;
  }

  private static boolean isGrey(BufferedImage image) {
    return image.getType() == BufferedImage.TYPE_BYTE_GRAY
        || image.getType() == BufferedImage.TYPE_USHORT_GRAY;
  }

  /** Returns the pixels of an image, as the doc of {@link Image} states. */
  static Pixels pixels(BufferedImage image) {
    if (isGrey(image) || isDeep(image)) {
      return samples(image);
    }
    return switch (image.getType()) {
      case BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_4BYTE_ABGR -> samples(image);
      case BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB -> packed(image);
      default -> colours(image);
    };
  }

  /** Returns whether an image has 16 bits a channel in sRGB, as decoders of PNG make them. */
  private static boolean isDeep(BufferedImage image) {
    ColorModel model = image.getColorModel();
    return model instanceof ComponentColorModel
        && model.getTransferType() == DataBuffer.TYPE_USHORT
        && model.getColorSpace().isCS_sRGB()
        && model.getColorSpace().getType() == ColorSpace.TYPE_RGB
        && model.getComponentSize(0) == Short.SIZE
        && !model.isAlphaPremultiplied();
  }

  /** Takes the samples as they are. */
  private static Pixels samples(BufferedImage image) {
    Raster raster = image.getRaster();
    int width = image.getWidth();
    int height = image.getHeight();
    int channels = raster.getNumBands();
    if (raster.getTransferType() == DataBuffer.TYPE_BYTE) {
      byte[] all = new byte[width * height * channels];
      byte[] row = new byte[width * channels];
      for (int y = 0; y < height; y++) {
        raster.getDataElements(0, y, width, 1, row);
        System.arraycopy(row, 0, all, y * row.length, row.length);
      }
      return new Pixels(width, height, channels, Byte.SIZE, all);
    }
    byte[] all = new byte[2 * width * height * channels];
    short[] row = new short[width * channels];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getDataElements(0, y, width, 1, row);
      for (short sample : row) {
        all[at++] = (byte) (sample >> Byte.SIZE);
        all[at++] = (byte) sample;
      }
    }
    return new Pixels(width, height, channels, Short.SIZE, all);
  }

  /** Takes what is already red, green and blue in an int. */
  private static Pixels packed(BufferedImage image) {
    int channels = image.getColorModel().hasAlpha() ? 4 : 3;
    int width = image.getWidth();
    byte[] all = new byte[width * image.getHeight() * channels];
    int[] row = new int[width];
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRaster().getDataElements(0, y, width, 1, row);
      unpack(row, channels, all, y * width * channels);
    }
    return new Pixels(width, image.getHeight(), channels, Byte.SIZE, all);
  }

  /** Asks the colour model for every pixel. */
  private static Pixels colours(BufferedImage image) {
    int channels = image.getColorModel().hasAlpha() ? 4 : 3;
    int width = image.getWidth();
    byte[] all = new byte[width * image.getHeight() * channels];
    int[] row = new int[width];
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      unpack(row, channels, all, y * width * channels);
    }
    return new Pixels(width, image.getHeight(), channels, Byte.SIZE, all);
  }

  private static void unpack(int[] row, int channels, byte[] all, int from) {
    int at = from;
    for (int argb : row) {
      all[at] = (byte) (argb >> 16);
      all[at + 1] = (byte) (argb >> 8);
      all[at + 2] = (byte) argb;
      if (channels == 4) {
        all[at + 3] = (byte) (argb >> 24);
      }
      at += channels;
    }
  }
}
