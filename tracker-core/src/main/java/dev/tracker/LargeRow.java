package dev.tracker;

import org.jspecify.annotations.Nullable;

/** A log call with so many values that they travel beside the ring, in one slot. */
final class LargeRow {
  /** What a value takes besides its text. */
  static final int BYTES_PER_VALUE = 16;

  final Metric[] metrics;
  final long[] bits;

  /** The values that are texts, each at its place. */
  final @Nullable String[] texts;

  LargeRow(Metric[] metrics, long[] bits, @Nullable String[] texts) {
    this.metrics = metrics;
    this.bits = bits;
    this.texts = texts;
  }
}
