package dev.tracker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of one log call while they are gathered, as columns that are used again for the next
 * call. One thread.
 */
final class Draft {
  /** What a text takes in the queue besides its characters. */
  private static final int BYTES_PER_TEXT = 40;

  private static final int INITIAL_CAPACITY = 16;

  /** Columns that grew beyond this are let go of after use. */
  private static final int MAX_KEPT = 16_384;

  /** The series, by their numbers. */
  private int[] metrics = new int[INITIAL_CAPACITY];

  private long[] bits = new long[INITIAL_CAPACITY];

  /** Texts and parcels, each at its place. */
  private @Nullable Object[] payloads = new Object[INITIAL_CAPACITY];

  private final @Nullable DraftIndex index;
  private int size;
  private long bytes;

  /** Makes one for calls that name each series once anyway. */
  Draft() {
    this(null);
  }

  /** Makes one in which a later value of a series replaces the earlier one. */
  Draft(@Nullable DraftIndex index) {
    this.index = index;
  }

  /** Returns what a text counts for in the queue. */
  static long bytes(String text) {
    return BYTES_PER_TEXT + 2L * text.length();
  }

  void add(Metric metric, long value) {
    int at = place(metric.number); // may grow the columns
    bits[at] = value;
  }

  void add(Metric metric, String text) {
    addPayload(metric, text);
  }

  void add(Parcel parcel) {
    addPayload(parcel.metric, parcel);
  }

  private void addPayload(Metric metric, Object payload) {
    int at = place(metric.number);
    Object before = payloads[at];
    bytes += payloadBytes(payload) - (before == null ? 0 : payloadBytes(before));
    payloads[at] = payload;
  }

  private static long payloadBytes(Object payload) {
    return payload instanceof Parcel parcel ? parcel.bytes : bytes((String) payload);
  }

  /** Returns where a value of a series goes. */
  private int place(int metric) {
    int at = size;
    if (index != null) {
      int known = index.findOrAdd(metric, at, metrics);
      if (known != at) {
        return known;
      }
    }
    if (at == bits.length) {
      grow();
    }
    metrics[at] = metric;
    size = at + 1;
    return at;
  }

  private void grow() {
    int capacity = 2 * size;
    metrics = Arrays.copyOf(metrics, capacity);
    bits = Arrays.copyOf(bits, capacity);
    payloads = Arrays.copyOf(payloads, capacity);
  }

  int size() {
    return size;
  }

  /** Returns what the texts and parcels count for in the queue. */
  long bytes() {
    return bytes;
  }

  /** Returns what all values count for in the queue as a {@link LargeRow}. */
  long largeBytes() {
    return bytes + (long) size * LargeRow.BYTES_PER_VALUE;
  }

  /** Returns the number of the series at a place. */
  int metric(int at) {
    return metrics[at];
  }

  /** Puts the values into slots, of which the first has the number of its series already. */
  void copyTo(Slots slots, long first) {
    slots.bits(first, bits[0]);
    for (int i = 1; i < size; i++) {
      slots.value(first + i, metrics[i], bits[i]);
    }
    if (bytes > 0) {
      for (int i = 0; i < size; i++) {
        slots.payload(first + i, payloads[i]);
      }
    }
  }

  LargeRow toLargeRow() {
    return new LargeRow(
        Arrays.copyOf(metrics, size), Arrays.copyOf(bits, size), Arrays.copyOf(payloads, size));
  }

  /** Forgets the values, and with them whatever they hold on to. */
  void clear() {
    if (bits.length > MAX_KEPT) {
      metrics = new int[INITIAL_CAPACITY];
      bits = new long[INITIAL_CAPACITY];
      payloads = new Object[INITIAL_CAPACITY];
    } else if (bytes > 0) {
      Arrays.fill(payloads, 0, size, null);
    }
    if (index != null) {
      index.clear();
    }
    size = 0;
    bytes = 0;
  }
}
