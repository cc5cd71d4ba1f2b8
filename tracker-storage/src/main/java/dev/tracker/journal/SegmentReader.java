package dev.tracker.journal;

import static dev.tracker.journal.SegmentFormat.HEADER_BYTES;

import dev.tracker.format.FormatVersion;
import dev.tracker.journal.FileLayer.ReadableFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one segment in order. One thread uses it.
 *
 * <p>Where there is no whole frame of the expected position, the segment ends, for now: a later
 * look may find one.
 */
final class SegmentReader {
  /** How far marks are apart: going back costs at most reading so many bytes again. */
  private static final long MARK_BYTES = 256 * 1024;

  private final SegmentName name;
  private final Path path;
  private final FileLayer files;
  private @Nullable ReadableFile file;
  private boolean headed;
  private long nonce;

  /** Where the next frame begins in the file, and its position. */
  private long offset = HEADER_BYTES;

  private long next;

  /** The frames that were served, from the first one, and where that stands in the file. */
  private long servedFrom;

  private long servedTo;

  /** Where some of the frames that were served, and the end of them, stand in the file. */
  private final TreeMap<Long, Long> marks = new TreeMap<>();

  private long servedEndOffset = HEADER_BYTES;

  SegmentReader(Path folder, SegmentName name, FileLayer files) {
    this.name = name;
    this.path = name.file(folder);
    this.files = files;
    this.next = name.first();
    this.servedFrom = name.first();
    this.servedTo = name.first();
  }

  SegmentName name() {
    return name;
  }

  Path path() {
    return path;
  }

  /** Returns the position after the last frame read. */
  long next() {
    return next;
  }

  /** Returns where in the file the frame after the last one read would begin. */
  long offset() {
    return offset;
  }

  boolean isOpen() {
    return file != null;
  }

  /**
   * Opens the file, if it is not open.
   *
   * @throws java.nio.file.NoSuchFileException where it was deleted
   */
  ReadableFile open() throws IOException {
    ReadableFile opened = file;
    if (opened == null) {
      opened = files.open(path);
      file = opened;
    }
    return opened;
  }

  void close() throws IOException {
    ReadableFile opened = file;
    file = null;
    if (opened != null) {
      opened.close();
    }
  }

  /** Reads the next frame into a buffer; false where there is none now. */
  boolean read(FrameBuffer buffer) throws IOException {
    ReadableFile opened = open();
    if ((!headed && !readHeader(opened)) || !buffer.find(opened, nonce, offset, next)) {
      return false;
    }
    offset += buffer.length();
    next += buffer.records();
    return true;
  }

  /** Goes to a frame that was found behind damage, to be read next. */
  void jump(long foundNonce, long foundOffset, long foundFirst) {
    headed = true;
    nonce = foundNonce;
    offset = foundOffset;
    next = foundFirst;
  }

  /** Says that the frame that was read last is served, not skipped. */
  void serve(FrameBuffer buffer) {
    long frameOffset = offset - buffer.length();
    if (servedTo == servedFrom) {
      servedFrom = next - buffer.records();
      servedTo = servedFrom;
    }
    if (next > servedTo) {
      if (marks.isEmpty() || frameOffset - marks.lastEntry().getValue() >= MARK_BYTES) {
        marks.put(next - buffer.records(), frameOffset);
      }
      servedTo = next;
      servedEndOffset = offset;
    }
  }

  /** Returns the position after the last frame that was served. */
  long servedTo() {
    return servedTo;
  }

  /** Returns whether the record at a position was served from here. */
  boolean hasServed(long position) {
    return servedFrom <= position && position < servedTo;
  }

  /** Goes back so that the frame that holds a position is still to be read. */
  void rewind(long position) {
    Map.Entry<Long, Long> mark = marks.floorEntry(position);
    if (mark == null) {
      offset = HEADER_BYTES;
      next = name.first();
    } else if (position >= servedTo) {
      offset = servedEndOffset;
      next = servedTo;
    } else {
      offset = mark.getValue();
      next = mark.getKey();
    }
  }

  private boolean readHeader(ReadableFile opened) throws IOException {
    byte[] header = new byte[HEADER_BYTES];
    int done = 0;
    while (done < HEADER_BYTES) {
      int read = opened.read(header, done, HEADER_BYTES - done, done);
      if (read < 0) {
        return false;
      }
      done += read;
    }
    if (!SegmentFormat.isHeader(header)) {
      return false;
    }
    int version = (int) SegmentFormat.INT.get(header, SegmentFormat.HEADER_VERSION);
    if (version > FormatVersion.CURRENT) {
      throw new IOException(
          "journal segment has a newer format: file="
              + path
              + " version="
              + version
              + " known="
              + FormatVersion.CURRENT
              + " (written by a newer version?)");
    }
    if ((long) SegmentFormat.LONG.get(header, SegmentFormat.HEADER_FIRST) != name.first()) {
      return false;
    }
    nonce = (long) SegmentFormat.LONG.get(header, SegmentFormat.HEADER_NONCE);
    headed = true;
    return true;
  }
}
