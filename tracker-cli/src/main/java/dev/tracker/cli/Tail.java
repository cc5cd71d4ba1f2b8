package dev.tracker.cli;

import dev.tracker.format.Kind;
import dev.tracker.read.ConsoleLine;
import dev.tracker.read.Curve;
import dev.tracker.read.MetricSummary;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Follows a run. */
@Command(
    name = "tail",
    description =
        "Shows the last console lines of a run and the latest values of its metrics, and "
            + "goes on as long as it is written.")
final class Tail extends RunCommand {
  /** How many metrics are shown where nobody says which. */
  private static final int FEW = 6;

  @Parameters(paramLabel = "RUN", description = "which run")
  String run = "";

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      description = "with how many console lines to begin; 10 by default")
  int lines = 10;

  @Option(
      names = {"-m", "--metric"},
      paramLabel = "METRIC",
      description = "a metric to show; may be given several times; the first 6 by default")
  List<String> metrics = List.of();

  @Option(
      names = "--every",
      paramLabel = "MILLIS",
      description = "how often to look; 500 by default")
  long every = 500;

  @Option(names = "--no-follow", description = "show what is there, and end")
  boolean once;

  private final Map<String, Long> counts = new LinkedHashMap<>();
  private long lastTime = Long.MIN_VALUE;
  private int atLastTime;

  @Override
  public Integer call() throws InterruptedException {
    if (lines < 0 || every < 1) {
      throw new ParameterException(
          spec.commandLine(), "not a number of lines or time: lines=" + lines + " every=" + every);
    }
    Path folder = find(run);
    try (RunReader reader = RunReader.open(folder)) {
      metrics.forEach(name -> require(reader, name, Kind::isScalar));
      begin(reader);
      while (true) {
        // Asked before looking: what was written before the run ended is then seen.
        RunStatus status = reader.info().status();
        reader.refresh();
        printNew(reader);
        printMetrics(reader);
        out().flush();
        if (status != RunStatus.RUNNING || once) {
          return end(status);
        }
        TimeUnit.MILLISECONDS.sleep(every);
      }
    }
  }

  /** Prints the first lines, and marks where to go on. */
  private void begin(RunReader reader) {
    reader.console(lines).forEach(this::print);
    for (ConsoleLine line : reader.console(1)) {
      lastTime = line.timestamp();
      atLastTime = linesFrom(reader, lastTime).size();
    }
  }

  /** Prints the lines behind those that were printed. */
  private void printNew(RunReader reader) {
    List<ConsoleLine> behind = linesFrom(reader, lastTime);
    for (ConsoleLine line : behind.subList(Math.min(atLastTime, behind.size()), behind.size())) {
      print(line);
      atLastTime = line.timestamp() == lastTime ? atLastTime + 1 : 1;
      lastTime = line.timestamp();
    }
  }

  /** Returns the lines from a time on: times do not run backwards, so they are the last ones. */
  private static List<ConsoleLine> linesFrom(RunReader reader, long time) {
    for (int last = 64; ; last = Math.multiplyExact(last, 4)) {
      List<ConsoleLine> found = reader.console(last);
      if (found.size() < last || found.get(0).timestamp() < time) {
        return found.stream().filter(line -> line.timestamp() >= time).toList();
      }
    }
  }

  private void print(ConsoleLine line) {
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("timestamp", line.timestamp());
      fields.put("stream", line.stream().word());
      fields.put("text", line.text());
      out().println(Json.line(fields));
    } else {
      out().println(Texts.clock(line.timestamp()) + "  " + line.text());
    }
  }

  /** Prints those metrics that have new rows, in one line. */
  private void printMetrics(RunReader reader) {
    List<String> shown =
        metrics.isEmpty() ? reader.metrics().stream().limit(FEW).toList() : metrics;
    StringBuilder line = new StringBuilder();
    for (String name : shown) {
      MetricSummary summary = reader.summary(name);
      if (summary.rows() == 0 || counts.getOrDefault(name, 0L) == summary.rows()) {
        continue;
      }
      counts.put(name, summary.rows());
      Curve numbers =
          summary.kind() == Kind.STRING
              ? null
              : reader.curve(name, Long.MIN_VALUE, Long.MAX_VALUE, 1);
      if (json) {
        out().println(Json.line(json(summary, numbers)));
      } else {
        if (line.length() == 0 && numbers != null) {
          line.append(Texts.clock(numbers.toTime(0)));
        }
        line.append("  ")
            .append(TextTable.plain(name))
            .append('=')
            .append(text(summary))
            .append('@')
            .append(summary.stepOfLast());
      }
    }
    if (line.length() > 0) {
      out().println(line);
    }
  }

  private static Map<String, Object> json(MetricSummary summary, @Nullable Curve numbers) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (numbers != null) {
      fields.put("timestamp", numbers.toTime(0));
    }
    fields.put("metric", summary.name());
    fields.put("step", summary.stepOfLast());
    fields.put("rows", summary.rows());
    if (numbers == null) {
      fields.put("value", summary.lastText().orElse(""));
    } else if (summary.kind() == Kind.FLOAT64) {
      fields.put("value", summary.last());
    } else {
      fields.put("value", summary.lastLong());
    }
    return fields;
  }

  private static String text(MetricSummary summary) {
    return summary.kind() == Kind.STRING
        ? TextTable.plain(Texts.shortened(summary.lastText().orElse("")))
        : Texts.value(summary.kind(), summary.last(), summary.lastLong());
  }

  private int end(RunStatus status) {
    if (json) {
      out().println(Json.line(Map.of("status", status.name())));
    } else {
      out().println("run " + status.name().toLowerCase(Locale.ROOT));
    }
    return status == RunStatus.SUCCEEDED || status == RunStatus.RUNNING ? Exit.OK : Exit.RUN_FAILED;
  }
}
