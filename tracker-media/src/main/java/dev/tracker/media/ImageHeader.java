package dev.tracker.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What the first bytes of an image file tell: its type and, but for TIFF and AVIF, its size. No
 * pixel is decoded.
 */
record ImageHeader(String mediaType, Details details) {
  private static final int SHOWN_BYTES = 12;

  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final byte[] JPEG = {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF};

  /**
   * Reads the beginning of an image file.
   *
   * @throws IllegalArgumentException if it is of no type that is known, cut off or broken, or says
   *     that the image has no or too many pixels
   */
  static ImageHeader read(byte[] file) {
    try {
      return parse(file);
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "image ends inside its header: bytes=" + file.length + " begin=" + begin(file), e);
    }
  }

  private static ImageHeader parse(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file);
    if (begins(file, 0, PNG)) {
      return new ImageHeader("image/png", png(in));
    }
    if (begins(file, 0, JPEG)) {
      return new ImageHeader("image/jpeg", jpeg(in));
    }
    if (begins(file, 0, "GIF87a") || begins(file, 0, "GIF89a")) {
      in.order(ByteOrder.LITTLE_ENDIAN);
      return new ImageHeader("image/gif", size(unsigned(in, 6), unsigned(in, 8), 3));
    }
    if (begins(file, 0, "BM")) {
      return new ImageHeader("image/bmp", bmp(in.order(ByteOrder.LITTLE_ENDIAN)));
    }
    if (begins(file, 0, "RIFF") && begins(file, 8, "WEBP")) {
      return new ImageHeader("image/webp", webp(file, in.order(ByteOrder.LITTLE_ENDIAN)));
    }
    if (begins(file, 0, "II*\0") || begins(file, 0, "MM\0*")) {
      return new ImageHeader("image/tiff", Details.NONE);
    }
    if (begins(file, 4, "ftypavif") || begins(file, 4, "ftypavis")) {
      return new ImageHeader("image/avif", Details.NONE);
    }
    throw new IllegalArgumentException(
        "not an image of a type that is known: bytes="
            + file.length
            + " begin="
            + begin(file)
            + " (log it as an Attachment)");
  }

  private static Details png(ByteBuffer in) {
    if (in.getInt(12) != 0x49484452) { // IHDR
      throw new IllegalArgumentException("PNG does not begin with its header chunk");
    }
    int type = in.get(25);
    int channels =
        switch (type) {
          case 0 -> 1;
          case 2, 3 -> 3;
          case 4, 6 -> 4;
          default ->
              throw new IllegalArgumentException("PNG of no known colour type: type=" + type);
        };
    return size(in.getInt(16), in.getInt(20), channels);
  }

  /** Goes from marker to marker until one that begins a frame. */
  private static Details jpeg(ByteBuffer in) {
    int at = 2;
    while (true) {
      if (in.get(at) != (byte) 0xFF) {
        throw new IllegalArgumentException(
            "JPEG has no marker where one should be: position=" + at);
      }
      int marker = in.get(at + 1) & 0xFF;
      if (marker == 0xFF) { // a filler
        at++;
      } else if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) { // markers without length
        at += 2;
      } else if (isFrame(marker)) {
        int components = in.get(at + 9) & 0xFF;
        return size(unsigned(in, at + 7), unsigned(in, at + 5), components == 1 ? 1 : 3);
      } else if (marker == 0xD9 || marker == 0xDA) {
        throw new IllegalArgumentException("JPEG has no frame before its data: position=" + at);
      } else {
        at += 2 + Math.max(2, unsigned(in, at + 2));
      }
    }
  }

  /** Returns whether a marker begins a frame: C0 to CF, but for tables and what is reserved. */
  private static boolean isFrame(int marker) {
    return marker == 0xC0 || (marker > 0xC0 && marker <= 0xCF && marker % 4 != 0);
  }

  private static Details bmp(ByteBuffer in) {
    if (in.getInt(14) == 12) { // the header of OS/2
      return size(unsigned(in, 18), unsigned(in, 20), 3);
    }
    return size(in.getInt(18), Math.abs((long) in.getInt(22)), 3); // a negative height: top down
  }

  private static Details webp(byte[] file, ByteBuffer in) {
    if (begins(file, 12, "VP8X")) {
      boolean alpha = (in.get(20) & 0x10) != 0;
      return size(1 + (in.getInt(24) & 0xFFFFFF), 1 + (in.getInt(26) >>> 8), alpha ? 4 : 3);
    }
    if (begins(file, 12, "VP8L")) {
      int bits = in.getInt(21);
      return size(1 + (bits & 0x3FFF), 1 + (bits >>> 14 & 0x3FFF), bits >>> 28 == 0 ? 3 : 4);
    }
    if (begins(file, 12, "VP8 ")) {
      return size(unsigned(in, 26) & 0x3FFF, unsigned(in, 28) & 0x3FFF, 3);
    }
    throw new IllegalArgumentException("WebP does not begin with an image: begin=" + begin(file));
  }

  private static int unsigned(ByteBuffer in, int at) {
    return in.getShort(at) & 0xFFFF;
  }

  private static Details size(long width, long height, int channels) {
    MediaLimits.checkPixels(width, height);
    return Details.image((int) width, (int) height, channels);
  }

  private static boolean begins(byte[] file, int at, String with) {
    return begins(file, at, with.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static boolean begins(byte[] file, int at, byte[] with) {
    return file.length >= at + with.length
        && Arrays.equals(file, at, at + with.length, with, 0, with.length);
  }

  private static String begin(byte[] file) {
    return HexFormat.of().formatHex(file, 0, Math.min(file.length, SHOWN_BYTES));
  }
}
