package dev.tracker;

/**
 * What a log call does when the board's queue is full. While the journal cannot be written, every
 * call drops.
 */
public enum OnFull {
  /** Wait until there is room. The default. */
  BLOCK,
  /**
   * Return at once; what was logged is dropped and counted, and the journal says how much is
   * missing and when.
   */
  DROP
}
