package dev.tracker.value;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of a binned histogram; their layout is drawn at {@link Histogram#encode}. */
final class HistogramBytes {
  /** The bytes before the counts. */
  static final int HEADER = 88;

  private static final byte VERSION = 1;

  private HistogramBytes() {}

  static int length(int bins, Histogram.Precision precision) {
    return HEADER + bins * precision.bytes();
  }

  static void encode(Binned binned, Histogram.Precision precision, ByteBuffer out) {
    checkOrder(out);
    boolean compact = precision == Histogram.Precision.COMPACT;
    Binned b = compact ? binned.scale() : binned;
    out.put(VERSION).put(precision.code()).putShort((short) 0).putInt(b.counts.length);
    out.putFloat(b.low).putFloat(b.high).putDouble(b.min).putDouble(b.max).putDouble(b.sum);
    out.putLong(b.count).putLong(b.underflow).putLong(b.overflow);
    out.putLong(b.nans).putLong(b.positiveInfinities).putLong(b.negativeInfinities);
    for (int count : b.counts) {
      if (compact) {
        out.put((byte) count);
      } else {
        out.putInt(count);
      }
    }
  }

  static Histogram decode(ByteBuffer in) {
    checkOrder(in);
    check(in.remaining() >= HEADER, "bytes", in.remaining(), "cut off?");
    int version = in.get();
    check(version == VERSION, "version", version, "written by a newer Tracker?");
    int code = in.get();
    check(code == 0 || code == 1, "precision", code, "");
    Histogram.Precision precision =
        code == 1 ? Histogram.Precision.COMPACT : Histogram.Precision.EXACT;
    int reserved = in.getShort();
    check(reserved == 0, "reserved", reserved, "");
    int bins = in.getInt();
    check(bins >= 1 && bins <= Histogram.MAX_BINS, "bins", bins, "");
    float low = in.getFloat();
    float high = in.getFloat();
    boolean grid = Float.isFinite(low) && Float.isFinite(high) && low <= high;
    check(grid || (Float.isNaN(low) && Float.isNaN(high)), "low", low, "high=" + high);
    double min = in.getDouble();
    double max = in.getDouble();
    double sum = in.getDouble();
    long[] totals = new long[6];
    for (int i = 0; i < totals.length; i++) {
      totals[i] = in.getLong();
      check(totals[i] >= 0, "total", totals[i], "number=" + i);
    }
    int[] counts = counts(in, bins, precision);
    Binned binned =
        new Binned(
            low,
            high,
            counts,
            precision == Histogram.Precision.COMPACT,
            totals[0],
            totals[1],
            totals[2],
            totals[3],
            totals[4],
            totals[5],
            min,
            max,
            sum);
    checkTotals(binned, totals);
    return new Histogram(binned, precision);
  }

  private static int[] counts(ByteBuffer in, int bins, Histogram.Precision precision) {
    int bytes = bins * precision.bytes();
    check(in.remaining() >= bytes, "bytes", in.remaining(), "expected=" + bytes + ", cut off?");
    int[] counts = new int[bins];
    for (int i = 0; i < bins; i++) {
      counts[i] =
          precision == Histogram.Precision.COMPACT ? Byte.toUnsignedInt(in.get()) : in.getInt();
      check(counts[i] >= 0, "count", counts[i], "bin=" + i);
    }
    return counts;
  }

  private static void checkTotals(Binned binned, long[] totals) {
    long inside = totals[0];
    for (int i = 1; i < totals.length; i++) {
      inside -= totals[i];
      check(inside >= 0, "count", totals[0], "less than its parts");
    }
    long counted = 0;
    int most = 0;
    for (int count : binned.counts) {
      counted += count;
      most = Math.max(most, count);
    }
    if (binned.scaled) {
      check(most == (inside == 0 ? 0 : 255), "fullest", most, "inside=" + inside);
    } else {
      check(counted == inside, "counted", counted, "inside=" + inside);
    }
    boolean anywhere = inside + binned.underflow + binned.overflow > 0;
    check(binned.hasGrid() || !anywhere, "low", binned.low, "values without a grid");
  }

  private static void checkOrder(ByteBuffer buffer) {
    if (buffer.order() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalArgumentException(
          "buffer is not little endian: order=" + buffer.order() + " (set it before the call)");
    }
  }

  private static void check(boolean right, String name, Object value, String more) {
    if (!right) {
      throw new IllegalArgumentException(
          "bytes are not a histogram: " + name + "=" + value + (more.isEmpty() ? "" : " " + more));
    }
  }
}
