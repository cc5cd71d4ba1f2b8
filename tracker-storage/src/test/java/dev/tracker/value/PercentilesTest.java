package dev.tracker.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PercentilesTest {
  /** Values that are extreme exactly where the sample looks. */
  @Test
  void a_sample_that_misleads_is_noticed() {
    double[] values = new Random(7).doubles(600_000).toArray();
    for (int i = 0; i < Percentiles.sampleSize(values.length); i++) {
      values[Percentiles.position(i, values.length)] = -1e9;
    }
    Percentiles percentiles = new Percentiles(new Samples.Doubles(values));
    percentiles.add(values, values.length);
    assertFalse(percentiles.found(values.length));
    HistogramTest.assertIsOf(values, Histogram.of(values).computeBins(), 64);
  }

  @Property
  void what_is_selected_is_what_sorting_finds(
      @ForAll @Size(min = 1, max = 500) double[] values, @ForAll @IntRange(max = 499) int rank) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    if (finite.length > rank) {
      double[] mixed = Arrays.stream(values).filter(Double::isFinite).toArray();
      assertEquals(finite[rank] + 0.0, Selection.select(mixed, mixed.length, rank) + 0.0);
    }
  }

  /** An organ pipe, sawtooth and the like, on which the median of three goes astray. */
  @Property(tries = 50)
  void a_hard_order_is_selected_from_all_the_same(
      @ForAll @IntRange(min = 1, max = 20_000) int size, @ForAll @IntRange(max = 3) int order) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (order) {
            case 0 -> Math.min(i, size - i);
            case 1 -> i % 7;
            case 2 -> i % 2 == 0 ? i : size - i;
            default -> (i * 7919L) % size;
          };
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int rank = size / 100;
    assertEquals(sorted[rank], Selection.select(values.clone(), size, rank));
    assertEquals(sorted[size - 1 - rank], Selection.select(values, size, size - 1 - rank));
  }
}
