package dev.tracker.media;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The bytes of an image file. */
final class EncodedSource implements PixelSource {
  private final byte[] file;
  private final ImageHeader header;

  EncodedSource(byte[] file, ImageHeader header) {
    this.file = file;
    this.header = header;
  }

  byte[] file() {
    return file;
  }

  @Override
  public long bytes() {
    return file.length;
  }

  @Override
  public Details details() {
    return header.details();
  }

  @Override
  public Optional<String> mediaType() {
    return Optional.of(header.mediaType());
  }

  /** Decodes the first image, if the JDK or what extends it knows how. */
  @Override
  public Pixels render() {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("no decoder for this image: mediaType=" + header.mediaType());
      }
      return BufferedSource.pixels(decode(readers.next(), in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BufferedImage decode(ImageReader reader, ImageInputStream in) throws IOException {
    try {
      reader.setInput(in, true, true);
      Details said = header.details();
      if (reader.getWidth(0) != said.width() || reader.getHeight(0) != said.height()) {
        MediaLimits.checkPixels(reader.getWidth(0), reader.getHeight(0));
      }
      return reader.read(0);
    } catch (RuntimeException e) { // decoders throw whatever they like over broken bytes
      throw new IOException("broken image: mediaType=" + header.mediaType(), e);
    } finally {
      reader.dispose();
    }
  }
}
