package dev.tracker.value;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HistogramMergeTest {
  @Property
  void samples_merge_exactly(@ForAll double[] a, @ForAll double[] b) {
    HistogramTest.assertSame(
        Histogram.of(both(a, b)).computeBins(),
        Histogram.of(a).merge(Histogram.of(b)).computeBins());
  }

  @Property
  void a_short_stream_is_exact(@ForAll double[] a, @ForAll double[] b, @ForAll float[] c) {
    double[] all = both(both(a, b), widened(c));
    Histogram.Builder builder = Histogram.builder().bins(10).add(a);
    builder.merge(Histogram.builder().add(b)).add(c);
    Histogram exact = Histogram.of(all).bins(10).computeBins();
    Histogram stream = builder.build();
    HistogramTest.assertSum(Arrays.stream(all).filter(Double::isFinite).toArray(), stream.sum());
    HistogramTest.assertSame(exact, stream.statistics(stream.min(), stream.max(), exact.sum()));
    HistogramTest.assertSame(stream, builder.build());
  }

  /** A long stream, over several builders, keeps to the bound that its contract states. */
  @Property(tries = 25)
  void a_long_stream_is_within_its_bound(
      @ForAll long seed,
      @ForAll("shapes") HistogramTest.Shape shape,
      @ForAll @IntRange(min = 20_000, max = 400_000) int size,
      @ForAll @IntRange(min = 1, max = 3) int builders) {
    double[] values = shape.values(seed, size);
    Histogram.Builder builder = Histogram.builder();
    for (int i = 0; i < builders; i++) {
      int from = (int) ((long) size * i / builders);
      int to = (int) ((long) size * (i + 1) / builders);
      builder.merge(Histogram.builder().add(Arrays.copyOfRange(values, from, to)));
    }
    Histogram stream = builder.build();
    Histogram exact = Histogram.of(values).computeBins();
    assertEquals(exact.count(), stream.count());
    assertEquals(exact.nans(), stream.nans());
    assertEquals(exact.min(), stream.min());
    assertEquals(exact.max(), stream.max());
    assertEquals(exact.sum(), stream.sum(), 1e-12 * Math.abs(exact.sum()) + 1e-9);
    double[] finite = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    assertEquals(finite.length, stream.underflow() + stream.inside() + stream.overflow());
    double doublings =
        Math.max(0, Math.ceil(Math.log((double) finite.length / 16_384) / Math.log(2)));
    double bound = doublings * finite.length / 16_384;
    double[] edges = stream.edges();
    long below = stream.underflow();
    for (int i = 0; i < stream.bins(); i++) {
      assertEquals((double) below(finite, edges[i]), (double) below, bound);
      below += stream.counts()[i];
    }
    int tail = (finite.length - 1) / 100;
    assertTrue(below(finite, stream.low()) <= tail + bound);
    assertTrue(below(finite, Math.nextUp(stream.high())) >= finite.length - 1 - tail - bound);
  }

  private static long below(double[] sorted, double edge) {
    int from = 0;
    int to = sorted.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (sorted[middle] < edge) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  @Property
  void one_grid_merges_exactly(@ForAll("counts") int[] a, @ForAll("counts") int[] b) {
    Histogram merged =
        Histogram.ofBins(-1, 1, a).outside(1, 2).merge(Histogram.ofBins(-1, 1, b).outside(3, 4));
    int[] sums = new int[8];
    Arrays.setAll(sums, i -> a[i] + b[i]);
    assertArrayEquals(sums, merged.counts());
    assertEquals(4, merged.underflow());
    assertEquals(6, merged.overflow());
  }

  /** However grids lie to each other: nothing vanishes, and no value moves further than stated. */
  @Property
  void merging_is_associative_within_the_widest_bin(
      @ForAll("parts") double[] a, @ForAll("parts") double[] b, @ForAll("parts") double[] c) {
    Histogram x = Histogram.of(a).bins(16).computeBins();
    Histogram y = Histogram.of(b).bins(16).computeBins();
    Histogram z = Histogram.of(c).bins(16).computeBins();
    Histogram left = x.merge(y).merge(z);
    Histogram right = x.merge(y.merge(z));
    double[] all = both(both(a, b), c);
    Histogram exact = Histogram.of(all).bins(16).computeBins();
    for (Histogram merged : new Histogram[] {left, right}) {
      assertEquals(exact.count(), merged.count());
      assertEquals(exact.nans(), merged.nans());
      assertEquals(exact.min(), merged.min());
      assertEquals(exact.max(), merged.max());
      assertEquals(exact.sum(), merged.sum(), 1e-9 * Math.abs(exact.sum()) + 1e-9);
      assertEquals(merged.inside(), Arrays.stream(merged.counts()).asLongStream().sum());
      assertTrue(merged.underflow() >= 0 && merged.overflow() >= 0 && merged.inside() >= 0);
      assertNoneMovedFurther(all, merged);
    }
    if (exact.inside() > 0) {
      assertEquals(left.low(), right.low());
      assertEquals(left.high(), right.high());
    }
  }

  /** Without tails (at most 100 values each) a value moves at most two bins in two merges. */
  private static void assertNoneMovedFurther(double[] all, Histogram merged) {
    if (merged.inside() == 0) {
      return;
    }
    double[] finite = Arrays.stream(all).filter(Double::isFinite).sorted().toArray();
    double[] edges = merged.edges();
    double reach = 3 * (edges[1] - edges[0]);
    long below = merged.underflow();
    for (int i = 0; i < merged.bins(); i++) {
      assertTrue(below >= below(finite, edges[i] - reach), "bin " + i);
      assertTrue(below <= below(finite, edges[i] + reach), "bin " + i);
      below += merged.counts()[i];
    }
  }

  @Test
  void tails_come_in_where_the_other_grid_reaches() {
    Histogram narrow = Histogram.ofBins(0, 1, new int[] {10}).outside(8, 0).statistics(-1, 1, 0);
    Histogram wide = Histogram.ofBins(-1, 1, new int[] {0, 0, 0, 0});
    Histogram merged = narrow.merge(wide);
    assertArrayEquals(new int[] {4, 4, 5, 5}, merged.counts());
    assertEquals(0, merged.underflow());
    assertEquals(18, merged.count());
  }

  @Test
  void shares_merge_as_the_values_they_stand_for() {
    Histogram histogram = Histogram.ofBins(0, 1, new int[] {1000, 500, 0, 250}).compact();
    ByteBuffer bytes =
        ByteBuffer.allocate(histogram.encodedLength()).order(ByteOrder.LITTLE_ENDIAN);
    histogram.encode(bytes);
    Histogram decoded = Histogram.decode(bytes.flip());
    Histogram merged = decoded.merge(Histogram.ofBins(0, 1, new int[] {0, 0, 0, 50}));
    assertEquals(1800, merged.count());
    assertEquals(1800, Arrays.stream(merged.counts()).sum());
    assertEquals(1000, merged.counts()[0], 5);
    assertEquals(0, merged.counts()[2]);
    assertEquals(300, merged.counts()[3], 5);
  }

  @Test
  void what_int32_cannot_count_is_refused() {
    Histogram full = Histogram.ofBins(0, 1, new int[] {Integer.MAX_VALUE});
    assertThrows(IllegalStateException.class, () -> full.merge(full));
  }

  @Provide
  Arbitrary<HistogramTest.Shape> shapes() {
    return Arbitraries.of(HistogramTest.Shape.values());
  }

  @Provide
  Arbitrary<int[]> counts() {
    return Arbitraries.integers().between(0, 1000).array(int[].class).ofSize(8);
  }

  @Provide
  Arbitrary<double[]> parts() {
    return Arbitraries.oneOf(
            Arbitraries.doubles().between(-5, 5),
            Arbitraries.doubles().between(3, 9),
            Arbitraries.of(0.0, 1.0, Double.NaN, Double.POSITIVE_INFINITY))
        .array(double[].class)
        .ofMaxSize(90);
  }

  private static double[] both(double[] a, double[] b) {
    double[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  private static double[] widened(float[] values) {
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = values[i];
    }
    return widened;
  }
}
