package dev.tracker.read;

import dev.tracker.series.Rows;
import dev.tracker.value.Histogram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Histograms of one series, in the order in which they were logged.
 *
 * <p>The arrays are the object's own and of one length; whoever changes them changes what it
 * returns.
 */
public final class Histograms {
  private final long[] steps;
  private final long[] globalSteps;
  private final long[] timestamps;
  private final List<Histogram> values;

  Histograms(Rows rows) {
    int size = rows.size();
    steps = Scalars.trim(rows.steps(), size);
    globalSteps = Scalars.trim(rows.globalSteps(), size);
    timestamps = Scalars.trim(rows.micros(), size);
    List<Histogram> decoded = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      decoded.add(Histogram.decode(ByteBuffer.wrap(rows.bytes(i)).order(ByteOrder.LITTLE_ENDIAN)));
    }
    values = Collections.unmodifiableList(decoded);
  }

  /** Returns the number of histograms. */
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

  /** Returns one histogram: its counts, edges and statistics. */
  public Histogram get(int i) {
    return values.get(i);
  }

  /** Returns all of them. */
  public List<Histogram> values() {
    return values;
  }

  /** Returns all of them on one common grid, with as many bins as the finest of them has. */
  public Heatmap heatmap() {
    return heatmap(values.stream().mapToInt(Histogram::bins).max().orElse(1));
  }

  /**
   * Returns all of them on one common grid: for a picture of how the distribution changes.
   *
   * @param bins how many bins the grid has
   * @throws IllegalArgumentException if that is no possible number of bins
   */
  public Heatmap heatmap(int bins) {
    return Heatmap.of(this, bins);
  }
}
