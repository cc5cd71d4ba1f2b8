package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.read.Follower;
import dev.tracker.read.RunReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What do readers of a live run cost its writer, and how long after a log call do they know?
 *
 * <p>Workload: a JVM that logs 100,000 values a second from one thread, and each millisecond the
 * time, as a value. Another JVM has readers: 10 that refresh and sum up a metric ten times a second
 * each, or 100 that do so once a second; and one that follows the times. The p50 of a log call
 * alone is taken of every half second; what counts is the median of them before, with, and after
 * readers. Latency is from before the log call to the listener, by the clock that all processes of
 * a machine share.
 *
 * <p>The system calls of the library's threads in the writer are counted by {@code strace -c} where
 * there is one, apart from the times because it slows them down: four parts without readers and in
 * between three with 100 of them. They are divided by the values that were logged meanwhile. The
 * least and the greatest figure stand beside the median: most of these calls are a thread that
 * waits, and the busier the machine is, which readers add to, the less often the threads get to
 * wait, and the more they find when they have. What readers add would show as a call that is not
 * there without them, or in all three parts more often than in any without. Not counted: what the
 * logging thread calls, which is to wake nobody.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar LiveReaders [seconds = 10]}: how long
 * each of the ten parts takes. The machine is printed with the results; on one with few cores the
 * readers, and whatever else runs, share them with the writer.
 */
final class LiveReaders {
  private static final int DEFAULT_SECONDS = 10;
  private static final int HERTZ = 100_000;
  private static final int PER_WINDOW = HERTZ / 2;
  private static final int SENT_EVERY = 100;

  /** The values of a window, the times among them. */
  static final int WINDOW_VALUES = PER_WINDOW + PER_WINDOW / SENT_EVERY;

  static final String METRIC = "bench/loss";
  private static final String SENT = "sent";
  private static final int ROUNDS = 3;

  /** Calls for a million values; what is rarer in every part is left out of the table. */
  private static final double FREQUENT = 500;

  private static final long WARM_UP_NANOS = 3_000_000_000L;

  private final Table table = new Table();
  private final int seconds;

  private LiveReaders(int seconds) {
    this.seconds = seconds;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    LiveReaders measurement =
        new LiveReaders(arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_SECONDS);
    try (Scratch scratch = new Scratch()) {
      measurement.run(scratch);
    }
    measurement.table.print();
  }

  private void run(Scratch scratch) throws IOException, InterruptedException {
    try (Child writer = Child.start(List.of(), Load.class, List.of(scratch.root().toString()))) {
      String pid = writer.value("pid");
      String run = writer.value("run");
      warmUp(writer);
      List<Window> without = new ArrayList<>(windows(writer));
      List<Window> with;
      try (Child readers = readers(run, 10, 100)) {
        readers.value("reading");
        skip(writer, System.nanoTime());
        with = windows(writer);
        report(readers);
      }
      skip(writer, System.nanoTime());
      without.addAll(windows(writer));
      double alone = median(without);
      table.show("log(name, value), p50 of the call alone, no reader", alone, Unit.NANOS);
      table.atMost("the same with 10 polling readers", median(with), 1.1 * alone, Unit.NANOS);
      countCalls(writer, pid, run);
    }
  }

  private void countCalls(Child writer, String pid, String run)
      throws IOException, InterruptedException {
    List<Map<String, Double>> without = new ArrayList<>();
    List<Map<String, Double>> with = new ArrayList<>();
    without.add(callsPerMillion(writer, pid));
    for (int i = 0; i < ROUNDS; i++) {
      try (Child readers = readers(run, 100, 1_000)) {
        readers.value("reading");
        with.add(callsPerMillion(writer, pid));
      }
      without.add(callsPerMillion(writer, pid));
    }
    Set<String> names = new TreeSet<>();
    without.forEach(part -> names.addAll(part.keySet()));
    with.forEach(part -> names.addAll(part.keySet()));
    names.removeIf(name -> !isWorthShowing(name, without, with));
    for (String name : names) {
      String prefix = "system calls for a million values, " + name + ", ";
      showCalls(prefix + "no reader", name, without);
      showCalls(prefix + "100 readers", name, with);
    }
  }

