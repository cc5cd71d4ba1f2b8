package dev.tracker.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TileTest {
  @Property
  void a_tile_in_two_parts_is_the_tile_of_both(
      @ForAll("values") List<Double> values, @ForAll @IntRange(max = 40) int cut) {
    Columns columns = new Columns(values);
    int at = Math.min(cut, values.size());
    Tile whole = columns.tile(0, values.size());
    Tile parts = columns.tile(0, at);
    parts.merge(columns.tile(at, values.size()));
    assertSame(whole, parts);
    assertSame(whole, copy(whole));
    columns.check(whole);
  }

  @Provide
  Arbitrary<List<Double>> values() {
    return Arbitraries.of(
            0.0,
            -0.0,
            1.0,
            -1.5,
            3.25,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.MIN_VALUE,
            1024.0)
        .list()
        .ofMaxSize(40);
  }

  @Test
  void equal_values_do_not_deviate_and_close_ones_hardly() {
    long[] bits = new long[1_000];
    Arrays.fill(bits, Double.doubleToRawLongBits(0.1));
    Tile equal = new Tile(Kind.FLOAT64);
    equal.add(new long[1_000], new long[1_000], new long[1_000], bits, 0, 1_000);
    assertEquals(0, equal.deviation());
    bits[500] = Double.doubleToRawLongBits(Math.nextUp(0.1));
    Tile close = new Tile(Kind.FLOAT64);
    close.add(new long[1_000], new long[1_000], new long[1_000], bits, 0, 1_000);
    assertTrue(close.deviation() <= Math.ulp(0.1));
    Tile empty = new Tile(Kind.FLOAT64);
    assertEquals(Double.NaN, empty.deviation());
  }

  @Test
  void values_whose_squares_overflow_deviate_by_half_their_range_at_most() {
    long[] bits = new long[1_000];
    Arrays.fill(bits, Double.doubleToRawLongBits(1e200));
    Tile equal = new Tile(Kind.FLOAT64);
    equal.add(new long[1_000], new long[1_000], new long[1_000], bits, 0, 1_000);
    assertEquals(0, equal.deviation());
    Arrays.fill(bits, 500, 1_000, Double.doubleToRawLongBits(3e200));
    Tile two = new Tile(Kind.FLOAT64);
    two.add(new long[1_000], new long[1_000], new long[1_000], bits, 0, 1_000);
    assertEquals(1e200, two.deviation(), 1e186);
  }

  @Test
  void integers_keep_their_extremes_exactly() {
    long[] bits = {Long.MAX_VALUE - 1, Long.MIN_VALUE + 1, Long.MAX_VALUE};
    Tile tile = new Tile(Kind.INT64);
    tile.add(new long[3], new long[3], new long[3], bits, 0, 3);
    assertEquals(Long.MIN_VALUE + 1, tile.min());
    assertEquals(Long.MAX_VALUE, tile.max());
    assertEquals(Long.MAX_VALUE - 1, tile.first());
    assertEquals(Long.MAX_VALUE, tile.last());
  }

  @Test
  void nothing_but_nan_has_no_extremes() {
    Tile tile = new Columns(List.of(Double.NaN, Double.NaN)).tile(0, 2);
    assertTrue(Double.isNaN(Double.longBitsToDouble(tile.min())));
    assertTrue(Double.isNaN(Double.longBitsToDouble(tile.max())));
    assertTrue(Double.isNaN(tile.mean()));
    assertEquals(2, tile.nans());
  }

  private static Tile copy(Tile tile) {
    ByteBuffer bytes = ByteBuffer.allocate(Tile.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    tile.encode(bytes);
    assertEquals(Tile.BYTES, bytes.position());
    return Tile.decode(tile.kind(), bytes.flip());
  }

  private static void assertSame(Tile expected, Tile actual) {
    assertEquals(describe(expected), describe(actual));
    assertEquals(expected.sum(), actual.sum(), 1e-9);
    assertEquals(expected.squares(), actual.squares(), 1e-9);
  }

  private static List<Long> describe(Tile t) {
    return List.of(
        t.count(),
        t.stepLow(),
        t.stepHigh(),
        t.globalLow(),
        t.globalHigh(),
        t.microsLow(),
        t.microsHigh(),
        t.min(),
        t.max(),
        t.first(),
        t.last(),
        t.nans(),
        t.positiveInfinities(),
        t.negativeInfinities());
  }

  /** Values with steps that run backwards, so that the least is not the first. */
  private static final class Columns {
    final long[] steps;
    final long[] globals;
    final long[] micros;
    final long[] bits;

    Columns(List<Double> values) {
      int n = values.size();
      steps = new long[n];
      globals = new long[n];
      micros = new long[n];
      bits = values.stream().mapToLong(Double::doubleToRawLongBits).toArray();
      for (int i = 0; i < n; i++) {
        steps[i] = 100L - i;
        globals[i] = i / 3;
        micros[i] = 1_000 + 7L * i;
      }
    }

    Tile tile(int from, int to) {
      Tile tile = new Tile(Kind.FLOAT64);
      tile.add(steps, globals, micros, bits, from, to);
      return tile;
    }

    void check(Tile tile) {
      double[] numbers =
          Arrays.stream(bits)
              .mapToDouble(Double::longBitsToDouble)
              .filter(v -> !Double.isNaN(v))
              .toArray();
      assertEquals(bits.length, tile.count());
      assertEquals(bits.length - numbers.length, tile.nans());
      if (numbers.length > 0) {
        assertEquals(
            Arrays.stream(numbers).min().orElseThrow(), Double.longBitsToDouble(tile.min()));
        assertEquals(
            Arrays.stream(numbers).max().orElseThrow(), Double.longBitsToDouble(tile.max()));
      }
      double[] finite = Arrays.stream(numbers).filter(Double::isFinite).toArray();
      assertEquals(Arrays.stream(finite).sum(), tile.sum(), 1e-9);
      if (bits.length > 0) {
        assertEquals(101 - bits.length, tile.stepLow());
        assertEquals(100, tile.stepHigh());
        assertEquals(bits[0], tile.first());
        assertEquals(bits[bits.length - 1], tile.last());
      }
    }
  }
}
