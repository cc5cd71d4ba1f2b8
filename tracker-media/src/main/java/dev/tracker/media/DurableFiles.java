package dev.tracker.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Writes and forces files so that what has returned is still there, and whole, after a power cut.
 */
public final class DurableFiles {
  private static final int BUFFER_BYTES = 128 * 1024;
  private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

  private DurableFiles() {}

  /** Returns when a file's bytes and length are on stable storage. */
  public static void forceFile(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Returns when a folder's entries are on stable storage. Windows has no such call and needs none.
   */
  public static void forceFolder(Path folder) throws IOException {
    if (!WINDOWS) {
      forceFile(folder);
    }
  }

  /**
   * Replaces a file's content: a reader, or a power cut, sees the old content or the new, nothing
   * between.
   */
  public static void writeAtomically(Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        ByteBuffer left = ByteBuffer.wrap(content);
        while (left.hasRemaining()) {
          channel.write(left);
        }
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    forceFolder(file.toAbsolutePath().resolveSibling(""));
  }

  /** Returns a file's content as a checksum: {@code crc32c:} and eight hexadecimal digits. */
  public static String crc32c(Path file) throws IOException {
    CRC32C checksum = new CRC32C();
    if (Files.size(file) <= BUFFER_BYTES) { // a buffer outside the heap takes longer than the file
      checksum.update(Files.readAllBytes(file));
    } else {
      update(checksum, file);
    }
    return String.format("crc32c:%08x", checksum.getValue());
  }

  /**
   * Returns the first bytes of a file as such a checksum; all bytes where there are not as many.
   */
  public static String crc32c(Path file, long length) throws IOException {
    CRC32C checksum = new CRC32C();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (long left = length; left > 0; ) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          break;
        }
        checksum.update(buffer, 0, read);
        left -= read;
      }
    }
    return String.format("crc32c:%08x", checksum.getValue());
  }

  private static void update(CRC32C checksum, Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer) >= 0) {
        checksum.update(buffer.flip());
        buffer.clear();
      }
    }
  }
}
