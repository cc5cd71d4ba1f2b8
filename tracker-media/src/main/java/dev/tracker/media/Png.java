package dev.tracker.media;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes pixels as PNG. */
final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

  private Png() {}

  static byte[] encode(Pixels pixels) {
    byte[] data = deflate(filter(pixels));
    ByteBuffer file = ByteBuffer.allocate(SIGNATURE.length + 25 + 12 + data.length + 12);
    file.put(SIGNATURE);
    int colourType = pixels.channels == 1 ? 0 : pixels.channels == 3 ? 2 : 6;
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(pixels.width)
            .putInt(pixels.height)
            .put((byte) pixels.depth)
            .put((byte) colourType)
            .array();
    chunk(file, "IHDR", header);
    chunk(file, "IDAT", data);
    chunk(file, "IEND", new byte[0]);
    return file.array();
  }

  private static void chunk(ByteBuffer file, String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(content);
    file.putInt(content.length).put(name).put(content).putInt((int) crc.getValue());
  }

  /** Writes every row as its difference to the pixel at the left. */
  private static byte[] filter(Pixels pixels) {
    int row = pixels.rowBytes();
    int step = pixels.pixelBytes();
    byte[] filtered = new byte[(row + 1) * pixels.height];
    for (int y = 0; y < pixels.height; y++) {
      int to = y * (row + 1);
      int from = y * row;
      filtered[to++] = 1;
      System.arraycopy(pixels.samples, from, filtered, to, step);
      for (int i = step; i < row; i++) {
        filtered[to + i] = (byte) (pixels.samples[from + i] - pixels.samples[from + i - step]);
      }
    }
    return filtered;
  }

  private static byte[] deflate(byte[] bytes) {
    Deflater deflater = new Deflater(1);
    try {
      deflater.setInput(bytes);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 2);
      byte[] buffer = new byte[1 << 16];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }
}
