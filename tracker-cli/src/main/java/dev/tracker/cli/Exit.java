package dev.tracker.cli;

/** The exit codes: what the shell and other programs go by. */
final class Exit {
  /** It was done. */
  static final int OK = 0;

  /** The run or the metric is not there, is damaged, or is in use; or a file cannot be written. */
  static final int FAILED = 1;

  /** The command line is not understood. */
  static final int USAGE = 2;

  /** The run that was followed did not end well: it failed, was killed or crashed. */
  static final int RUN_FAILED = 3;

  /** The run that was verified is not sound, or the one that was repaired lost something. */
  static final int UNSOUND = 4;

  private Exit() {}
}
