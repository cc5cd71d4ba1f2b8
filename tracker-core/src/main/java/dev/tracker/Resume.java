package dev.tracker;

/** What {@link Board.Builder#open()} does when the run's folder is already there. */
public enum Resume {
  /** Refuse to open it: a run is written by one board, once. The default. */
  NEVER,
  /** Go on with the run where it ended; begin it where it does not exist. */
  ALLOW,
  /** Go on with the run where it ended; refuse to open it where it does not exist. */
  MUST
}
