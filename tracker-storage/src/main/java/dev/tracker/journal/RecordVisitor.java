package dev.tracker.journal;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Kind;

/**
 * Receives the records of a journal, in journal order. Every method does nothing unless overridden.
 *
 * <p>Called on the thread that decodes. What a method throws ends the decoding and reaches its
 * caller as it is.
 */
public interface RecordVisitor {
  /**
   * The first use of a series.
   *
   * @param id the series' number, unique in the run for ever
   * @param kind what it holds
   * @param name its name
   */
  default void series(int id, Kind kind, String name) {}

  /**
   * The beginning of a row, which is one log call. Exactly {@code values} calls of {@link #value}
   * or {@link #text} follow.
   *
   * @param step the row's {@code _step}
   * @param globalStep the global step that was current
   * @param micros when it was logged, microseconds since the epoch
   * @param values how many values it has
   */
  default void row(long step, long globalStep, long micros, int values) {}

  /**
   * A value of the row that was begun, of kind FLOAT64, INT64 or BOOL.
   *
   * @param series the series' number
   * @param bits the value as {@link Kind} says: raw double bits, the integer, or 0 and 1
   */
  default void value(int series, long bits) {}

  /**
   * Rows of one {@link #value} each, under one global step, each of them a step after the one
   * before: what most of a journal is. They come one by one unless this is overridden.
   *
   * @param firstStep the first row's {@code _step}
   * @param globalStep the global step that was current
   * @param rows how many; as many of the arrays' places are valid, during the call only
   * @param micros when each was logged, microseconds since the epoch
   * @param series the number of the series of each
   * @param bits the value of each
   */
  default void singles(
      long firstStep, long globalStep, int rows, long[] micros, int[] series, long[] bits) {
    for (int i = 0; i < rows; i++) {
      row(firstStep + i, globalStep, micros[i], 1);
      value(series[i], bits[i]);
    }
  }

  /**
   * A value of the row that was begun, of kind STRING.
   *
   * @param series the series' number
   * @param bytes holds the text as UTF-8; valid during the call only
   * @param offset where the text begins in {@code bytes}
   * @param length how many bytes it has
   */
  default void text(int series, byte[] bytes, int offset, int length) {}

  /** The global step changes to {@code value}. */
  default void globalStep(long value) {}

  /**
   * Rows that were dropped here, and are nowhere in the journal.
   *
   * @param rows how many
   * @param fromMicros when the first of them was logged
   * @param toMicros when the last of them was logged
   */
  default void gap(long rows, long fromMicros, long toMicros) {}

  /**
   * The run goes back: every row before whose step is greater does not count any more. It is a
   * frame of its own.
   *
   * @param step the greatest step that stays; the next row takes the one after it, unless the
   *     counter was lower
   * @param globalStep the global step from here on
   */
  default void rewind(long step, long globalStep) {}

  /**
   * A line that the program printed.
   *
   * @param stream where to
   * @param micros when it was complete, microseconds since the epoch
   * @param utf8 holds the line without its end as UTF-8; valid during the call only
   * @param offset where it begins in {@code utf8}
   * @param length how many bytes it has
   */
  default void console(ConsoleStream stream, long micros, byte[] utf8, int offset, int length) {}

  /**
   * A value of a row that was delivered before, unless that row was lost: of a kind that is not
   * {@linkplain Kind#isScalar() scalar}. The values of one series come in the order of their rows.
   *
   * @param series the series' number
   * @param step the row's {@code _step}
   * @param globalStep the row's global step
   * @param micros when the row was logged, microseconds since the epoch
   * @param bytes holds the value, in the form of its kind; valid during the call only
   * @param offset where the value begins in {@code bytes}
   * @param length how many bytes it has
   */
  default void entry(
      int series, long step, long globalStep, long micros, byte[] bytes, int offset, int length) {}

  /** A patch to the run's document, as JSON in UTF-8. */
  default void run(byte[] json) {}
}
