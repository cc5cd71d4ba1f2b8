package dev.tracker.torture;

import dev.tracker.media.Attachment;
import dev.tracker.value.Column;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One log call of a {@link Victim}: what it holds follows from its number, so that whoever reads
 * the run can say what must be in it.
 *
 * <p>Every call of a thread has a row in the thread's series {@code call}, which says the life and
 * the number; what else it holds depends on the number.
 *
 * @param script what all calls have in common
 * @param life how often the run had been opened before
 * @param thread whose call it is
 * @param number how many calls the thread had made before in this life
 */
record Call(Script script, int life, int thread, long number) {
  /**
   * What the calls of all lives of a run have in common.
   *
   * @param seed where values come from
   * @param threads how many threads log
   * @param every one call of so many is a rich one
   */
  record Script(long seed, int threads, int every) {
    Call call(int life, int thread, long number) {
      return new Call(this, life, thread, number);
    }

    /** Returns a number of calls: in so many there is something that is logged beside values. */
    private long often(int times) {
      return Math.min((long) times * every, 16L * times);
    }
  }

  /** What a call may hold besides its number; each thread has a series of each of its own. */
  enum Part {
    NUMBER,
    WHOLE,
    FLAG,
    TEXT,
    HISTOGRAM,
    FILE,
    TABLE;

    /** Whether it is packed on another thread, and may come into the journal after its call. */
    boolean isPacked() {
      return this == HISTOGRAM || this == FILE || this == TABLE;
    }

    String series(int thread) {
      return name().toLowerCase(Locale.ROOT) + "/" + thread;
    }
  }

  /** The series of numbers to which all threads log. */
  static final String SHARED = "shared";

  static final int MAX_THREADS = 1 << 4;

  static final String LINE = "line";
  static final String TAG = "tag";

  private static final int FIRST_TAG = 5;

  private static final Part[] PARTS = Part.values();
  private static final double NUMBERS = 1L << 40;

  static String series(int thread) {
    return "call/" + thread;
  }

  /** Returns what the series {@code call} holds. */
  double id() {
    return life * NUMBERS + number;
  }

  static int life(double id) {
    return (int) (id / NUMBERS);
  }

  static long number(double id) {
    return (long) (id % NUMBERS);
  }

  /** Returns what the series of all threads holds; other than an id it says the thread. */
  double shared() {
    return id() * MAX_THREADS + thread;
  }

  static int threadOfShared(double shared) {
    return (int) (shared % MAX_THREADS);
  }

  boolean isRich() {
    return number % script.every() == 0;
  }

  private long turn() {
    return number / script.every();
  }

  boolean holdsShared() {
    return number % 3 == 2 || isRich();
  }

  boolean holds(Part part) {
    return switch (part) {
      case NUMBER -> number % 3 == 1 || isRich();
      case WHOLE -> number % 5 == 2 || isRich();
      case FLAG -> number % 7 == 3 || isRich();
      case TEXT -> number % 16 == 5 || isRich();
      case HISTOGRAM -> isRich() && turn() % 2 == 0;
      case FILE -> isRich() && turn() % 3 != 1;
      case TABLE -> isRich() && turn() % 4 != 2;
    };
  }

  /** Whether the thread says to the console that it is here, before the call. */
  boolean prints() {
    return number % script.often(4) == 1;
  }

  String line() {
    return LINE + " " + life + " " + thread + " " + number + " žluťoučký 😀";
  }

  /** Whether the thread changes the config, before the call. */
  boolean changesConfig() {
    return number % script.often(8) == 3;
  }

  /** Whether the thread tags the run with the call, and takes its tag before away. */
  boolean changesTags() {
    return number % script.often(8) == FIRST_TAG;
  }

  /** Returns the last call before this one that changes tags; null where there is none. */
  @Nullable Call tagsBefore() {
    long back = Math.floorMod(number - 1 - FIRST_TAG, script.often(8)) + 1;
    return number < back ? null : script.call(life, thread, number - back);
  }

  String tag() {
    return TAG + " " + life + " " + thread + " " + number;
  }

  /** Returns what a run is tagged with when it is opened. */
  static String tagOfLife(int life) {
    return "life " + life;
  }

