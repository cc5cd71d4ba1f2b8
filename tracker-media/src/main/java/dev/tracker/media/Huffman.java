package dev.tracker.media;

import java.util.Arrays;

/** Canonical Huffman codes of limited length, as RFC 1951 wants them. */
final class Huffman {
  private Huffman() {}

  /**
   * Returns how long each symbol's code is, 0 for symbols that do not occur. A single symbol gets a
   * code of one bit; two at least are needed for the code to be complete, so a symbol that does not
   * occur is added.
   *
   * @param counts how often each symbol occurs; their sum is less than 2^31
   */
  static byte[] lengths(int[] counts, int limit) {
    byte[] lengths = new byte[counts.length];
    long[] sorted = new long[counts.length];
    int used = 0;
    for (int symbol = 0; symbol < counts.length; symbol++) {
      if (counts[symbol] > 0) {
        sorted[used++] = (long) counts[symbol] << 16 | symbol;
      }
    }
    if (used < 2) {
      int only = used == 0 ? 0 : (int) (sorted[0] & 0xFFFF);
      lengths[only] = 1;
      lengths[only == 0 ? 1 : 0] = 1;
      return lengths;
    }
    Arrays.sort(sorted, 0, used);
    int[] perLength = limited(depths(sorted, used), limit);
    int length = limit;
    for (int i = 0; i < used; i++) { // the rarest get the longest
      while (perLength[length] == 0) {
        length--;
      }
      perLength[length]--;
      lengths[(int) (sorted[i] & 0xFFFF)] = (byte) length;
    }
    return lengths;
  }

  /** Returns how deep each leaf lies in a Huffman tree, given counts in ascending order. */
  private static int[] depths(long[] sorted, int used) {
    int nodes = 2 * used - 1;
    long[] weights = new long[nodes];
    int[] parents = new int[nodes];
    for (int i = 0; i < used; i++) {
      weights[i] = sorted[i] >>> 16;
    }
    int leaf = 0;
    int inner = used;
    for (int next = used; next < nodes; next++) { // two queues, both ascending
      for (int i = 0; i < 2; i++) {
        boolean takeLeaf = leaf < used && (inner >= next || weights[leaf] <= weights[inner]);
        int taken = takeLeaf ? leaf++ : inner++;
        weights[next] += weights[taken];
        parents[taken] = next;
      }
    }
    int[] depths = new int[nodes];
    for (int i = nodes - 2; i >= 0; i--) {
      depths[i] = depths[parents[i]] + 1;
    }
    return Arrays.copyOf(depths, used);
  }

  /**
   * Returns how many codes have each length once none is longer than the limit: too long ones are
   * cut, and shorter ones made longer until they fit (Kraft's sum is 1).
   */
  private static int[] limited(int[] depths, int limit) {
    int[] perLength = new int[limit + 1];
    long sum = 0; // in units of a code of the greatest length
    for (int depth : depths) {
      int length = Math.min(depth, limit);
      perLength[length]++;
      sum += 1L << (limit - length);
    }
    while (sum > 1L << limit) {
      int length = limit - 1;
      while (perLength[length] == 0) {
        length--;
      }
      perLength[limit]--; // one of the longest becomes the neighbour of a shorter one
      perLength[length]--;
      perLength[length + 1] += 2;
      sum--;
    }
    return perLength;
  }

  /** Returns the code of each symbol, its bits reversed, as they are written. */
  static int[] codes(byte[] lengths) {
    int[] next = new int[17];
    int[] perLength = new int[17];
    for (byte length : lengths) {
      perLength[length]++;
    }
    perLength[0] = 0;
    for (int length = 1; length < next.length; length++) {
      next[length] = (next[length - 1] + perLength[length - 1]) << 1;
    }
    int[] codes = new int[lengths.length];
    for (int symbol = 0; symbol < codes.length; symbol++) {
      int length = lengths[symbol];
      if (length > 0) {
        codes[symbol] = Integer.reverse(next[length]++) >>> (Integer.SIZE - length);
      }
    }
    return codes;
  }
}
