package dev.tracker;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * Microseconds since the epoch, for the price of a {@link System#nanoTime()}.
 *
 * <p>It is {@code nanoTime} plus an offset that one thread aligns to the wall clock, about once a
 * second. A wall clock that was put back is followed by at most {@value #MAX_BACK_MICROS} µs a
 * second; the thread that writes records down keeps times from running backwards over such a seam.
 */
final class BoardClock {
  private static final long ALIGN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long MAX_BACK_MICROS = 10_000;

  /** A look at the wall clock that took longer than this is looked at again. */
  private static final long GOOD_LOOK_NANOS = 2_000;

  private static final int LOOKS = 5;

  private final InstantSource wall;
  private volatile long offsetNanos;
  private long alignedNanos = System.nanoTime();

  BoardClock(InstantSource wall) {
    this.wall = wall;
    this.offsetNanos = wallMinusNanoTime();
  }

  /** Lets no time come before one that is written down already. Before anybody asks for a time. */
  void startAt(long micros) {
    offsetNanos = Math.max(offsetNanos, TimeUnit.MICROSECONDS.toNanos(micros) - System.nanoTime());
  }

  long micros() {
    return (System.nanoTime() + offsetNanos) / 1000;
  }

  /** Follows the wall clock where it is time to, and says whether it was. One thread. */
  boolean align(long nowNanos) {
    if (nowNanos - alignedNanos < ALIGN_NANOS) {
      return false;
    }
    alignedNanos = nowNanos;
    long back = offsetNanos - TimeUnit.MICROSECONDS.toNanos(MAX_BACK_MICROS);
    offsetNanos = Math.max(wallMinusNanoTime(), back);
    return true;
  }

  /** Looks at both clocks, several times where the thread may have been interrupted in between. */
  private long wallMinusNanoTime() {
    long offset = 0;
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < LOOKS && shortest > GOOD_LOOK_NANOS; i++) {
      long before = System.nanoTime();
      Instant now = wall.instant();
      long took = System.nanoTime() - before;
      if (took < shortest) {
        shortest = took;
        long wallNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        offset = wallNanos - (before + took / 2);
      }
    }
    return offset;
  }
}
