package dev.tracker;

import dev.tracker.value.Histogram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Bins a histogram, where the caller has not.
 *
 * @param metric its series
 * @param histogram with the precision of its series
 */
record HistogramPacking(Metric metric, Histogram histogram) implements Parcel.Packing {
  /** Returns a histogram as it is logged. */
  static Parcel parcel(Metric metric, Histogram histogram) {
    Parcel.Effort effort = histogram.isBinned() ? Parcel.Effort.LIGHT : Parcel.Effort.HEAVY;
    return new Parcel(
        metric, effort, histogram.payloadBytes(), new HistogramPacking(metric, histogram));
  }

  @Override
  public Parcel.Packed pack(long step) {
    Histogram binned = histogram.computeBins();
    ByteBuffer form = ByteBuffer.allocate(binned.encodedLength()).order(ByteOrder.LITTLE_ENDIAN);
    binned.encode(form);
    return Parcel.Packed.of(metric, form.array());
  }
}
