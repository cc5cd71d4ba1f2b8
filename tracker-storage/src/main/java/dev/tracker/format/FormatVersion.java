package dev.tracker.format;

/**
 * The version of the run folder's format, kept as SQLite's {@code user_version} and in every
 * journal segment.
 */
public final class FormatVersion {
  /** What this library writes; it reads this and everything older. */
  public static final int CURRENT = 1;

  private FormatVersion() {}
}
