package dev.tracker.journal;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a stretch of the journal amounts to without its values: new series, rows per series, step
 * ranges, patches, gaps.
 *
 * <p>For one thread at a time.
 */
public final class JournalSummary implements RecordVisitor {
  /**
   * A series that was first used in the stretch.
   *
   * @param id its number in the run
   * @param kind what it holds
   * @param name what it was called
   */
  public record NewSeries(int id, Kind kind, String name) {}

  /**
   * Rows that were dropped.
   *
   * @param rows how many
   * @param fromMicros when the first was dropped
   * @param toMicros when the last was dropped
   */
  public record Dropped(long rows, long fromMicros, long toMicros) {}

  /** What a value takes in columns: step, global step, time and value, or the place of a text. */
  private static final long COLUMN_BYTES = 32;

  private static final int RANGE_FIELDS = 6;
  private static final int GLOBAL_STEP = 0;
  private static final int FIRST_STEP = 1;
  private static final int LAST_STEP = 2;
  private static final int FIRST_MICROS = 3;
  private static final int LAST_MICROS = 4;
  private static final int ROWS = 5;

  private final List<NewSeries> series = new ArrayList<>();
  private final List<byte[]> patches = new ArrayList<>();
  private final List<Dropped> gaps = new ArrayList<>();
  private long[] rowsOf = new long[64];
  private long[] bytesOf = new long[64];
  private long rows;
  private long values;
  private long lines;
  private long bytes;
  private long mostBytes;
  private int highestId = -1;
  private long[] ranges = new long[16 * RANGE_FIELDS];
  private int rangeEnd;
  private boolean rewound;
  private long rewindStep;

  /** Makes the summary of nothing. */
  public JournalSummary() {}

  @Override
  public void series(int id, Kind kind, String name) {
    series.add(new NewSeries(id, kind, name));
  }

  @Override
  public void row(long step, long globalStep, long micros, int count) {
    addRows(1, globalStep, step, step, micros, micros);
  }

  @Override
  public void singles(
      long firstStep, long globalStep, int count, long[] micros, int[] ids, long[] bits) {
    long firstMicros = micros[0];
    long lastMicros = micros[0];
    for (int i = 0; i < count; i++) {
      firstMicros = Math.min(firstMicros, micros[i]);
      lastMicros = Math.max(lastMicros, micros[i]);
      count(ids[i], COLUMN_BYTES);
    }
    addRows(count, globalStep, firstStep, firstStep + count - 1, firstMicros, lastMicros);
  }

  private void addRows(
      int count,
      long globalStep,
      long firstStep,
      long lastStep,
      long firstMicros,
      long lastMicros) {
    rows += count;
    int last = rangeEnd - RANGE_FIELDS;
    if (last >= 0 && ranges[last + GLOBAL_STEP] == globalStep) {
      ranges[last + FIRST_STEP] = Math.min(ranges[last + FIRST_STEP], firstStep);
      ranges[last + LAST_STEP] = Math.max(ranges[last + LAST_STEP], lastStep);
      ranges[last + FIRST_MICROS] = Math.min(ranges[last + FIRST_MICROS], firstMicros);
      ranges[last + LAST_MICROS] = Math.max(ranges[last + LAST_MICROS], lastMicros);
      ranges[last + ROWS] += count;
      return;
    }
    if (rangeEnd == ranges.length) {
      ranges = Arrays.copyOf(ranges, ranges.length * 2);
    }
    ranges[rangeEnd + GLOBAL_STEP] = globalStep;
    ranges[rangeEnd + FIRST_STEP] = firstStep;
    ranges[rangeEnd + LAST_STEP] = lastStep;
    ranges[rangeEnd + FIRST_MICROS] = firstMicros;
    ranges[rangeEnd + LAST_MICROS] = lastMicros;
    ranges[rangeEnd + ROWS] = count;
    rangeEnd += RANGE_FIELDS;
  }

  @Override
  public void value(int id, long bits) {
    count(id, COLUMN_BYTES);
  }

