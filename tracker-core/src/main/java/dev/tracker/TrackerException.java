package dev.tracker;

import org.jspecify.annotations.Nullable;

/**
 * Storage did not do what was asked for: a run could not be opened, or something that was logged is
 * not on stable storage. Only {@code open}, {@code flush} and {@code finish} throw it.
 */
public final class TrackerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TrackerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
