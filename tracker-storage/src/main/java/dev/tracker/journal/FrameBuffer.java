package dev.tracker.journal;

import static dev.tracker.journal.SegmentFormat.FRAME_BYTES;
import static dev.tracker.journal.SegmentFormat.INT;
import static dev.tracker.journal.SegmentFormat.LONG;

import dev.tracker.format.Counters;
import dev.tracker.journal.FileLayer.ReadableFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames of a file into memory, ahead where it pays, and tells whole ones from all else. One
 * thread uses it.
 *
 * <p>What is in the file may be anything: zeros, half a frame that is being written, an old sector.
 * Nothing is believed before the checksum is right, and nothing is allocated for a length before
 * the frame's position is the one expected and the file is long enough.
 */
final class FrameBuffer {
  private static final int FIRST_READ = 8 * 1024;
  private static final int LARGEST_READ = 256 * 1024;

  private enum Look {
    /** There is no whole frame here. */
    NONE,
    /** There is one, and it is in memory. */
    WHOLE,
    /** There may be one, but not all of it is in memory. */
    PARTLY_READ
  }

  private final SegmentFormat.Checksum checksum = new SegmentFormat.Checksum();
  private byte[] bytes = new byte[FIRST_READ + RecordDecoder.SLACK];

  /** Which file, and where in it, {@link #bytes} begins; how much of it is there. */
  private @Nullable ReadableFile source;

  private long base;
  private int filled;
  private int ahead = FIRST_READ;

  private boolean sawZeros;

  /** Where in {@link #bytes} the frame begins that was found. */
  private int start;

  /** How many bytes from the frame's begin on are wanted, where it was only partly read. */
  private int wanted;

  /**
   * Looks for a whole frame at a place of a file.
   *
   * @param file where to look
   * @param nonce the segment's
   * @param offset where the frame would begin
   * @param expected the position that the frame must have
   * @return whether there is one
   */
  boolean find(ReadableFile file, long nonce, long offset, long expected) throws IOException {
    int asked = 0;
    if (!file.equals(source) || offset < base || offset > base + filled) {
      asked = FRAME_BYTES;
      fill(file, offset, asked);
    }
    while (true) {
      Look look = look(file, nonce, offset, expected);
      if (look == Look.WHOLE) {
        return true;
      }
      if (asked > 0 && (look == Look.NONE || wanted <= asked)) {
        // The journal's end, for now: the next look need not read far, and must not believe these
        // bytes.
        ahead = FIRST_READ;
        source = null;
        sawZeros = isZero((int) (offset - base));
        return false;
      }
      asked = look == Look.NONE ? FRAME_BYTES : wanted;
      fill(file, offset, asked);
    }
  }

  /**
   * Returns whether nothing but zeros was seen where no frame was found, for thousands of bytes or
   * up to the file's end.
   */
  boolean sawZeros() {
    return sawZeros;
  }

  private boolean isZero(int from) {
    int at = from;
    while (at < filled && bytes[at] == 0) {
      at++;
    }
    return at >= filled;
  }

  /** Returns the array that holds the frame that was found. */
  byte[] bytes() {
    return bytes;
  }

  /** Returns where its payload begins. */
  int payload() {
    return start + FRAME_BYTES;
  }

  /** Returns where its payload ends. */
  int payloadEnd() {
    return payload() + (int) INT.get(bytes, start);
  }

  /** Returns how many bytes it takes in the file. */
  int length() {
    return SegmentFormat.frameBytes((int) INT.get(bytes, start));
  }

  /** Returns how many positions it takes. */
  int records() {
    return (int) INT.get(bytes, start + SegmentFormat.FRAME_RECORDS);
  }

  /** Returns what the journal's durable position was when it was written. */
  long forced() {
    return (long) LONG.get(bytes, start + SegmentFormat.FRAME_FORCED);
  }

  /** Returns the counters before it. */
  Counters before() {
    return new Counters(
        (long) LONG.get(bytes, start + SegmentFormat.FRAME_FIRST),
        (long) LONG.get(bytes, start + SegmentFormat.FRAME_STEP),
        (long) LONG.get(bytes, start + SegmentFormat.FRAME_GLOBAL_STEP),
        (long) LONG.get(bytes, start + SegmentFormat.FRAME_MICROS));
  }

  private Look look(ReadableFile file, long nonce, long offset, long expected) throws IOException {
    int at = (int) (offset - base);
    wanted = FRAME_BYTES;
    if (filled - at < FRAME_BYTES) {
      return Look.PARTLY_READ;
    }
    int payload = (int) INT.get(bytes, at);
    int records = (int) INT.get(bytes, at + SegmentFormat.FRAME_RECORDS);
    if (payload <= 0
        || payload > SegmentFormat.MAX_PAYLOAD_BYTES
        || records <= 0
        || (long) LONG.get(bytes, at + SegmentFormat.FRAME_FIRST) != expected) {
      return Look.NONE;
    }
    int length = SegmentFormat.frameBytes(payload);
    if (filled - at < length) {
      wanted = length;
      return file.size() - offset < length ? Look.NONE : Look.PARTLY_READ;
    }
    if (checksum.of(bytes, at, length, nonce, offset)
        != (int) INT.get(bytes, at + SegmentFormat.FRAME_CRC)) {
      return Look.NONE;
    }
    start = at;
    return Look.WHOLE;
  }

  /** Reads from an offset on: {@code least} bytes, and more where reading has been going on. */
  private void fill(ReadableFile file, long offset, int least) throws IOException {
    boolean goesOn = file.equals(source) && offset > base;
    ahead = goesOn ? Math.min(LARGEST_READ, 2 * ahead) : ahead;
    int count = Math.max(least, ahead);
    resize(count + RecordDecoder.SLACK);
    source = null; // not true again before all is read
    int done = 0;
    while (done < count) {
      int read = file.read(bytes, done, count - done, offset + done);
      if (read < 0) {
        break;
      }
      done += read;
    }
    source = file;
    base = offset;
    filled = done;
  }

  /** Makes the array large enough, and smaller again after a huge frame. */
  private void resize(int wantedBytes) {
    if (bytes.length < wantedBytes || bytes.length > Math.max(wantedBytes, 4 * LARGEST_READ)) {
      bytes = new byte[wantedBytes];
    }
  }
}
