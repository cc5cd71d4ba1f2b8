package dev.tracker.metadata;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is left of global steps that a rewind cuts through: found out from the rows that stay.
 *
 * <p>Safe for use by several threads.
 */
public final class CutRanges {
  private final long step;
  private final List<StepRange> before;
  private final Map<Long, Integer> places = new HashMap<>();

  // Guarded by this.
  private final long[] lastSteps;
  private final long[] firstMicros;
  private final long[] lastMicros;
  private final boolean[] found;
  private final CallCounts calls;

  /**
   * Begins with nothing.
   *
   * @param step the greatest step that stays
   * @param before the ranges as they were
   */
  public CutRanges(long step, List<StepRange> before) {
    this.step = step;
    this.before = before;
    lastSteps = new long[before.size()];
    firstMicros = new long[before.size()];
    lastMicros = new long[before.size()];
    found = new boolean[before.size()];
    calls = new CallCounts(before.size());
    for (int i = 0; i < before.size(); i++) {
      places.put(before.get(i).globalStep(), i);
      lastSteps[i] = Long.MIN_VALUE;
      firstMicros[i] = Long.MAX_VALUE;
      lastMicros[i] = Long.MIN_VALUE;
    }
  }

  /** Whether nothing is cut through. */
  public boolean isEmpty() {
    return before.isEmpty();
  }

  /** Takes in rows; those that do not stay, or are of other global steps, are passed over. */
  public void add(long[] steps, long[] globalSteps, long[] micros, int count) {
    if (isEmpty()) {
      return;
    }
    for (int from = 0, to; from < count; from = to) {
      to = from + 1;
      while (to < count && globalSteps[to] == globalSteps[from]) {
        to++;
      }
      Integer place = places.get(globalSteps[from]);
      if (place != null) {
        add(place, steps, micros, from, to);
      }
    }
  }

  private synchronized void add(int place, long[] steps, long[] micros, int from, int to) {
    for (int i = from; i < to; i++) {
      if (steps[i] <= step) {
        found[place] = true;
        lastSteps[place] = Math.max(lastSteps[place], steps[i]);
        firstMicros[place] = Math.min(firstMicros[place], micros[i]);
        lastMicros[place] = Math.max(lastMicros[place], micros[i]);
        calls.add(place, steps[i], micros[i]);
      }
    }
  }

  /** Returns what is left; a range of which nothing is left is not among it. */
  public synchronized List<StepRange> left() {
    List<StepRange> left = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      StepRange range = before.get(i);
      if (found[i]) {
        left.add(
            new StepRange(
                range.globalStep(),
                range.firstStep(),
                lastSteps[i],
                firstMicros[i],
                lastMicros[i],
                rows(i)));
      }
    }
    return left;
  }

  /**
   * Where calls were too many to be kept, steps that followed one another say how many are left.
   */
  private long rows(int place) {
    StepRange range = before.get(place);
    boolean consecutive = range.rows() == range.lastStep() - range.firstStep() + 1;
    return !calls.isExact() && consecutive ? step - range.firstStep() + 1 : calls.count(place);
  }
}
