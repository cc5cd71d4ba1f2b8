package dev.tracker.metadata;

import java.io.IOException;

/**
 * A failure of the run's SQLite database; the message names the file, what was being done, SQLite's
 * code and a likely cause.
 */
public final class MetadataException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  MetadataException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  MetadataException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** What is most likely wrong. */
  public enum Reason {
    /** Another program holds a lock; the same can be tried again later. */
    LOCKED,
    /** No room on the disk; the same can be tried again once there is. */
    DISK_FULL,
    /** The file or its folder cannot be written, or not be read. */
    NO_ACCESS,
    /** The file is not, or no longer, a sound database of a run. */
    DAMAGED,
    /** The file was written by a newer version of this library. */
    NEWER_FORMAT,
    /** SQLite's native library cannot be used here. */
    NO_NATIVE_LIBRARY,
    /** Anything else. */
    OTHER
  }

  /** Returns what is most likely wrong. */
  public Reason reason() {
    return reason;
  }
}
