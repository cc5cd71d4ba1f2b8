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
import dev.tracker.format.FormatVersion;
import dev.tracker.journal.FileLayer.ReadableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Goes through all segments of a journal that nobody writes, damaged or not: tells what is wrong
 * where, and hands out every whole frame beyond a position, also those behind damage. To read a
 * journal that is sound use {@link JournalReader}.
 *
 * <p>A frame behind damage is found by its checksum, which holds its place in the file. Memory: one
 * frame. Time: the bytes that are read while looking for frames are bounded by a multiple of the
 * file's length.
 */
public final class JournalScan {
  private static final int WINDOW_BYTES = 256 * 1024;

  /** How far positions can jump within a segment; more is no frame. */
  private static final long MAX_JUMP = 1L << 32;

  /** How many times a file's bytes may go through a checksum that turns out wrong. */
  private static final long MAX_TRIES = 16;

  /** The least that leaves bytes which are not what they should be. */
  public enum Cause {
    /** A writer that was killed. */
    KILL,
    /** A power cut, if they had not been forced. */
    POWER_CUT,
    /** Nothing but damage. */
    DAMAGE
  }

  /** Receives what is found, in the order of the journal. */
  public interface Sink {
    /**
     * A whole frame whose records come next.
     *
     * @param file the segment's name
     * @param offset where in it the frame begins
     * @param before the counters before it
     * @param end the position after it
     * @param records decodes it; during the call only
     */
    void frame(String file, long offset, Counters before, long end, Records records)
        throws IOException;

    /** Records that are gone: {@code expected} to {@code found - 1}. */
    void missing(String file, long expected, long found);

    /** Bytes that are not what they should be. */
    void fault(String file, long offset, Cause least, String what);

    /** A segment that is sealed already, or in whose place another one has come. */
    void leftOver(String file);

    /**
     * The end.
     *
     * @param stable up to where whole frames say that the journal was on stable storage
     */
    void end(long stable);
  }

  /** Decodes a frame. */
  @FunctionalInterface
  public interface Records {
    /** Delivers the records; bytes that are none are an {@link IOException}. */
    Counters to(RecordVisitor visitor) throws IOException;
  }

  private final Path folder;
  private final Sink sink;
  private final SegmentFormat.Checksum checksum = new SegmentFormat.Checksum();
  private final RecordDecoder decoder = new RecordDecoder();
  private byte[] bytes = new byte[WINDOW_BYTES + RecordDecoder.SLACK];
  private long base;
  private int filled;

  /** Where the next record is expected. */
  private long position;

  private long triesLeft;

  /** Up to where frames say that the journal was on stable storage. */
  private long stable;

  private JournalScan(Path folder, long from, Sink sink) {
    this.folder = folder;
    this.position = from;
    this.sink = sink;
  }

  /**
   * Goes through a journal.
   *
   * @param from the position from which on frames are handed out
   * @return the position after the last frame
   */
  public static long scan(Path folder, long from, Sink sink) throws IOException {
    JournalScan scan = new JournalScan(folder, from, sink);
    List<SegmentName> names = SegmentName.in(folder, FileLayer.real());
    for (int i = 0; i < names.size(); i++) {
      long limit = i + 1 < names.size() ? names.get(i + 1).first() : Long.MAX_VALUE;
      SegmentName name = names.get(i);
      if (limit <= from || limit == name.first()) {
        sink.leftOver(name.toString());
      } else {
        scan.segment(name, limit);
      }
    }
    sink.end(scan.stable);
    return scan.position;
  }

