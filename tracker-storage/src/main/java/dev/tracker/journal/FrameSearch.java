package dev.tracker.journal;

import static dev.tracker.journal.SegmentFormat.FRAME_BYTES;
import static dev.tracker.journal.SegmentFormat.FRAME_CRC;
import static dev.tracker.journal.SegmentFormat.FRAME_FIRST;
import static dev.tracker.journal.SegmentFormat.FRAME_FORCED;
import static dev.tracker.journal.SegmentFormat.FRAME_GLOBAL_STEP;
import static dev.tracker.journal.SegmentFormat.FRAME_MICROS;
import static dev.tracker.journal.SegmentFormat.FRAME_RECORDS;
import static dev.tracker.journal.SegmentFormat.FRAME_STEP;
import static dev.tracker.journal.SegmentFormat.HEADER_BYTES;
import static dev.tracker.journal.SegmentFormat.INT;
import static dev.tracker.journal.SegmentFormat.LONG;

import dev.tracker.format.Counters;
import dev.tracker.journal.FileLayer.ReadableFile;
import java.io.IOException;
import java.util.Arrays;

/**
 * Looks for whole frames behind damage in one segment's file. To read a segment that is sound use
 * {@link SegmentReader}.
 *
 * <p>A frame is found by its checksum, which holds its place in the file. Memory: one frame. Time:
 * the bytes that are read are bounded by a multiple of the file's length. One thread uses it.
 */
final class FrameSearch {
  private static final int WINDOW_BYTES = 256 * 1024;

  /** How far positions can jump within a segment; more is no frame. */
  private static final long MAX_JUMP = 1L << 32;

  /** How many times a file's bytes may go through a checksum that turns out wrong. */
  private static final long MAX_TRIES = 16;

  private final SegmentFormat.Checksum checksum = new SegmentFormat.Checksum();
  private final ReadableFile file;
  private final long size;
  private final byte[] header;
  private byte[] bytes = new byte[WINDOW_BYTES + RecordDecoder.SLACK];
  private long base;
  private int filled;
  private long triesLeft;
  private long offset;

  FrameSearch(ReadableFile file) throws IOException {
    this.file = file;
    this.size = file.size();
    this.triesLeft = MAX_TRIES * size + WINDOW_BYTES;
    this.header = fill(0, HEADER_BYTES) ? Arrays.copyOf(bytes, HEADER_BYTES) : new byte[0];
  }

  /** Returns the file's length. */
  long size() {
    return size;
  }

  /** Returns the first bytes of the file, whatever they are; none where it ends inside them. */
  byte[] header() {
    return header;
  }

  /** Returns the nonce that the header has, right or wrong. */
  long nonce() {
    return (long) LONG.get(header, SegmentFormat.HEADER_NONCE);
  }

  /**
   * Goes to the next whole frame from an offset on and has all of it in memory.
   *
   * @param expected no frame before this position is one
   * @return whether there is one
   */
  boolean find(long from, long expected) throws IOException {
    if (header.length == 0) {
      return false;
    }
    for (offset = from; offset + FRAME_BYTES <= size; offset += 8) {
      if (!fill(offset, FRAME_BYTES)) {
        return false;
      }
      int payload = (int) INT.get(bytes, start());
      if (payload > 0
          && payload <= SegmentFormat.MAX_PAYLOAD_BYTES
          && records() > 0
          && first() >= expected
          && first() - expected <= MAX_JUMP
          && offset + length() <= size
          && isWhole()) {
        return true;
      }
    }
    return false;
  }

  private boolean isWhole() throws IOException {
    int length = length();
    if (length > triesLeft || !fill(offset, length)) {
      return false;
    }
    boolean whole =
        checksum.of(bytes, start(), length, nonce(), offset)
            == (int) INT.get(bytes, start() + FRAME_CRC);
    triesLeft -= whole ? 0 : length;
    return whole;
  }

  /** Returns where in the file the frame begins. */
  long offset() {
    return offset;
  }

  /** Returns how many bytes it takes there. */
  int length() {
    return SegmentFormat.frameBytes((int) INT.get(bytes, start()));
  }

  long first() {
    return (long) LONG.get(bytes, start() + FRAME_FIRST);
  }

  /** Returns the position after it. */
  long end() {
    return first() + records();
  }

  private int records() {
    return (int) INT.get(bytes, start() + FRAME_RECORDS);
  }

  /** Returns what the journal's durable position was when it was written. */
  long forced() {
    return (long) LONG.get(bytes, start() + FRAME_FORCED);
  }

  /** Returns the counters before it. */
  Counters before() {
    return new Counters(
        first(),
        (long) LONG.get(bytes, start() + FRAME_STEP),
        (long) LONG.get(bytes, start() + FRAME_GLOBAL_STEP),
        (long) LONG.get(bytes, start() + FRAME_MICROS));
  }

  /** Returns the array that holds it, valid until the next search. */
  byte[] bytes() {
    return bytes;
  }

  /** Returns where in {@link #bytes} its payload begins. */
  int payload() {
    return start() + FRAME_BYTES;
  }

  /** Returns where its payload ends. */
  int payloadEnd() {
    return payload() + (int) INT.get(bytes, start());
  }

  /** Returns where the first byte stands that is not zero; -1 where there is none. */
  long firstNonZero(long from, long to) throws IOException {
    for (long at = from; at < to; at++) {
      if ((at == from || at >= base + filled) && !fill(at, 1)) {
        return -1;
      }
      if (bytes[(int) (at - base)] != 0) {
        return at;
      }
    }
    return -1;
  }

  private int start() {
    return (int) (offset - base);
  }

  /** Has so many bytes from an offset on in memory; false where the file ends before. */
  private boolean fill(long from, int length) throws IOException {
    if (from >= base && from + length <= base + filled) {
      return true;
    }
    int room = Math.max(length, WINDOW_BYTES) + RecordDecoder.SLACK;
    if (bytes.length < room || bytes.length > 4 * room) {
      bytes = new byte[room];
    }
    base = from;
    filled = 0;
    while (filled < bytes.length - RecordDecoder.SLACK) {
      int read =
          file.read(bytes, filled, bytes.length - RecordDecoder.SLACK - filled, from + filled);
      if (read < 0) {
        break;
      }
      filled += read;
    }
    return filled >= length;
  }
}
