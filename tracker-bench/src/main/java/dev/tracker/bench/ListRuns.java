package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.read.RunSummary;
import dev.tracker.read.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How long does a list of many runs take, with status, config and what every metric amounts to?
 *
 * <p>Workload: finished runs of 20 values of config and 8 metrics of 1,000 rows: some that were
 * logged, and copies of them. They are listed in a JVM of its own; the first time is cold, the
 * others are warm, and the median of the next seven counts. In these the JVM still compiles on
 * other cores, so there is one more line for the median after forty: that is a program that lists
 * runs again and again. Processor time is that of the whole JVM, and says more than the clock where
 * the machine is shared. Beside it, one after the other: only opening each database and reading the
 * state in it, which is the least that any list of them costs.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar ListRuns [runs = 1000]}. The machine is
 * printed with the results. Files are in the page cache.
 */
final class ListRuns {
  private static final int DEFAULT_RUNS = 1_000;
  private static final int LOGGED = 5;
  private static final int ROWS = 1_000;
  private static final int METRICS = 8;
  private static final int KEYS = 20;
  private static final int TIMES = 7;
  private static final int SETTLED = 40;
  private static final double GOAL = 300e6;

  private ListRuns() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Table table = new Table();
    try (Scratch scratch = new Scratch()) {
      make(scratch, runs);
      try (Child child =
          Child.start(List.of(), Listing.class, List.of(scratch.root().toString(), "" + runs))) {
        String prefix = Unit.COUNT.format(runs) + " runs, ";
        show(table, prefix + "summaries, first time", child.value("first"));
        show(table, prefix + "summaries, first time, processor time", child.value("cold"));
        double warm = Double.parseDouble(child.value("summaries"));
        table.atMost(prefix + "summaries, warm", warm, GOAL, Unit.NANOS);
        show(table, prefix + "summaries, warm, processor time", child.value("processor"));
        show(table, prefix + "summaries, after forty", child.value("steady"));
        show(table, prefix + "summaries, after forty, processor time", child.value("settled"));
        show(table, prefix + "without metrics, warm", child.value("in"));
        show(table, prefix + "only the databases, one by one, warm", child.value("databases"));
        table.bound(prefix + "exit code", child.end(), 0);
      }
    }
    table.print();
    System.exit(table.exitCode());
  }

  private static void show(Table table, String what, String nanos) {
    table.show(what, Double.parseDouble(nanos), Unit.NANOS);
  }

  private static void make(Scratch scratch, int runs) throws IOException {
    Map<String, Object> config = new HashMap<>();
    for (int i = 0; i < KEYS; i++) {
      config.put("key-" + i, i % 2 == 0 ? Noise.at(i) : Map.of("nested", "value " + i));
    }
    String[] names = Noise.names(METRICS);
    for (int i = 0; i < LOGGED; i++) {
      try (Board board = scratch.board("run-" + i).config(config).open()) {
        for (int row = 0; row < ROWS * METRICS; row++) {
          board.log(names[row % METRICS], Noise.at(row));
        }
        board.finish();
        for (int copy = i + LOGGED; copy < runs; copy += LOGGED) {
          copy(board.directory(), board.directory().resolveSibling("copy-" + copy));
        }
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  /** Lists the runs and says how long it took. */
  static final class Listing {
    private Listing() {}

    private interface Work {
      void run() throws IOException;
    }

    public static void main(String[] arguments) throws IOException {
      Path root = Path.of(arguments[0]);
      int runs = Integer.parseInt(arguments[1]);
      Work summaries = () -> check(Runs.summaries(root), runs);
      long before = Machine.cpuNanos();
      System.out.println("first " + time(summaries));
      System.out.println("cold " + (Machine.cpuNanos() - before));
      say("summaries", "processor", summaries);
      for (int i = TIMES + 1; i < SETTLED; i++) {
        summaries.run();
      }
      say("steady", "settled", summaries);
      System.out.println("in " + median(() -> Runs.in(root)));
      List<Path> databases;
      try (Stream<Path> files = Files.walk(root)) {
        databases = files.filter(file -> file.endsWith("metadata.db")).toList();
      }
      System.out.println(
          "databases "
              + median(() -> {
                for (Path database : databases) {
                  MetadataReader.read(database);
                }
              }));
    }

    private static void say(String median, String processor, Work work) throws IOException {
      long before = Machine.cpuNanos();
      System.out.println(median + " " + median(work));
      System.out.println(processor + " " + (Machine.cpuNanos() - before) / TIMES);
    }

    private static void check(List<RunSummary> found, int runs) {
      long whole = found.stream().filter(run -> run.metrics().size() == METRICS).count();
      if (whole != runs) {
        throw new IllegalStateException("runs are missing: found=" + whole + " expected=" + runs);
      }
    }

    private static long time(Work work) throws IOException {
      long start = System.nanoTime();
      work.run();
      return System.nanoTime() - start;
    }

    private static long median(Work work) throws IOException {
      long[] nanos = new long[TIMES];
      for (int i = 0; i < TIMES; i++) {
        nanos[i] = time(work);
      }
      return new Samples(nanos).median();
    }
  }
}
