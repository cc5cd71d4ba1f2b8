package dev.tracker.read;

import java.io.IOException;

/** What a reader's moment holds is no longer there: the run went back. A new moment can be read. */
final class GoneException extends IOException {
  private static final long serialVersionUID = 1L;

  GoneException(String message) {
    super(message);
  }
}
