package dev.tracker.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the measurements in full, one after the other and each in a JVM of its own, and makes {@code
 * docs/benchmarks.md} of what they printed.
 *
 * <pre>
 * java -jar tracker-bench/target/benchmarks.jar Report                     all, for hours
 * java -jar tracker-bench/target/benchmarks.jar Report Guard "Latencies 11"   some
 * java -jar tracker-bench/target/benchmarks.jar Report render              none, only the page
 * </pre>
 *
 * <p>The words of the page are those of {@code benchmarks.md} among the resources, a {@link
 * Template}; figures are in the page alone. Results are kept in {@code
 * tracker-bench/target/results}, or {@code -Dbench.results=folder}, and the last of each command
 * counts; one that printed no row changes nothing. A command without a result keeps what the page
 * shows of it; where that is nothing, the page stays as it is. To be started in the root of the
 * repository. Ends with 1 where a program failed or a bound was broken.
 */
final class Report {
  private static final Path PAGE = Path.of("docs", "benchmarks.md");

  private static final List<String> COMMANDS =
      List.of(
          "LogBenchmark",
          "PacedLog 30",
          "SustainedRate 60 16",
          "SustainedRate 60 1000",
          "IdleCost 20",
          "ManyMetrics 1000 1 60",
          "ManyMetrics 1000 10 120",
          "ManyMetrics 10000 1 540",
          "ManyMetrics 10000 10 120",
          "Sweep",
          "Latencies 11",
          "Killed 100",
          "ReadScalars 1000000 3",
          "ReadScalars 10000000 3",
          "ReadScalars 100000000 3",
          "Curves 100000000 3",
          "HistogramBenchmark",
          "ImageEncoding 5",
          "ListRuns 1000",
          "LiveReaders 5",
          "Guard",
          "Scaling",
          "TrainingLoop",
          "SealedSize",
          "Peers");

  private Report() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (!Files.isDirectory(PAGE.getParent())) {
      throw new IllegalStateException(
          "no folder for the page: file="
              + PAGE.toAbsolutePath()
              + " (not started in the root of the repository?)");
    }
    Path folder = Path.of(System.getProperty("bench.results", "tracker-bench/target/results"));
    int exitCode = 0;
    for (String command : chosen(arguments)) {
      Result result = Result.measure(command);
      exitCode = Math.max(exitCode, result.exitCode());
      if (!result.rows().isEmpty()) {
        result.write(folder);
      }
    }
    System.exit(render(folder) ? exitCode : 1);
  }

  /** Returns the commands that begin with what was asked for. */
  private static List<String> chosen(String... wanted) {
    if (wanted.length == 0) {
      return COMMANDS;
    }
    if (wanted[0].equals("render")) {
      return List.of();
    }
    List<String> chosen = new ArrayList<>();
    for (String name : wanted) {
      List<String> found =
          COMMANDS.stream().filter(command -> (command + " ").startsWith(name + " ")).toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException("no such command: name=" + name + " known=" + COMMANDS);
      }
      chosen.addAll(found);
    }
    return chosen;
  }

  /** Writes the page, unless programs that it is to show have not run. */
  private static boolean render(Path folder) throws IOException {
    Map<String, Result> results = new HashMap<>();
    if (Files.exists(PAGE)) {
      Result.onPage(Files.readAllLines(PAGE)).forEach(old -> results.put(old.command(), old));
    }
    for (String command : COMMANDS) {
      Result.read(folder, command).ifPresent(newer -> results.put(command, newer));
    }
    List<String> missing =
        COMMANDS.stream().filter(command -> !results.containsKey(command)).toList();
    if (!missing.isEmpty()) {
      Table.say(
          "not written: "
              + PAGE
              + " (there are no results in "
              + folder
              + " or on the page of "
              + missing
              + "; Report with their names runs them)");
      return false;
    }
    Template template = new Template(command -> result(results, command));
    try (InputStream in = Report.class.getResourceAsStream("/benchmarks.md")) {
      Files.writeString(PAGE, template.fill(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    }
    template.empty().forEach(gap -> Table.say("no figure for: " + gap));
    Table.say("written: " + PAGE);
    return true;
  }

  private static Optional<Result> result(Map<String, Result> results, String command) {
    if (!COMMANDS.contains(command)) {
      throw new IllegalArgumentException(
          "the page names a command that is not run: name=" + command + " known=" + COMMANDS);
    }
    return Optional.ofNullable(results.get(command));
  }
}
