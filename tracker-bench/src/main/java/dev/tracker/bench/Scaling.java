package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.read.Axis;
import dev.tracker.read.Curve;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;

/**
 * Does one more of it cost as much as the last, when there are more metrics, rows, readers or
 * threads?
 *
 * <p>Workload, each part from small to great in one run:
 *
 * <ul>
 *   <li>metrics: a fixed number of values, noise, logged one per call and in turn into 1 to 10,000
 *       metrics as fast as the board takes them; then the run is finished. A full queue blocks, so
 *       the calls take as long as the journal does. Sizes in which a metric would get less than 400
 *       values are left out. A run of the first size goes before and is not counted.
 *   <li>rows: one series of 100,000 rows and more, read whole into arrays, and into a curve of
 *       2,000 buckets: the median of several times in a JVM of its own with a fixed heap, warm.
 *   <li>readers: none to 100 in another JVM that refresh and sum up the metric once a second each,
 *       while 100,000 values a second are logged; the load of {@link LiveReaders}. Processor time
 *       is that of all threads of the writer's process but the one that logs.
 *   <li>threads: 1 to 16 that log into one metric each of one board, all let go at once, in bursts
 *       of 32,768 values together, which fit into the queue; it is emptied in between. A thread's
 *       share of a burst is short: those beyond the number of processors mostly run one after
 *       another, and meet no more of each other than fewer threads would.
 * </ul>
 *
 * <p>Everything must have arrived: a call that was dropped, or a row that Lance or a reader misses,
 * makes the program fail.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar Scaling [part…]}: {@code
 * metrics[=4000000]} with the values, {@code rows[=10000000]} with the most rows ({@code
 * rows=100000000} takes 2 GB of disk and 13 GB of memory), {@code readers[=10]} with the seconds of
 * each number of readers, {@code threads[=200]} with the bursts; without arguments all of them. The
 * machine is printed with the results.
 */
final class Scaling {
  private static final int[] METRICS = {1, 10, 100, 1_000, 10_000};
  private static final int LEAST_VALUES = 400;

  private static final int LEAST_ROWS = 100_000;
  private static final int TIMES = 9;
  private static final int WARM_UP_TIMES = 20;
  private static final int BUCKETS = 2_000;

  private static final int[] READERS = {0, 1, 10, 100};
  private static final int PERIOD_MILLIS = 1_000;

  /** A poll lasts this much longer than what is measured of the writer. */
  private static final int SPARE_SECONDS = 2;

  private static final int[] THREADS = {1, 2, 4, 8, 16};
  private static final int BURST = 1 << 15;
  private static final int WARM_UP_BURSTS = 50;
  private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

  private final Table table = new Table();

  private Scaling() {}

  /** What grows, and the size of its workload where none is given. */
  private enum Part {
    METRICS(4_000_000),
    ROWS(10_000_000),
    READERS(10),
    THREADS(200);

    private final int size;

    Part(int size) {
      this.size = size;
    }
  }

  public static void main(String[] arguments) throws Exception {
    Scaling measurement = new Scaling();
    if (arguments.length == 0) {
      for (Part part : Part.values()) {
        measurement.measure(part, part.size);
      }
    }
    for (String argument : arguments) {
      String[] words = argument.split("=", 2);
      Part part = Part.valueOf(words[0].toUpperCase(Locale.ROOT));
      measurement.measure(part, words.length > 1 ? Integer.parseInt(words[1]) : part.size);
    }
    measurement.table.print();
    System.exit(measurement.table.exitCode());
  }

  private void measure(Part part, int size)
      throws IOException, InterruptedException, ExecutionException {
    switch (part) {
      case METRICS -> metrics(size);
      case ROWS -> rows(size);
      case READERS -> readers(size);
      case THREADS -> threads(size);
    }
  }

  private void metrics(int values) throws IOException {
    LanceLook warmUp = metrics(values, METRICS[0], new Table());
    table.bound("metrics, warming up: rows that Lance misses", values - warmUp.rows(), 0);
    for (int count : METRICS) {
      if ((long) count * LEAST_VALUES <= values) {
        metrics(values, count, table);
      }
    }
  }

