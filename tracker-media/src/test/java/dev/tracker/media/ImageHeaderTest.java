package dev.tracker.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ImageHeaderTest {
  private static final List<String> WRITTEN = List.of("png", "jpeg", "gif", "bmp");

  @Property(tries = 60)
  void what_others_write_is_understood(
      @ForAll @IntRange(min = 1, max = 900) int width,
      @ForAll @IntRange(min = 1, max = 900) int height,
      @ForAll @IntRange(max = 3) int type)
      throws IOException {
    ImageHeader header = ImageHeader.read(written(WRITTEN.get(type), width, height));
    assertEquals("image/" + WRITTEN.get(type), header.mediaType());
    assertEquals(Details.image(width, height, 3), header.details());
  }

  @Property(tries = 2_000)
  void a_hostile_header_is_understood_or_refused(
      @ForAll long seed,
      @ForAll @IntRange(max = 6) int type,
      @ForAll @IntRange(max = 60) int length,
      @ForAll @IntRange(max = 12) int changes)
      throws IOException {
    List<byte[]> seeds = List.of(webp("VP8X"), webp("VP8L"), webp("VP8 "));
    byte[] good = type < 4 ? written(WRITTEN.get(type), 3, 5) : seeds.get(type - 4);
    byte[] file = Arrays.copyOf(good, Math.min(length, good.length));
    Random random = new Random(seed);
    for (int i = 0; i < changes && file.length > 0; i++) {
      file[random.nextInt(file.length)] = (byte) random.nextInt();
    }
    try {
      Details details = ImageHeader.read(file).details();
      assertTrue((long) details.width() * details.height() <= MediaLimits.maxPixels());
      assertTrue(details.width() > 0 && details.height() > 0);
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().length() < 300, e.getMessage());
    }
  }

  @Test
  void every_webp_is_understood() {
    assertEquals(Details.image(301, 201, 4), ImageHeader.read(webp("VP8X")).details());
    assertEquals(Details.image(301, 201, 4), ImageHeader.read(webp("VP8L")).details());
    assertEquals(Details.image(301, 201, 3), ImageHeader.read(webp("VP8 ")).details());
  }

  @Test
  void what_is_no_image_is_refused() {
    for (byte[] file : List.of(new byte[0], new byte[100], new byte[] {60, 115, 118, 103})) {
      assertThrows(IllegalArgumentException.class, () -> ImageHeader.read(file));
    }
  }

  private static byte[] written(String format, int width, int height) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    assertTrue(ImageIO.write(image, format, out));
    return out.toByteArray();
  }

  /** The header of an image of 301 x 201, as the container's specification draws it. */
  private static byte[] webp(String chunk) {
    ByteBuffer file = ByteBuffer.allocate(30).order(ByteOrder.LITTLE_ENDIAN);
    file.put(ascii("RIFF")).putInt(22).put(ascii("WEBP")).put(ascii(chunk)).putInt(10);
    switch (chunk) {
      case "VP8X" -> file.putInt(0x10).put(new byte[] {44, 1, 0, (byte) 200, 0, 0});
      case "VP8L" -> file.put((byte) 0x2F).putInt(300 | 200 << 14 | 1 << 28);
      default ->
          file.put(new byte[] {0, 0, 0, (byte) 0x9D, 1, 0x2A})
              .putShort((short) 301)
              .putShort((short) 201);
    }
    return file.array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
