package dev.tracker.examples;

import static java.util.Locale.ROOT;

import dev.tracker.read.MediaFile;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.read.TableRow;
import dev.tracker.read.TableRows;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a person likes to see of a run: the last and the best value of each metric, two curves, and
 * where it is.
 */
final class Report {
  private static final int COLUMNS = 60;
  private static final int ROWS = 6;

  private Report() {}

  /** Reads a run of {@link Digits}; returns the lines to print. */
  static List<String> of(Path folder) {
    List<String> lines = new ArrayList<>();
    try (RunReader run = RunReader.open(folder)) {
      long rows = 0;
      lines.add("");
      lines.add(row("metric", "last", "best", "at step", "epoch", "rows"));
      for (String metric : run.metrics()) {
        Scalars scalars = run.scalars(metric);
        lines.add(summary(metric, scalars));
        rows += scalars.size();
      }

      for (String metric : List.of("train/loss", "val/accuracy")) {
        Scalars scalars = run.scalars(metric);
        lines.add("");
        lines.add(metric + " by step");
        lines.addAll(Chart.curve(scalars.steps(), scalars.values(), COLUMNS, ROWS));
      }

      lines.add("");
      lines.add("weights/hidden by epoch");
      lines.addAll(Chart.heatmap(run.histograms("weights/hidden").heatmap(COLUMNS), ROWS));

      lines.add("");
      List<MediaFile> mistakes = run.media("val/mistakes");
      lines.add(mistakes.size() + " digits misread of " + read(run.tables("val/confusion")) + ":");
      for (MediaFile mistake : mistakes) {
        String where = mistake.file().map(folder::relativize).map(Path::toString).orElse("journal");
        lines.add("  " + mistake.caption() + "  " + where);
      }

      RunInfo info = run.info();
      Duration spent = Duration.between(info.created(), info.finished().orElseGet(Instant::now));
      double seconds = spent.toMillis() / 1000.0;
      lines.add("");
      lines.add(
          String.format(
              ROOT, "%s: %s, %,d rows in %.1f s", info.name(), info.status(), rows, seconds));
      lines.add(folder.toAbsolutePath().toString());
    }
    return lines;
  }

  /** Counts the digits in a table of which was taken for which. */
  private static long read(TableRows confusion) {
    double read = 0;
    for (TableRow row : confusion) {
      read += (Double) Objects.requireNonNull(row.get("times"));
    }
    return (long) read;
  }

  private static String summary(String metric, Scalars scalars) {
    double[] values = scalars.values();
    String last = Chart.number(values[values.length - 1]);
    int best = best(metric, values);
    if (best < 0) {
      return row(metric, last, "", "", "", values.length);
    }
    long step = scalars.steps()[best];
    long epoch = scalars.globalSteps()[best];
    return row(metric, last, Chart.number(values[best]), step, epoch, values.length);
  }

  private static String row(Object... cells) {
    return String.format(ROOT, "%-16s %10s %10s %9s %7s %7s", cells);
  }

  /** Returns the index of the first best value; -1 where neither more nor less is better. */
  static int best(String metric, double[] values) {
    int sign = metric.endsWith("accuracy") ? 1 : metric.endsWith("loss") ? -1 : 0;
    int best = -1;
    for (int i = 0; sign != 0 && i < values.length; i++) {
      if (!Double.isNaN(values[i]) && (best < 0 || sign * values[i] > sign * values[best])) {
        best = i;
      }
    }
    return best;
  }
}