  /** Logs so many values into so many metrics, and returns what Lance has of them. */
  private static LanceLook metrics(int values, int count, Table table) throws IOException {
    String[] names = Noise.names(count);
    try (Scratch scratch = new Scratch()) {
      Board board =
          scratch
              .board("scaling-metrics")
              .systemMetrics(Duration.ZERO)
              .closeTimeout(Duration.ofDays(1))
              .open();
      long start = System.nanoTime();
      for (int i = 0; i < values; i++) {
        board.log(names[i % count], Noise.at(i));
      }
      long logged = System.nanoTime();
      board.finish();
      long finished = System.nanoTime();
      LanceLook look = LanceLook.at(board.directory(), Integer.MAX_VALUE);
      double bytes = Scratch.size(board.directory().resolve("data"));
      String prefix = prefix(count, "metric");
      table.show(prefix + "log calls, per value", (double) (logged - start) / values, Unit.NANOS);
      table.show(
          prefix + "until the last row is in Lance, per value",
          (double) (finished - start) / values,
          Unit.NANOS);
      table.show(prefix + "sealed, per value", bytes / values, Unit.BYTES);
      table.show(prefix + "files of a series, at most", look.files(), Unit.COUNT);
      table.bound(prefix + "dropped", board.health().dropped(), 0);
      table.bound(
          prefix + "rows that Lance misses or has too many", Math.abs(values - look.rows()), 0);
      return look;
    }
  }

  private void rows(int most) throws IOException, InterruptedException {
    for (long rows = LEAST_ROWS; rows <= most; rows *= 10) {
      try (Scratch scratch = new Scratch()) {
        Path run = LongSeries.write(scratch, rows);
        List<String> arguments = List.of(run.toString(), "" + rows);
        try (Child child = Child.start(ReadScalars.fixedHeap(rows), Reads.class, arguments)) {
          String prefix = prefix(rows, "row");
          double whole = Double.parseDouble(child.value("whole"));
          table.show(prefix + "read whole, warm, per row", whole / rows, Unit.NANOS);
          double curve = Double.parseDouble(child.value("curve"));
          table.show(prefix + "a curve of 2,000 buckets, warm", curve, Unit.NANOS);
          long wrong = Long.parseLong(child.value("wrong"));
          table.bound(prefix + "rows that read back wrong", wrong, 0);
          table.bound(prefix + "exit code", child.end(), 0);
        }
      }
    }
  }

  /** Reads a long series, and a curve of it. */
  static final class Reads {
    private Reads() {}

    /** Takes the run and how many rows its series has. */
    public static void main(String[] arguments) throws Exception {
      int rows = Integer.parseInt(arguments[1]);
      try (RunReader reader = RunReader.open(Path.of(arguments[0]))) {
        Table.say("whole " + median(() -> reader.scalars(LongSeries.METRIC).size()));
        Table.say("curve " + median(() -> curve(reader).size()));
        Table.say("wrong " + wrong(reader.scalars(LongSeries.METRIC), rows));
      }
    }

    private static Curve curve(RunReader reader) {
      return reader.curve(LongSeries.METRIC, Axis.STEP, Long.MIN_VALUE, Long.MAX_VALUE, BUCKETS);
    }

    private static long median(Callable<Integer> read) throws Exception {
      long[] nanos = new long[TIMES];
      for (int i = -WARM_UP_TIMES; i < TIMES; i++) {
        long start = System.nanoTime();
        int size = read.call();
        long taken = System.nanoTime() - start;
        if (size == 0) {
          throw new IllegalStateException("nothing was read: round=" + i);
        }
        nanos[Math.max(0, i)] = taken;
      }
      return new Samples(nanos).median();
    }

    private static long wrong(Scalars read, int rows) {
      long wrong = Math.abs(rows - read.size());
      for (int i = 0; i < Math.min(rows, read.size()); i++) {
        wrong += read.steps()[i] == i && read.values()[i] == Noise.at(i) ? 0 : 1;
      }
      return wrong;
    }
  }

  private void readers(int seconds) throws IOException, InterruptedException {
    try (Scratch scratch = new Scratch();
        Child writer =
            Child.start(List.of(), LiveReaders.Load.class, List.of(scratch.root().toString()))) {
      String run = writer.value("run");
      LiveReaders.warmUp(writer);
      readers(writer, run, READERS[0], seconds, new Table()); // what it compiles would count
      for (int count : READERS) {
        readers(writer, run, count, seconds, table);
      }
    }
  }

