package dev.tracker.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SmoothingTest {
  private static final double NAN = Double.NaN;
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  @Test
  void an_exponential_average_is_not_drawn_towards_zero() {
    double[] values = {4, 4, 4, 10};
    double[] smooth = Smoothing.exponential(values, 0.5);
    assertArrayEquals(new double[] {4, 4, 4}, Arrays.copyOf(smooth, 3), 1e-15);
    // Weights 1, 2, 4, 8 of 15.
    assertEquals((4 + 8 + 16 + 80) / 15.0, smooth[3], 1e-15);
    assertArrayEquals(new double[] {4, 4, 4, 10}, values);
  }

  @Test
  void what_is_not_finite_stays_and_does_not_spread() {
    double[] values = {NAN, 2, INFINITY, 2, NAN, 2, -INFINITY};
    for (double[] smooth :
        List.of(
            Smoothing.exponential(values, 0.9),
            Smoothing.movingAverage(values, 3),
            Smoothing.gaussian(values, 1.5))) {
      assertArrayEquals(values, smooth, 1e-15);
    }
  }

  @Test
  void a_moving_average_has_its_value_in_the_middle() {
    double[] values = {1, 2, 6, 3, 8};
    assertArrayEquals(
        new double[] {1.5, 3, 11 / 3.0, 17 / 3.0, 5.5}, Smoothing.movingAverage(values, 3), 1e-15);
    assertArrayEquals(
        new double[] {1, 1.5, 4, 4.5, 5.5}, Smoothing.movingAverage(values, 2), 1e-15);
    assertArrayEquals(
        new double[] {4, 4, 4, 4, 4}, Smoothing.movingAverage(values, Integer.MAX_VALUE), 1e-15);
  }

  @Test
  void a_great_value_that_has_passed_leaves_no_trace() {
    double[] smooth = Smoothing.movingAverage(new double[] {1, 1e300, 1, 1, 1, 1}, 3);
    assertArrayEquals(new double[] {1, 1, 1}, Arrays.copyOfRange(smooth, 3, 6));
  }

  @Property
  void a_moving_average_is_the_mean_of_its_window(
      @ForAll("values") double[] values, @ForAll @IntRange(min = 1, max = 12) int window) {
    double[] smooth = Smoothing.movingAverage(values, window);
    for (int i = 0; i < values.length; i++) {
      double sum = 0;
      int count = 0;
      for (int j = i - window / 2; j <= i + (window - 1) / 2; j++) {
        if (j >= 0 && j < values.length && Double.isFinite(values[j])) {
          sum += values[j];
          count++;
        }
      }
      assertEquals(Double.isFinite(values[i]) ? sum / count : values[i], smooth[i], 1e-9);
    }
  }

  @Property
  void smooth_values_stay_between_the_extremes(
      @ForAll("values") double[] values,
      @ForAll @DoubleRange(min = 0, max = 0.99) double weight,
      @ForAll @DoubleRange(min = 0, max = 20) double deviation) {
    double min = INFINITY;
    double max = -INFINITY;
    for (double value : values) {
      min = Double.isFinite(value) ? Math.min(min, value) : min;
      max = Double.isFinite(value) ? Math.max(max, value) : max;
    }
    for (double[] smooth :
        List.of(Smoothing.exponential(values, weight), Smoothing.gaussian(values, deviation))) {
      for (int i = 0; i < values.length; i++) {
        if (Double.isFinite(values[i])) {
          assertTrue(smooth[i] >= min - 1e-9 && smooth[i] <= max + 1e-9);
        } else {
          assertEquals(values[i], smooth[i]);
        }
      }
    }
  }

  @Provide
  Arbitrary<double[]> values() {
    return Arbitraries.oneOf(
            Arbitraries.doubles().between(-1_000, 1_000).ofScale(3),
            Arbitraries.of(NAN, INFINITY, -INFINITY))
        .list()
        .ofMaxSize(40)
        .map(list -> list.stream().mapToDouble(value -> value).toArray());
  }

  @Test
  void a_gaussian_weighs_by_distance() {
    double[] smooth = Smoothing.gaussian(new double[] {0, 0, 0, 0, 1, 0, 0, 0, 0}, 1);
    double near = Math.exp(-0.5);
    double total = 1 + 2 * (near + Math.exp(-2) + Math.exp(-4.5) + Math.exp(-8));
    assertEquals(1 / total, smooth[4], 1e-12);
    assertEquals(near / (total - Math.exp(-8)), smooth[5], 1e-12);
    assertArrayEquals(new double[] {3, 5}, Smoothing.gaussian(new double[] {3, 5}, 0));
    assertArrayEquals(new double[] {4, 4}, Smoothing.gaussian(new double[] {3, 5}, 1e12), 1e-9);
  }

  @Test
  void what_makes_no_sense_is_refused() {
    double[] values = {1};
    for (double weight : new double[] {-0.1, 1, NAN}) {
      assertThrows(IllegalArgumentException.class, () -> Smoothing.exponential(values, weight));
    }
    assertThrows(IllegalArgumentException.class, () -> Smoothing.movingAverage(values, 0));
    for (double deviation : new double[] {-1, INFINITY, NAN}) {
      assertThrows(IllegalArgumentException.class, () -> Smoothing.gaussian(values, deviation));
    }
  }
}
