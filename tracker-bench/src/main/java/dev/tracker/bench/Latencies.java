package dev.tracker.bench;

import dev.tracker.Board;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * How long does a program wait for a board: to open, at the first call, for a flush, for the end?
 *
 * <p>Workload: a small run: open, one call, 300 values of three series, flush, 300 more, finish.
 * Cold is the first run of a JVM, the median of several JVMs; warm is a run after ten others in the
 * same JVM, the median of several. The native library has been unpacked by a JVM before. The
 * baseline is what the disk itself takes to force 4 KB that were appended to a file.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar Latencies [runs = 11]}. The machine is
 * printed with the results.
 */
final class Latencies {
  private static final int DEFAULT_RUNS = 11;
  private static final int WARM_UP_RUNS = 10;
  private static final int VALUES = 100;
  private static final int FORCES = 50;
  private static final long MILLI = 1_000_000;

  private Latencies() {}

  /** One run, in nanoseconds. */
  private record Times(long open, long firstLog, long flush, long finish) {
    @Override
    public String toString() {
      return open + " " + firstLog + " " + flush + " " + finish;
    }

    static Times parse(String line) {
      String[] times = line.split(" ", -1);
      return new Times(
          Long.parseLong(times[0]),
          Long.parseLong(times[1]),
          Long.parseLong(times[2]),
          Long.parseLong(times[3]));
    }
  }

  public static void main(String[] arguments) throws IOException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Table table = new Table();
    double force = force().median();
    table.show("baseline: the disk forces 4 KB", force, Unit.NANOS);

    cold();
    List<Times> cold = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      cold.add(cold());
    }
    reportCold(table, cold, force);

    List<Times> warm = new ArrayList<>();
    for (int i = 0; i < WARM_UP_RUNS + runs; i++) {
      Times times = run();
      if (i >= WARM_UP_RUNS) {
        warm.add(times);
      }
    }
    reportWarm(table, warm, force);
    table.print();
  }

  private static void reportCold(Table table, List<Times> runs, double force) {
    report(table, "cold", runs, force);
    table.show("open, cold", median(runs, Times::open), Unit.NANOS);
    table.show("finish, cold", median(runs, Times::finish), Unit.NANOS);
    long both = median(runs, times -> times.open() + times.finish());
    table.atMost("open and finish, cold", both, 2_000 * MILLI, Unit.NANOS);
  }

  private static void reportWarm(Table table, List<Times> runs, double force) {
    report(table, "warm", runs, force);
    table.atMost("open, warm", median(runs, Times::open), 50 * MILLI, Unit.NANOS);
    table.atMost("finish, warm", median(runs, Times::finish), 300 * MILLI, Unit.NANOS);
  }

  private static void report(Table table, String how, List<Times> runs, double force) {
    table.show("first log call, " + how, median(runs, Times::firstLog), Unit.NANOS);
    table.atMost("flush, " + how, median(runs, Times::flush), force + 10 * MILLI, Unit.NANOS);
  }

  private static long median(List<Times> runs, ToLongFunction<Times> part) {
    return new Samples(runs.stream().mapToLong(part).toArray()).median();
  }

  private static Samples force() throws IOException {
    long[] nanos = new long[FORCES];
    try (Scratch scratch = new Scratch();
        FileChannel file =
            FileChannel.open(
                scratch.root().resolve("forced"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
      for (int i = 0; i < FORCES; i++) {
        file.write(ByteBuffer.allocate(4096));
        long start = System.nanoTime();
        file.force(false);
        nanos[i] = System.nanoTime() - start;
      }
    }
    return new Samples(nanos);
  }

  private static Times cold() throws IOException {
    try (Child child = Child.start(List.of(), Once.class, List.of())) {
      return Times.parse(child.value("times"));
    }
  }

  private static Times run() throws IOException {
    try (Scratch scratch = new Scratch()) {
      long start = System.nanoTime();
      Board board = scratch.board("latencies").open();
      long opened = System.nanoTime();
      board.log("train/loss", 1.0);
      long logged = System.nanoTime();
      log(board);
      long flush = System.nanoTime();
      board.flush();
      long flushed = System.nanoTime();
      log(board);
      long finish = System.nanoTime();
      board.finish();
      long finished = System.nanoTime();
      return new Times(opened - start, logged - opened, flushed - flush, finished - finish);
    }
  }

  private static void log(Board board) {
    for (int i = 0; i < VALUES; i++) {
      board.log("train/loss", Noise.at(i), "train/accuracy", Noise.at(i), "train/lr", 1e-3);
    }
  }

  /** A JVM that makes one run and says how long it took. */
  static final class Once {
    private Once() {}

    public static void main(String[] arguments) throws IOException {
      System.out.println("times " + run());
    }
  }
}
