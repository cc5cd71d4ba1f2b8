package dev.tracker.value;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HistogramTest {
  @Property
  void a_histogram_is_what_sorting_says(
      @ForAll("values") double[] values, @ForAll @IntRange(min = 1, max = 200) int bins) {
    assertIsOf(values, Histogram.of(values).bins(bins).computeBins(), bins);
  }

  @Property
  void a_float_histogram_is_that_of_its_doubles(@ForAll("values") double[] values) {
    float[] floats = new float[values.length];
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = floats[i] = (float) values[i];
    }
    assertSame(Histogram.of(widened).computeBins(), Histogram.of(floats).computeBins());
    assertSame(
        Histogram.of(widened).computeBins(), Histogram.of(FloatBuffer.wrap(floats)).computeBins());
  }

  @Property
  void a_long_histogram_is_that_of_its_doubles(@ForAll long[] values) {
    double[] widened = Arrays.stream(values).asDoubleStream().toArray();
    assertSame(Histogram.of(widened).computeBins(), Histogram.of(values).computeBins());
  }

  @Property
  void an_int_histogram_is_that_of_its_doubles(@ForAll int[] values) {
    double[] widened = Arrays.stream(values).asDoubleStream().toArray();
    assertSame(Histogram.of(widened).computeBins(), Histogram.of(values).computeBins());
  }

  /** Sizes at which the percentiles are no longer the extremes, and those of several pieces. */
  @Property(tries = 60)
  void a_large_histogram_is_what_sorting_says(
      @ForAll long seed,
      @ForAll("shapes") Shape shape,
      @ForAll @IntRange(min = 100, max = 40_000) int size) {
    double[] values = shape.values(seed, size);
    assertIsOf(values, Histogram.of(values).computeBins(), Histogram.DEFAULT_BINS);
  }

  @Property(tries = 40)
  void a_histogram_is_a_snapshot(@ForAll("values") double[] values) {
    Histogram before = Histogram.of(values.clone()).computeBins();
    double[] mutable = values.clone();
    DoubleBuffer buffer = DoubleBuffer.wrap(values.clone());
    float[] floats = {1, 2, 3};
    int[] ints = {1, 2, 3};
    long[] longs = {1, 2, 3};
    Histogram[] taken = {
      Histogram.of(mutable),
      Histogram.of(buffer),
      Histogram.of(mutable, 0, mutable.length),
      Histogram.of(floats),
      Histogram.of(ints),
      Histogram.of(longs)
    };
    assertEquals(0, buffer.position());
    Arrays.fill(mutable, 77);
    Arrays.fill(buffer.array(), 77);
    Arrays.fill(floats, 77);
    Arrays.fill(ints, 77);
    Arrays.fill(longs, 77);
    for (int i = 0; i < 3; i++) {
      assertSame(before, taken[i].computeBins());
    }
    for (int i = 3; i < 6; i++) {
      assertEquals(3, taken[i].computeBins().max());
    }
    int[] counts = before.counts();
    Arrays.fill(before.counts(), 99);
    assertArrayEquals(counts, before.counts());
  }

  @Test
  void a_range_is_what_it_spans() {
    double[] values = {9, 1, 2, 3, 9};
    assertSame(
        Histogram.of(new double[] {1, 2, 3}).computeBins(),
        Histogram.of(values, 1, 3).computeBins());
    assertEquals(3, Histogram.of(new float[] {9, 1, 3}, 1, 2).computeBins().max());
    assertEquals(3, Histogram.of(new int[] {9, 1, 3}, 1, 2).computeBins().max());
    assertEquals(3, Histogram.of(new long[] {9, 1, 3}, 1, 2).computeBins().max());
    DoubleBuffer buffer = DoubleBuffer.wrap(values).position(1).limit(4);
    assertEquals(3, Histogram.of(buffer).computeBins().max());
    assertThrows(IndexOutOfBoundsException.class, () -> Histogram.of(values, 3, 3));
  }

  @Test
  void nothing_has_no_grid() {
    Histogram empty = Histogram.of(new double[0]).computeBins();
    Histogram nans = Histogram.of(new double[] {Double.NaN, Double.NaN}).computeBins();
    for (Histogram histogram : new Histogram[] {empty, nans, Histogram.builder().build()}) {
      assertTrue(Float.isNaN(histogram.low()) && Float.isNaN(histogram.high()));
      assertTrue(Double.isNaN(histogram.min()) && Double.isNaN(histogram.max()));
      assertEquals(0, histogram.sum());
      assertArrayEquals(new int[64], histogram.counts());
    }
    assertEquals(2, nans.nans());
    assertEquals(2, nans.count());
  }

  @Test
  void a_constant_is_in_the_last_bin() {
    double[] values = new double[1000];
    Arrays.fill(values, -0.5);
    Histogram histogram = Histogram.of(values).bins(4).computeBins();
    assertArrayEquals(new int[] {0, 0, 0, 1000}, histogram.counts());
    assertEquals(-0.5f, histogram.low());
    assertEquals(-0.5f, histogram.high());
    assertIsOf(values, histogram, 4);
    Arrays.fill(values, 0.1); // no float32
    assertIsOf(values, Histogram.of(values).bins(4).computeBins(), 4);
  }

  @Test
  void sum_overflows_only_where_its_value_does() {
    double most = Double.MAX_VALUE;
    assertEquals(most, Histogram.of(new double[] {most, most, -most}).computeBins().sum());
    assertEquals(
        Double.POSITIVE_INFINITY, Histogram.of(new double[] {most, most}).computeBins().sum());
  }

  @Test
  void a_long_beyond_2_to_the_53_is_rounded() {
    long odd = (1L << 53) + 1;
    assertEquals(0x1p53, Histogram.of(new long[] {odd}).computeBins().max());
  }

  @Test
  void bins_are_chosen_before_binning() {
    Histogram histogram = Histogram.of(new double[] {1, 2});
    assertFalse(histogram.isBinned());
    assertEquals(2, histogram.count());
    assertThrows(IllegalStateException.class, histogram::counts);
    assertThrows(IllegalArgumentException.class, () -> histogram.bins(0));
    assertThrows(IllegalArgumentException.class, () -> histogram.bins(65_537));
    Histogram binned = histogram.bins(65_536).computeBins();
    assertEquals(65_536, binned.counts().length);
    assertThrows(IllegalStateException.class, () -> binned.bins(64));
    assertEquals(Histogram.Precision.COMPACT, histogram.compact().computeBins().precision());
    assertEquals(Histogram.Precision.EXACT, binned.compact().exact().precision());
  }

  @Test
  void what_is_held_shrinks_when_it_is_binned() {
    Histogram histogram = Histogram.of(new double[10_000]);
    assertTrue(histogram.payloadBytes() >= 80_000);
    assertTrue(histogram.computeBins().payloadBytes() < 1_000);
    assertTrue(Histogram.of(new float[10_000]).payloadBytes() < 41_000);
  }

  @Test
  void counts_made_elsewhere_are_kept() {
    Histogram histogram = Histogram.ofBins(0, 1, new int[] {3, 0, 5});
    assertArrayEquals(new int[] {3, 0, 5}, histogram.counts());
    assertEquals(8, histogram.count());
    assertTrue(Double.isNaN(histogram.min()));
    Histogram more = histogram.outside(1, 2).nonFinite(3, 4, 5).statistics(-1, 2, 4.5);
    assertEquals(23, more.count());
    assertEquals(8, more.inside());
    assertEquals(-1, more.min());
    assertEquals(8, Histogram.ofBins(new double[] {0, .5, 1}, new long[] {3, 5}).count());
    assertRefused(() -> Histogram.ofBins(new double[] {0, .4, 1}, new int[] {3, 5}));
    assertRefused(() -> Histogram.ofBins(new double[] {0, 1}, new int[] {3, 5}));
    assertRefused(() -> Histogram.ofBins(1, 0, new int[] {3}));
    assertRefused(() -> Histogram.ofBins(0, Double.NaN, new int[] {3}));
    assertRefused(() -> Histogram.ofBins(0, 1, new int[] {-3}));
    assertRefused(() -> Histogram.ofBins(0, 1, new int[0]));
    assertRefused(() -> Histogram.ofBins(0, 1, new long[] {1L << 31}));
    assertRefused(() -> histogram.outside(-1, 0));
  }

  private static void assertRefused(Runnable call) {
    assertThrows(IllegalArgumentException.class, call::run);
  }

  @Provide
  Arbitrary<double[]> values() {
    Arbitrary<Double> special =
        Arbitraries.of(
            0.0,
            -0.0,
            1.0,
            0.1,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            -Double.MAX_VALUE,
            (double) Float.MAX_VALUE,
            1e-300);
    return Arbitraries.oneOf(special, Arbitraries.doubles(), Arbitraries.doubles().between(-3, 3))
        .list()
        .ofMaxSize(400)
        .map(list -> list.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @Provide
  Arbitrary<Shape> shapes() {
    return Arbitraries.of(Shape.values());
  }

  /** Distributions that a method of selection may stumble over. */
  enum Shape {
    NORMAL,
    SORTED,
    TWO_VALUES,
    MOSTLY_ZERO,
    PERIODIC,
    OUTLIERS,
    MANY_SCALES,
    WITH_NANS,
    NEAR_ONE;

    double[] values(long seed, int size) {
      Random random = new Random(seed);
      double[] values = new double[size];
      for (int i = 0; i < size; i++) {
        values[i] =
            switch (this) {
              case NORMAL -> random.nextGaussian();
              case SORTED -> Math.floor(i / 3.0);
              case TWO_VALUES -> random.nextBoolean() ? 1 : 2;
              case MOSTLY_ZERO -> random.nextInt(50) == 0 ? random.nextGaussian() : 0;
              case PERIODIC -> i % 64;
              case OUTLIERS -> random.nextInt(200) == 0 ? 1e300 : random.nextDouble();
              case MANY_SCALES -> Math.exp(random.nextGaussian() * 100);
              case WITH_NANS -> random.nextInt(3) == 0 ? Double.NaN : random.nextGaussian();
              case NEAR_ONE -> 1 + random.nextGaussian() * 1e-9;
            };
      }
      return values;
    }
  }

  /** Compares a histogram with what sorting and looking at every edge finds. */
  static void assertIsOf(double[] values, Histogram histogram, int bins) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    assertEquals(values.length, histogram.count());
    assertEquals(Arrays.stream(values).filter(Double::isNaN).count(), histogram.nans());
    assertEquals(
        Arrays.stream(values).filter(v -> v == Double.POSITIVE_INFINITY).count(),
        histogram.positiveInfinities());
    assertEquals(
        Arrays.stream(values).filter(v -> v == Double.NEGATIVE_INFINITY).count(),
        histogram.negativeInfinities());
    assertEquals(finite.length, histogram.underflow() + histogram.overflow() + histogram.inside());
    assertEquals(Arrays.stream(histogram.counts()).asLongStream().sum(), histogram.inside());
    if (finite.length == 0) {
      assertTrue(Float.isNaN(histogram.low()));
      return;
    }
    assertEquals(finite[0], histogram.min());
    assertEquals(finite[finite.length - 1], histogram.max());
    assertSum(finite, histogram.sum());
    int tail = (finite.length - 1) / 100;
    assertEdge(finite[tail], histogram.low(), true);
    assertEdge(finite[finite.length - 1 - tail], histogram.high(), false);
    double[] edges = histogram.edges();
    long[] expected = new long[bins + 2];
    for (double value : finite) {
      int slot = 0;
      while (slot <= bins && (slot < bins ? value >= edges[slot] : value > edges[slot])) {
        slot++;
      }
      expected[slot]++;
    }
    assertEquals(expected[0], histogram.underflow());
    assertEquals(expected[bins + 1], histogram.overflow());
    assertArrayEquals(
        Arrays.copyOfRange(expected, 1, bins + 1),
        Arrays.stream(histogram.counts()).asLongStream().toArray());
  }

  /** The edge is the nearest float32 on the outer side, or the last one there is. */
  private static void assertEdge(double value, float edge, boolean lower) {
    assertTrue(Float.isFinite(edge));
    if (lower) {
      assertTrue(edge <= value || edge == -Float.MAX_VALUE, value + " " + edge);
      assertTrue(Math.nextUp(edge) > value || edge == Float.MAX_VALUE, value + " " + edge);
    } else {
      assertTrue(edge >= value || edge == Float.MAX_VALUE, value + " " + edge);
      assertTrue(Math.nextDown(edge) < value || edge == -Float.MAX_VALUE, value + " " + edge);
    }
  }

  static void assertSum(double[] finite, double sum) {
    BigDecimal exact = BigDecimal.ZERO;
    BigDecimal size = BigDecimal.ZERO;
    for (double value : finite) {
      BigDecimal term = new BigDecimal(value);
      exact = exact.add(term);
      size = size.add(term.abs());
    }
    double expected = exact.doubleValue();
    if (Double.isInfinite(expected)) {
      assertEquals(expected, sum);
      return;
    }
    // A few units in the last place, and what compensation itself loses.
    double allowed =
        4 * Math.ulp(expected) + finite.length * 0x1p-100 * size.doubleValue() + Double.MIN_VALUE;
    assertEquals(expected, sum, allowed);
  }

  static void assertSame(Histogram expected, Histogram actual) {
    assertArrayEquals(expected.counts(), actual.counts());
    assertArrayEquals(totals(expected), totals(actual));
    assertArrayEquals(statistics(expected), statistics(actual));
  }

  static long[] totals(Histogram h) {
    return new long[] {
      h.count(),
      h.inside(),
      h.underflow(),
      h.overflow(),
      h.nans(),
      h.positiveInfinities(),
      h.negativeInfinities()
    };
  }

  private static double[] statistics(Histogram h) {
    return new double[] {h.low(), h.high(), h.min(), h.max(), h.sum()};
  }
}
