package dev.tracker.export;

import dev.tracker.format.Kind;
import java.io.Closeable;
import java.io.IOException;

/**
 * Takes rows and writes them in one format.
 *
 * <p>{@link #close} completes what was written and leaves the stream below it open. For one thread.
 */
interface RowSink extends Closeable {
  /**
   * Says what the rows that follow belong to.
   *
   * @param run the place of the run in {@link Columns#runs}
   * @param metric the place of the metric in {@link Columns#metrics}
   * @param kind what its values are
   */
  void begin(int run, int metric, Kind kind) throws IOException;

  /** Takes a row with a number or a boolean; {@code bits} are those of the double, or the long. */
  void number(long step, long globalStep, long micros, long bits) throws IOException;

  /** Takes a row with a text. */
  void text(long step, long globalStep, long micros, String text) throws IOException;
}
