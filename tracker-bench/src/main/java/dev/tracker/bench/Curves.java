package dev.tracker.bench;

import dev.tracker.read.Axis;
import dev.tracker.read.Curve;
import dev.tracker.read.RunReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * How long does it take to draw a long series, and a small part of it?
 *
 * <p>Workload: a finished run of one series of so many rows, read into 2,000 buckets: the whole by
 * step, by global step and by time; all but a thousandth at each end, which begins and ends inside
 * of tiles; a tenth; a thousandth; the last 2,000 rows. Every bucket of the whole is compared with
 * what was logged. Warm is the median of several times; fresh is the first time in a JVM in which
 * Lance has been loaded by reading another series, the median of several JVMs, with the files in
 * the page cache. A row read from the whole series by {@code scalars} stands beside it in {@link
 * ReadScalars}.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar Curves [rows = 100000000] [times = 9]};
 * {@code 10000000} is the short form; the full one logs for half a minute and takes 2 GB of disk.
 * The machine is printed with the results.
 */
final class Curves {
  private static final long DEFAULT_ROWS = 100_000_000;
  private static final int DEFAULT_TIMES = 9;
  private static final int WARM_UP = 20;
  private static final int BUCKETS = 2_000;
  private static final double WARM_GOAL = 50e6;
  private static final double FRESH_GOAL = 150e6;

  private final Table table = new Table();
  private final long rows;
  private final int times;
  private final String prefix;

  private Curves(String... arguments) {
    rows = arguments.length > 0 ? Long.parseLong(arguments[0]) : DEFAULT_ROWS;
    times = arguments.length > 1 ? Integer.parseInt(arguments[1]) : DEFAULT_TIMES;
    prefix = Unit.COUNT.format((double) rows) + " rows into " + BUCKETS + " buckets, ";
  }

  /** A part of the series by step. */
  private record Part(String name, long from, long to) {}

  private List<Part> parts() {
    return List.of(
        new Part("the whole", Long.MIN_VALUE, Long.MAX_VALUE),
        new Part("all but the ends", rows / 1000 + 7, rows - rows / 1000 - 7),
        new Part("a tenth", rows / 2 + 7, rows / 2 + rows / 10),
        new Part("a thousandth", rows / 2 + 7, rows / 2 + rows / 1000),
        new Part("the last 2,000 rows", rows - BUCKETS, rows - 1));
  }

  public static void main(String[] arguments) throws IOException {
    Curves measurement = new Curves(arguments);
    try (Scratch scratch = new Scratch()) {
      measurement.run(scratch);
    }
    measurement.table.print();
    System.exit(measurement.table.exitCode());
  }

  private void run(Scratch scratch) throws IOException {
    Path run = LongSeries.write(scratch, rows);
    try (RunReader reader = RunReader.open(run)) {
      Curve whole = curve(reader, Axis.STEP, parts().get(0));
      table.bound(prefix + "buckets that are wrong", wrong(whole), 0);
      for (Part part : parts()) {
        warm(reader, Axis.STEP, part, part.name);
      }
      warm(reader, Axis.GLOBAL_STEP, parts().get(0), "the whole by global step");
      warm(reader, Axis.TIME, parts().get(0), "the whole by time");
    }
    for (Part part : parts()) {
      fresh(run, part);
    }
  }

  private static Curve curve(RunReader reader, Axis axis, Part part) {
    return reader.curve(LongSeries.METRIC, axis, part.from, part.to, BUCKETS);
  }

  private void warm(RunReader reader, Axis axis, Part part, String name) {
    long[] nanos = new long[times];
    for (int i = -WARM_UP; i < times; i++) {
      long start = System.nanoTime();
      Curve curve = curve(reader, axis, part);
      if (i >= 0) {
        nanos[i] = System.nanoTime() - start;
      }
      if (curve.size() == 0) {
        throw new IllegalStateException("a curve has no rows: part=" + part);
      }
    }
    table.atMost(prefix + name + ", warm", new Samples(nanos).median(), WARM_GOAL, Unit.NANOS);
  }

  private void fresh(Path run, Part part) throws IOException {
    long[] nanos = new long[times];
    for (int i = 0; i < times; i++) {
      List<String> arguments = List.of(run.toString(), "" + part.from, "" + part.to);
      try (Child child = Child.start(List.of(), First.class, arguments)) {
        nanos[i] = Long.parseLong(child.value("nanos"));
      }
    }
    table.atMost(
        prefix + part.name + ", fresh", new Samples(nanos).median(), FRESH_GOAL, Unit.NANOS);
  }

  /** Reads one curve, once. */
  static final class First {
    private First() {}

    public static void main(String[] arguments) {
      Part part = new Part("", Long.parseLong(arguments[1]), Long.parseLong(arguments[2]));
      try (RunReader reader = RunReader.open(Path.of(arguments[0]))) {
        LongSeries.loadLance(reader);
        long start = System.nanoTime();
        Curve curve = curve(reader, Axis.STEP, part);
        Table.say("nanos " + (System.nanoTime() - start));
        Table.say("buckets " + curve.size());
      }
    }
  }

  /** Counts the buckets that are not what was logged, and the rows that are in none. */
  private long wrong(Curve curve) {
    long wrong = 0;
    long row = 0;
    for (int i = 0; i < curve.size(); i++) {
      wrong += Math.abs(curve.fromStep(i) - row);
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      double sum = 0;
      long first = row;
      for (; row <= curve.toStep(i); row++) {
        double value = Noise.at(row);
        min = Math.min(min, value);
        max = Math.max(max, value);
        sum += value;
      }
      boolean right =
          curve.count(i) == row - first
              && curve.min(i) == min
              && curve.max(i) == max
              && curve.first(i) == Noise.at(first)
              && curve.last(i) == Noise.at(row - 1)
              && Math.abs(curve.mean(i) - sum / curve.count(i)) < 1e-9;
      wrong += right ? 0 : 1;
    }
    return wrong + rows - row;
  }
}
