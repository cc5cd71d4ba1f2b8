package dev.tracker.read;

/** Which steps {@linkplain RunReader#aligned several metrics} are shown at. */
public enum Join {
  /** Those at which every metric has a value. */
  INNER,
  /** Those at which any metric has a value; NaN stands for the others. */
  OUTER,
  /**
   * Those at which any metric has a value; for the others stands what they had last, and NaN before
   * their first.
   */
  LAST_KNOWN
}
