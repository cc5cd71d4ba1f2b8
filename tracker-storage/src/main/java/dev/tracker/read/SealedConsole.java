package dev.tracker.read;

import dev.tracker.format.PlainFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The console lines that are in {@code logs/output.log}: its first bytes, as many as metadata says.
 */
final class SealedConsole {
  private static final int BLOCK_BYTES = 64 * 1024;

  private final Path file;
  private final long length;

  SealedConsole(Path file, long length) {
    this.file = file;
    this.length = length;
  }

  /**
   * Returns the last lines, or all if there are fewer; reads no more of the file than they take.
   */
  List<ConsoleLine> last(long lines) throws IOException {
    if (length == 0 || lines == 0) {
      return List.of();
    }
    PlainFiles.requireFolder(file.resolveSibling(""));
    PlainFiles.requireFile(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() < length) {
        throw new IOException(
            "console log is shorter than metadata says: file="
                + file
                + " bytes="
                + channel.size()
                + " expected="
                + length
                + " (cleared by hand?)");
      }
      return lines(channel, lines == Long.MAX_VALUE ? 0 : startOfLast(channel, lines));
    }
  }

  /** Goes backwards over line ends; the one at the very end ends the last line. */
  private long startOfLast(FileChannel channel, long lines) throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    long ends = 0;
    for (long to = length; to > 0; ) {
      int size = (int) Math.min(BLOCK_BYTES, to);
      long from = to - size;
      read(channel, block, size, from);
      for (int i = size - 1; i >= 0; i--) {
        if (block[i] == '\n' && ends++ == lines) {
          return from + i + 1;
        }
      }
      to = from;
    }
    return 0;
  }

  private List<ConsoleLine> lines(FileChannel channel, long start) throws IOException {
    List<ConsoleLine> lines = new ArrayList<>();
    ByteArrayOutputStream begun = new ByteArrayOutputStream();
    byte[] block = new byte[BLOCK_BYTES];
    for (long at = start; at < length; ) {
      int size = (int) Math.min(BLOCK_BYTES, length - at);
      read(channel, block, size, at);
      int from = 0;
      for (int i = 0; i < size; i++) {
        if (block[i] == '\n') {
          if (begun.size() == 0) {
            add(block, from, i, lines);
          } else {
            begun.write(block, from, i - from);
            add(begun.toByteArray(), 0, begun.size(), lines);
            begun.reset();
          }
          from = i + 1;
        }
      }
      begun.write(block, from, size - from);
      at += size;
    }
    return lines;
  }

  private static void add(byte[] bytes, int from, int to, List<ConsoleLine> lines) {
    long previous = lines.isEmpty() ? 0 : lines.get(lines.size() - 1).timestamp();
    lines.add(ConsoleLine.parse(bytes, from, to, previous));
  }

  private void read(FileChannel channel, byte[] block, int size, long at) throws IOException {
    ByteBuffer into = ByteBuffer.wrap(block, 0, size);
    while (into.hasRemaining()) {
      if (channel.read(into, at + into.position()) < 0) {
        throw new IOException(
            "console log was shortened while it was read: file="
                + file
                + " position="
                + (at + into.position())
                + " expected="
                + length);
      }
    }
  }
}
