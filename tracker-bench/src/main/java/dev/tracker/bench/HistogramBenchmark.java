package dev.tracker.bench;

import dev.tracker.value.Histogram;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * What does it cost to bin doubles into 64 bins from p1 to p99?
 *
 * <p>Workload: arrays of 10,000 and of 1,000,000 doubles: normal; all the same; and in an order
 * made to hurt, an organ pipe of magnitudes over 300 decades with NaN in it. {@code binned} is
 * Tracker's way, {@code copied} only the snapshot that the caller of {@code log} pays for, {@code
 * baseline} nothing. The others do the same work with another way to find p1 and p99: sort all;
 * quickselect on a copy; radix selection, 16 bits at a time. What they count with is simpler than
 * Tracker's: values near an edge may be in the neighbouring bin, the sum is not compensated.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar HistogramBenchmark [short]} prints a
 * table of medians, from one run; the machine is printed with it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HistogramBenchmark {
  private static final int BINS = 64;

  /** How the values lie. */
  public enum Shape {
    /** Gaussian, as weights are. */
    NORMAL,
    /** All the same. */
    CONSTANT,
    /** Rising and falling over 300 decades, each 97th NaN. */
    ADVERSARIAL;

    double[] values(int size) {
      Random random = new Random(42);
      double[] values = new double[size];
      for (int i = 0; i < size; i++) {
        values[i] =
            switch (this) {
              case NORMAL -> random.nextGaussian();
              case CONSTANT -> 0.25;
              case ADVERSARIAL ->
                  i % 97 == 0
                      ? Double.NaN
                      : Math.pow(10, 600.0 * Math.min(i, size - i) / size - 150);
            };
      }
      return values;
    }
  }

  /** Counts, and what else a histogram keeps. */
  public record Result(
      IntBuffer slots, long nans, double low, double high, double min, double max, double sum) {}

  /** How many values. */
  @Param({"10000", "1000000"})
  public int size;

  /** How they lie. */
  @Param public Shape shape;

  private double[] values;

  /** Makes the values. */
  @Setup
  public void prepare() {
    values = shape.values(size);
  }

  /** Nothing: what JMH itself costs. */
  @Benchmark
  public void baseline() {}

  /** The snapshot alone. */
  @Benchmark
  public Histogram copied() {
    return Histogram.of(values);
  }

  /** Tracker: the values are not copied, and not changed. */
  @Benchmark
  public Histogram binned() {
    return Histogram.adopt(values).bins(BINS).computeBins();
  }

  /** A sorted copy. */
  @Benchmark
  public Result sorted() {
    double[] finite = finite();
    Arrays.sort(finite);
    int tail = (finite.length - 1) / 100;
    return count(finite, finite[tail], finite[finite.length - 1 - tail]);
  }

  /** Quickselect on a copy, with the median of three as pivot. */
  @Benchmark
  public Result quickselected() {
    double[] finite = finite();
    int tail = (finite.length - 1) / 100;
    double low = select(finite, 0, finite.length - 1, tail);
    double high = select(finite, tail, finite.length - 1, finite.length - 1 - tail);
    return count(finite, low, high);
  }

  /** Radix selection over the bits of a value, 16 at a time. */
  @Benchmark
  public Result radixSelected() {
    double[] finite = finite();
    int tail = (finite.length - 1) / 100;
    return count(finite, radix(finite, tail), radix(finite, finite.length - 1 - tail));
  }

  private double[] finite() {
    double[] finite = new double[values.length];
    int kept = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        finite[kept++] = value;
      }
    }
    return kept == finite.length ? finite : Arrays.copyOf(finite, kept);
  }

  private Result count(double[] finite, double low, double high) {
    int[] slots = new int[BINS + 2];
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    double scale = high > low ? BINS / (high - low) : 0;
    for (double value : finite) {
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
      int bin = Math.min((int) ((value - low) * scale), BINS - 1);
      slots[value < low ? 0 : value > high ? BINS + 1 : 1 + bin]++;
    }
    return new Result(
        IntBuffer.wrap(slots), values.length - finite.length, low, high, min, max, sum);
  }

  private static double select(double[] values, int from, int to, int rank) {
    int low = from;
    int high = to;
    while (low < high) {
      double a = values[low];
      double b = values[(low + high) >>> 1];
      double c = values[high];
      double pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
      int left = low;
      int right = high;
      while (left <= right) {
        while (values[left] < pivot) {
          left++;
        }
        while (values[right] > pivot) {
          right--;
        }
        if (left <= right) {
          double swapped = values[left];
          values[left++] = values[right];
          values[right--] = swapped;
        }
      }
      if (rank <= right) {
        high = right;
      } else if (rank >= left) {
        low = left;
      } else {
        return values[rank];
      }
    }
    return values[low];
  }

  private static double radix(double[] values, int rank) {
    long prefix = 0;
    int left = rank;
    for (int shift = 48; shift >= 0; shift -= 16) {
      int[] cells = new int[1 << 16];
      long above = shift == 48 ? 0 : -1L << (shift + 16);
      for (double value : values) {
        long bits = Double.doubleToRawLongBits(value);
        long key = bits ^ ((bits >> 63) | Long.MIN_VALUE);
        if ((key & above) == prefix) {
          cells[(int) (key >>> shift) & 0xffff]++;
        }
      }
      int cell = 0;
      while (left >= cells[cell]) {
        left -= cells[cell++];
      }
      prefix |= (long) cell << shift;
    }
    return Double.longBitsToDouble(prefix < 0 ? prefix ^ Long.MIN_VALUE : ~prefix);
  }

  /** Runs everything and prints a table of medians. */
  public static void main(String[] arguments) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(HistogramBenchmark.class.getName() + "\\.")
            .shouldFailOnError(true);
    if (List.of(arguments).contains("short")) {
      options
          .warmupIterations(2)
          .warmupTime(TimeValue.milliseconds(300))
          .measurementIterations(1)
          .measurementTime(TimeValue.milliseconds(500));
    }
    report(new Runner(options.build()).run());
  }

  private static void report(Collection<RunResult> results) {
    Table table = new Table();
    for (RunResult result : results) {
      String way = result.getParams().getBenchmark().replaceAll(".*\\.", "");
      int size = Integer.parseInt(result.getParams().getParam("size"));
      String shape = result.getParams().getParam("shape").toLowerCase(Locale.ROOT);
      String name = way + ", " + size + " " + shape + ", median";
      double nanos = result.getPrimaryResult().getStatistics().getPercentile(50) * 1e3;
      if (way.equals("binned")) {
        table.atMost(name, nanos, size == 10_000 ? 100e3 : 8e6, Unit.NANOS);
      } else {
        table.show(name, nanos, Unit.NANOS);
      }
    }
    table.print();
  }
}