  private void segment(SegmentName name, long limit) throws IOException {
    Path path = name.file(folder);
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      sink.fault(name.toString(), 0, Cause.DAMAGE, "segment is no plain file");
      return;
    }
    try (ReadableFile file = FileLayer.real().open(path)) {
      long size = file.size();
      base = 0;
      filled = 0;
      triesLeft = MAX_TRIES * size + WINDOW_BYTES;
      if (!fill(file, 0, HEADER_BYTES)) {
        sink.fault(
            name.toString(), 0, Cause.POWER_CUT, "segment ends inside its header: bytes=" + size);
        return;
      }
      byte[] header = Arrays.copyOf(bytes, HEADER_BYTES);
      if (!SegmentFormat.isHeader(header)
          || (long) LONG.get(header, SegmentFormat.HEADER_FIRST) != name.first()) {
        boolean unwritten = Arrays.equals(header, new byte[HEADER_BYTES]);
        sink.fault(
            name.toString(),
            0,
            unwritten ? Cause.POWER_CUT : Cause.DAMAGE,
            "segment has no whole header of its name");
      } else if ((int) INT.get(header, SegmentFormat.HEADER_VERSION) > FormatVersion.CURRENT) {
        sink.fault(name.toString(), 0, Cause.DAMAGE, "segment has a newer format");
        return;
      }
      frames(file, name, (long) LONG.get(header, SegmentFormat.HEADER_NONCE), limit);
    }
  }

  private void frames(ReadableFile file, SegmentName name, long nonce, long limit)
      throws IOException {
    long size = file.size();
    long offset = HEADER_BYTES;
    long next = name.first();
    while (offset < size && next < limit) {
      long found = find(file, nonce, offset, next, size);
      boolean isLast = limit == Long.MAX_VALUE;
      if (found != offset) {
        long dirt = firstNonZero(file, offset, found < 0 ? size : found);
        if (dirt >= 0) {
          sink.fault(
              name.toString(),
              dirt,
              found >= 0 || !isLast ? Cause.POWER_CUT : Cause.KILL,
              found >= 0
                  ? "bytes are no whole frame: to=" + found + " next position expected=" + next
                  : "bytes after the last whole frame: position="
                      + next
                      + (isLast ? " (torn when its writer was killed, or damaged?)" : ""));
        }
        if (found < 0) {
          break;
        }
        fill(file, found, FRAME_BYTES);
      }
      offset = found;
      next = deliver(file, name, offset);
      offset += SegmentFormat.frameBytes((int) INT.get(bytes, at(offset)));
    }
    if (limit != Long.MAX_VALUE && position < limit) {
      sink.missing(name.toString(), position, limit);
      position = limit;
    }
  }

  private long deliver(ReadableFile file, SegmentName name, long offset) throws IOException {
    int length = SegmentFormat.frameBytes((int) INT.get(bytes, at(offset)));
    fill(file, offset, length);
    int start = at(offset);
    long first = (long) LONG.get(bytes, start + FRAME_FIRST);
    long end = first + (int) INT.get(bytes, start + FRAME_RECORDS);
    stable = Math.max(stable, (long) LONG.get(bytes, start + FRAME_FORCED));
    if (end > position) {
      if (first > position) {
        sink.missing(name.toString(), position, first);
      }
      Counters before =
          new Counters(
              first,
              (long) LONG.get(bytes, start + FRAME_STEP),
              (long) LONG.get(bytes, start + FRAME_GLOBAL_STEP),
              (long) LONG.get(bytes, start + FRAME_MICROS));
      int payload = start + FRAME_BYTES;
      int payloadEnd = payload + (int) INT.get(bytes, start);
      sink.frame(
          name.toString(),
          offset,
          before,
          end,
          visitor -> decode(payload, payloadEnd, before, end, visitor));
      position = end;
    }
    return end;
  }

  private Counters decode(int from, int to, Counters before, long end, RecordVisitor visitor)
      throws IOException {
    try {
      decoder.decode(bytes, from, to, before, visitor);
    } catch (RecordDecoder.MalformedException e) {
      throw new IOException("frame holds no records that are known here: " + e.getMessage(), e);
    }
    return new Counters(end, decoder.step(), decoder.globalStep(), decoder.latestMicros());
  }

  /** Returns where the next whole frame begins from an offset on; -1 where there is none. */
  private long find(ReadableFile file, long nonce, long from, long expected, long size)
      throws IOException {
    for (long offset = from; offset + FRAME_BYTES <= size; offset += 8) {
      if (!fill(file, offset, FRAME_BYTES)) {
        return -1;
      }
      int start = at(offset);
      int payload = (int) INT.get(bytes, start);
      int records = (int) INT.get(bytes, start + FRAME_RECORDS);
      long first = (long) LONG.get(bytes, start + FRAME_FIRST);
      if (payload > 0
          && payload <= SegmentFormat.MAX_PAYLOAD_BYTES
          && records > 0
          && first >= expected
          && first - expected <= MAX_JUMP
          && offset + SegmentFormat.frameBytes(payload) <= size
          && isWhole(file, nonce, offset, SegmentFormat.frameBytes(payload))) {
        return offset;
      }
    }
    return -1;
  }

  private boolean isWhole(ReadableFile file, long nonce, long offset, int length)
      throws IOException {
    if (length > triesLeft || !fill(file, offset, length)) {
      return false;
    }
    int start = at(offset);
    boolean whole =
        checksum.of(bytes, start, length, nonce, offset) == (int) INT.get(bytes, start + FRAME_CRC);
    triesLeft -= whole ? 0 : length;
    return whole;
  }

  private long firstNonZero(ReadableFile file, long from, long to) throws IOException {
    for (long offset = from; offset < to; offset++) {
      if ((offset == from || offset >= base + filled) && !fill(file, offset, 1)) {
        return -1;
      }
      if (bytes[at(offset)] != 0) {
        return offset;
      }
    }
    return -1;
  }

  private int at(long offset) {
    return (int) (offset - base);
  }

  /** Has so many bytes from an offset on in memory; false where the file ends before. */
  private boolean fill(ReadableFile file, long offset, int length) throws IOException {
    if (offset >= base && offset + length <= base + filled) {
      return true;
    }
    int room = Math.max(length, WINDOW_BYTES) + RecordDecoder.SLACK;
    if (bytes.length < room || bytes.length > 4 * room) {
      bytes = new byte[room];
    }
    base = offset;
    filled = 0;
    while (filled < bytes.length - RecordDecoder.SLACK) {
      int read =
          file.read(bytes, filled, bytes.length - RecordDecoder.SLACK - filled, offset + filled);
      if (read < 0) {
        break;
      }
      filled += read;
    }
    return filled >= length;
  }
}
