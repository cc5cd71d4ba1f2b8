package dev.tracker.metadata;

import java.util.Arrays;

/**
 * Counts log calls from the rows of all series: a call has a row in each series it had a value for,
 * and all of them share step and time.
 *
 * <p>Exact up to {@link #MOST} calls. Beyond that only calls whose hash begins with one more zero
 * bit are kept, as often as need be, and stand for twice as many each; half a million of them give
 * a count to about 0.2 %.
 *
 * <p>For one thread at a time.
 */
final class CallCounts {
  /** How many calls are kept. */
  static final int MOST = 1 << 19;

  private static final int FIRST_CAPACITY = 1 << 10;

  /** Hashes of calls at their place or the next free one; 0 is free. */
  private long[] hashes = new long[FIRST_CAPACITY];

  /** Which group each call belongs to. */
  private int[] groups = new int[FIRST_CAPACITY];

  private final long[] counts;
  private int size;
  private int level;

  CallCounts(int groupCount) {
    counts = new long[groupCount];
  }

  /** Counts a call unless it was counted before. */
  void add(int group, long step, long micros) {
    long hash = hash(hash(step) + micros) | 1;
    if (isKept(hash) && insert(hash, group)) {
      counts[group]++;
      size++;
      if (size > MOST) {
        level++;
        rebuild(hashes.length);
      } else if (size > hashes.length / 2) {
        rebuild(hashes.length * 2);
      }
    }
  }

  /** Returns whether every call was kept, so that counts are exact. */
  boolean isExact() {
    return level == 0;
  }

  /** Returns how many calls of a group there were. */
  long count(int group) {
    return counts[group] << level;
  }

  private boolean isKept(long hash) {
    return level == 0 || hash >>> (Long.SIZE - level) == 0;
  }

  private boolean insert(long hash, int group) {
    int mask = hashes.length - 1;
    int at = (int) (hash >>> 1) & mask;
    while (hashes[at] != 0) {
      if (hashes[at] == hash && groups[at] == group) {
        return false;
      }
      at = (at + 1) & mask;
    }
    hashes[at] = hash;
    groups[at] = group;
    return true;
  }

  private void rebuild(int capacity) {
    long[] oldHashes = hashes;
    int[] oldGroups = groups;
    hashes = new long[capacity];
    groups = new int[capacity];
    size = 0;
    Arrays.fill(counts, 0);
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldHashes[i] != 0 && isKept(oldHashes[i])) {
        insert(oldHashes[i], oldGroups[i]);
        counts[oldGroups[i]]++;
        size++;
      }
    }
  }

  /** The finisher of SplitMix64: every bit of the result depends on every bit of the value. */
  private static long hash(long value) {
    long h = value + 0x9E3779B97F4A7C15L;
    h = (h ^ (h >>> 30)) * 0xBF58476D1CE4E5B9L;
    h = (h ^ (h >>> 27)) * 0x94D049BB133111EBL;
    return h ^ (h >>> 31);
  }
}
