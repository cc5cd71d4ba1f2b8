package dev.tracker.journal;

import dev.tracker.format.FormatVersion;
import dev.tracker.journal.FileLayer.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A file that is going to be a segment: filled with zeros ahead, so that a full disk shows early
 * and forcing what is written later has no new length to record. Belongs to whoever makes it, until
 * it becomes a segment.
 */
final class SpareFile {
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(256 * 1024).asReadOnlyBuffer();

  private final Path path;
  private final WritableFile file;
  private final FileLayer files;
  private final long nonce = ThreadLocalRandom.current().nextLong();

  /** How much of the file is written: zeros, or frames. */
  private long filled;

  private SpareFile(Path path, WritableFile file, FileLayer files) {
    this.path = path;
    this.file = file;
    this.files = files;
  }

  static SpareFile create(Path path, FileLayer files) throws IOException {
    return new SpareFile(path, files.create(path), files);
  }

  /** Returns the nonce of the segment that this will be. */
  long nonce() {
    return nonce;
  }

  /** Returns how much of the file is filled by now. */
  long filled() {
    return filled;
  }

  /** Fills with zeros up to a length; nothing where it is as long as that. */
  void fill(long length) throws IOException {
    while (filled < length) {
      ByteBuffer zeros = ZEROS.duplicate();
      zeros.limit((int) Math.min(zeros.capacity(), length - filled));
      filled += write(file, zeros, filled);
    }
  }

  /** Writes a frame behind what is filled, instead of zeros. */
  void append(byte[] bytes, int length, ByteBuffer direct) throws IOException {
    writeFully(file, bytes, length, filled, direct);
    filled += length;
  }

  void force() throws IOException {
    file.force();
  }

  /**
   * Writes the header and gives the file its name; from then on readers see it. A failure leaves it
   * as it was, or without its name.
   */
  Segment become(SegmentName name, Path folder) throws IOException {
    byte[] header =
        SegmentFormat.header(
            nonce,
            name.first(),
            TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()),
            FormatVersion.CURRENT);
    ByteBuffer bytes = ByteBuffer.wrap(header);
    while (bytes.hasRemaining()) {
      write(file, bytes, bytes.position());
    }
    Path named = name.file(folder);
    files.rename(path, named);
    return new Segment(name, named, file, nonce, Math.max(filled, SegmentFormat.HEADER_BYTES));
  }

  /** Closes and deletes the file, as far as that is possible. */
  void discard(Throwable reason) {
    try (file) {
      files.delete(path);
    } catch (IOException e) {
      if (!e.equals(reason)) {
        reason.addSuppressed(e);
      }
    }
  }

  /** Writes bytes through a direct buffer, piece by piece. */
  static void writeFully(
      WritableFile file, byte[] bytes, int length, long offset, ByteBuffer direct)
      throws IOException {
    int done = 0;
    while (done < length) {
      int count = Math.min(direct.capacity(), length - done);
      direct.clear().limit(count);
      direct.put(0, bytes, done, count);
      while (direct.hasRemaining()) {
        done += write(file, direct, offset + done);
      }
    }
  }

  /** Writes once, and takes care that something is written. */
  private static int write(WritableFile file, ByteBuffer bytes, long offset) throws IOException {
    int written = file.write(bytes, offset);
    if (written <= 0) {
      throw new IOException(
          "journal write made no progress: offset=" + offset + " left=" + bytes.remaining());
    }
    return written;
  }
}