  static String configKey(int thread) {
    return "latest-of-" + thread;
  }

  /** Whether the thread adds to the global step, before the call. */
  boolean steps() {
    return thread == 0 && number % 50 == 49;
  }

  private long bits() {
    long x =
        script.seed()
            + 0x9E3779B97F4A7C15L * (number + ((long) life << 48) + ((long) thread << 44));
    x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
    x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
    return x ^ x >>> 31;
  }

  /** Returns a double of every kind there is, NaN with all sorts of bits among them. */
  double number64() {
    return special(bits());
  }

  private static double special(long bits) {
    return switch ((int) (bits & 15)) {
      case 0 -> Double.longBitsToDouble(0x7FF8_0000_0000_0000L | bits >>> 13);
      case 1 -> Double.longBitsToDouble(0xFFF8_0000_0000_0000L | bits >>> 13);
      case 2 -> -0.0;
      case 3 -> Double.POSITIVE_INFINITY;
      case 4 -> Double.NEGATIVE_INFINITY;
      case 5 -> Double.longBitsToDouble(bits >>> 13); // too small for an exponent
      case 6 -> -Double.MAX_VALUE;
      case 7 -> Double.longBitsToDouble(0x7FF0_0000_0000_0001L | bits >>> 13); // a signalling NaN
      default -> (bits >> 11) * 0x1p-30;
    };
  }

  long whole() {
    return bits() * 31;
  }

  boolean flag() {
    return (bits() & 64) != 0;
  }

  String text() {
    String text = life + "." + thread + "." + number + " žluťoučký 😀\n";
    return turn() % 16 == 7 ? text.repeat(1_000) : text;
  }

  Histogram histogram() {
    return Histogram.of(new Random(bits()).doubles(100 + Math.floorMod(bits(), 200)).toArray());
  }

  /** Returns the bytes of its file: few or many, and now and then what an earlier file held. */
  byte[] file() {
    long turn = turn();
    int size = turn % 8 == 5 ? 300_000 : turn % 8 == 3 ? 70_000 : 900;
    byte[] bytes = new byte[size];
    new Random(turn % 5 == 4 ? turn : bits()).nextBytes(bytes);
    return bytes;
  }

  int tableRows() {
    return 1 + Math.floorMod(turn(), 5);
  }

  String cellText(int row) {
    return number + "." + row;
  }

  double cellNumber(int row) {
    return special(bits() * 7 + row);
  }

  /** Returns the file in a row of its table, mostly small; every third row has none. */
  byte @Nullable [] cellFile(int row) {
    if (row % 3 == 2) {
      return null;
    }
    long turn = turn();
    int size = turn % 11 == 5 ? 150_000 : turn % 11 == 9 ? 100_000 : 500;
    byte[] bytes = new byte[size]; // too large for the journal, for one frame, or neither
    new Random(bits() + 17L * row).nextBytes(bytes);
    return bytes;
  }

  private Table table() {
    Table.Builder table =
        Table.builder()
            .column("text", Column.Type.TEXT)
            .column("file", Column.Type.MEDIA)
            .column("row", Column.Type.INTEGER)
            .column("number", Column.Type.NUMBER);
    for (int row = 0; row < tableRows(); row++) {
      byte[] file = cellFile(row);
      table.row(
          cellText(row),
          file == null ? null : Attachment.of(file, "cell.bin"),
          row,
          cellNumber(row));
    }
    return table.build();
  }

  /** Returns all it holds, by name. */
  Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(series(thread), id());
    if (holdsShared()) {
      values.put(SHARED, shared());
    }
    for (Part part : PARTS) {
      if (holds(part)) {
        values.put(part.series(thread), value(part));
      }
    }
    return values;
  }

  private Object value(Part part) {
    return switch (part) {
      case NUMBER -> number64();
      case WHOLE -> whole();
      case FLAG -> flag();
      case TEXT -> text();
      case HISTOGRAM -> histogram();
      case FILE -> Attachment.of(file(), "file.bin");
      case TABLE -> table();
    };
  }

  /** Whether it holds nothing but its number. */
  boolean isBare() {
    for (Part part : PARTS) {
      if (holds(part)) {
        return false;
      }
    }
    return !holdsShared();
  }
}
