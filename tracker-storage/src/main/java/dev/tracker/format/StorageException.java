package dev.tracker.format;

/**
 * A run folder that could not be read or sealed: the message says which file, what was found, and
 * what to do.
 */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes one with a message in the form {@code what: file=… name=value (guess at the cause)}. */
  public StorageException(String message) {
    super(message);
  }

  /** Makes one that passes on what an inner layer found. */
  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