  /** Whether a call is frequent, or made only where there are readers. */
  private static boolean isWorthShowing(
      String name, List<Map<String, Double>> without, List<Map<String, Double>> with) {
    return without.stream().anyMatch(part -> part.getOrDefault(name, 0.0) >= FREQUENT)
        || with.stream().anyMatch(part -> part.getOrDefault(name, 0.0) >= FREQUENT)
        || (without.stream().noneMatch(part -> part.containsKey(name))
            && with.stream().allMatch(part -> part.containsKey(name)));
  }

  private void showCalls(String what, String name, List<Map<String, Double>> parts) {
    long[] sorted =
        parts.stream()
            .mapToLong(part -> Math.round(part.getOrDefault(name, 0.0)))
            .sorted()
            .toArray();
    String range = "%,d to %,d".formatted(sorted[0], sorted[sorted.length - 1]);
    table.show(what + " (" + range + ")", new Samples(sorted).median(), Unit.COUNT);
  }

  private Map<String, Double> callsPerMillion(Child writer, String pid)
      throws IOException, InterruptedException {
    SystemCalls calls = SystemCalls.of(pid, seconds);
    double millions = valuesLogged(writer, calls.since(), calls.until()) / 1e6;
    Map<String, Double> perMillion = new TreeMap<>();
    calls.counts().forEach((name, count) -> perMillion.put(name, count / millions));
    return perMillion;
  }

  /** Returns how many values were logged in a time that has passed, as its windows tell. */
  private static double valuesLogged(Child writer, long since, long until) throws IOException {
    double values = 0;
    long began = Window.next(writer).began();
    while (began - until < 0) {
      long ended = Window.next(writer).began();
      double overlap = Math.min(ended, until) - Math.max(began, since);
      values += Math.max(0, overlap / (ended - began)) * WINDOW_VALUES;
      began = ended;
    }
    return values;
  }

  private Child readers(String run, int count, int periodMillis) throws IOException {
    return Child.start(
        List.of(), Readers.class, List.of(run, "" + count, "" + periodMillis, "" + seconds));
  }

  private void report(Child readers) throws IOException {
    String prefix = "from the log call to a follower in another process, ";
    table.show(prefix + "p50", Double.parseDouble(readers.value("p50")), Unit.NANOS);
    double p99 = Double.parseDouble(readers.value("p99"));
    table.atMost(prefix + "p99", p99, 250e6, Unit.NANOS);
    table.show(prefix + "max", Double.parseDouble(readers.value("max")), Unit.NANOS);
    double refresh = Double.parseDouble(readers.value("refresh"));
    table.show("refresh with 10,000 new rows, p50", refresh, Unit.NANOS);
    double idle = Double.parseDouble(readers.value("idle"));
    table.show("refresh right after a refresh, p50", idle, Unit.NANOS);
  }

  /** Passes over what the writer says before it is warm. */
  static void warmUp(Child writer) throws IOException {
    skip(writer, System.nanoTime() + WARM_UP_NANOS);
  }

  /** Passes over what the writer said up to a time. */
  static void skip(Child writer, long until) throws IOException {
    long began;
    do {
      began = Window.next(writer).began();
    } while (began - until < 0);
  }

  private List<Window> windows(Child writer) throws IOException {
    return Window.next(writer, seconds);
  }

  /** Returns the median of the windows' medians. */
  static double median(List<Window> windows) {
    return new Samples(windows.stream().mapToLong(Window::median).toArray()).median();
  }

