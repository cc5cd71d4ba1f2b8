package dev.tracker.metadata;

/**
 * Which entries of media to read: those of one series and a range of steps, of these a page.
 *
 * @param series the number of the series
 * @param fromStep the least step, included
 * @param toStep the greatest step, included
 * @param offset how many to pass over
 * @param limit how many to read at most
 */
public record MediaQuery(int series, long fromStep, long toStep, long offset, long limit) {
  /** All entries of a series up to a step. */
  public static MediaQuery upTo(int series, long toStep) {
    return new MediaQuery(series, Long.MIN_VALUE, toStep, 0, Long.MAX_VALUE);
  }

  /** All entries of a series beyond a step. */
  public static MediaQuery beyond(int series, long step) {
    return new MediaQuery(series, step + 1, Long.MAX_VALUE, 0, Long.MAX_VALUE);
  }
}
