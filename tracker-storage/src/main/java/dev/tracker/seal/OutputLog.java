package dev.tracker.seal;

import dev.tracker.format.ConsoleLog;
import dev.tracker.format.ConsoleStream;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.media.DurableFiles;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.MetadataWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The run's {@code logs/output.log} while it is sealed: what was committed of it, and the lines
 * that come after.
 *
 * <p>Its checksum is carried on from window to window; the file is read only once, before the first
 * line is added to one that was there. A file that somebody has shortened is gone on with where it
 * ends: a log that a person has cleared must not keep a run from being sealed.
 *
 * <p>For one thread. After an exception the object is spent, as its sealer is.
 */
final class OutputLog {
  private static final int BUFFER_BYTES = 128 * 1024;

  private final RunLayout layout;
  private final Path file;

  /** How many bytes belong to the run: all that is committed, and what was appended since. */
  private long length;

  /** Of the first {@link #length} bytes; null where they were not read yet. */
  private @Nullable CRC32C checksum;

  private OutputLog(RunLayout layout, long length) {
    this.layout = layout;
    this.file = layout.output();
    this.length = length;
  }

  /**
   * Goes on from the last commit: what a cycle that was never committed has left behind it is cut
   * off.
   *
   * @throws IOException also where what would be cut off may have been committed, for all that a
   *     damaged entry in metadata tells
   */
  static OutputLog open(RunLayout layout, MetadataWriter metadata) throws IOException {
    Optional<FileEntry> committed = metadata.file(ConsoleLog.PATH);
    OutputLog log = new OutputLog(layout, committed.map(FileEntry::length).orElse(0L));
    if (PlainFiles.requireFile(log.file) && Files.size(log.file) > log.length) {
      if (committed.isPresent()) {
        requireCommitted(log.file, committed.get());
      } else {
        requireUnnamed(log.file, metadata);
      }
      try (FileChannel channel =
          FileChannel.open(log.file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
        channel.truncate(log.length);
      }
    }
    return log;
  }

  /** Throws where the log does not begin with what an entry says. */
  private static void requireCommitted(Path file, FileEntry entry) throws IOException {
    String found = DurableFiles.crc32c(file, entry.length());
    if (!found.equals(entry.digest())) {
      throw new IOException(
          "log of the console does not begin with what was committed: file=%s bytes=%d committed=%d digest=%s expected=%s (its entry in metadata.db damaged, or the file edited? 'tracker repair' saves the run into a new folder)"
              .formatted(file, Files.size(file), entry.length(), found, entry.digest()));
    }
  }

  /** Throws where an entry with a damaged path may be that of the log, which has none. */
  private static void requireUnnamed(Path file, MetadataWriter metadata) throws IOException {
    Optional<String> stray = metadata.strayPath();
    if (stray.isPresent()) {
      throw new IOException(
          "metadata names a file that no run has, and not the log of the console: file=%s bytes=%d path=%s (is that its path, damaged? 'tracker repair' saves the run into a new folder)"
              .formatted(file, Files.size(file), stray.get()));
    }
  }

  /** Begins to append lines. */
  Appending append() throws IOException {
    // A file that nothing was committed of may be that of a process that died before it forced it.
    boolean isNew = !PlainFiles.requireFile(file) || length == 0;
    PlainFiles.makeFolder(layout.logs());
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    try {
      Appending appending = new Appending(channel, isNew);
      align(channel, appending.text);
      return appending;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Makes file, length and checksum agree. */
  private void align(FileChannel channel, ByteArrayOutputStream text) throws IOException {
    long size = channel.size();
    if (size > length) {
      channel.truncate(length);
    } else if (size < length) {
      length = size;
      checksum = null;
    }
    if (checksum == null) {
      checksum = new CRC32C();
      if (length > 0 && read(channel, checksum) != '\n') {
        text.write('\n');
      }
    }
    channel.position(length);
  }

  /** Reads what is there and returns the last byte. */
  private static byte read(FileChannel channel, CRC32C into) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    byte last = 0;
    channel.position(0);
    while (channel.read(buffer) >= 0) {
      last = buffer.get(buffer.position() - 1);
      into.update(buffer.flip());
      buffer.clear();
    }
    return last;
  }

  /** The lines of one window on their way into the file. */
  final class Appending implements RecordVisitor, AutoCloseable {
    private final FileChannel channel;
    private final boolean isNew;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    private Appending(FileChannel channel, boolean isNew) {
      this.channel = channel;
      this.isNew = isNew;
    }

    @Override
    public void console(ConsoleStream stream, long micros, byte[] utf8, int offset, int size) {
      text.writeBytes(ConsoleLog.head(stream, micros));
      text.write(utf8, offset, size);
      text.write('\n');
    }

    /** Writes what has gathered, if it is worth it. */
    void drain() throws IOException {
      if (text.size() >= BUFFER_BYTES) {
        write();
      }
    }

    private void write() throws IOException {
      byte[] bytes = text.toByteArray();
      for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
        channel.write(left);
      }
      if (checksum != null) {
        checksum.update(bytes);
      }
      length += bytes.length;
      text.reset();
    }

    /** Writes the rest, forces the file, and describes it. */
    FileEntry finish() throws IOException {
      write();
      channel.force(true);
      if (isNew) {
        DurableFiles.forceFolder(layout.logs());
        DurableFiles.forceFolder(layout.root());
      }
      long crc = checksum == null ? 0 : checksum.getValue();
      return new FileEntry(ConsoleLog.PATH, length, String.format("crc32c:%08x", crc));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
