package dev.tracker.read;

import java.io.IOException;

/** What was asked can be told of a later moment only: the reader refreshes and asks again. */
final class PassedException extends IOException {
  private static final long serialVersionUID = 1L;

  PassedException(String message) {
    super(message);
  }
}
