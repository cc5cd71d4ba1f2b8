package dev.tracker.media;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pixels as JPEG, by the JDK's encoder. */
final class Jpeg {
  private Jpeg() {}

  static byte[] encode(Pixels pixels, float quality) {
    BufferedImage image = image(pixels.shallow());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(pixels.samples.length / 8 + 1024);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(quality);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } catch (IOException e) {
      throw new AssertionError("nothing is written but memory", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static BufferedImage image(Pixels pixels) {
    boolean grey = pixels.channels == 1;
    BufferedImage image =
        new BufferedImage(
            pixels.width,
            pixels.height,
            grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
    byte[] samples = pixels.channels == 4 ? overWhite(pixels.samples) : pixels.samples;
    WritableRaster raster = image.getRaster();
    raster.setDataElements(0, 0, pixels.width, pixels.height, samples);
    return image;
  }

  private static byte[] overWhite(byte[] rgba) {
    byte[] rgb = new byte[rgba.length / 4 * 3];
    int to = 0;
    for (int from = 0; from < rgba.length; from += 4) {
      int alpha = rgba[from + 3] & 0xFF;
      for (int c = 0; c < 3; c++) {
        int sum = (rgba[from + c] & 0xFF) * alpha + 255 * (255 - alpha);
        rgb[to++] = (byte) ((sum + 127) / 255);
      }
    }
    return rgb;
  }
}
