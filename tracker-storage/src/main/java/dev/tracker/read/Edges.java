package dev.tracker.read;

import java.util.Arrays;
import java.util.List;

/**
 * Where the buckets of a curve begin: evenly spread at first, as far as whole numbers allow, and
 * then moved to where tiles end, so that few rows need to be read.
 *
 * <p>For one thread at a time.
 */
final class Edges {
  /** An edge moves only between buckets of which each spans more tiles than this. */
  static final int MANY_TILES = 4;

  private final Axis axis;
  private final long to;
  private final long[] starts;

  /** The bucket that was found last: the next one is likely to be the same. */
  private int bucket;

  /**
   * Spreads buckets evenly.
   *
   * @param from where the first begins
   * @param to the greatest that belongs to the last
   * @param buckets how many there are; fewer where there are fewer whole numbers
   */
  Edges(Axis axis, long from, long to, int buckets) {
    this.axis = axis;
    this.to = to;
    long span = to - from + 1; // unsigned; 0 for all the numbers there are
    if (span == 0) {
      span = -1;
    }
    int count = Long.compareUnsigned(span, buckets) < 0 ? (int) span : buckets;
    long width = Long.divideUnsigned(span, count);
    long rest = Long.remainderUnsigned(span, count);
    starts = new long[count];
    for (int i = 0; i < count; i++) {
      starts[i] = from + width * i + rest * i / count;
    }
  }

  int size() {
    return starts.length;
  }

  /** Returns the bucket that a place belongs to; -1 for one outside of all. */
  int bucketOf(long at) {
    if (at < starts[0] || at > to) {
      return -1;
    }
    int likely = bucket;
    if (at >= starts[likely]) {
      if (at <= last(likely)) {
        return likely;
      }
      if (at <= last(likely + 1)) {
        bucket = likely + 1;
        return bucket;
      }
    }
    int found = Arrays.binarySearch(starts, at);
    bucket = found >= 0 ? found : -found - 2;
    return bucket;
  }

  /** Returns the greatest place in a bucket. */
  private long last(int i) {
    return i + 1 < starts.length ? starts[i + 1] - 1 : to;
  }

  /**
   * Moves edges to where one piece ends and the next begins, where both buckets span more than four
   * pieces, by three eighths of a bucket at most: more, and two edges could meet.
   *
   * @param pieces in the order of the rows, each at least in part between the first and the last
   */
  void snap(List<Piece> pieces) {
    int[] spanned = new int[size()];
    long[] lows = new long[pieces.size()];
    long[] highs = new long[pieces.size()];
    int count = 0;
    for (Piece piece : pieces) {
      long low = Math.max(starts[0], axis.low(piece.tile()));
      long high = Math.min(to, axis.high(piece.tile()));
      int first = bucketOf(low);
      spanned[first]++;
      if (bucketOf(high) - first <= 1) {
        lows[count] = low;
        highs[count++] = high;
      }
    }
    Seams seams = new Seams(lows, highs, count);
    long[] even = starts.clone();
    for (int i = 1; i < even.length; i++) {
      if (spanned[i - 1] > MANY_TILES && spanned[i] > MANY_TILES) {
        long before = even[i] - even[i - 1]; // unsigned, as all that follow
        long after = (i + 1 < even.length ? even[i + 1] - 1 : to) - even[i];
        long less = Long.compareUnsigned(before, after) < 0 ? before : after;
        starts[i] = seams.nearest(even[i], (less >>> 2) + (less >>> 3));
      }
    }
    bucket = 0;
  }

  /**
   * The places at which no piece lies on both sides. Pieces that are longer than a bucket do not
   * count: whatever the edges are, they lie across one.
   */
  private static final class Seams {
    /** The seam {@code i} is anywhere above {@code lows[i]}, and up to {@code highs[i]}. */
    private final long[] lows;

    private final long[] highs;
    private final int size;
    private int next;

    /** Finds the seams of pieces, of which the arguments tell the least and the greatest place. */
    Seams(long[] least, long[] greatest, int count) {
      lows = new long[count];
      highs = new long[count];
      for (int i = count - 2; i >= 0; i--) {
        least[i] = Math.min(least[i], least[i + 1]);
      }
      int found = 0;
      long high = Long.MIN_VALUE;
      for (int i = 0; i + 1 < count; i++) {
        high = Math.max(high, greatest[i]);
        if (high < least[i + 1]) {
          lows[found] = high;
          highs[found++] = least[i + 1];
        }
      }
      size = found;
    }

    /**
     * Returns the seam nearest to an edge, or the edge where none is within reach; to be asked for
     * edges in ascending order.
     */
    long nearest(long edge, long reach) {
      while (next < size && highs[next] < edge) {
        next++;
      }
      long best = edge;
      long distance = -1; // unsigned: beyond all reach
      if (next < size) {
        best = Math.max(lows[next] + 1, edge);
        distance = best - edge;
      }
      if (next > 0 && Long.compareUnsigned(edge - highs[next - 1], distance) < 0) {
        best = highs[next - 1];
        distance = edge - best;
      }
      return Long.compareUnsigned(distance, reach) <= 0 ? best : edge;
    }
  }
}
