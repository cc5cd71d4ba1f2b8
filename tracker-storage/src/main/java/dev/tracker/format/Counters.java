package dev.tracker.format;

/**
 * The state of a run's counters at a position of its journal.
 *
 * @param position how many journal records come before
 * @param step the {@code _step} that the next log call takes
 * @param globalStep the current global step
 * @param micros the latest time of any record before, microseconds since the epoch; 0 where there
 *     is none
 */
public record Counters(long position, long step, long globalStep, long micros) {
  /** The counters of a run in which nothing has been logged. */
  public static final Counters START = new Counters(0, 0, 0, 0);
}
