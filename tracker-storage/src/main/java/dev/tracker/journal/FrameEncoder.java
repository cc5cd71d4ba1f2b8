package dev.tracker.journal;

import static dev.tracker.journal.SegmentFormat.BOOL;
import static dev.tracker.journal.SegmentFormat.FIXED;
import static dev.tracker.journal.SegmentFormat.FORM_BITS;
import static dev.tracker.journal.SegmentFormat.FRAME_BYTES;
import static dev.tracker.journal.SegmentFormat.INT;
import static dev.tracker.journal.SegmentFormat.LONG;
import static dev.tracker.journal.SegmentFormat.MAX_PAYLOAD_BYTES;
import static dev.tracker.journal.SegmentFormat.SEVERAL;
import static dev.tracker.journal.SegmentFormat.TEXT;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Gathers records in a frame in memory. One thread uses it; it does no I/O.
 *
 * <p>A frame that was once offered to the disk by {@link #cut} never changes again, because readers
 * may have seen it: until {@link #accept} says that it is written, later records gather in a second
 * frame behind it.
 */
final class FrameEncoder {
  private static final int FIRST_CAPACITY = 64 * 1024;

  /** What is kept allocated when all has been written. */
  private static final int KEPT_CAPACITY = 1024 * 1024;

  /**
   * More than the head of any record takes: tag, five varints of ten bytes, eight bytes of value.
   */
  private static final int ROOM = 64;

  /** What closing a frame takes: its padding, and the header of the next. */
  private static final int CLOSING_ROOM = Long.BYTES + FRAME_BYTES;

  private byte[] bytes = new byte[FIRST_CAPACITY];

  /** The frame that was cut and is not accepted; it begins at 0 of {@link #bytes}. */
  private @Nullable Frame cut;

  /** Where the open frame's header stands: 0, or behind the cut frame. */
  private int start;

  /** Where the next record goes. */
  private int end = FRAME_BYTES;

  private Counters before;
  private int records;
  private int rows;
  private int others;

  /** Whether the open frame holds a record that must stay alone in it. */
  private boolean alone;

  private long fromMicros;
  private long toMicros;

  private long step;
  private long globalStep;
  private long latestMicros;
  private long previousMicros;

  private byte[] kept = new byte[0];
  private int keptEnd;

  /** How many values the row that was begun still lacks. */
  private int missing;

  private boolean single;
  private int rowStart;
  private long rowStep;
  private long rowPreviousMicros;
  private long rowLatestMicros;
  private long rowFromMicros;
  private long rowToMicros;

  FrameEncoder(Counters start) {
    before = start;
    step = start.step();
    globalStep = start.globalStep();
    latestMicros = start.micros();
    openFrame(0);
  }

  void series(int id, Kind kind, String name) {
    between();
    int utf8 = utf8Length(name);
    int p = recordToKeep(utf8);
    int from = p;
    bytes[p++] = (byte) SegmentFormat.SERIES;
    p = putVarint(p, id);
    bytes[p++] = kind.code();
    p = putVarint(p, utf8);
    end = putUtf8(p, name);
    keep(from);
  }

  void run(byte[] json) {
    between();
    int p = recordToKeep(json.length);
    int from = p;
    bytes[p++] = (byte) SegmentFormat.RUN;
    p = putVarint(p, json.length);
    System.arraycopy(json, 0, bytes, p, json.length);
    end = p + json.length;
    keep(from);
  }

  void gap(long dropped, long from, long to) {
    between();
    int p = recordToKeep(0);
    int begin = p;
    end = putGap(p, dropped, from, to);
    keep(begin);
  }

  void rewind(long to, long global) {
    if (records > 0) {
      throw new IllegalStateException("a rewind needs a frame of its own: pending=" + records);
    }
    between();
    int p = recordToKeep(0);
    int from = p;
    bytes[p++] = (byte) SegmentFormat.REWIND;
    p = putZigzag(p, to);
    end = putZigzag(p, global);
    step = to < step ? to + 1 : step;
    globalStep = global;
    alone = true;
    keep(from);
  }

  /**
   * Adds a console line, which must be one: a CR or LF in it is an {@link
   * IllegalArgumentException}.
   */
  void console(ConsoleStream stream, long micros, String line) {
    between();
    if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
      throw new IllegalArgumentException(
          "console line holds the end of a line: chars=" + line.length());
    }
    int utf8 = utf8Length(line);
    int p = record(utf8);
    bytes[p++] = (byte) SegmentFormat.CONSOLE;
    bytes[p++] = stream.code();
    p = putTime(p, micros);
    p = putVarint(p, utf8);
    end = putUtf8(p, line);
    others++;
  }

  /** Adds a value of a row that was written before, with the step and the time of that row. */
  void entry(int series, long at, long global, long micros, byte[] value) {
    between();
    int p = record(value.length);
    bytes[p++] = (byte) SegmentFormat.ENTRY;
    p = putVarint(p, series);
    p = putZigzag(p, at - step);
    p = putZigzag(p, global - globalStep);
    p = putTime(p, micros);
    p = putVarint(p, value.length);
    System.arraycopy(value, 0, bytes, p, value.length);
    end = p + value.length;
    others++;
  }

  void globalStep(long value) {
    between();
    int p = record(0);
    bytes[p++] = (byte) SegmentFormat.GLOBAL_STEP;
    end = putZigzag(p, value - globalStep);
    globalStep = value;
  }

  void addGlobalStep(long n) {
    globalStep(globalStep + n);
  }

  void row(long micros, int values) {
    int p = beginRow(SegmentFormat.ROW_NEXT, values);
    step++;
    rowTime(p, micros, values);
  }

  void rowKeeping(long micros, int values) {
    int p = beginRow(SegmentFormat.ROW_KEEPING, values);
    rowTime(p, micros, values);
  }

  void rowAt(long at, long micros, int values) {
    int p = beginRow(SegmentFormat.ROW_AT, values);
    p = putZigzag(p, at - step);
    step = Math.max(step, at + 1);
    rowTime(p, micros, values);
  }

  /** A row of one {@link #value} at the next step: what most of a journal is. */
  void single(long micros, int series, long bits) {
    int p = beginRow(SegmentFormat.ROW_NEXT | FIXED, 1);
    step++;
    p = putVarint(putTime(p, micros), series);
    LONG.set(bytes, p, bits);
    end = p + Long.BYTES;
    records++;
    rows++;
  }

  void value(int series, long bits) {
    int p = beginValue(series, FIXED, 0);
    LONG.set(bytes, p, bits);
    end = p + Long.BYTES;
  }

  void bool(int series, boolean value) {
    int p = beginValue(series, BOOL, 0);
    bytes[p] = (byte) (value ? 1 : 0);
    end = p + 1;
  }

  void text(int series, String value) {
    int utf8 = utf8Length(value);
    int p = beginValue(series, TEXT, utf8);
    p = putVarint(p, utf8);
    end = putUtf8(p, value);
  }

  /** Takes back the row that was begun and lacks values; nothing if there is none. */
  void cancelRow() {
    if (missing == 0) {
      return;
    }
    missing = 0;
    end = rowStart;
    step = rowStep;
    previousMicros = rowPreviousMicros;
    latestMicros = rowLatestMicros;
    fromMicros = rowFromMicros;
    toMicros = rowToMicros;
    records--;
    rows--;
  }

  /** Returns the step that the next row takes. */
  long nextStep() {
    return step;
  }

  /** Returns the global step of the next row. */
  long globalStep() {
    return globalStep;
  }

  /** Returns how many bytes wait, frame headers not counted. */
  int pendingBytes() {
    int open = end - start - FRAME_BYTES;
    return cut == null ? open : open + cut.length() - FRAME_BYTES;
  }

  /** Returns how many rows wait. */
  int pendingRows() {
    return cut == null ? rows : rows + cut.rows();
  }

  /**
   * Returns the first frame that waits, ready to be stamped and written, or null. It begins at 0 of
   * {@link #bytes}, and stays the first until it is accepted.
   */
  @Nullable Frame cut() {
    between();
    if (cut == null && records > 0) {
      cut = closeFrame();
    }
    return cut;
  }

  /** Returns the array that holds the frame that was cut, from 0 on. */
  byte[] bytes() {
    return bytes;
  }

  /** Lets go of the frame that was cut: it is written. */
  void accept() {
    int length = end - start;
    System.arraycopy(bytes, start, bytes, 0, records > 0 ? length : 0);
    cut = null;
    start = 0;
    end = length;
    if (bytes.length > KEPT_CAPACITY && length <= KEPT_CAPACITY / 2) {
      bytes = Arrays.copyOf(bytes, KEPT_CAPACITY);
    }
  }

  /**
   * Returns an encoder whose first frame stands for one that is gone: what was kept of it, a GAP
   * record and the counters after it. It takes the same positions.
   */
  static FrameEncoder standingFor(Frame gone) {
    FrameEncoder encoder = new FrameEncoder(gone.before());
    byte @Nullable [] kept = gone.kept();
    if (kept != null) {
      int p = encoder.record(kept.length);
      System.arraycopy(kept, 0, encoder.bytes, p, kept.length);
      encoder.end = p + kept.length;
      encoder.keep(p);
      if (kept[0]
          == (byte) SegmentFormat.REWIND) { // it moves the counters itself, and is all there was
        encoder.step = gone.after().step();
        encoder.globalStep = gone.after().globalStep();
      }
    }
    if (gone.rows() + gone.others() > 0) {
      encoder.gap(gone.rows() + gone.others(), gone.fromMicros(), gone.toMicros());
    }
    encoder.counters(gone.after());
    encoder.records = gone.records();
    encoder.cut = encoder.closeFrame();
    return encoder;
  }

  private void counters(Counters after) {
    int p = record(0);
    bytes[p++] = (byte) SegmentFormat.COUNTERS;
    p = putZigzag(p, after.step() - step);
    p = putZigzag(p, after.globalStep() - globalStep);
    end = putZigzag(p, after.micros() - latestMicros);
    step = after.step();
    globalStep = after.globalStep();
    latestMicros = after.micros();
  }

  private void openFrame(int at) {
    start = at;
    end = at + FRAME_BYTES;
    records = 0;
    rows = 0;
    alone = false;
    others = 0;
    fromMicros = latestMicros;
    toMicros = latestMicros;
    previousMicros = latestMicros;
    keptEnd = 0;
  }

  /**
   * Ends the open frame: fills in all of its header that does not depend on its place, and opens
   * the next.
   */
  private Frame closeFrame() {
    int payload = end - start - FRAME_BYTES;
    int length = SegmentFormat.frameBytes(payload);
    if (bytes.length - end < CLOSING_ROOM) { // beyond the limit of records, if need be
      bytes = Arrays.copyOf(bytes, grown(end, CLOSING_ROOM));
    }
    LONG.set(bytes, end, 0L);
    Counters after = new Counters(before.position() + records, step, globalStep, latestMicros);
    INT.set(bytes, start + SegmentFormat.FRAME_LENGTH, payload);
    LONG.set(bytes, start + SegmentFormat.FRAME_FIRST, before.position());
    INT.set(bytes, start + SegmentFormat.FRAME_RECORDS, records);
    INT.set(bytes, start + SegmentFormat.FRAME_ROWS, rows);
    LONG.set(bytes, start + SegmentFormat.FRAME_STEP, before.step());
    LONG.set(bytes, start + SegmentFormat.FRAME_GLOBAL_STEP, before.globalStep());
    LONG.set(bytes, start + SegmentFormat.FRAME_MICROS, before.micros());
    byte @Nullable [] copy = keptEnd == 0 ? null : Arrays.copyOf(kept, keptEnd);
    Frame frame =
        new Frame(before, after, records, rows, others, fromMicros, toMicros, copy, length);
    before = after;
    openFrame(start + length);
    return frame;
  }

  private void between() {
    if (missing != 0) {
      throw new IllegalStateException("row lacks values: missing=" + missing);
    }
  }

  private void notAlone() {
    if (alone) {
      throw new IllegalStateException("a rewind needs a frame of its own: write it first");
    }
  }

  /** Counts a record and makes room for it. */
  private int record(long variableBytes) {
    notAlone();
    reserve(end, ROOM + variableBytes);
    records++;
    return end;
  }

  /**
   * Does the same for a record that {@link #keep} is for; where the heap is full, nothing changes.
   */
  private int recordToKeep(long variableBytes) {
    reserve(end, ROOM + variableBytes);
    reserveKept((int) variableBytes + ROOM);
    return record(variableBytes);
  }

  private int beginRow(int type, int values) {
    if (missing != 0 || values < 0) {
      throw new IllegalStateException("row lacks values: missing=" + missing + " values=" + values);
    }
    notAlone();
    int p = end;
    reserve(p, ROOM);
    rowStart = p;
    rowStep = step;
    rowPreviousMicros = previousMicros;
    rowLatestMicros = latestMicros;
    rowFromMicros = fromMicros;
    rowToMicros = toMicros;
    single = values == 1;
    bytes[p] = (byte) (single ? type : type | SEVERAL);
    return p + 1;
  }

  /** Puts the time of a row, line or entry, which is to be counted after this. */
  private int putTime(int at, long micros) {
    int p = putZigzag(at, micros - previousMicros);
    previousMicros = micros;
    latestMicros = Math.max(latestMicros, micros);
    if (rows == 0 && others == 0) {
      fromMicros = micros;
      toMicros = micros;
    } else {
      fromMicros = Math.min(fromMicros, micros);
      toMicros = Math.max(toMicros, micros);
    }
    return p;
  }

  private void rowTime(int at, long micros, int values) {
    int p = putTime(at, micros);
    missing = values;
    records++;
    rows++;
    end = values == 1 ? p : putVarint(p, values);
  }

  private int beginValue(int series, int form, long variableBytes) {
    if (missing <= 0) {
      throw new IllegalStateException("value outside of a row: series=" + series);
    }
    int p = end;
    reserve(p, ROOM + variableBytes);
    missing--;
    if (single) {
      bytes[rowStart] |= (byte) form;
      return putVarint(p, series);
    }
    return putVarint(p, ((long) series << FORM_BITS) | form);
  }

  private void keep(int from) {
    int length = end - from;
    reserveKept(length);
    System.arraycopy(bytes, from, kept, keptEnd, length);
    keptEnd += length;
  }

  private void reserveKept(int length) {
    if (keptEnd + length > kept.length) {
      kept = Arrays.copyOf(kept, grown(keptEnd, length));
    }
  }

  /** Makes sure that a record has {@code count} bytes from {@code at} on. */
  private void reserve(int at, long count) {
    if (count > bytes.length - at) {
      if (at + count > MAX_PAYLOAD_BYTES) {
        throw new IllegalStateException(
            "records outgrow a frame: pending="
                + at
                + " wanted="
                + count
                + " limit="
                + MAX_PAYLOAD_BYTES);
      }
      bytes = Arrays.copyOf(bytes, grown(at, (int) count));
    }
  }

  /** Doubles, or adds 64 MB where doubling would add more. */
  private static int grown(int used, int more) {
    int wanted = used + more;
    return wanted + Math.min(wanted, 64 << 20);
  }

  private int putGap(int at, long dropped, long from, long to) {
    int p = at;
    bytes[p++] = (byte) SegmentFormat.GAP;
    p = putVarint(p, dropped);
    p = putZigzag(p, from);
    return putZigzag(p, to - from);
  }

  private int putZigzag(int at, long value) {
    return putVarint(at, (value << 1) ^ (value >> 63));
  }

  /** LEB128: seven bits a byte, least significant first, the top bit set on all but the last. */
  private int putVarint(int at, long value) {
    byte[] b = bytes;
    int p = at;
    long left = value;
    while ((left & ~0x7FL) != 0) {
      b[p++] = (byte) (left | 0x80);
      left >>>= 7;
    }
    b[p++] = (byte) left;
    return p;
  }

  /** Returns the length of a text as UTF-8, an unpaired surrogate counted as U+FFFD. */
  private static int utf8Length(String text) {
    long length = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        length++;
        if (c >= 0x800) {
          length++;
          if (isPair(text, i)) {
            i++; // two chars, four bytes: counted 3 + 1
          }
        }
      }
    }
    return (int) Math.min(length, Integer.MAX_VALUE);
  }

  private int putUtf8(int at, String text) {
    byte[] b = bytes;
    int p = at;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        b[p++] = (byte) c;
      } else if (c < 0x800) {
        b[p++] = (byte) (0xC0 | (c >> 6));
        b[p++] = (byte) (0x80 | (c & 0x3F));
      } else if (isPair(text, i)) {
        int point = Character.toCodePoint(c, text.charAt(++i));
        b[p++] = (byte) (0xF0 | (point >> 18));
        b[p++] = (byte) (0x80 | ((point >> 12) & 0x3F));
        b[p++] = (byte) (0x80 | ((point >> 6) & 0x3F));
        b[p++] = (byte) (0x80 | (point & 0x3F));
      } else {
        char known = Character.isSurrogate(c) ? '\uFFFD' : c;
        b[p++] = (byte) (0xE0 | (known >> 12));
        b[p++] = (byte) (0x80 | ((known >> 6) & 0x3F));
        b[p++] = (byte) (0x80 | (known & 0x3F));
      }
    }
    return p;
  }

  private static boolean isPair(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1));
  }
}
