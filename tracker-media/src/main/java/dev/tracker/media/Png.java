package dev.tracker.media;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Writes pixels as PNG. */
final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

  private static final int HEADER_BYTES = 13;

  /** Length, type and checksum of a chunk. */
  private static final int CHUNK_BYTES = 12;

  private Png() {}

  static byte[] encode(Pixels pixels) {
    byte[] filtered = PngFilter.apply(pixels);
    PixelDeflate.Stream data = PixelDeflate.compress(filtered, filtered.length);
    int chunks = 3 * CHUNK_BYTES + HEADER_BYTES;
    ByteBuffer file = ByteBuffer.allocate(SIGNATURE.length + chunks + data.length());
    file.put(SIGNATURE);
    int colourType = pixels.channels == 1 ? 0 : pixels.channels == 3 ? 2 : 6;
    byte[] header =
        ByteBuffer.allocate(HEADER_BYTES)
            .putInt(pixels.width)
            .putInt(pixels.height)
            .put((byte) pixels.depth)
            .put((byte) colourType)
            .array();
    chunk(file, "IHDR", header, HEADER_BYTES);
    chunk(file, "IDAT", data.bytes(), data.length());
    chunk(file, "IEND", new byte[0], 0);
    return file.array();
  }

  private static void chunk(ByteBuffer file, String type, byte[] content, int length) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(content, 0, length);
    file.putInt(length).put(name).put(content, 0, length).putInt((int) crc.getValue());
  }
}
