package dev.tracker.cli;

/** What was asked for cannot be done; the message says why, and what can be done instead. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Refusal(String message) {
    super(message);
  }
}
