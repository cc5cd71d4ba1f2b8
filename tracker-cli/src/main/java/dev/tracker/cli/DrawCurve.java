package dev.tracker.cli;

import dev.tracker.format.Kind;
import dev.tracker.read.Axis;
import dev.tracker.read.Curve;
import dev.tracker.read.RunReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Draws a metric. */
@Command(name = "curve", description = "Draws a metric in the terminal.")
final class DrawCurve extends RunCommand {
  private static final int OTHER_LINES = 6;
  private static final int MAX_HEIGHT = 20;

  @Parameters(index = "0", paramLabel = "RUN", description = "which run")
  String run = "";

  @Parameters(index = "1", paramLabel = "METRIC", description = "which of its metrics")
  String metric = "";

  @Option(
      names = "--by",
      paramLabel = "AXIS",
      description = "along which axis: ${COMPLETION-CANDIDATES}; step is the default")
  Axis axis = Axis.STEP;

  @Option(names = "--from", paramLabel = "N", description = "from here on: a step, or microseconds")
  long from = Long.MIN_VALUE;

  @Option(names = "--to", paramLabel = "N", description = "up to here")
  long to = Long.MAX_VALUE;

  @Option(names = "--width", paramLabel = "N", description = "columns; the terminal's by default")
  int width;

  @Option(
      names = "--height",
      paramLabel = "N",
      description = "lines; what the terminal has room for")
  int height;

  @Option(names = "--buckets", paramLabel = "N", description = "with --json: how many at most")
  int buckets = 200;

  @Override
  public Integer call() {
    refuseIf(from > to, "not a range: from=" + from + " to=" + to + " (--from is beyond --to)");
    refuseIf(width < 0, "not a width: width=" + width + " (leave it out for the terminal's)");
    refuseIf(height < 0, "not a height: height=" + height + " (leave it out for what has room)");
    refuseIf(buckets < 1, "not a number of buckets: buckets=" + buckets + " (1 is the least)");
    Path folder = find(run);
    try (RunReader reader = RunReader.open(folder)) {
      require(reader, metric, Kind::isFixed);
      int columns = width > 0 ? width : Terminal.columns(80);
      Curve curve = reader.curve(metric, axis, from, to, json ? buckets : Plot.buckets(columns));
      if (json) {
        out().println(Json.pretty(json(reader, curve)));
      } else {
        print(reader, curve, columns);
      }
    }
    return Exit.OK;
  }

  private void refuseIf(boolean wrong, String why) {
    if (wrong) {
      throw new ParameterException(spec.commandLine(), why);
    }
  }

  private void print(RunReader reader, Curve curve, int columns) {
    if (curve.size() == 0) {
      out().println("no rows of " + metric + " within this range");
      return;
    }
    int rows =
        height > 0 ? height : Math.min(MAX_HEIGHT, Math.max(3, Terminal.lines(24) - OTHER_LINES));
    long count = 0;
    long nans = 0;
    for (int i = 0; i < curve.size(); i++) {
      count += curve.count(i);
      nans += curve.nans(i);
    }
    out()
        .printf(
            Locale.ROOT,
            "%s  %s  %,d rows by %s%s, last %s%n",
            TextTable.plain(metric),
            reader.info().id(),
            count,
            Plot.name(axis),
            nans == 0 ? "" : String.format(Locale.ROOT, ", %,d of them NaN", nans),
            Texts.value(
                reader.kind(metric),
                curve.last(curve.size() - 1),
                curve.lastLong(curve.size() - 1)));
    Plot.lines(curve, columns, rows).forEach(out()::println);
  }

  private Map<String, Object> json(RunReader reader, Curve curve) {
    boolean whole = reader.kind(metric) != Kind.FLOAT64;
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < curve.size(); i++) {
      Map<String, Object> bucket = new LinkedHashMap<>();
      bucket.put("from", curve.from(i));
      bucket.put("to", curve.to(i));
      bucket.put("fromStep", curve.fromStep(i));
      bucket.put("toStep", curve.toStep(i));
      bucket.put("count", curve.count(i));
      bucket.put("min", whole ? (Object) curve.minLong(i) : (Object) curve.min(i));
      bucket.put("max", whole ? (Object) curve.maxLong(i) : (Object) curve.max(i));
      bucket.put("mean", curve.mean(i));
      bucket.put("deviation", curve.deviation(i));
      bucket.put("first", whole ? (Object) curve.firstLong(i) : (Object) curve.first(i));
      bucket.put("last", whole ? (Object) curve.lastLong(i) : (Object) curve.last(i));
      bucket.put("nans", curve.nans(i));
      bucket.put("positiveInfinities", curve.positiveInfinities(i));
      bucket.put("negativeInfinities", curve.negativeInfinities(i));
      list.add(bucket);
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("run", reader.info().id());
    fields.put("metric", metric);
    fields.put("axis", axis.name());
    fields.put("buckets", list);
    return fields;
  }
}