  /**
   * What the writer says of half a second.
   *
   * @param median of its log calls, in nanoseconds
   * @param began when, as {@link System#nanoTime} tells it
   * @param besides the processor time of all threads but the one that logs, in nanoseconds
   * @param dropped how many calls are lost since the board is open
   */
  record Window(long median, long began, long besides, long dropped) {
    static Window next(Child writer) throws IOException {
      long[] figures =
          Arrays.stream(writer.value("window").split(" ", -1)).mapToLong(Long::parseLong).toArray();
      return new Window(figures[0], figures[1], figures[2], figures[3]);
    }

    /** Returns those of the next seconds. */
    static List<Window> next(Child writer, int seconds) throws IOException {
      List<Window> windows = new ArrayList<>();
      for (int i = 0; i < 2 * seconds; i++) {
        windows.add(next(writer));
      }
      return windows;
    }

    @Override
    public String toString() {
      return median + " " + began + " " + besides + " " + dropped;
    }
  }

  /** Logs, and says of each half second how it was. */
  static final class Load {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Load() {}

    public static void main(String[] arguments) {
      try (Board board =
          Board.builder("live-readers").root(Path.of(arguments[0])).id("run").open()) {
        System.out.println("pid " + ProcessHandle.current().pid());
        System.out.println("run " + board.directory());
        long[] nanos = new long[PER_WINDOW];
        long period = 1_000_000_000L / HERTZ;
        long before = besides();
        while (true) {
          long start = System.nanoTime();
          for (int i = 0; i < PER_WINDOW; i++) {
            long due = start + i * period;
            long began = System.nanoTime();
            while (began - due < 0) {
              Thread.onSpinWait();
              began = System.nanoTime();
            }
            board.log(METRIC, Noise.at(i));
            nanos[i] = System.nanoTime() - began;
            if (i % SENT_EVERY == 0) {
              board.log(SENT, (double) System.nanoTime());
            }
          }
          long now = besides();
          long median = new Samples(nanos).median();
          System.out.println(
              "window " + new Window(median, start, now - before, board.health().dropped()));
          before = now;
        }
      }
    }

    private static long besides() {
      return Machine.cpuNanos() - THREADS.getCurrentThreadCpuTime();
    }
  }

  /** Readers of a run: says when they read, and what they saw. */
  static final class Readers {
    private Readers() {}

    public static void main(String[] arguments) throws InterruptedException {
      Path run = Path.of(arguments[0]);
      int count = Integer.parseInt(arguments[1]);
      int period = Integer.parseInt(arguments[2]);
      int seconds = Integer.parseInt(arguments[3]);
      Polling polling = new Polling(run, METRIC, count, period);
      List<Long> latencies = Collections.synchronizedList(new ArrayList<>());
      RunReader own = RunReader.open(run);
      Follower follower = own.follow(SENT, rows -> add(rows.values(), latencies));
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
      latencies.clear();
      System.out.println("reading " + follower.metric());
      List<Long> refreshes = new ArrayList<>();
      List<Long> idle = new ArrayList<>();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (System.nanoTime() - end < 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        refreshes.add(refresh(own));
        idle.add(refresh(own));
      }
      polling.check();
      Samples all = samples(List.copyOf(latencies));
      System.out.println("p50 " + all.median());
      System.out.println("p99 " + all.percentile(99));
      System.out.println("max " + all.max());
      System.out.println("refresh " + samples(refreshes).median());
      System.out.println("idle " + samples(idle).median());
      polling.end();
      own.close();
    }

    private static void add(double[] sent, List<Long> latencies) {
      long now = System.nanoTime();
      for (double time : sent) {
        latencies.add(now - (long) time);
      }
    }

    private static long refresh(RunReader reader) {
      long start = System.nanoTime();
      reader.refresh();
      return System.nanoTime() - start;
    }

    private static Samples samples(List<Long> nanos) {
      return new Samples(nanos.stream().mapToLong(Long::longValue).toArray());
    }
  }
}
