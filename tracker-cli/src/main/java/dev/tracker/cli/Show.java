package dev.tracker.cli;

import dev.tracker.format.Kind;
import dev.tracker.read.Curve;
import dev.tracker.read.MetricSummary;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.SeriesExtent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what is known of a run. */
@Command(
    name = "show",
    description =
        "Shows a run: status, config, environment, attempts, what its metrics amount to, and how "
            + "many histograms and media there are.")
final class Show extends RunCommand {
  private static final String CLASS_PATH = "classPath";

  @Parameters(paramLabel = "RUN", description = "which run")
  String run = "";

  @Override
  public Integer call() {
    Path folder = find(run);
    try (RunReader reader = RunReader.open(folder)) {
      if (json) {
        out().println(Json.pretty(json(reader)));
      } else {
        print(reader);
      }
    }
    return Exit.OK;
  }

  /** Returns a metric of numbers as one bucket, without reading its rows. */
  private static Curve summary(RunReader reader, String metric) {
    return reader.curve(metric, Long.MIN_VALUE, Long.MAX_VALUE, 1);
  }

  private static Map<String, Object> json(RunReader reader) {
    RunInfo info = reader.info();
    Map<String, Object> all = Json.of(info);
    info.notes().ifPresent(notes -> all.put("notes", notes));
    all.put("config", info.config());
    all.put("environment", info.environment());
    info.parent()
        .ifPresent(parent ->
            all.put(
                "parent",
                Map.of("id", parent.id(), "project", parent.project(), "step", parent.step())));
    List<Object> attempts = new ArrayList<>();
    for (RunInfo.Attempt attempt : info.attempts()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("started", attempt.started().toString());
      fields.put("host", attempt.host());
      fields.put("pid", attempt.pid());
      attempt.finished().ifPresent(time -> fields.put("finished", time.toString()));
      attempt.status().ifPresent(status -> fields.put("status", status.name()));
      attempts.add(fields);
    }
    all.put("attempts", attempts);
    List<Object> metrics = new ArrayList<>();
    for (String name : reader.metrics()) {
      metrics.add(metric(reader, name));
    }
    all.put("metrics", metrics);
    all.put("histograms", extents(reader, reader.histograms()));
    all.put("media", extents(reader, reader.media()));
    return all;
  }

  private static List<Object> extents(RunReader reader, List<String> names) {
    List<Object> all = new ArrayList<>();
    for (String name : names) {
      SeriesExtent extent = reader.extent(name);
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("name", name);
      fields.put("kind", extent.kind().name());
      fields.put("entries", extent.entries());
      if (extent.entries() > 0) {
        fields.put("stepOfLast", extent.stepOfLast());
      }
      all.add(fields);
    }
    return all;
  }

  private static Map<String, Object> metric(RunReader reader, String name) {
    MetricSummary summary = reader.summary(name);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("kind", summary.kind().name());
    fields.put("rows", summary.rows());
    if (summary.rows() > 0) {
      if (summary.kind() == Kind.STRING) {
        fields.put("last", summary.lastText().orElse(""));
      } else {
        putNumbers(summary(reader, name), summary.kind(), fields);
      }
      fields.put("stepOfLast", summary.stepOfLast());
      fields.put("fromStep", summary.firstStep());
      fields.put("toStep", summary.lastStep());
    }
    return fields;
  }

  private static void putNumbers(Curve curve, Kind kind, Map<String, Object> fields) {
    fields.put("last", exact(kind, curve.last(0), curve.lastLong(0)));
    fields.put("min", exact(kind, curve.min(0), curve.minLong(0)));
    fields.put("max", exact(kind, curve.max(0), curve.maxLong(0)));
    fields.put("mean", curve.mean(0));
    fields.put("nans", curve.nans(0));
  }

  private static Object exact(Kind kind, double value, long exact) {
    return switch (kind) {
      case FLOAT64 -> value;
      case BOOL -> exact != 0;
      default -> exact;
    };
  }

