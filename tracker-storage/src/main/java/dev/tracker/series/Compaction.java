package dev.tracker.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which neighbouring fragments are written together, so that few are left.
 *
 * <p>Of all ways that keep the order of rows it takes one that writes the fewest rows. What was
 * written together before is large, so it is left alone until there is much else.
 */
final class Compaction {
  /** Row numbers inside a fragment are ints. */
  private static final long MAX_ROWS = 1 << 30;

  private static final long IMPOSSIBLE = Long.MAX_VALUE;

  private final List<Manifest.Part> fragments;

  /** How many rows come before a fragment. */
  private final long[] before;

  private Compaction(List<Manifest.Part> fragments) {
    this.fragments = fragments;
    before = new long[fragments.size() + 1];
    for (int i = 0; i < fragments.size(); i++) {
      before[i + 1] = before[i] + fragments.get(i).rows();
    }
  }

  /**
   * Returns all fragments in row order, those together that are to become one.
   *
   * @param fragments what there is, in row order
   * @param most how many there shall be; there are more where one would become too large
   */
  static List<List<Manifest.Part>> plan(List<Manifest.Part> fragments, int most) {
    return new Compaction(fragments).plan(most);
  }

  private List<List<Manifest.Part>> plan(int most) {
    int count = fragments.size();
    List<int[]> begins = new ArrayList<>(); // by how many, less one: where the last one begins
    long[] rows = new long[count + 1]; // by fragments: the fewest to write for so many
    Arrays.fill(rows, IMPOSSIBLE);
    rows[0] = 0;
    while (begins.size() < Math.min(most, count) || rows[count] == IMPOSSIBLE) {
      int[] begin = new int[count + 1];
      rows = withOneMore(rows, begin);
      begins.add(begin);
    }
    List<List<Manifest.Part>> plan = new ArrayList<>();
    int end = count;
    for (int i = begins.size() - 1; i >= 0; i--) {
      int begin = begins.get(i)[end];
      plan.add(0, fragments.subList(begin, end));
      end = begin;
    }
    return plan;
  }

  /**
   * Returns how many rows are to be written for the first of the fragments to become one more than
   * before.
   *
   * @param begin gets where the last one begins
   */
  private long[] withOneMore(long[] rows, int[] begin) {
    long[] next = new long[rows.length];
    Arrays.fill(next, IMPOSSIBLE);
    for (int end = 1; end < rows.length; end++) {
      for (int from = 0; from < end; from++) {
        if (rows[from] != IMPOSSIBLE && isPossible(from, end)) {
          long sum = rows[from] + toWrite(from, end);
          if (sum <= next[end]) {
            next[end] = sum;
            begin[end] = from;
          }
        }
      }
    }
    return next;
  }

  private boolean isPossible(int from, int end) {
    return end - from == 1 || before[end] - before[from] <= MAX_ROWS;
  }

  private long toWrite(int from, int end) {
    return end - from == 1 ? 0 : before[end] - before[from];
  }
}
