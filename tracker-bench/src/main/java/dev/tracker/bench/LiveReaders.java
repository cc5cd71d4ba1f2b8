package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.read.Follower;
import dev.tracker.read.RunReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
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
      skip(writer, System.nanoTime() + WARM_UP_NANOS);
      List<Long> without = windows(writer);
      List<Long> with;
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
    long began = window(writer)[1];
    while (began - until < 0) {
      long ended = window(writer)[1];
      double overlap = Math.min(ended, until) - Math.max(began, since);
      values += Math.max(0, overlap / (ended - began)) * (PER_WINDOW + PER_WINDOW / SENT_EVERY);
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

  /** Passes over what the writer said up to a time. */
  private static void skip(Child writer, long until) throws IOException {
    long began;
    do {
      began = window(writer)[1];
    } while (began - until < 0);
  }

  /** Returns the medians of the windows of the next seconds. */
  private List<Long> windows(Child writer) throws IOException {
    List<Long> medians = new ArrayList<>();
    for (int i = 0; i < 2 * seconds; i++) {
      medians.add(window(writer)[0]);
    }
    return medians;
  }

  /** Returns the median of the next window, and when it began. */
  private static long[] window(Child writer) throws IOException {
    return Arrays.stream(writer.value("window").split(" ", -1))
        .mapToLong(Long::parseLong)
        .toArray();
  }

  private static double median(List<Long> nanos) {
    return new Samples(nanos.stream().mapToLong(Long::longValue).toArray()).median();
  }

  /** Logs, and says the median of each half second and when it began. */
  static final class Load {
    private Load() {}

    public static void main(String[] arguments) {
      try (Board board =
          Board.builder("live-readers").root(Path.of(arguments[0])).id("run").open()) {
        System.out.println("pid " + ProcessHandle.current().pid());
        System.out.println("run " + board.directory());
        long[] nanos = new long[PER_WINDOW];
        long period = 1_000_000_000L / HERTZ;
        while (true) {
          long start = System.nanoTime();
          for (int i = 0; i < PER_WINDOW; i++) {
            long due = start + i * period;
            long began = System.nanoTime();
            while (began - due < 0) {
              Thread.onSpinWait();
              began = System.nanoTime();
            }
            board.log("bench/loss", Noise.at(i));
            nanos[i] = System.nanoTime() - began;
            if (i % SENT_EVERY == 0) {
              board.log(SENT, (double) System.nanoTime());
            }
          }
          System.out.println("window " + new Samples(nanos).median() + " " + start);
        }
      }
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
      ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
      List<RunReader> readers = new ArrayList<>();
      List<Future<?>> polls = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        RunReader reader = RunReader.open(run);
        readers.add(reader);
        polls.add(
            clock.scheduleAtFixedRate(
                () -> {
                  reader.refresh();
                  reader.summary("bench/loss");
                },
                (long) period * i / count,
                period,
                TimeUnit.MILLISECONDS));
      }
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
      if (polls.stream().anyMatch(Future::isDone)) {
        throw new IllegalStateException("a reader failed: run=" + run + " readers=" + count);
      }
      Samples all = samples(List.copyOf(latencies));
      System.out.println("p50 " + all.median());
      System.out.println("p99 " + all.percentile(99));
      System.out.println("max " + all.max());
      System.out.println("refresh " + samples(refreshes).median());
      System.out.println("idle " + samples(idle).median());
      clock.shutdown();
      clock.awaitTermination(10, TimeUnit.SECONDS);
      readers.forEach(RunReader::close);
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
