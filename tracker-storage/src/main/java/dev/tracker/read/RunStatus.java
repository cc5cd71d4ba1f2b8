package dev.tracker.read;

/** What became of a run. */
public enum RunStatus {
  /** Its writer is alive. */
  RUNNING,
  /** It ended as it should. */
  SUCCEEDED,
  /** It ended with an error. */
  FAILED,
  /** It was told to end by a signal. */
  KILLED,
  /** Its writer is gone and left no final word. What it had logged is there. */
  CRASHED
}
