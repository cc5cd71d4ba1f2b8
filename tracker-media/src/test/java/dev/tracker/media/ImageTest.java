package dev.tracker.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageTest {
  @TempDir Path folder;

  @Property(tries = 200)
  void samples_come_back_from_the_png_in_every_layout(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 67) int width,
      @ForAll @IntRange(min = 1, max = 67) int height,
      @ForAll @IntRange(max = 2) int form,
      @ForAll @IntRange(min = 1, max = 256) int values,
      @ForAll boolean deep,
      @ForAll Layout layout)
      throws IOException {
    int channels = List.of(1, 3, 4).get(form);
    Random random = new Random(seed);
    int[] samples = new int[width * height * channels];
    for (int i = 0; i < samples.length; i++) { // slopes, flats and noise
      samples[i] = (i / 7 + random.nextInt(values)) & (deep ? 0xFFFF : 0xFF);
    }
    Image image;
    if (deep) {
      short[] shorts = new short[samples.length];
      for (int i = 0; i < shorts.length; i++) {
        shorts[i] = (short) samples[i];
      }
      image = Image.of(shorts, width, height, channels, layout);
    } else {
      image = Image.of(bytes(samples), width, height, channels, layout);
    }
    assertEquals(Details.image(width, height, channels), image.encode().details());
    Raster raster = decode(image).getRaster();
    assertEquals(channels, raster.getNumBands());
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          int at =
              layout == Layout.HWC ? (y * width + x) * channels + c : (c * height + y) * width + x;
          assertEquals(samples[at], raster.getSample(x, y, c), "x=" + x + " y=" + y + " c=" + c);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})
  void a_buffered_image_of_every_type_keeps_its_colours(int type) throws IOException {
    BufferedImage image = new BufferedImage(37, 23, type);
    Random random = new Random(type);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, random.nextInt());
      }
    }
    Image value = Image.of(image, "noise");
    assertEquals("noise", value.caption());
    assertSameColours(image, decode(value));
    assertSameColours(image, decode(Image.adopt(image)));
    BufferedImage part = image.getSubimage(3, 5, 11, 7);
    assertSameColours(part, decode(Image.of(part)));
  }

  @Test
  void a_custom_raster_keeps_its_colours() throws IOException {
    int[] offsets = {2, 0, 1};
    byte[] data = new byte[5 * 4 * 3];
    new Random(5).nextBytes(data);
    WritableRaster raster =
        Raster.createInterleavedRaster(
            new DataBufferByte(data, data.length), 5, 4, 15, 3, offsets, null);
    for (int space : new int[] {ColorSpace.CS_sRGB, ColorSpace.CS_LINEAR_RGB}) {
      ComponentColorModel model =
          new ComponentColorModel(
              ColorSpace.getInstance(space), false, false, 1, DataBuffer.TYPE_BYTE);
      BufferedImage image = new BufferedImage(model, raster, false, null);
      assertSameColours(image, decode(Image.of(image)));
    }
    ComponentColorModel grey =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY), true, false, 3, DataBuffer.TYPE_BYTE);
    BufferedImage image =
        new BufferedImage(grey, grey.createCompatibleWritableRaster(3, 2), false, null);
    image.setRGB(1, 1, 0x80FF_FFFF);
    assertSameColours(image, decode(Image.of(image)));
  }

  @Test
  void a_deep_image_keeps_16_bits() throws IOException {
    short[] samples = {0, 1, 256, -1, (short) 0x8000, 0x7FFF, 77, 78, 79, 80, 81, 82};
    BufferedImage deep = decode(Image.of(samples, 2, 2, 3, Layout.HWC));
    Raster raster = decode(Image.of(deep)).getRaster();
    int[] expected = new int[12];
    Arrays.setAll(expected, i -> samples[i] & 0xFFFF);
    assertArrayEquals(expected, raster.getPixels(0, 0, 2, 2, (int[]) null));
  }

  @Test
  void floats_are_scaled_as_documented() throws IOException {
    assertGrey(floats(0, 0.5f, 1), 0, 128, 255);
    assertGrey(floats(-1, 0, 1), 0, 128, 255);
    assertGrey(floats(-0.5f, 0.5f), 64, 191);
    assertGrey(floats(0, 2, 254.4f, 255), 0, 2, 254, 255);
    assertGrey(floats(0, 500, 1000), 0, 128, 255);
    assertGrey(floats(-300, 0, 300), 0, 128, 255);
    assertGrey(floats(Float.NaN, 0, 1), 0, 0, 255);
    float infinity = Float.POSITIVE_INFINITY;
    assertGrey(floats(infinity, -infinity, 0.5f), 255, 0, 128);
    assertGrey(floats(Float.NaN, Float.NaN), 0, 0);
    assertGrey(floats(infinity, -infinity), 255, 0);
    assertGrey(floats(300, 300), 0, 0);
    assertGrey(floats(-Float.MAX_VALUE, 0, Float.MAX_VALUE), 0, 128, 255);
    assertGrey(floats(-7, 0, 5, 10, 12).range(0, 10), 0, 0, 128, 255, 255);
    double[][] doubles = {{-Double.MAX_VALUE, Double.MAX_VALUE, Double.NaN}};
    assertGrey(Image.of(doubles), 0, 255, 0);
  }

  @Test
  void a_range_must_be_one() {
    Image image = floats(1);
    assertThrows(IllegalArgumentException.class, () -> image.range(1, 1));
    assertThrows(IllegalArgumentException.class, () -> image.range(Double.NaN, 1));
    assertThrows(IllegalArgumentException.class, () -> image.range(0, Double.POSITIVE_INFINITY));
    Image bytes = Image.of(new byte[1], 1, 1, 1, Layout.HWC);
    assertThrows(IllegalStateException.class, () -> bytes.range(0, 1));
  }

  @Test
  void a_value_is_a_snapshot() throws IOException {
    float[] floats = {0, 1};
    byte[] bytes = {0, 1};
    short[] shorts = {0, 1};
    float[][] rows = {{0, 1}};
    double[][] doubles = {{0, 1}};
    BufferedImage buffered = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    byte[] png = Image.of(buffered).encode().toByteArray();
    byte[] given = png.clone();
    ByteBuffer byteBuffer = ByteBuffer.wrap(new byte[] {9, 0, 1}).position(1);
    FloatBuffer floatBuffer = FloatBuffer.wrap(new float[] {9, 0, 1}).position(1);
    List<Image> images =
        List.of(
            Image.of(floats, 2, 1, 1, Layout.HWC),
            Image.of(bytes, 2, 1, 1, Layout.HWC),
            Image.of(shorts, 2, 1, 1, Layout.HWC),
            Image.of(rows),
            Image.of(doubles),
            Image.of(buffered),
            Image.ofEncoded(given),
            Image.of(byteBuffer, 2, 1, 1, Layout.CHW),
            Image.of(floatBuffer, 2, 1, 1, Layout.CHW));
    assertEquals(1, byteBuffer.position());
    assertEquals(1, floatBuffer.position());
    List<byte[]> before = images.stream().map(image -> image.encode().toByteArray()).toList();
    floats[0] = 5;
    bytes[0] = 5;
    shorts[0] = 5;
    rows[0][0] = 5;
    doubles[0][0] = 5;
    buffered.setRGB(0, 0, -1);
    given[20] = 5;
    byteBuffer.put(1, (byte) 5);
    floatBuffer.put(1, 5);
    for (int i = 0; i < images.size(); i++) {
      assertArrayEquals(before.get(i), images.get(i).encode().toByteArray(), "image " + i);
    }
    assertArrayEquals(png, images.get(6).encode().toByteArray());
  }

  @Test
  void an_adopted_array_is_not_copied() throws IOException {
    byte[] samples = {1, 2};
    Image image = Image.adopt(samples, 2, 1, 1, Layout.HWC);
    samples[0] = 7;
    assertGrey(image, 7, 2);
  }

  @Test
  void a_grid_puts_images_side_by_side() throws IOException {
    byte[] reds = {(byte) 255, 0, 0};
    Image grid =
        Image.grid(
            List.of(
                Image.of(new byte[] {1, 2, 3, 4}, 2, 2, 1, Layout.HWC),
                Image.of(reds, 1, 1, 3, Layout.HWC),
                Image.ofEncoded(floats(1).encode().toByteArray())),
            2,
            "three");
    assertEquals("three", grid.caption());
    assertEquals(Details.image(6, 6, 3), grid.details());
    BufferedImage image = decode(grid);
    assertEquals(0xFF010101, image.getRGB(0, 0));
    assertEquals(0xFF040404, image.getRGB(1, 1));
    assertEquals(0xFFFF0000, image.getRGB(4, 0));
    assertEquals(0xFF000000, image.getRGB(5, 0));
    assertEquals(0xFF000000, image.getRGB(2, 0));
    assertEquals(0xFFFFFFFF, image.getRGB(0, 4));
    Image clear = Image.grid(List.of(Image.of(new byte[4], 1, 1, 4, Layout.HWC), floats(1)), 5);
    assertEquals(Details.image(4, 1, 4), clear.details());
    assertEquals(0, decode(clear).getRGB(1, 0));
    assertEquals(-1, decode(clear).getRGB(3, 0));
    assertThrows(IllegalArgumentException.class, () -> Image.grid(List.of(), 2));
    assertThrows(IllegalArgumentException.class, () -> Image.grid(List.of(clear), 0));
  }

  @Test
  void a_jpeg_is_near_the_original_and_has_no_alpha() throws IOException {
    Image image = Image.of(new BufferedImage(64, 32, BufferedImage.TYPE_INT_ARGB)).jpeg(0.9);
    Encoded encoded = image.encode();
    assertEquals("image/jpeg", encoded.mediaType());
    assertEquals("jpg", encoded.extension());
    assertEquals(Details.image(64, 32, 3), encoded.details());
    assertEquals(0xFFFFFFFF, decode(image).getRGB(10, 10));
    assertEquals(Details.image(64, 32, 3), Image.ofEncoded(encoded.toByteArray()).details());
    assertThrows(IllegalArgumentException.class, () -> image.jpeg(1.1));
    assertThrows(IllegalArgumentException.class, () -> image.jpeg(Double.NaN));
    Image wide = Image.of(new byte[70_000], 70_000, 1, 1, Layout.HWC);
    assertThrows(IllegalArgumentException.class, () -> wide.jpeg(0.5));
  }

  @Test
  void a_broken_image_fails_where_it_has_to_be_decoded() {
    byte[] png = floats(0, 1).encode().toByteArray();
    Image broken = Image.ofEncoded(Arrays.copyOf(png, 40));
    assertEquals(40, broken.encode().length());
    assertThrows(UncheckedIOException.class, () -> broken.jpeg(0.5).encode());
  }

  @Test
  void a_small_file_is_a_snapshot_and_a_large_one_is_not_read() throws IOException {
    byte[] png = floats(0, 1).encode().toByteArray();
    Path small = Files.write(folder.resolve("plot.jpg"), png);
    Image image = Image.of(small, "plot");
    Files.delete(small);
    assertEquals(Optional.empty(), image.source());
    assertEquals("image/png", image.mediaType());
    assertArrayEquals(png, image.encode().toByteArray());

    Path large = folder.resolve("large.png");
    Files.write(large, Arrays.copyOf(png, Image.MAX_READ_BYTES + 1));
    Image byPath = Image.of(large);
    assertEquals(Optional.of(large), byPath.source());
    assertEquals(0, byPath.payloadBytes());
    assertEquals(Details.image(2, 1, 1), byPath.details());
    assertThrows(IllegalStateException.class, byPath::encode);
    assertThrows(IllegalStateException.class, () -> byPath.jpeg(0.5));
    assertThrows(IllegalArgumentException.class, () -> Image.grid(List.of(byPath), 1));

    Image missing = Image.of(folder.resolve("missing.png"));
    assertTrue(missing.sourceFile().orElseThrow().isGone());
    assertEquals("image/png", missing.mediaType());
  }

  @Test
  void bombs_are_refused_with_the_limit_and_how_to_change_it() {
    assertRefused("maxPixels", () -> Image.of(new float[3], 100_000, 100_000, 3, Layout.CHW));
    assertRefused("samples=3", () -> Image.of(new float[3], 2, 2, 3, Layout.CHW));
    assertRefused("channels=2", () -> Image.of(new byte[8], 2, 2, 2, Layout.CHW));
    assertRefused("width=0", () -> Image.of(new float[0][0]));
    assertRefused("width=-1", () -> Image.of(new byte[1], -1, -1, 1, Layout.CHW));
    assertRefused("row=1", () -> Image.of(new float[][] {{1, 2}, {1}}));
    byte[] png = floats(1).encode().toByteArray();
    ByteBuffer.wrap(png).putInt(16, 100_000).putInt(20, 100_000);
    assertRefused("tracker.media.maxPixels", () -> Image.ofEncoded(png));
    Image page = Image.of(new byte[1 << 20], 1024, 1024, 1, Layout.HWC);
    assertRefused("maxPixels", () -> Image.grid(java.util.Collections.nCopies(70, page), 8));
    assertRefused("limit=65536", () -> page.withCaption("x".repeat(65_537)));
  }

  private static void assertRefused(
      String why, org.junit.jupiter.api.function.Executable executable) {
    String message = assertThrows(IllegalArgumentException.class, executable).getMessage();
    assertTrue(message.contains(why), message);
  }

  private static Image floats(float... row) {
    return Image.of(row, row.length, 1, 1, Layout.HWC);
  }

  private static byte[] bytes(int[] samples) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int sample : samples) {
      bytes.write(sample);
    }
    return bytes.toByteArray();
  }

  private static void assertGrey(Image image, int... expected) throws IOException {
    Raster raster = decode(image).getRaster();
    int[] samples = raster.getPixels(0, 0, raster.getWidth(), raster.getHeight(), (int[]) null);
    assertArrayEquals(expected, samples, Arrays.toString(samples));
  }

  private static BufferedImage decode(Image image) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(image.encode().toByteArray()));
  }

  private static void assertSameColours(BufferedImage expected, BufferedImage found) {
    assertEquals(expected.getColorModel().hasAlpha(), found.getColorModel().hasAlpha());
    for (int y = 0; y < expected.getHeight(); y++) {
      for (int x = 0; x < expected.getWidth(); x++) {
        assertEquals(
            Integer.toHexString(expected.getRGB(x, y)),
            Integer.toHexString(found.getRGB(x, y)),
            "x=" + x + " y=" + y);
      }
    }
  }
}