  private void print(RunReader reader) {
    RunInfo info = reader.info();
    line("run", info.id());
    line("name", info.name());
    line("project", info.project());
    line("status", info.status().name());
    line("created", Texts.time(info.created()));
    info.finished().ifPresent(time -> line("finished", Texts.time(time)));
    line("took", Ls.took(info));
    if (!info.tags().isEmpty()) {
      line("tags", String.join(" ", info.tags()));
    }
    info.notes().ifPresent(notes -> line("notes", notes));
    info.error().ifPresent(error -> line("error", error));
    info.parent().ifPresent(parent -> line("parent", parent.id() + " up to step " + parent.step()));
    line("folder", info.directory().toString());
    if (info.attempts().size() > 1) {
      for (int i = 0; i < info.attempts().size(); i++) {
        RunInfo.Attempt attempt = info.attempts().get(i);
        String end = end(info, i);
        line("attempt", Texts.time(attempt.started()) + " " + attempt.host() + " " + end);
      }
    }
    printFlat("CONFIG", "/", info.config());
    Map<String, Object> environment = new LinkedHashMap<>(info.environment());
    environment.remove(CLASS_PATH); // a hundred lines; --json has them
    printFlat("ENVIRONMENT", ".", environment);
    out().println();
    printMetrics(reader);
    printExtents("HISTOGRAMS", reader, reader.histograms());
    printExtents("MEDIA", reader, reader.media());
  }

  /**
   * Returns how an attempt ended. One without a final word that another one followed has crashed,
   * since only one at a time writes a run; the last one's end is that of the run.
   */
  private static String end(RunInfo info, int attempt) {
    boolean last = attempt == info.attempts().size() - 1;
    return info.attempts()
        .get(attempt)
        .status()
        .orElse(last ? info.status() : RunStatus.CRASHED)
        .name();
  }

  private void printFlat(String heading, String separator, Map<String, Object> nested) {
    if (!nested.isEmpty()) {
      out().println();
      TextTable table = new TextTable(heading, "");
      flat("", separator, nested, table);
      table.lines().forEach(out()::println);
    }
  }

  private void printExtents(String heading, RunReader reader, List<String> names) {
    if (!names.isEmpty()) {
      out().println();
      TextTable table = new TextTable(heading, "KIND", ">ENTRIES", ">LAST STEP");
      for (String name : names) {
        SeriesExtent extent = reader.extent(name);
        table.add(
            Texts.name(name),
            word(extent.kind()),
            Texts.count(extent.entries()),
            extent.entries() == 0 ? "" : Long.toString(extent.stepOfLast()));
      }
      table.lines().forEach(out()::println);
    }
  }

  private void line(String name, String value) {
    out().printf("%-9s %s%n", name, TextTable.plain(value));
  }

  private static void flat(String prefix, String separator, Map<?, ?> config, TextTable into) {
    config.forEach((key, value) -> {
      if (value instanceof Map<?, ?> nested && !nested.isEmpty()) {
        flat(prefix + key + separator, separator, nested, into);
      } else {
        into.add(Texts.name(prefix + key), value instanceof String text ? text : Json.line(value));
      }
    });
  }

  private void printMetrics(RunReader reader) {
    if (reader.metrics().isEmpty()) {
      out().println("no metrics");
      return;
    }
    TextTable table =
        new TextTable(
            "METRIC", "KIND", ">ROWS", ">LAST", ">MIN", ">MAX", ">MEAN", ">NAN", ">STEPS");
    for (String name : reader.metrics()) {
      Kind kind = reader.kind(name);
      Curve summary = kind == Kind.STRING ? null : summary(reader, name);
      if (summary == null) {
        addText(reader.summary(name), table);
      } else if (summary.size() == 0) {
        table.add(Texts.name(name), word(kind), "0", "", "", "", "", "", "");
      } else {
        table.add(
            Texts.name(name),
            word(kind),
            Texts.count(summary.count(0)),
            Texts.value(kind, summary.last(0), summary.lastLong(0)),
            Texts.value(kind, summary.min(0), summary.minLong(0)),
            Texts.value(kind, summary.max(0), summary.maxLong(0)),
            Texts.number(summary.mean(0)),
            summary.nans(0) == 0 ? "" : Texts.count(summary.nans(0)),
            summary.fromStep(0) + ".." + summary.toStep(0));
      }
    }
    table.lines().forEach(out()::println);
  }

  private static void addText(MetricSummary summary, TextTable into) {
    into.add(
        Texts.name(summary.name()),
        word(summary.kind()),
        Texts.count(summary.rows()),
        Texts.shortened(summary.lastText().orElse("")),
        "",
        "",
        "",
        "",
        summary.rows() == 0 ? "" : summary.firstStep() + ".." + summary.lastStep());
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(java.util.Locale.ROOT);
  }
}
