package dev.tracker.export;

import java.io.Closeable;
import java.io.IOException;

/**
 * Takes rows of several metrics and writes them in one format.
 *
 * <p>{@link #close} completes what was written and leaves the stream below it open. For one thread.
 */
interface WideSink extends Closeable {
  /** Begins a row of a run, which is a place in {@link WideColumns#runs}. */
  void begin(int run, long step, long globalStep, long micros) throws IOException;

  /**
   * Takes a number or a boolean of a metric, which is a place in {@link WideColumns#metrics};
   * {@code bits} are those of the double, or the long.
   */
  void number(int metric, long bits) throws IOException;

  /** Takes a text of a metric. */
  void text(int metric, String text) throws IOException;

  /** Ends the row. What it was not given is not there; what it was came in order of the columns. */
  void end() throws IOException;
}
