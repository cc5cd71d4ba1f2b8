package dev.tracker.journal;

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
 */
public final class JournalScan {
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
  private final RecordDecoder decoder = new RecordDecoder();

  /** Where the next record is expected. */
  private long position;

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
      FrameSearch search = new FrameSearch(file);
      byte[] header = search.header();
      if (header.length == 0) {
        sink.fault(
            name.toString(),
            0,
            Cause.POWER_CUT,
            "segment ends inside its header: bytes=" + search.size());
        return;
      }
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
      frames(search, name, limit);
    }
  }

  private void frames(FrameSearch search, SegmentName name, long limit) throws IOException {
    long offset = HEADER_BYTES;
    long next = name.first();
    while (offset < search.size() && next < limit) {
      boolean found = search.find(offset, next);
      boolean isLast = limit == Long.MAX_VALUE;
      if (!found || search.offset() != offset) {
        dirt(search, name, offset, found, next, isLast);
      }
      if (!found) {
        break;
      }
      next = deliver(search, name);
      offset = search.offset() + search.length();
    }
    if (limit != Long.MAX_VALUE && position < limit) {
      sink.missing(name.toString(), position, limit);
      position = limit;
    }
  }

  /** Tells of bytes that should be a frame; the one that was found is in memory again then. */
  private void dirt(
      FrameSearch search, SegmentName name, long from, boolean found, long next, boolean isLast)
      throws IOException {
    long to = found ? search.offset() : search.size();
    long dirt = search.firstNonZero(from, to);
    if (dirt >= 0) {
      sink.fault(
          name.toString(),
          dirt,
          found || !isLast ? Cause.POWER_CUT : Cause.KILL,
          found
              ? "bytes are no whole frame: to=" + to + " next position expected=" + next
              : "bytes after the last whole frame: position="
                  + next
                  + (isLast ? " (torn when its writer was killed, or damaged?)" : ""));
    }
    if (found) {
      search.find(to, next);
    }
  }

  private long deliver(FrameSearch search, SegmentName name) throws IOException {
    Counters before = search.before();
    long end = search.end();
    stable = Math.max(stable, search.forced());
    if (end > position) {
      if (before.position() > position) {
        sink.missing(name.toString(), position, before.position());
      }
      sink.frame(
          name.toString(),
          search.offset(),
          before,
          end,
          visitor -> decode(search, before, end, visitor));
      position = end;
    }
    return end;
  }

  private Counters decode(FrameSearch search, Counters before, long end, RecordVisitor visitor)
      throws IOException {
    try {
      decoder.decode(search.bytes(), search.payload(), search.payloadEnd(), before, visitor);
    } catch (RecordDecoder.MalformedException e) {
      throw new IOException("frame holds no records that are known here: " + e.getMessage(), e);
    }
    return new Counters(end, decoder.step(), decoder.globalStep(), decoder.latestMicros());
  }
}
