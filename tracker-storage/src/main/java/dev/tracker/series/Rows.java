package dev.tracker.series;

import dev.tracker.format.Kind;
import dev.tracker.value.Column;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one series as primitive columns on the heap, in the order they were added.
 *
 * <p>Every row has a step, a global step, a time in UTC microseconds and a value. Values of {@link
 * Kind#FLOAT64}, {@link Kind#INT64} and {@link Kind#BOOL} are 64 raw bits ({@link #bits()}), so
 * that NaN payloads and -0.0 survive; values of {@link Kind#STRING} are UTF-8 bytes ({@link
 * #text}), and of other kinds bytes in the form of their kind ({@link #bytes(int)}).
 *
 * <p>The columns are the backing arrays themselves, valid up to {@link #size()} and only until the
 * next change: they are replaced when they grow. {@link #clear()} keeps them for the next use.
 *
 * <p>For one thread at a time.
 */
public final class Rows {
  private static final long[] NONE = {};

  private static final double[] NO_DOUBLES = {};

  /** The longest array that every JVM makes. */
  private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

  private final Kind kind;
  private int size;
  private long[] steps;
  private long[] globalSteps;
  private long[] micros;
  private long[] bits;

  /** The values in place of {@link #bits}, where that was asked for. */
  private double[] doubles = NO_DOUBLES;

  private final boolean hasDoubles;

  /** Where each text ends in {@link #texts}; it begins where the one before ends. */
  private int[] textEnds = {};

  private byte[] texts = {};

  /** Of rows of a table: what their cells are. */
  private @Nullable List<Column> columns;

  /**
   * Makes empty rows.
   *
   * @param kind what the values are
   * @param capacity how many rows to have room for at first
   */
  public Rows(Kind kind, int capacity) {
    this(kind, capacity, false);
  }

  /**
   * Makes empty rows whose values are {@link #doubles()} where the kind is {@link Kind#FLOAT64}:
   * for whoever hands them on as such.
   *
   * @param kind what the values are
   * @param capacity how many rows to have room for at first
   * @return rows
   */
  public static Rows withDoubles(Kind kind, int capacity) {
    return new Rows(kind, capacity, kind == Kind.FLOAT64);
  }

  private Rows(Kind kind, int capacity, boolean hasDoubles) {
    this.kind = kind;
    this.hasDoubles = hasDoubles;
    steps = new long[capacity];
    globalSteps = new long[capacity];
    micros = new long[capacity];
    bits = kind.isFixed() && !hasDoubles ? new long[capacity] : NONE;
    if (hasDoubles) {
      doubles = new double[capacity];
    }
    if (!kind.isFixed()) {
      textEnds = new int[capacity];
    }
  }

  /**
   * Adds a row with a number or a boolean.
   *
   * @param step the row's step
   * @param globalStep the row's global step
   * @param micros UTC microseconds since the epoch
   * @param valueBits raw bits of the double, the long itself, or 0 and 1
   */
  public void add(long step, long globalStep, long micros, long valueBits) {
    if (!kind.isFixed()) {
      throw new IllegalStateException("64 bits do not fit the series: kind=" + kind);
    }
    int i = begin(step, globalStep, micros);
    if (hasDoubles) {
      doubles[i] = Double.longBitsToDouble(valueBits);
    } else {
      bits[i] = valueBits;
    }
    size = i + 1;
  }

  /**
   * Adds a row with a text. The bytes are copied.
   *
   * @param step the row's step
   * @param globalStep the row's global step
   * @param micros UTC microseconds since the epoch
   * @param utf8 holds the text as well-formed UTF-8
   * @param offset where the text begins
   * @param length how many bytes it has
   */
  public void addText(
      long step, long globalStep, long micros, byte[] utf8, int offset, int length) {
    if (kind.isFixed()) {
      throw new IllegalStateException("text does not fit the series: kind=" + kind);
    }
    int begin = textEnd(size);
    ensureTextCapacity((long) begin + length);
    int i = begin(step, globalStep, micros);
    System.arraycopy(utf8, offset, texts, begin, length);
    textEnds[i] = begin + length;
    size = i + 1;
  }

  /**
   * What the values are.
   *
   * @return the kind given at birth
   */
  public Kind kind() {
    return kind;
  }

  /**
   * Says what the cells of the rows of a table are, by the names that the columns have in the
   * dataset. Who fills the rows himself says so; where they are read, and nothing was said, it is
   * what the dataset has, and where less was said only that is read.
   *
   * @param stored the columns, in the order of the cells
   */
  public void columns(List<Column> stored) {
    if (kind != Kind.TABLE) {
      throw new IllegalStateException("only tables have columns: kind=" + kind);
    }
    columns = List.copyOf(stored);
  }

  /** Whether it was said what the cells are. */
  boolean hasColumns() {
    return columns != null;
  }

  /**
   * What the cells of the rows of a table are.
   *
   * @return the columns, in the order of the cells
   */
  public List<Column> columns() {
    List<Column> known = columns;
    if (known == null) {
      throw new IllegalStateException(
          "nobody said what the columns are: kind=" + kind + " rows=" + size);
    }
    return known;
  }

  /**
   * How many rows there are.
   *
   * @return the number of rows
   */
  public int size() {
    return size;
  }

  /**
   * The steps.
   *
   * @return the backing array, valid up to {@link #size()}
   */
  public long[] steps() {
    return steps;
  }

  /**
   * The global steps.
   *
   * @return the backing array, valid up to {@link #size()}
   */
  public long[] globalSteps() {
    return globalSteps;
  }

  /**
   * The times, in UTC microseconds since the epoch.
   *
   * @return the backing array, valid up to {@link #size()}
   */
  public long[] micros() {
    return micros;
  }

  /**
   * The values as raw bits.
   *
   * @return the backing array, valid up to {@link #size()}; empty for texts, and where the values
   *     are {@link #doubles()}
   */
  public long[] bits() {
    return bits;
  }

  /**
   * The values as doubles.
   *
   * @return the backing array, valid up to {@link #size()}; empty where the values are {@link
   *     #bits()}
   */
  public double[] doubles() {
    return doubles;
  }

  /**
   * Whether the values are {@link #doubles()}.
   *
   * @return false where they are {@link #bits()} or texts
   */
  public boolean hasDoubles() {
    return hasDoubles;
  }

  /**
   * One text.
   *
   * @param i the row, from 0
   * @return its text
   */
  public String text(int i) {
    if (kind != Kind.STRING || i < 0 || i >= size) {
      throw new IndexOutOfBoundsException(
          "no such text: row=" + i + " rows=" + size + " kind=" + kind);
    }
    int begin = textEnd(i);
    return new String(texts, begin, textEnds[i] - begin, StandardCharsets.UTF_8);
  }

  /**
   * The bytes of one value that is not fixed.
   *
   * @param i the row, from 0
   * @return a copy
   */
  public byte[] bytes(int i) {
    if (kind.isFixed() || i < 0 || i >= size) {
      throw new IndexOutOfBoundsException(
          "no such bytes: row=" + i + " rows=" + size + " kind=" + kind);
    }
    return Arrays.copyOfRange(texts, textEnd(i), textEnds[i]);
  }

  /**
   * How many bytes the rows take, spare capacity apart.
   *
   * @return 32 bytes a row; for texts 28 and the texts' own
   */
  public long bytes() {
    return kind.isFixed() ? 32L * size : 28L * size + textEnd(size);
  }

  /**
   * Adds a row of other rows of the same kind.
   *
   * @param from holds the row, and no {@link #doubles()}
   * @param i which one it is
   */
  public void add(Rows from, int i) {
    if (kind.isFixed()) {
      add(from.steps[i], from.globalSteps[i], from.micros[i], from.bits[i]);
    } else {
      int begin = from.textEnd(i);
      addText(
          from.steps[i],
          from.globalSteps[i],
          from.micros[i],
          from.texts,
          begin,
          from.textEnds[i] - begin);
    }
  }

  /**
   * Puts neighbouring rows of a fixed kind in the place of earlier ones.
   *
   * @param first the first of them
   * @param end the one after the last
   * @param to where the first one goes
   */
  public void move(int first, int end, int to) {
    if (!kind.isFixed()) {
      throw new IllegalStateException("bytes stay where they are: kind=" + kind);
    }
    if (first != to) {
      System.arraycopy(steps, first, steps, to, end - first);
      System.arraycopy(globalSteps, first, globalSteps, to, end - first);
      System.arraycopy(micros, first, micros, to, end - first);
      if (hasDoubles) {
        System.arraycopy(doubles, first, doubles, to, end - first);
      } else {
        System.arraycopy(bits, first, bits, to, end - first);
      }
    }
  }

  /**
   * Removes the rows from the given one on.
   *
   * @param rows how many stay
   */
  public void truncate(int rows) {
    size = Math.min(size, rows);
  }

  /** Removes all rows and keeps the room they had. */
  public void clear() {
    size = 0;
  }

  /** Makes room for {@code rows} rows in all. */
  void ensureCapacity(long rows) {
    if (rows > steps.length) {
      if (rows > MAX_LENGTH) {
        throw new IllegalStateException("too many rows for one array: rows=" + rows);
      }
      int capacity = (int) Math.min(MAX_LENGTH, Math.max(rows, steps.length * 2L));
      steps = Arrays.copyOf(steps, capacity);
      globalSteps = Arrays.copyOf(globalSteps, capacity);
      micros = Arrays.copyOf(micros, capacity);
      if (hasDoubles) {
        doubles = Arrays.copyOf(doubles, capacity);
      } else if (kind.isFixed()) {
        bits = Arrays.copyOf(bits, capacity);
      } else {
        textEnds = Arrays.copyOf(textEnds, capacity);
      }
    }
  }

  /** Makes room for texts of {@code length} bytes in all. */
  void ensureTextCapacity(long length) {
    if (length > texts.length) {
      if (length > MAX_LENGTH) {
        throw new IllegalStateException(
            "too much text for one array: bytes=" + length + " rows=" + size);
      }
      long capacity = Math.max(Math.max(length, 256), texts.length * 2L);
      texts = Arrays.copyOf(texts, (int) Math.min(MAX_LENGTH, capacity));
    }
  }

  /** Where the text before row {@code i} ends: where its own begins. */
  int textEnd(int i) {
    return !kind.isFixed() && i > 0 ? textEnds[i - 1] : 0;
  }

  /** The bytes of all texts, one after the other. */
  byte[] texts() {
    return texts;
  }

  /** The end of each text in {@link #texts()}. */
  int[] textEnds() {
    return textEnds;
  }

  /** Takes in rows that were written straight into the columns. */
  void grow(int rows) {
    size += rows;
  }

  private int begin(long step, long globalStep, long time) {
    int i = size;
    if (i == steps.length) {
      ensureCapacity(Math.max(16, i + 1L));
    }
    steps[i] = step;
    globalSteps[i] = globalStep;
    micros[i] = time;
    return i;
  }
}
