package dev.tracker.value;

import java.util.Arrays;

/**
 * Finite values of a stream of any length in little memory, exact while there are at most {@link
 * #EXACT} of them.
 *
 * <p>Level 0 holds values as they are. A level that is full is sorted, and every second of its
 * values goes up one level, where it stands for twice as many (Munro and Paterson, "Selection and
 * sorting with limited storage", 1980; the half that stays is taken in turns). One such step moves
 * the rank of any number by at most the weight of the level, and a level takes as many steps as it
 * was filled, so that with {@code L} levels in use no rank among {@code n} values is off by more
 * than {@code L × n / EXACT}: 0.04 % of a million, 0.1 % of 1,000 million. Weights always add up to
 * the number of values.
 *
 * <p>Not safe for use by several threads.
 */
final class Sketch {
  /** The values that a level holds; even, so that its halves weigh the same. */
  static final int EXACT = 16_384;

  private double[][] levels = {new double[1024]};
  private int[] sizes = new int[1];
  private boolean[] skipsFirst = new boolean[1];

  /** Adds the first {@code n} values. */
  void add(double[] values, int n) {
    add(0, values, n);
  }

  private void add(int level, double[] values, int n) {
    for (int from = 0; from < n; ) {
      if (sizes[level] == EXACT) {
        halve(level);
      }
      int part = Math.min(n - from, EXACT - sizes[level]);
      int size = sizes[level] + part;
      if (size > levels[level].length) {
        int capacity = Math.min(EXACT, Math.max(size, 2 * levels[level].length));
        levels[level] = Arrays.copyOf(levels[level], capacity);
      }
      System.arraycopy(values, from, levels[level], sizes[level], part);
      sizes[level] = size;
      from += part;
    }
  }

  private void halve(int level) {
    double[] values = levels[level];
    Arrays.sort(values);
    double[] half = new double[EXACT / 2];
    int first = skipsFirst[level] ? 1 : 0;
    for (int i = 0; i < half.length; i++) {
      half[i] = values[2 * i + first];
    }
    skipsFirst[level] = !skipsFirst[level];
    sizes[level] = 0;
    if (level + 1 == levels.length) {
      levels = Arrays.copyOf(levels, level + 2);
      levels[level + 1] = new double[EXACT];
      sizes = Arrays.copyOf(sizes, level + 2);
      skipsFirst = Arrays.copyOf(skipsFirst, level + 2);
    }
    add(level + 1, half, half.length);
  }

  /** Adds all that another sketch stands for. */
  void merge(Sketch other) {
    for (int level = 0; level < other.levels.length; level++) {
      while (level >= levels.length) {
        levels = Arrays.copyOf(levels, levels.length + 1);
        levels[levels.length - 1] = new double[EXACT];
        sizes = Arrays.copyOf(sizes, levels.length);
        skipsFirst = Arrays.copyOf(skipsFirst, levels.length);
      }
      add(level, other.levels[level], other.sizes[level]);
    }
  }

  /** Returns the number of levels in use above the exact one. */
  int levels() {
    return levels.length - 1;
  }

  /** Returns p1 and p99 of {@code n} values, all that were added. */
  double[] percentiles(long n) {
    int points = Arrays.stream(sizes).sum();
    Point[] sorted = new Point[points];
    int next = 0;
    for (int level = 0; level < levels.length; level++) {
      for (int i = 0; i < sizes[level]; i++) {
        sorted[next++] = new Point(levels[level][i], 1L << level);
      }
    }
    Arrays.sort(sorted);
    long tail = Percentiles.tail(n);
    return new double[] {atRank(sorted, tail), atRank(sorted, n - 1 - tail)};
  }

  private static double atRank(Point[] sorted, long rank) {
    long before = 0;
    for (Point point : sorted) {
      before += point.weight();
      if (before > rank) {
        return point.value();
      }
    }
    throw new IllegalStateException("rank beyond the values: rank=" + rank + " values=" + before);
  }

  /** Counts everything on a grid. */
  long[] count(Grid grid) {
    long[] total = new long[grid.slots()];
    for (int level = 0; level < levels.length; level++) {
      int[] slots = new int[grid.slots()];
      grid.count(levels[level], sizes[level], slots);
      for (int i = 0; i < slots.length; i++) {
        total[i] += (long) slots[i] << level;
      }
    }
    return total;
  }

  private record Point(double value, long weight) implements Comparable<Point> {
    @Override
    public int compareTo(Point other) {
      return Double.compare(value, other.value);
    }
  }
}
