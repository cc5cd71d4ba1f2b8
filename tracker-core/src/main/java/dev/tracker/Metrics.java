package dev.tracker;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The series of a board, by name for those who log and by number for {@code tracker-writer}. Any
 * thread.
 *
 * <p>The ring carries numbers: to store a reference into a slot, which is old, makes the collector
 * look at it, and took longer than all the rest of a log call.
 */
final class Metrics {
  private static final int INITIAL_CAPACITY = 64;

  private final ConcurrentHashMap<String, Metric> byName = new ConcurrentHashMap<>();

  /** Written under this. Who has a number from the ring sees the series that it stands for. */
  private volatile @Nullable Metric[] byNumber = new Metric[INITIAL_CAPACITY];

  /** Returns the series of a name; null where there is none yet. */
  @Nullable Metric find(String name) {
    return byName.get(name);
  }

  /**
   * Adds a series unless another thread was faster, and returns the one that is there then.
   *
   * @param make makes it from its number
   */
  synchronized Metric add(String name, IntFunction<Metric> make) {
    Metric faster = byName.get(name);
    if (faster != null) {
      return faster;
    }
    int number = byName.size();
    Metric fresh = make.apply(number);
    if (number == byNumber.length) {
      byNumber = Arrays.copyOf(byNumber, 2 * number);
    }
    byNumber[number] = fresh;
    byName.put(name, fresh);
    return fresh;
  }

  /** Returns the series of a number. */
  Metric at(int number) {
    Metric metric = byNumber[number];
    if (metric == null) {
      throw new IllegalStateException("there is no such series: number=" + number);
    }
    return metric;
  }
}