  private static void readers(Child writer, String run, int count, int seconds, Table table)
      throws IOException, InterruptedException {
    List<String> arguments =
        List.of(
            run,
            LiveReaders.METRIC,
            "" + count,
            "" + PERIOD_MILLIS,
            "" + (seconds + SPARE_SECONDS));
    String prefix = prefix(count, "reader");
    try (Child readers = Child.start(List.of(), Polling.class, arguments)) {
      readers.value("reading");
      LiveReaders.skip(writer, System.nanoTime());
      List<LiveReaders.Window> windows = LiveReaders.Window.next(writer, seconds);
      double polls = Double.parseDouble(readers.value("polls"));
      long besides = windows.stream().mapToLong(LiveReaders.Window::besides).sum();
      double values = (double) windows.size() * LiveReaders.WINDOW_VALUES;
      table.show(prefix + "p50 of a log call alone", LiveReaders.median(windows), Unit.NANOS);
      table.show(
          prefix + "processor of the writer but its caller, per value",
          besides / values,
          Unit.NANOS);
      table.show(prefix + "polls made", polls, Unit.PER_SECOND);
      table.bound(prefix + "dropped", windows.get(windows.size() - 1).dropped(), 0);
      table.bound(prefix + "exit code", readers.end(), 0);
    }
  }

  private void threads(int bursts) throws IOException, InterruptedException, ExecutionException {
    try (Scratch scratch = new Scratch()) {
      Board board =
          scratch
              .board("scaling-threads")
              .systemMetrics(Duration.ZERO)
              .closeTimeout(Duration.ofDays(1))
              .open();
      for (int count : THREADS) {
        bursts(board, count, WARM_UP_BURSTS);
        List<Burst> made = bursts(board, count, bursts);
        String prefix = prefix(count, "thread");
        table.show(
            prefix + "processor of a call", perCall(made, count, Burst::processor), Unit.NANOS);
        table.show(prefix + "a call by the clock", perCall(made, count, Burst::clock), Unit.NANOS);
      }
      board.finish();
      long logged = (long) THREADS.length * (WARM_UP_BURSTS + bursts) * BURST;
      long sealed = LanceLook.at(board.directory(), Integer.MAX_VALUE).rows();
      table.bound("threads, dropped", board.health().dropped(), 0);
      table.bound("threads, rows that Lance misses or has too many", Math.abs(logged - sealed), 0);
    }
  }

  /** What one thread's share of a burst took, in nanoseconds. */
  private record Burst(long processor, long clock) {}

  private static double perCall(List<Burst> made, int threads, ToLongFunction<Burst> part) {
    long median = new Samples(made.stream().mapToLong(part).toArray()).median();
    return (double) median * threads / BURST;
  }

  /** Has so many threads log so many bursts, and returns each one's share of each. */
  private static List<Burst> bursts(Board board, int threads, int bursts)
      throws InterruptedException, ExecutionException {
    String[] names = Noise.names(threads);
    CyclicBarrier together = new CyclicBarrier(threads);
    List<Callable<Burst>> shares = new ArrayList<>();
    for (String name : names) {
      shares.add(() -> burst(board, name, BURST / threads, together));
    }
    List<Burst> made = new ArrayList<>();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    for (int i = 0; i < bursts; i++) {
      for (Future<Burst> share : pool.invokeAll(shares)) {
        made.add(share.get());
      }
      Guard.Calls.drain(board);
    }
    pool.shutdown();
    return made;
  }

  private static Burst burst(Board board, String name, int calls, CyclicBarrier together)
      throws InterruptedException, BrokenBarrierException {
    together.await();
    long processor = CLOCK.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      board.log(name, Noise.at(i));
    }
    long end = System.nanoTime();
    return new Burst(CLOCK.getCurrentThreadCpuTime() - processor, end - start);
  }

  private static String prefix(long count, String what) {
    return Unit.COUNT.format((double) count) + " " + what + (count == 1 ? ", " : "s, ");
  }
}
