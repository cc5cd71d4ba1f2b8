package dev.tracker.journal;

import dev.tracker.journal.FileLayer.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A segment as the writer knows it: how far it is written, and which of its frames are not on
 * stable storage yet.
 *
 * <p>Its frames and flags are guarded by the journal's {@code appending} lock. Only the writer
 * writes to its file, and only while it is the current segment.
 */
final class Segment {
  private final SegmentName name;
  private final Path path;
  private final long nonce;
  private final long capacity;

  /** Whether an earlier writer left it. What that one wrote may not have been forced. */
  private final boolean earlier;

  /** Null once nothing more is to be written or forced. */
  private @Nullable WritableFile file;

  /** Where the next frame goes in the file. */
  private long end = SegmentFormat.HEADER_BYTES;

  /** The position after the last frame. */
  private long next;

  /**
   * The last frames of the file, oldest first: those that are not known to be on stable storage.
   */
  final ArrayDeque<Frame> unforced = new ArrayDeque<>();

  /** Whether all of a segment that an earlier writer left is on stable storage. */
  boolean earlierForced;

  /** Whether the folder's entry for it is on stable storage. */
  boolean entered;

  /**
   * Whether it could not be forced. Then nothing is written to it any more, and its unforced frames
   * move on.
   */
  boolean givenUp;

  /** Whether a spare for the segment after it has been asked for. */
  boolean spareAsked;

  Segment(SegmentName name, Path path, WritableFile file, long nonce, long capacity) {
    this(name, path, file, nonce, capacity, false);
  }

  private Segment(
      SegmentName name,
      Path path,
      @Nullable WritableFile file,
      long nonce,
      long capacity,
      boolean earlier) {
    this.earlier = earlier;
    this.name = name;
    this.path = path;
    this.file = file;
    this.nonce = nonce;
    this.capacity = capacity;
    this.next = name.first();
  }

  /** Returns a segment that an earlier writer left. */
  static Segment earlier(SegmentName name, Path path, long bytes) {
    Segment segment = new Segment(name, path, null, 0, bytes, true);
    segment.end = bytes;
    return segment;
  }

  SegmentName name() {
    return name;
  }

  Path path() {
    return path;
  }

  long nonce() {
    return nonce;
  }

  /** Returns where the next frame goes in the file, which is how many bytes have been used. */
  long end() {
    return end;
  }

  long next() {
    return next;
  }

  boolean hasRoom(int length) {
    return end + length <= capacity;
  }

  boolean isHalfFull() {
    return end > capacity / 2;
  }

  boolean isEarlier() {
    return earlier;
  }

  /** Returns whether any of it may not be on stable storage. */
  boolean isUnforced() {
    return earlier ? !earlierForced : !unforced.isEmpty();
  }

  void force(FileLayer files) throws IOException {
    if (earlier) {
      files.force(path);
    } else {
      file().force();
    }
  }

  private WritableFile file() {
    WritableFile opened = file;
    if (opened == null) {
      throw new IllegalStateException("segment is closed: file=" + path);
    }
    return opened;
  }

  /**
   * Writes the bytes of a frame behind the last one. The frame counts once {@link #add} was called.
   */
  void write(byte[] bytes, int length, ByteBuffer direct) throws IOException {
    SpareFile.writeFully(file(), bytes, length, end, direct);
  }

  void add(Frame frame) {
    unforced.add(frame);
    end += frame.length();
    next = frame.after().position();
  }

  /** Returns where in the file the first unforced frame begins. */
  long unforcedFrom() {
    long from = end;
    for (Frame frame : unforced) {
      from -= frame.length();
    }
    return from;
  }

  /** Cuts off what follows the last frame. */
  void trim() throws IOException {
    if (file != null) {
      file.truncate(end);
    }
  }

  /** Closes the file, if it is open. */
  void close() throws IOException {
    WritableFile opened = file;
    file = null;
    if (opened != null) {
      opened.close();
    }
  }
}
