package dev.tracker.read;

import dev.tracker.series.Rows;

/**
 * Rows of a series of strings, in the order in which they were logged.
 *
 * <p>The arrays are the object's own and of one length; whoever changes them changes what it
 * returns.
 */
public final class Strings {
  private final long[] steps;
  private final long[] globalSteps;
  private final long[] timestamps;
  private final String[] values;

  Strings(Rows rows) {
    int size = rows.size();
    steps = Scalars.trim(rows.steps(), size);
    globalSteps = Scalars.trim(rows.globalSteps(), size);
    timestamps = Scalars.trim(rows.micros(), size);
    values = new String[size];
    for (int i = 0; i < size; i++) {
      values[i] = rows.text(i);
    }
  }

  /** Returns the number of rows. */
  public int size() {
    return steps.length;
  }

  /** Returns the steps: out of order, or repeated, where they were logged so. */
  public long[] steps() {
    return steps;
  }

  /** Returns the global steps. */
  public long[] globalSteps() {
    return globalSteps;
  }

  /** Returns the times, in microseconds since the epoch. */
  public long[] timestamps() {
    return timestamps;
  }

  /** Returns the texts. */
  public String[] values() {
    return values;
  }
}
