package dev.tracker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What log calls and captured output had to drop, until {@code tracker-writer} puts it into the
 * journal; and patches of the run's document that found no room, which are not dropped but kept
 * here.
 *
 * <p>Guarded by itself; nobody does I/O while holding it.
 */
final class Losses {
  /** No loss waits. */
  static final long NOWHERE = Long.MAX_VALUE;

  /** Patches of more than this are not kept. */
  private static final long MAX_KEPT_BYTES = 16L << 20;

  /**
   * Losses that stand between the same two messages of the ring.
   *
   * <p>Rows that were lost may be written down a little too early, at the place of an older gap
   * that still waits: the times are true. Global steps may not, because the messages after them
   * build on them.
   */
  static final class Gap {
    /** The last slot that was claimed before. */
    private final long after;

    long rows;
    long fromMicros = Long.MAX_VALUE;
    long toMicros = Long.MIN_VALUE;

    /** Whether {@link #globalStep} was set before {@link #globalSteps} were added. */
    boolean setsGlobalStep;

    long globalStep;
    long globalSteps;

    /** In the order in which they were made. */
    final List<byte[]> patches = new ArrayList<>(0);

    private Gap(long after) {
      this.after = after;
    }

    private void add(int what, long value, long micros) {
      switch (what) {
        case Slots.NEXT_GLOBAL_STEP -> globalSteps++;
        case Slots.GLOBAL_STEP -> {
          setsGlobalStep = true;
          globalStep = value;
          globalSteps = 0;
        }
        default -> {
          rows++;
          fromMicros = Math.min(fromMicros, micros);
          toMicros = Math.max(toMicros, micros);
        }
      }
    }
  }

  private final ArrayDeque<Gap> gaps = new ArrayDeque<>();
  private volatile long firstAfter = NOWHERE;
  private volatile long rows;
  private long unreported;
  private long keptBytes;
  private boolean ended;

  /**
   * Notes that a message was dropped.
   *
   * @param after the last slot that was claimed by then
   * @param what which message, see {@link Slots}
   * @param value the global step it carried, if it did
   * @param byPolicy whether the user chose to drop rather than to wait
   */
  synchronized void add(long after, int what, long value, long micros, boolean byPolicy) {
    boolean isRow = Slots.isCounted(what);
    if (isRow) {
      countRow(byPolicy);
    }
    if (ended) {
      return;
    }
    Gap last = gaps.peekLast();
    if (last == null || (!isRow && last.after != after)) {
      last = new Gap(after);
      gaps.addLast(last);
    }
    last.add(what, value, micros);
    firstAfter = gaps.getFirst().after;
  }

  /**
   * Keeps a patch that found no room; where too much is kept already, it is a loss.
   *
   * @return whether nobody came too late with it
   */
  synchronized boolean keep(long after, byte[] patch) {
    if (ended) {
      return false;
    }
    if (keptBytes + patch.length > MAX_KEPT_BYTES) {
      countRow(false);
      return true;
    }
    keptBytes += patch.length;
    Gap last = gaps.peekLast();
    if (last == null || last.after != after) {
      last = new Gap(after);
      gaps.addLast(last);
    }
    last.patches.add(patch);
    firstAfter = gaps.getFirst().after;
    return true;
  }

  /** Says that the last gaps are about to be taken: what comes from now on is not kept. */
  synchronized void end() {
    ended = true;
  }

  /**
   * Says that the journal will take nothing any more: the patches that are kept are lost, and so is
   * what comes from now on.
   *
   * @param taken how many more were taken from here, and did not get there
   */
  synchronized void abandon(int taken) {
    ended = true;
    int lost = taken;
    for (Gap gap = poll(); gap != null; gap = poll()) {
      lost += gap.patches.size();
    }
    for (int i = 0; i < lost; i++) {
      countRow(false);
    }
  }

  /** Notes a message that no journal will ever know of. */
  synchronized void addUnwritten(int what) {
    if (Slots.isCounted(what)) {
      countRow(true);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
  private void countRow(boolean byPolicy) {
    rows = rows + 1;
    if (!byPolicy) {
      unreported++;
    }
  }

  /** Returns the slot after which the first gap stands, or {@link #NOWHERE}. */
  long firstAfter() {
    return firstAfter;
  }

  /** Takes the first gap away. */
  synchronized @Nullable Gap poll() {
    Gap first = gaps.pollFirst();
    Gap next = gaps.peekFirst();
    firstAfter = next == null ? NOWHERE : next.after;
    if (first != null) {
      keptBytes -= first.patches.stream().mapToLong(patch -> patch.length).sum();
    }
    return first;
  }

  /** Returns how many log calls and console lines were dropped since open. */
  long rows() {
    return rows;
  }

  /**
   * Returns how many log calls were dropped, not by the user's choice, since this was last asked.
   */
  synchronized long takeUnreported() {
    long taken = unreported;
    unreported = 0;
    return taken;
  }
}
