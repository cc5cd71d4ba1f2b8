package dev.tracker;

import org.jspecify.annotations.Nullable;

/** A log call with so many values that they travel beside the ring, in one slot. */
final class LargeRow {
  /** What a value takes besides its text or parcel. */
  static final int BYTES_PER_VALUE = 16;

  /** The series, by their numbers. */
  final int[] metrics;

  final long[] bits;

  /** The values that are texts or parcels, each at its place. */
  final @Nullable Object[] payloads;

  LargeRow(int[] metrics, long[] bits, @Nullable Object[] payloads) {
    this.metrics = metrics;
    this.bits = bits;
    this.payloads = payloads;
  }
}
