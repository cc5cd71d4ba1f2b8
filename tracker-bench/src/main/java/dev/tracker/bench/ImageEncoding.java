package dev.tracker.bench;

import ar.com.hjg.pngj.FilterType;
import ar.com.hjg.pngj.ImageInfo;
import ar.com.hjg.pngj.ImageLineByte;
import ar.com.hjg.pngj.PngWriter;
import com.pngencoder.PngEncoder;
import dev.tracker.media.Image;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * How long does one megapixel take to become a PNG, and how large is it, by us and by others?
 *
 * <p>Workload: images of 1024 x 1024, three channels of 8 bits: like a photo (smooth, with edges
 * and the noise of a sensor), a plot with lines and thin grid, and noise that nobody can compress.
 * Each encoder gets the same {@code BufferedImage} and writes to memory, on one thread. The figure
 * is the median of that thread's processor time, so that what else the machine does counts little.
 * The baseline is the copy that {@code Image.of} makes on the caller's thread. Filter and Deflater
 * is what a page of code gives: each row as its difference to the pixel at the left, and the JDK's
 * zlib.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar ImageEncoding [rounds = 15]}. The machine
 * is printed with the results.
 */
final class ImageEncoding {
  private static final int SIDE = 1024;
  private static final int DEFAULT_ROUNDS = 15;
  private static final int WARM_UP_ROUNDS = 20;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final double GOAL_NANOS = 15e6;

  private ImageEncoding() {}

  /** Turns an image into a file and returns its length. */
  private interface Encoder {
    int encode(BufferedImage image) throws IOException;
  }

  public static void main(String[] arguments) throws IOException {
    System.setProperty("java.awt.headless", "true");
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROUNDS;
    Map<String, BufferedImage> images = new LinkedHashMap<>();
    images.put("photo", photo());
    images.put("plot", plot());
    images.put("noise", noise());
    Table table = new Table();
    for (Map.Entry<String, BufferedImage> image : images.entrySet()) {
      for (Map.Entry<String, Encoder> encoder : encoders().entrySet()) {
        measure(table, image.getKey() + ", " + encoder.getKey(), encoder, image.getValue(), rounds);
      }
    }
    table.print();
  }

  private static Map<String, Encoder> encoders() {
    Map<String, Encoder> encoders = new LinkedHashMap<>();
    encoders.put("baseline: copy", image -> (int) Image.of(image).payloadBytes());
    encoders.put("tracker", image -> Image.adopt(image).encode().length());
    for (int level : new int[] {1, 4, 6}) {
      encoders.put("filter and Deflater " + level, image -> deflater(image, level));
    }
    encoders.put("ImageIO, fastest", image -> imageIo(image, 1));
    encoders.put("ImageIO, default", image -> imageIo(image, 0.5f));
    encoders.put("pngencoder 1", image -> pngEncoder(image, 1));
    encoders.put("pngj 1", ImageEncoding::pngj);
    encoders.put("tracker, jpeg 0.9", image -> Image.adopt(image).jpeg(0.9).encode().length());
    return encoders;
  }

  private static void measure(
      Table table, String what, Map.Entry<String, Encoder> encoder, BufferedImage image, int rounds)
      throws IOException {
    int bytes = 0;
    long[] nanos = new long[rounds];
    for (int i = -WARM_UP_ROUNDS; i < rounds; i++) {
      long start = THREADS.getCurrentThreadCpuTime();
      bytes = encoder.getValue().encode(image);
      if (i >= 0) {
        nanos[i] = THREADS.getCurrentThreadCpuTime() - start;
      }
    }
    double median = new Samples(nanos).median();
    if (encoder.getKey().equals("tracker")) {
      table.atMost(what, median, GOAL_NANOS, Unit.NANOS);
    } else {
      table.show(what, median, Unit.NANOS);
    }
    table.show(what + ", size", bytes, Unit.BYTES);
  }

  private static int deflater(BufferedImage image, int level) {
    byte[] filtered = new byte[SIDE * (3 * SIDE + 1)];
    byte[] row = new byte[3 * SIDE];
    for (int y = 0; y < SIDE; y++) {
      image.getRaster().getDataElements(0, y, SIDE, 1, row);
      int to = y * (row.length + 1);
      filtered[to++] = 1;
      System.arraycopy(row, 0, filtered, to, 3);
      for (int i = 3; i < row.length; i++) {
        filtered[to + i] = (byte) (row[i] - row[i - 3]);
      }
    }
    Deflater deflater = new Deflater(level);
    deflater.setInput(filtered);
    deflater.finish();
    byte[] out = new byte[filtered.length + filtered.length / 8];
    int length = deflater.deflate(out);
    deflater.end();
    return length;
  }

  private static int imageIo(BufferedImage image, float quality) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("png");
    ImageWriter writer = writers.next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(quality);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.size();
  }

  private static int pngEncoder(BufferedImage image, int level) {
    return new PngEncoder()
        .withBufferedImage(image)
        .withCompressionLevel(level)
        .withPredictorEncoding(true)
        .withMultiThreadedCompressionEnabled(false)
        .toBytes()
        .length;
  }

  private static int pngj(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageInfo info = new ImageInfo(SIDE, SIDE, 8, false);
    PngWriter writer = new PngWriter(bytes, info);
    writer.setCompLevel(1);
    writer.setFilterType(FilterType.FILTER_SUB);
    byte[] row = new byte[3 * SIDE];
    for (int y = 0; y < SIDE; y++) {
      image.getRaster().getDataElements(0, y, SIDE, 1, row);
      writer.writeRow(new ImageLineByte(info, row));
    }
    writer.end();
    return bytes.size();
  }

  private static BufferedImage photo() {
    BufferedImage image = image();
    byte[] samples = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < samples.length; i++) {
      int x = i / 3 % SIDE;
      int y = i / 3 / SIDE;
      double light = 128 + 60 * Math.sin(x / 97.0 + i % 3) + 50 * Math.cos(y / 61.0 + x / 203.0);
      double edge = Math.hypot(x % 256 - 128, y % 341 - 170) < 90 ? 30 : 0;
      double grain = Noise.at(3L * i) + Noise.at(3L * i + 1) + Noise.at(3L * i + 2) - 1.5;
      samples[i] = (byte) Math.max(0, Math.min(255, light + edge + 5 * grain));
    }
    return image;
  }

  private static BufferedImage plot() {
    BufferedImage image = image();
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, SIDE, SIDE);
    graphics.setColor(Color.LIGHT_GRAY);
    for (int at = 64; at < SIDE; at += 96) {
      graphics.drawLine(64, at, SIDE, at);
      graphics.drawLine(at, 0, at, SIDE - 64);
    }
    graphics.setStroke(new BasicStroke(2));
    SplittableRandom random = new SplittableRandom(1);
    for (int line = 0; line < 5; line++) {
      graphics.setColor(Color.getHSBColor(line / 5f, 0.8f, 0.8f));
      int y = SIDE / 2;
      for (int x = 64; x < SIDE; x += 4) {
        int next = y + random.nextInt(-12, 13);
        graphics.drawLine(x, y, x + 4, next);
        y = next;
      }
    }
    graphics.dispose();
    return image;
  }

  private static BufferedImage noise() {
    BufferedImage image = image();
    byte[] samples = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) (256 * Noise.at(i));
    }
    return image;
  }

  private static BufferedImage image() {
    return new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_3BYTE_BGR);
  }
}
