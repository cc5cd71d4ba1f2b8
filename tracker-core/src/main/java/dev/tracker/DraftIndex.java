package dev.tracker;

import java.util.Arrays;

/**
 * Where in a draft a series stands: a hash table that is emptied by turning to the next stamp. One
 * thread.
 */
final class DraftIndex {
  private static final int INITIAL_CELLS = 32;

  /** A cell is {@code stamp << 32 | place}; one of another stamp is empty. */
  private long[] cells = new long[INITIAL_CELLS];

  private int stamp = 1;

  /**
   * Returns the place of a series, which is {@code next} if it had none.
   *
   * @param next the place after the last one
   * @param metric the series' number
   * @param metrics the numbers by place
   */
  int findOrAdd(int metric, int next, int[] metrics) {
    if (2 * next >= cells.length) {
      grow(next, metrics);
    }
    int cell = metric & (cells.length - 1);
    while ((int) (cells[cell] >>> 32) == stamp) {
      int place = (int) cells[cell];
      if (metrics[place] == metric) {
        return place;
      }
      cell = (cell + 1) & (cells.length - 1);
    }
    cells[cell] = (long) stamp << 32 | next;
    return next;
  }

  private void grow(int size, int[] metrics) {
    cells = new long[4 * cells.length];
    for (int place = 0; place < size; place++) {
      findOrAdd(metrics[place], place, metrics);
    }
  }

  void clear() {
    if (++stamp == 0) {
      Arrays.fill(cells, 0);
      stamp = 1;
    }
  }
}
