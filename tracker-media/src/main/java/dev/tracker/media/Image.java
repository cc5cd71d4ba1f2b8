package dev.tracker.media;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A picture. Its file is a PNG, which loses nothing, unless {@link #jpeg} asks for a JPEG or it was
 * given encoded: such bytes are kept as they are.
 *
 * <p><b>From numbers.</b> One channel is grey, three are red, green and blue, four have alpha,
 * which is not premultiplied. Bytes are unsigned, 0 to 255; shorts are unsigned, 0 to 65,535, and
 * make a PNG of 16 bits a channel. Both are kept bit by bit. Floating-point samples lie in a range
 * that {@link #range} states; otherwise it is found from the least and greatest finite sample of
 * all channels, and is the first of these that holds both:
 *
 * <ol>
 *   <li>0 to 1,
 *   <li>-1 to 1,
 *   <li>0 to 255,
 *   <li>from the least to the greatest.
 * </ol>
 *
 * <p>A sample {@code x} becomes {@code floor(255 * (x - from) / (to - from) + 0.5)}, in double
 * precision; below the range, and negative infinity, it becomes 0, above it, and positive infinity,
 * 255; NaN becomes 0. Where all samples are the same and outside the first three ranges, all become
 * 0. State the range where images are to be compared with each other: a found one may differ from
 * step to step.
 *
 * <p><b>From a {@link BufferedImage}.</b> Grey images of 8 and 16 bits keep their samples, as do
 * images of 16 bits a channel in sRGB; all others become what {@link BufferedImage#getRGB(int,
 * int)} tells of them, with alpha if their colour model has it.
 *
 * <p><b>From a file.</b> A file of at most {@value #MAX_READ_BYTES} bytes is read by the factory
 * method and is a snapshot, so that a plot may be saved under the same name at each step. A larger
 * one is copied in the background and must stay as it is until then. A file that is missing or
 * cannot be read gives a value all the same, whose entry will carry an error.
 */
public final class Image extends Media {
  /** The largest image file that is read at the call. */
  public static final int MAX_READ_BYTES = 16 << 20;

  /** The most pixels that a side of a JPEG can have. */
  private static final int MAX_JPEG_SIDE = 65_500;

  private static final String PNG = "image/png";
  private static final String JPEG = "image/jpeg";

  /** What the picture is made of. */
  private final PixelSource content;

  /** How good the JPEG is to be; empty for what the content is by itself. */
  private final OptionalDouble quality;

  private Image(PixelSource content, OptionalDouble quality, String caption) {
    super(caption);
    this.content = content;
    this.quality = quality;
  }

  private static Image of(PixelSource content, String caption) {
    return new Image(content, OptionalDouble.empty(), caption);
  }

  /** Gives an image of any type. */
  public static Image of(BufferedImage image) {
    return of(image, "");
  }

  /** Gives an image of any type, with a caption. */
  public static Image of(BufferedImage image, String caption) {
    Objects.requireNonNull(image, "image");
    MediaLimits.checkCaption(caption);
    checkSize(image);
    // not copyData, whose raster begins elsewhere if the image is part of another
    WritableRaster raster = image.getRaster().createCompatibleWritableRaster();
    raster.setRect(image.getRaster());
    BufferedImage copy =
        new BufferedImage(image.getColorModel(), raster, image.isAlphaPremultiplied(), null);
    return of(new BufferedSource(copy), caption);
  }

  /** As {@link #of(BufferedImage)}, without a copy: the caller never draws on it again. */
  public static Image adopt(BufferedImage image) {
    Objects.requireNonNull(image, "image");
    checkSize(image);
    return of(new BufferedSource(image), "");
  }

  private static void checkSize(BufferedImage image) {
    long pixels = MediaLimits.checkPixels(image.getWidth(), image.getHeight());
    int type = image.getSampleModel().getTransferType();
    long elements = pixels * image.getSampleModel().getNumDataElements();
    MediaLimits.checkBytes("image", elements * DataBuffer.getDataTypeSize(type) / Byte.SIZE);
  }

  /**
   * Gives the bytes of an image file: PNG, JPEG, GIF, BMP, WebP, TIFF or AVIF, told by how they
   * begin. They are kept as they are, and only their header is read.
   */
  public static Image ofEncoded(byte[] file) {
    return ofEncoded(file, "");
  }

  /** As {@link #ofEncoded(byte[])}, with a caption. */
  public static Image ofEncoded(byte[] file, String caption) {
    Objects.requireNonNull(file, "file");
    MediaLimits.checkBytes("image", file.length);
    return adoptEncoded(file.clone()).withCaption(caption);
  }

  /** As {@link #ofEncoded(byte[])}, without a copy: the caller never touches the array again. */
  public static Image adoptEncoded(byte[] file) {
    Objects.requireNonNull(file, "file");
    MediaLimits.checkBytes("image", file.length);
    return of(new EncodedSource(file, ImageHeader.read(file)), "");
  }

  /** Gives an image file by path. */
  public static Image of(Path file) {
    return of(file, "");
  }

  /** Gives an image file by path, with a caption. */
  public static Image of(Path file, String caption) {
    Objects.requireNonNull(file, "file");
    SourceFile source = SourceFile.of(file);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(MAX_READ_BYTES + 1);
      if (head.length <= MAX_READ_BYTES) {
        return adoptEncoded(head).withCaption(caption);
      }
      return of(new FileSource(source, Optional.of(ImageHeader.read(head))), caption);
    } catch (IOException e) { // the entry will carry the error
      return of(new FileSource(source, Optional.empty()), caption);
    }
  }

  /** Gives unsigned samples of 1, 3 or 4 channels. */
  public static Image of(byte[] samples, int width, int height, int channels, Layout layout) {
    Objects.requireNonNull(samples, "samples");
    ArraySource.check(samples.length, width, height, channels, Byte.BYTES);
    return adopt(samples.clone(), width, height, channels, layout);
  }

  /** As the form of {@code of} does, without a copy: the caller never touches the array again. */
  public static Image adopt(byte[] samples, int width, int height, int channels, Layout layout) {
    Objects.requireNonNull(samples, "samples");
    ArraySource.check(samples.length, width, height, channels, Byte.BYTES);
    return of(ArraySource.of(samples, width, height, channels, layout), "");
  }

  /** Gives unsigned samples of 16 bits and 1, 3 or 4 channels. */
  public static Image of(short[] samples, int width, int height, int channels, Layout layout) {
    Objects.requireNonNull(samples, "samples");
    ArraySource.check(samples.length, width, height, channels, Short.BYTES);
    return adopt(samples.clone(), width, height, channels, layout);
  }

  /** As the form of {@code of} does, without a copy: the caller never touches the array again. */
  public static Image adopt(short[] samples, int width, int height, int channels, Layout layout) {
    Objects.requireNonNull(samples, "samples");
    ArraySource.check(samples.length, width, height, channels, Short.BYTES);
    return of(ArraySource.of(samples, width, height, channels, layout), "");
  }

  /** Gives samples of 1, 3 or 4 channels; their range is stated by {@link #range} or found. */
  public static Image of(float[] samples, int width, int height, int channels, Layout layout) {
    Objects.requireNonNull(samples, "samples");
    ArraySource.check(samples.length, width, height, channels, Float.BYTES);
    return adopt(samples.clone(), width, height, channels, layout);
  }

  /** As the form of {@code of} does, without a copy: the caller never touches the array again. */
  public static Image adopt(float[] samples, int width, int height, int channels, Layout layout) {
    Objects.requireNonNull(samples, "samples");
    ArraySource.check(samples.length, width, height, channels, Float.BYTES);
    return of(ArraySource.of(samples, width, height, channels, layout), "");
  }

  /** Gives the buffer's remaining unsigned samples; its position stays where it is. */
  public static Image of(ByteBuffer samples, int width, int height, int channels, Layout layout) {
    Objects.requireNonNull(samples, "samples");
    ArraySource.check(samples.remaining(), width, height, channels, Byte.BYTES);
    byte[] copy = new byte[samples.remaining()];
    samples.duplicate().get(copy);
    return adopt(copy, width, height, channels, layout);
  }

  /** Gives the buffer's remaining samples; its position stays where it is. */
  public static Image of(FloatBuffer samples, int width, int height, int channels, Layout layout) {
    Objects.requireNonNull(samples, "samples");
    ArraySource.check(samples.remaining(), width, height, channels, Float.BYTES);
    float[] copy = new float[samples.remaining()];
    samples.duplicate().get(copy);
    return adopt(copy, width, height, channels, layout);
  }

  /** Gives a grey image row by row; all rows have the same length. */
  public static Image of(float[][] rows) {
    Objects.requireNonNull(rows, "rows");
    int width = rows.length == 0 ? 0 : rows[0].length;
    ArraySource.check(pixels(width, rows.length), width, rows.length, 1, Float.BYTES);
    float[] samples = new float[width * rows.length];
    for (int y = 0; y < rows.length; y++) {
      checkRow(y, rows[y].length, width);
      System.arraycopy(rows[y], 0, samples, y * width, width);
    }
    return adopt(samples, width, rows.length, 1, Layout.HWC);
  }

  /** Gives a grey image row by row; all rows have the same length. */
  public static Image of(double[][] rows) {
    Objects.requireNonNull(rows, "rows");
    int width = rows.length == 0 ? 0 : rows[0].length;
    ArraySource.check(pixels(width, rows.length), width, rows.length, 1, Double.BYTES);
    double[] samples = new double[width * rows.length];
    for (int y = 0; y < rows.length; y++) {
      checkRow(y, rows[y].length, width);
      System.arraycopy(rows[y], 0, samples, y * width, width);
    }
    return of(ArraySource.of(samples, width, rows.length, 1, Layout.HWC), "");
  }

  private static long pixels(int width, int height) {
    return (long) width * height;
  }

  private static void checkRow(int row, int length, int width) {
    if (length != width) {
      throw new IllegalArgumentException(
          "rows differ in length: row=" + row + " length=" + length + " expected=" + width);
    }
  }

  /**
   * Puts images into a grid, row by row. Every cell is as large as the widest and the highest of
   * them; smaller ones stand at the upper left. Two pixels lie between cells. What no image covers
   * is black, and transparent if an image has alpha. 16-bit samples are cut to their upper 8 bits.
   */
  public static Image grid(List<Image> images, int columns) {
    return grid(images, columns, "");
  }

  /** As {@link #grid(List, int)}, with a caption. */
  public static Image grid(List<Image> images, int columns, String caption) {
    List<PixelSource> cells = new ArrayList<>();
    for (Image image : images) {
      image
          .source()
          .ifPresent(path -> {
            throw new IllegalArgumentException(
                "an image that is copied by path cannot be a cell: source=" + path);
          });
      cells.add(image.content);
    }
    return of(GridSource.of(cells, columns), caption);
  }

  /**
   * Returns the same image, its floating-point samples read as lying between two values.
   *
   * @throws IllegalArgumentException if the range is empty or not finite
   * @throws IllegalStateException if the image was not made from floating-point samples
   */
  public Image range(double from, double to) {
    if (!(from < to) || Double.isInfinite(to - from)) {
      throw new IllegalArgumentException("not a range: from=" + from + " to=" + to);
    }
    if (!(content instanceof ArraySource samples) || !samples.hasRange()) {
      throw new IllegalStateException("only floating-point samples lie in a range");
    }
    return new Image(samples.withRange(from, to), quality, caption());
  }

  /**
   * Returns the same image, its file a JPEG: smaller, but not what was given. Alpha is laid over
   * white, and 16-bit samples are cut to 8.
   *
   * @param quality from 0 to 1; 0.9 is hard to tell from the original
   * @throws IllegalStateException if the image is copied by path
   */
  public Image jpeg(double quality) {
    if (!(quality >= 0 && quality <= 1)) {
      throw new IllegalArgumentException("quality is from 0 to 1: quality=" + quality);
    }
    if (content instanceof FileSource file) {
      throw givenByPath(file.file());
    }
    Details details = content.details();
    if (Math.max(details.width(), details.height()) > MAX_JPEG_SIDE) {
      throw new IllegalArgumentException(
          "too wide or high for a JPEG: width="
              + details.width()
              + " height="
              + details.height()
              + " limit="
              + MAX_JPEG_SIDE);
    }
    return new Image(content, OptionalDouble.of(quality), caption());
  }

  @Override
  public Image withCaption(String caption) {
    return new Image(content, quality, caption);
  }

  @Override
  public String mediaType() {
    return quality.isPresent() ? JPEG : content.mediaType().orElse(PNG);
  }

  @Override
  public String extension() {
    return MediaTypes.extensionOf(mediaType());
  }

  @Override
  public long payloadBytes() {
    return content.bytes();
  }

  @Override
  public Details details() {
    Details details = content.details();
    boolean flat = quality.isPresent() && details.channels() == 4;
    return flat ? Details.image(details.width(), details.height(), 3) : details;
  }

  @Override
  public Optional<SourceFile> sourceFile() {
    return content instanceof FileSource file ? Optional.of(file.file()) : Optional.empty();
  }

  @Override
  public Encoded encode() {
    if (content instanceof FileSource file) {
      throw givenByPath(file.file());
    }
    if (quality.isPresent()) {
      byte[] jpeg = Jpeg.encode(content.render(), (float) quality.getAsDouble());
      return new Encoded(jpeg, mediaType(), extension(), details());
    }
    if (content instanceof EncodedSource given) {
      return new Encoded(given.file(), mediaType(), extension(), details());
    }
    return new Encoded(Png.encode(content.render()), mediaType(), extension(), details());
  }
}
