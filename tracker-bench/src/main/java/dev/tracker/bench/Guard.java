package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.seal.Sealer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Has logging, sealing or reading become much dearer than what it stands on?
 *
 * <p>Workload: a million rows of one series. Each is held against the least that it could be: a log
 * call against the publication of a value and its time to a bare Disruptor, sealing against a bare
 * write of the same rows by Lance, reading against a bare scan by Lance. The two take turns, and
 * the figure is the least processor time of the one by the least of the other: whatever else the
 * machine does only adds to both, and the medians of such ratios were two to three times as far
 * apart. Logging counts the time of the calling thread, in bursts that the queue holds; sealing and
 * reading that of the whole process.
 *
 * <p>A bound is half as much again as what was measured, so that a cost that doubles breaks it;
 * then the program ends with 1. On two cores with a load from 2 to 35 logging came to 1.09-1.22,
 * sealing to 1.82-2.19 and reading to 1.50-1.74.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar Guard}, in half a minute. The machine is
 * printed with the results.
 */
final class Guard {
  private static final int BURST = 1 << 14;
  private static final int BURSTS = 64;
  private static final int WARM_UP_BURSTS = 64;
  private static final int TURNS = 7;
  private static final int WARM_UP_TURNS = 3;

  // The system counts a process' time in steps of 10 ms, so a turn has many of them.
  private static final int SEALS_IN_A_TURN = 4;
  private static final int READS_IN_A_TURN = 30;

  private static final double LOG_BOUND = 1.75;
  private static final double SEAL_BOUND = 3.2;
  private static final double READ_BOUND = 2.6;

  private static final String METRIC = "bench/loss";

  private final Table table = new Table();
  private final Path run;

  private Guard(Path run) {
    this.run = run;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int exitCode;
    try (Scratch scratch = new Scratch();
        Child calls =
            Child.start(
                List.of("-Dtracker.native=off", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"),
                Calls.class,
                List.of(scratch.root().toString()))) {
      Path run = Path.of(calls.value("run"));
      double log = Double.parseDouble(calls.value("ratio"));
      calls.end();
      Guard guard = new Guard(run);
      guard.bound("a log call, by a bare Disruptor", log, LOG_BOUND);
      guard.measure();
      guard.table.print();
      exitCode = guard.table.exitCode();
    }
    System.exit(exitCode);
  }

  private void measure() throws IOException {
    LanceLook.at(run, 0); // loads Lance before processor time counts
    Scalars rows;
    try (RunReader reader = RunReader.open(run)) {
      rows = reader.scalars(METRIC);
    }
    Least floor = new Least();
    Least ours = new Least();
    for (int turn = -WARM_UP_TURNS; turn < TURNS; turn++) {
      try (Scratch scratch = new Scratch()) {
        List<Path> copies = copies(scratch.root());
        floor.take(turn, cost(() -> write(rows, scratch.root())));
        ours.take(turn, cost(() -> copies.forEach(Sealer::seal)));
      }
    }
    bound("sealing, by a bare write of Lance", ours.by(floor), SEAL_BOUND);
    read(rows.size());
  }

  private void read(int rows) throws IOException {
    Sealer.seal(run);
    Path[] files;
    try (Stream<Path> data = Files.list(LongSeries.dataFiles(run))) {
      files = data.toArray(Path[]::new);
    }
    Least floor = new Least();
    Least ours = new Least();
    try (RunReader reader = RunReader.open(run)) {
      for (int turn = -WARM_UP_TURNS; turn < TURNS; turn++) {
        floor.take(turn, cost(() -> readOften(() -> BareLance.scan(files), rows)));
        ours.take(turn, cost(() -> readOften(() -> reader.scalars(METRIC).size(), rows)));
      }
    }
    bound("reading, by a bare scan of Lance", ours.by(floor), READ_BOUND);
  }

  /** What is measured. */
  private interface Work {
    void run() throws IOException;
  }

  /** A way of reading; returns how many rows it read. */
  private interface Read {
    long rows() throws IOException;
  }

  private static long cost(Work work) throws IOException {
    long before = Machine.cpuNanos();
    work.run();
    return Machine.cpuNanos() - before;
  }

  private static void readOften(Read read, long rows) throws IOException {
    for (int i = 0; i < READS_IN_A_TURN; i++) {
      long found = read.rows();
      if (found != rows) {
        throw new IOException("rows are missing: expected=" + rows + " found=" + found);
      }
    }
  }

  private void bound(String what, double ratio, double bound) {
    table.bound(what, ratio, bound, Unit.RATIO);
  }

  /** The least time of several turns. */
  private static final class Least {
    private long nanos = Long.MAX_VALUE;

    /** Takes the time of a turn; those below 0 do not count. */
    void take(int turn, long taken) {
      if (turn >= 0) {
        nanos = Math.min(nanos, taken);
      }
    }

    double by(Least other) {
      return (double) nanos / other.nanos;
    }
  }

  private static void write(Scalars rows, Path root) throws IOException {
    for (int i = 0; i < SEALS_IN_A_TURN; i++) {
      BareLance.write(rows, root.resolve("bare-" + i));
    }
  }

  private List<Path> copies(Path to) throws IOException {
    List<Path> copies = new ArrayList<>();
    for (int i = 0; i < SEALS_IN_A_TURN; i++) {
      Path copy = to.resolve("run-" + i);
      try (Stream<Path> files = Files.walk(run)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.copy(file, copy.resolve(run.relativize(file).toString()));
        }
      }
      copies.add(copy);
    }
    return copies;
  }

  /** Logs the rows in bursts, in turn with a bare Disruptor, and leaves them in the journal. */
  static final class Calls {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Calls() {}

    /** Takes the root. */
    public static void main(String[] arguments) {
      Path root = Path.of(arguments[0]);
      try (Board warmUp = board(root)) {
        ratio(warmUp, WARM_UP_BURSTS);
      }
      Board board = board(root);
      double ratio = ratio(board, BURSTS);
      board.finish();
      Table.say("run " + board.directory());
      Table.say("ratio " + ratio);
    }

    private static Board board(Path root) {
      return Board.builder("guard").root(root).systemMetrics(Duration.ZERO).open();
    }

    private static double ratio(Board board, int bursts) {
      Least floor = new Least();
      Least ours = new Least();
      try (BareRing ring = new BareRing()) {
        for (int turn = 0; turn < bursts; turn++) {
          long first = (long) turn * BURST;
          floor.take(turn, publish(ring, first));
          ours.take(turn, log(board, first));
        }
      }
      return ours.by(floor);
    }

    private static long publish(BareRing ring, long first) {
      long before = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < BURST; i++) {
        ring.publish(Noise.at(first + i) + System.nanoTime());
      }
      long taken = THREADS.getCurrentThreadCpuTime() - before;
      while (!ring.isEmpty()) {
        Thread.onSpinWait();
      }
      return taken;
    }

    private static long log(Board board, long first) {
      long before = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < BURST; i++) {
        board.log(METRIC, Noise.at(first + i));
      }
      long taken = THREADS.getCurrentThreadCpuTime() - before;
      drain(board);
      return taken;
    }

    /** Waits until the queue is empty, so that the next burst fits into it. */
    static void drain(Board board) {
      while (board.health().queued() > 0) {
        Thread.onSpinWait();
      }
    }
  }
}
