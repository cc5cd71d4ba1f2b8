package dev.tracker.journal;

import static dev.tracker.journal.SegmentFormat.BOOL;
import static dev.tracker.journal.SegmentFormat.CONSOLE;
import static dev.tracker.journal.SegmentFormat.ENTRY;
import static dev.tracker.journal.SegmentFormat.FIXED;
import static dev.tracker.journal.SegmentFormat.FORM_BITS;
import static dev.tracker.journal.SegmentFormat.LONG;
import static dev.tracker.journal.SegmentFormat.ROW_AT;
import static dev.tracker.journal.SegmentFormat.ROW_KEEPING;
import static dev.tracker.journal.SegmentFormat.ROW_NEXT;
import static dev.tracker.journal.SegmentFormat.SEVERAL;
import static dev.tracker.journal.SegmentFormat.TEXT;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Delivers the records of one frame's payload. One thread uses it; it does no I/O.
 *
 * <p>Reads may run past the payload's end by less than {@link #SLACK} bytes before that is noticed,
 * so the array must reach that far beyond it.
 */
final class RecordDecoder {
  /** More than a record's head takes: tag, five varints of ten bytes, eight bytes of value. */
  static final int SLACK = 64;

  /** No run has as many series; arrays are as long as the greatest id. */
  static final int MAX_SERIES_BITS = 24;

  private static final int FORM_MASK = (1 << FORM_BITS) - 1;

  /** How many rows of one value are delivered at a time. */
  private static final int SINGLES = 256;

  private final long[] singleMicros = new long[SINGLES];
  private final int[] singleSeries = new int[SINGLES];
  private final long[] singleBits = new long[SINGLES];

  private byte[] bytes = new byte[0];
  private int end;

  /** Where the next byte is read. */
  private int at;

  private long step;
  private long globalStep;
  private long latestMicros;

  /**
   * Thrown where bytes that carry a right checksum are no records: written by a newer version, or
   * by a bug.
   */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  /**
   * Delivers the records of a payload.
   *
   * @param payload holds it
   * @param from where it begins
   * @param to where it ends
   * @param before the counters before it; {@code position} is not looked at
   * @param visitor receives the records
   */
  void decode(byte[] payload, int from, int to, Counters before, RecordVisitor visitor)
      throws MalformedException {
    bytes = payload;
    at = from;
    end = to;
    step = before.step();
    globalStep = before.globalStep();
    latestMicros = before.micros();
    records(before.micros(), visitor);
    if (at != end) {
      throw new MalformedException("record runs over the end of its frame: by=" + (at - end));
    }
  }

  /** Returns the step counter after the payload. */
  long step() {
    return step;
  }

  /** Returns the global step after the payload. */
  long globalStep() {
    return globalStep;
  }

  /** Returns the latest time after the payload. */
  long latestMicros() {
    return latestMicros;
  }

  private void records(long startMicros, RecordVisitor visitor) throws MalformedException {
    long micros = startMicros;
    while (at < end) {
      int tag = bytes[at++] & 0xFF;
      if (tag == (ROW_NEXT | FIXED)) {
        micros = singles(micros, visitor);
        continue;
      }
      int type = tag & ~SEVERAL;
      if (type == ROW_NEXT || type == ROW_KEEPING || type == ROW_AT) {
        long taken = type == ROW_AT ? step + zigzag() : step;
        if (type == ROW_NEXT) {
          step++;
        } else if (type == ROW_AT) {
          step = Math.max(step, taken + 1);
        }
        micros += zigzag();
        latestMicros = Math.max(latestMicros, micros);
        row(tag & SEVERAL, taken, micros, visitor);
      } else if (tag == CONSOLE) {
        micros = console(micros, visitor);
      } else if (tag == ENTRY) {
        micros = entry(micros, visitor);
      } else {
        other(tag, visitor);
      }
    }
  }

  /**
   * Delivers the row whose tag was just read, and all that follow it, as long as they are rows of
   * one fixed value that take the next step: what nearly every record is.
   */
  private long singles(long startMicros, RecordVisitor visitor) throws MalformedException {
    long micros = startMicros;
    boolean more = true;
    while (more) {
      int rows = gatherSingles(micros);
      micros = singleMicros[rows - 1];
      visitor.singles(step, globalStep, rows, singleMicros, singleSeries, singleBits);
      step += rows;
      more = at < end && bytes[at] == (ROW_NEXT | FIXED);
      at += more ? 1 : 0;
    }
    return micros;
  }

  /** Decodes such rows, the first of which begins behind its tag, and says how many. */
  private int gatherSingles(long startMicros) throws MalformedException {
    byte[] b = bytes;
    int p = at;
    int last = end;
    long micros = startMicros;
    long latest = latestMicros;
    int rows = 0;
    while (true) {
      long delta = b[p++];
      if (delta < 0) {
        delta &= 0x7F;
        int shift = 7;
        long more;
        do {
          more = b[p++];
          delta |= (more & 0x7F) << shift;
          shift += 7;
        } while (more < 0 && shift < 70);
      }
      micros += (delta >>> 1) ^ -(delta & 1);
      latest = Math.max(latest, micros);
      int series = b[p++];
      if (series < 0) {
        series &= 0x7F;
        int shift = 7;
        int more;
        do {
          more = b[p++];
          series |= (more & 0x7F) << shift;
          shift += 7;
        } while (more < 0 && shift < 35);
      }
      if (series >>> MAX_SERIES_BITS != 0 || p > last) {
        throw noSeries(series);
      }
      singleMicros[rows] = micros;
      singleSeries[rows] = series;
      singleBits[rows++] = (long) LONG.get(b, p);
      p += Long.BYTES;
      if (rows == SINGLES || p >= last || b[p] != (ROW_NEXT | FIXED)) {
        break;
      }
      p++;
    }
    at = p;
    latestMicros = latest;
    return rows;
  }

