package dev.tracker.read;

import java.util.Arrays;

/**
 * Smooths values for drawing, say the {@link Curve#mean} of every bucket.
 *
 * <p>What is not finite stays where it is and as it is, and has no part in its neighbours: a NaN
 * remains visible and does not spread. The values given are left alone. Pure functions, for any
 * thread.
 */
public final class Smoothing {
  /** Beyond so many standard deviations a Gaussian weight is less than 0.0004 of the greatest. */
  private static final double GAUSSIAN_REACH = 4;

  private Smoothing() {}

  /**
   * Returns the exponential moving average, debiased: a value counts {@code weight} times as much
   * as the one after it, and the first values are not drawn towards 0.
   *
   * @param weight from 0, which changes nothing, to less than 1
   */
  public static double[] exponential(double[] values, double weight) {
    if (!(weight >= 0 && weight < 1)) {
      throw new IllegalArgumentException(
          "the weight of an exponential average is at least 0 and less than 1: weight=" + weight);
    }
    double[] smooth = values.clone();
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < values.length; i++) {
      if (Double.isFinite(values[i])) {
        weights = weights * weight + (1 - weight);
        sum = sum * weight + values[i] * (1 - weight);
        smooth[i] = sum / weights;
      }
    }
    return smooth;
  }

  /**
   * Returns the mean of each value and its neighbours: {@code window} values with it in the middle,
   * one more before than after it where that is an even number, and fewer at the ends.
   *
   * @param window how many values, 1 at least
   */
  public static double[] movingAverage(double[] values, int window) {
    if (window < 1) {
      throw new IllegalArgumentException(
          "the window of a moving average has one value at least: window=" + window);
    }
    double[] smooth = values.clone();
    CompensatedSum sum = new CompensatedSum();
    int count = 0;
    int end = 0;
    int begin = 0;
    for (int i = 0; i < values.length; i++) {
      for (; end < values.length && end <= (long) i + (window - 1) / 2; end++) {
        if (Double.isFinite(values[end])) {
          sum.add(values[end]);
          count++;
        }
      }
      for (; begin < (long) i - window / 2; begin++) {
        if (Double.isFinite(values[begin])) {
          sum.add(-values[begin]);
          count--;
        }
      }
      if (Double.isFinite(values[i])) {
        smooth[i] = sum.value() / count;
      }
    }
    return smooth;
  }

  /** A sum that numbers can be taken out of again: Neumaier's. */
  private static final class CompensatedSum {
    private double sum;
    private double lost;

    void add(double value) {
      double next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
    }

    double value() {
      return sum + lost;
    }
  }

  /**
   * Returns the mean of each value and its neighbours, weighted by a Gaussian of their distance.
   *
   * @param deviation its standard deviation, in values; 0 changes nothing
   */
  public static double[] gaussian(double[] values, double deviation) {
    if (!(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "a standard deviation is at least 0 and finite: deviation=" + deviation);
    }
    if (deviation == 0) {
      return values.clone();
    }
    double[] weights = weights(deviation, values.length);
    double[] smooth = values.clone();
    for (int i = 0; i < values.length; i++) {
      if (Double.isFinite(values[i])) {
        smooth[i] = weightedMean(values, i, weights);
      }
    }
    return smooth;
  }

  /** Returns the weight of each distance from 0 on. */
  private static double[] weights(double deviation, int most) {
    int reach = (int) Math.min(Math.max(0, most - 1), Math.ceil(deviation * GAUSSIAN_REACH));
    double[] weights = new double[reach + 1];
    Arrays.setAll(weights, i -> Math.exp(-0.5 * (i / deviation) * (i / deviation)));
    return weights;
  }

  private static double weightedMean(double[] values, int middle, double[] weights) {
    double sum = 0;
    double total = 0;
    int from = Math.max(0, middle - weights.length + 1);
    int to = Math.min(values.length, middle + weights.length);
    for (int i = from; i < to; i++) {
      if (Double.isFinite(values[i])) {
        double weight = weights[Math.abs(i - middle)];
        sum += values[i] * weight;
        total += weight;
      }
    }
    return sum / total;
  }
}
