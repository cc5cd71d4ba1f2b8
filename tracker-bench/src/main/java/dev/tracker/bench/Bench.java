package dev.tracker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Starts the measurements, each in a JVM of its own.
 *
 * <pre>
 * mvn -q package -DskipTests
 * java -jar tracker-bench/target/benchmarks.jar                    a short form of everything
 * java -jar tracker-bench/target/benchmarks.jar SustainedRate 60   one program, with its arguments
 * java -jar tracker-bench/target/benchmarks.jar Report             all in full, for the page
 * java -jar tracker-bench/target/benchmarks.jar jmh -h             JMH itself
 * </pre>
 *
 * <p>The short form takes some ten minutes on two processors. {@code -Dbench.dir=folder}, before
 * {@code -jar}, puts the runs on the disk that is to be measured; otherwise they are in the
 * system's temporary folder. Ends with 1 where a program failed or a bound was broken; a missed
 * goal is only said.
 */
public final class Bench {
  /** By name; {@code jmh} is the one that is not ours. */
  private static final Map<String, Class<?>> PROGRAMS =
      Stream.of(
              LogBenchmark.class,
              HistogramBenchmark.class,
              PacedLog.class,
              SustainedRate.class,
              SealedSize.class,
              IdleCost.class,
              ManyMetrics.class,
              Sweep.class,
              Latencies.class,
              Killed.class,
              ReadScalars.class,
              Curves.class,
              ImageEncoding.class,
              ListRuns.class,
              LiveReaders.class,
              Scaling.class,
              TrainingLoop.class,
              Guard.class,
              Peers.class,
              Report.class,
              org.openjdk.jmh.Main.class)
          .collect(Collectors.toMap(Bench::nameOf, Function.identity()));

  /** What the short form runs. */
  private static final List<List<String>> SHORT =
      List.of(
          List.of("LogBenchmark", "short"),
          List.of("HistogramBenchmark", "short"),
          List.of("PacedLog", "2"),
          List.of("SustainedRate", "5", "16"),
          List.of("SustainedRate", "5", "1000"),
          List.of("SealedSize", "100000", "500", "short"),
          List.of("IdleCost", "3"),
          List.of("ManyMetrics", "1000", "10", "20"),
          List.of("Sweep", "20", "10", "10"),
          List.of("Latencies", "3"),
          List.of("Killed", "5"),
          List.of("ReadScalars", "1000000"),
          List.of("Curves", "10000000"),
          List.of("ImageEncoding", "5"),
          List.of("ListRuns", "300"),
          List.of("LiveReaders", "2"),
          List.of("Scaling", "metrics=400000", "rows=1000000", "readers=1", "threads=20"),
          List.of("TrainingLoop", "1"),
          List.of("Guard"));

  private Bench() {}

  private static String nameOf(Class<?> program) {
    return program == org.openjdk.jmh.Main.class ? "jmh" : program.getSimpleName();
  }

  /** Runs one program, or without arguments a short form of all. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Table table = new Table();
    int exitCode = 0;
    List<List<String>> commands = arguments.length > 0 ? List.of(Arrays.asList(arguments)) : SHORT;
    for (List<String> command : commands) {
      List<String> printed = new ArrayList<>();
      exitCode = Math.max(exitCode, run(command, printed));
      table.add(Table.parse(printed));
    }
    if (commands.size() > 1) {
      table.print();
    }
    System.exit(exitCode);
  }

  /** Runs a program, prints what it prints and keeps that, and returns its exit code. */
  static int run(List<String> command, List<String> printed)
      throws IOException, InterruptedException {
    Class<?> program = PROGRAMS.get(command.get(0));
    if (program == null) {
      System.err.println("no such program: name=" + command.get(0) + " known=" + PROGRAMS.keySet());
      return 1;
    }
    try (Child child = Child.start(List.of(), program, command.subList(1, command.size()))) {
      for (String line = child.line(); line != null; line = child.line()) {
        Table.say(line);
        printed.add(line);
      }
      int exitCode = child.end();
      if (exitCode != 0) {
        System.err.println("program failed: command=" + command + " exitCode=" + exitCode);
      }
      return exitCode;
    }
  }
}
