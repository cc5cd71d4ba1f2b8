package dev.tracker;

import dev.tracker.format.Kind;

/**
 * What a series holds. The first use of a name fixes it; what does not fit is rejected and counted.
 */
public enum SeriesKind {
  /**
   * Any number, as a double; longs beyond 2^53 are rounded and counted. What numbers become unless
   * declared.
   */
  FLOAT64(Kind.FLOAT64),
  /**
   * Integral numbers, kept exactly. Only {@link Board#metric(String, SeriesKind)} makes such a
   * series.
   */
  INT64(Kind.INT64),
  /** Booleans. */
  BOOL(Kind.BOOL),
  /** Text. */
  STRING(Kind.STRING);

  final Kind kind;

  SeriesKind(Kind kind) {
    this.kind = kind;
  }
}
