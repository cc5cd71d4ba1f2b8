package dev.tracker.journal;

import dev.tracker.journal.FileLayer.ReadableFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads back frames from a segment that could not be forced, and believes only what is whole.
 *
 * <p>A file that cannot be opened is a failure, to be tried again; one that is gone, or cannot be
 * read, holds nothing.
 */
final class ReadBack implements Closeable {
  private final SegmentFormat.Checksum checksum = new SegmentFormat.Checksum();
  private final long nonce;
  private final @Nullable ReadableFile file;

  ReadBack(Path path, long nonce, FileLayer files) throws IOException {
    this.nonce = nonce;
    this.file = openIfThere(path, files);
  }

  private static @Nullable ReadableFile openIfThere(Path path, FileLayer files) throws IOException {
    try {
      return files.open(path);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Returns the bytes of a frame, or null where they are not what was written. */
  byte @Nullable [] read(Frame frame, long offset) {
    byte[] bytes = new byte[frame.length()];
    try {
      return file != null && readFully(file, bytes, offset) && isSame(frame, bytes, offset)
          ? bytes
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static boolean readFully(ReadableFile file, byte[] bytes, long offset)
      throws IOException {
    int done = 0;
    while (done < bytes.length) {
      int read = file.read(bytes, done, bytes.length - done, offset + done);
      if (read <= 0) {
        return false;
      }
      done += read;
    }
    return true;
  }

  private boolean isSame(Frame frame, byte[] bytes, long offset) {
    int payload = (int) SegmentFormat.INT.get(bytes, SegmentFormat.FRAME_LENGTH);
    return payload > 0
        && payload <= bytes.length - SegmentFormat.FRAME_BYTES
        && (long) SegmentFormat.LONG.get(bytes, SegmentFormat.FRAME_FIRST)
            == frame.before().position()
        && (int) SegmentFormat.INT.get(bytes, SegmentFormat.FRAME_CRC)
            == checksum.of(bytes, 0, bytes.length, nonce, offset);
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