  @Override
  public void text(int id, byte[] text, int offset, int length) {
    count(id, COLUMN_BYTES + length);
  }

  @Override
  public void entry(
      int id, long step, long globalStep, long micros, byte[] value, int offset, int length) {
    count(id, COLUMN_BYTES + length);
  }

  private void count(int id, long more) {
    if (id >= rowsOf.length) {
      int length = Math.max(id + 1, rowsOf.length * 2);
      rowsOf = Arrays.copyOf(rowsOf, length);
      bytesOf = Arrays.copyOf(bytesOf, length);
    }
    rowsOf[id]++;
    values++;
    bytes += more;
    bytesOf[id] += more;
    mostBytes = Math.max(mostBytes, bytesOf[id]);
    highestId = Math.max(highestId, id);
  }

  @Override
  public void gap(long dropped, long fromMicros, long toMicros) {
    gaps.add(new Dropped(dropped, fromMicros, toMicros));
  }

  @Override
  public void rewind(long step, long globalStep) {
    rewound = true;
    rewindStep = step;
  }

  @Override
  public void console(ConsoleStream stream, long micros, byte[] utf8, int offset, int length) {
    lines++;
    bytes += length;
  }

  @Override
  public void run(byte[] json) {
    patches.add(json.clone());
  }

  /** Returns the series that were first used here, in the order of their use. */
  public List<NewSeries> series() {
    return series;
  }

  /** Returns whether the run goes back here. What was counted before is not taken back. */
  public boolean rewound() {
    return rewound;
  }

  /** Forgets that the run went back, so that {@link #rewound} tells of what comes next. */
  public void resetRewind() {
    rewound = false;
  }

  /** Returns the greatest step that stays, where the run goes {@linkplain #rewound back}. */
  public long rewindStep() {
    return rewindStep;
  }

  /** Returns the patches of the run's document, in order. */
  public List<byte[]> patches() {
    return patches;
  }

  /** Returns the gaps, in order. */
  public List<Dropped> gaps() {
    return gaps;
  }

  /** Forgets the gaps that came after the first so many. */
  public void keepGaps(int count) {
    gaps.subList(count, gaps.size()).clear();
  }

  /** Returns the number of log calls. */
  public long rows() {
    return rows;
  }

  /** Returns the number of values in them. */
  public long values() {
    return values;
  }

  /** Returns the number of console lines. */
  public long lines() {
    return lines;
  }

  /** Returns the bytes that all values would take in columns, and the texts of console lines. */
  public long bytes() {
    return bytes;
  }

  /** Returns the bytes that the values of a series would take in columns. */
  public long bytesOf(int id) {
    return id < bytesOf.length ? bytesOf[id] : 0;
  }

  /** Returns the bytes of the series that would take the most. */
  public long mostBytes() {
    return mostBytes;
  }

  /** Returns the highest id of a series that has values here, -1 where there is none. */
  public int highestId() {
    return highestId;
  }

  /** Returns how many values a series has here. */
  public long rowsOf(int id) {
    return id < rowsOf.length ? rowsOf[id] : 0;
  }

  /** Returns how many stretches of one global step there are. */
  public int ranges() {
    return rangeEnd / RANGE_FIELDS;
  }

  /** Receives a stretch of rows under one global step. */
  public interface RangeConsumer {
    /** Takes one stretch: the least and greatest step and time, and the number of rows. */
    void accept(
        long globalStep,
        long firstStep,
        long lastStep,
        long firstMicros,
        long lastMicros,
        long rows);
  }

  /**
   * Hands over the stretches in order; a global step that was left and come back to has several.
   */
  public void forEachRange(RangeConsumer consumer) {
    for (int i = 0; i < rangeEnd; i += RANGE_FIELDS) {
      consumer.accept(
          ranges[i + GLOBAL_STEP],
          ranges[i + FIRST_STEP],
          ranges[i + LAST_STEP],
          ranges[i + FIRST_MICROS],
          ranges[i + LAST_MICROS],
          ranges[i + ROWS]);
    }
  }
}