  private void row(int form, long taken, long micros, RecordVisitor visitor)
      throws MalformedException {
    if (form != SEVERAL) {
      visitor.row(taken, globalStep, micros, 1);
      value(form, series(varint()), visitor);
      return;
    }
    long count = varint();
    if (count < 0 || count > end - at) {
      throw new MalformedException("row has more values than bytes: values=" + count);
    }
    visitor.row(taken, globalStep, micros, (int) count);
    values((int) count, visitor);
  }

  private void values(int count, RecordVisitor visitor) throws MalformedException {
    byte[] b = bytes;
    int last = end;
    for (int left = count; left > 0; left--) {
      int p = at;
      if (p >= last) {
        throw new MalformedException("row lacks values: missing=" + left);
      }
      long key = b[p++];
      if (key < 0) {
        key = (key & 0x7F) | ((long) b[p++] << 7);
        if (key < 0) { // a third byte, or more
          p = at;
          key = varint();
          p = at;
        }
      }
      int series = series(key >>> FORM_BITS);
      if ((key & FORM_MASK) == FIXED) {
        visitor.value(series, (long) LONG.get(b, p));
        at = p + Long.BYTES;
      } else {
        at = p;
        value((int) key & FORM_MASK, series, visitor);
      }
    }
  }

  private void value(int form, int series, RecordVisitor visitor) throws MalformedException {
    switch (form) {
      case FIXED -> {
        visitor.value(series, (long) LONG.get(bytes, at));
        at += Long.BYTES;
      }
      case BOOL -> visitor.value(series, bytes[at++]);
      case TEXT -> {
        int length = length();
        visitor.text(series, bytes, at, length);
        at += length;
      }
      default -> throw new MalformedException("unknown form of value: form=" + form);
    }
  }

  private void other(int tag, RecordVisitor visitor) throws MalformedException {
    switch (tag) {
      case SegmentFormat.SERIES -> {
        int id = series(varint());
        Kind kind = kind(bytes[at++]);
        int length = length();
        visitor.series(id, kind, new String(bytes, at, length, StandardCharsets.UTF_8));
        at += length;
      }
      case SegmentFormat.GLOBAL_STEP -> {
        globalStep += zigzag();
        visitor.globalStep(globalStep);
      }
      case SegmentFormat.GAP -> {
        long rows = varint();
        long from = zigzag();
        visitor.gap(rows, from, from + zigzag());
      }
      case SegmentFormat.RUN -> {
        int length = length();
        visitor.run(Arrays.copyOfRange(bytes, at, at + length));
        at += length;
      }
      case SegmentFormat.COUNTERS -> counters(visitor);
      case SegmentFormat.REWIND -> {
        long to = zigzag();
        globalStep = zigzag();
        step = to < step ? to + 1 : step;
        visitor.rewind(to, globalStep);
      }
      default -> throw new MalformedException("unknown record: tag=" + tag);
    }
  }

  /** Delivers a console line and returns its time. */
  private long console(long previousMicros, RecordVisitor visitor) throws MalformedException {
    ConsoleStream stream = stream(bytes[at++]);
    long micros = previousMicros + zigzag();
    latestMicros = Math.max(latestMicros, micros);
    int length = length();
    visitor.console(stream, micros, bytes, at, length);
    at += length;
    return micros;
  }

  /** Delivers a value that is not of a row's own record, and returns its time. */
  private long entry(long previousMicros, RecordVisitor visitor) throws MalformedException {
    int series = series(varint());
    long entryStep = step + zigzag();
    long global = globalStep + zigzag();
    long micros = previousMicros + zigzag();
    latestMicros = Math.max(latestMicros, micros);
    int length = length();
    visitor.entry(series, entryStep, global, micros, bytes, at, length);
    at += length;
    return micros;
  }

  private void counters(RecordVisitor visitor) {
    step += zigzag();
    long moved = zigzag();
    latestMicros += zigzag();
    if (moved != 0) {
      globalStep += moved;
      visitor.globalStep(globalStep);
    }
  }

  private static Kind kind(byte code) throws MalformedException {
    try {
      return Kind.of(code);
    } catch (IllegalArgumentException e) {
      throw new MalformedException(String.valueOf(e.getMessage()));
    }
  }

  private static ConsoleStream stream(byte code) throws MalformedException {
    try {
      return ConsoleStream.of(code);
    } catch (IllegalArgumentException e) {
      throw new MalformedException(String.valueOf(e.getMessage()));
    }
  }

  private int series(long id) throws MalformedException {
    if (id >>> MAX_SERIES_BITS != 0) {
      throw noSeries(id);
    }
    return (int) id;
  }

  private MalformedException noSeries(long id) {
    return new MalformedException("no series can have this number: id=" + id + " at=" + at);
  }

  private int length() throws MalformedException {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw new MalformedException(
          "length runs over the end of its frame: length=" + length + " available=" + (end - at));
    }
    return (int) length;
  }

  private long zigzag() {
    long value = varint();
    return (value >>> 1) ^ -(value & 1);
  }

  private long varint() {
    byte[] b = bytes;
    int p = at;
    long value = 0;
    long next;
    int shift = 0;
    do {
      next = b[p++];
      value |= (next & 0x7F) << shift;
      shift += 7;
    } while (next < 0 && shift < 70);
    at = p;
    return value;
  }
}
