package dev.tracker.bench;

import com.sun.management.ThreadMXBean;
import dev.tracker.Board;
import dev.tracker.Metric;
import dev.tracker.Row;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long does a log call keep its caller when training logs 100,000 values a second?
 *
 * <p>Workload: one thread that spins until each call is due; one call every 10 µs with one value,
 * or every millisecond with 100. The baseline does the same and logs nothing. The run is sealed
 * meanwhile, as in training.
 *
 * <p>A call's time counts from when it was due, not from when the thread got to it: a stall is
 * charged to every call that it delays (Gil Tene's coordinated omission). Reading the clock is in
 * every figure; the baseline shows how much. Every call is kept, so percentiles and the greatest
 * are exact. Bytes are what the calling thread allocated.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar PacedLog [seconds = 60]}. The machine is
 * printed with the results; anything else that runs on it is in the tail.
 */
final class PacedLog {
  private static final int DEFAULT_SECONDS = 60;
  private static final int WARM_UP_SECONDS = 3;
  private static final int SINGLE_HERTZ = 100_000;
  private static final int WIDE_HERTZ = 1_000;
  private static final int WIDTH = 100;
  private static final int SERIES = 16;

  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  /** Where the baseline's values go. */
  private static volatile double sink;

  private final Table table = new Table();
  private final int seconds;

  private PacedLog(int seconds) {
    this.seconds = seconds;
  }

  /** A call of the kind that is measured. */
  private interface Call {
    void at(long index);
  }

  public static void main(String[] arguments) throws IOException {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_SECONDS;
    PacedLog measurement = new PacedLog(seconds);
    measurement.run();
    measurement.table.print();
  }

  private void run() throws IOException {
    String[] names = Noise.names(WIDTH);
    measure("baseline (empty)", SINGLE_HERTZ, index -> sink = Noise.at(index), false);
    try (Scratch scratch = new Scratch();
        Board board = scratch.board("paced-log").open()) {
      measure(
          "log(name, value)",
          SINGLE_HERTZ,
          index -> board.log(names[(int) (index % SERIES)], Noise.at(index)),
          true);
    }
    try (Scratch scratch = new Scratch();
        Board board = scratch.board("paced-metric").open()) {
      Metric metric = board.metric(names[0]);
      measure("metric.log(value)", SINGLE_HERTZ, index -> metric.log(Noise.at(index)), true);
    }
    try (Scratch scratch = new Scratch();
        Board board = scratch.board("paced-row").open()) {
      Row row = board.row();
      measure("row of 100", WIDE_HERTZ, index -> log(row, names, index), false);
    }
    try (Scratch scratch = new Scratch();
        Board board = scratch.board("paced-map").open()) {
      Map<String, Double> map = new LinkedHashMap<>();
      for (int i = 0; i < WIDTH; i++) {
        map.put(names[i], Noise.at(i));
      }
      measure("map of 100", WIDE_HERTZ, index -> board.log(map), false);
    }
  }

  private static void log(Row row, String[] names, long index) {
    for (int i = 0; i < WIDTH; i++) {
      row.put(names[i], Noise.at(index * WIDTH + i));
    }
    row.log();
  }

  private void measure(String what, int hertz, Call call, boolean single) {
    for (int i = 0; i < Math.min(WARM_UP_SECONDS, seconds); i++) {
      pace(call, hertz, new long[hertz], new long[hertz]);
    }
    long[] sinceDue = new long[hertz * seconds];
    long[] alone = new long[hertz * seconds];
    long before = THREADS.getCurrentThreadAllocatedBytes();
    pace(call, hertz, sinceDue, alone);
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    Samples secondHalf =
        new Samples(Arrays.copyOfRange(sinceDue, sinceDue.length / 2, sinceDue.length));
    report(
        what,
        new Samples(sinceDue),
        secondHalf,
        new Samples(alone),
        (double) bytes / sinceDue.length,
        single);
  }

  /** Makes as many calls as there are places, and puts there how long each took. */
  private static void pace(Call call, int hertz, long[] sinceDue, long[] alone) {
    long period = 1_000_000_000L / hertz;
    long start = System.nanoTime() + period;
    for (int i = 0; i < sinceDue.length; i++) {
      long due = start + i * period;
      long began = System.nanoTime();
      while (began - due < 0) {
        Thread.onSpinWait();
        began = System.nanoTime();
      }
      call.at(i);
      long ended = System.nanoTime();
      sinceDue[i] = ended - due;
      alone[i] = ended - began;
    }
  }

  private void report(
      String what,
      Samples sinceDue,
      Samples secondHalf,
      Samples alone,
      double bytes,
      boolean single) {
    String prefix = what + ", ";
    if (single) {
      table.atMost(prefix + "p50", sinceDue.median(), 100, Unit.NANOS);
      table.atMost(prefix + "p99", sinceDue.percentile(99), 500, Unit.NANOS);
      table.atMost(prefix + "p99.9", sinceDue.percentile(99.9), 5_000, Unit.NANOS);
    } else {
      if (what.endsWith("100")) {
        table.atMost(prefix + "p50", sinceDue.median(), 4_000, Unit.NANOS);
      } else {
        table.show(prefix + "p50", sinceDue.median(), Unit.NANOS);
      }
      table.show(prefix + "p99", sinceDue.percentile(99), Unit.NANOS);
      table.show(prefix + "p99.9", sinceDue.percentile(99.9), Unit.NANOS);
    }
    table.show(prefix + "max", sinceDue.max(), Unit.NANOS);
    table.show(prefix + "p99 of the second half", secondHalf.percentile(99), Unit.NANOS);
    table.show(prefix + "p99.9 of the second half", secondHalf.percentile(99.9), Unit.NANOS);
    table.show(prefix + "p50 of the call alone", alone.median(), Unit.NANOS);
    table.show(prefix + "p99 of the call alone", alone.percentile(99), Unit.NANOS);
    if (single) {
      table.atMost(prefix + "allocated by the caller, per call", Math.rint(bytes), 0, Unit.BYTES);
    } else {
      table.show(prefix + "allocated by the caller, per call", Math.rint(bytes), Unit.BYTES);
    }
  }
}
