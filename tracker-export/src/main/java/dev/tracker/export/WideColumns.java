package dev.tracker.export;

import dev.tracker.format.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The columns of a wide export: of the row, and one for each metric.
 *
 * @param runs what the column of runs holds; empty where there is no such column
 * @param metrics the columns of the metrics
 */
record WideColumns(List<String> runs, List<Metric> metrics) {
  /**
   * The column of a metric. One that holds different things in different runs has several.
   *
   * @param name what the column is called
   */
  record Metric(String name, String metric, Kind kind) {}

  /** Gathers columns, each under a name of its own. */
  static final class Builder {
    private final List<Metric> metrics = new ArrayList<>();
    private final Set<String> names =
        new HashSet<>(List.of(Columns.RUN, Columns.STEP, Columns.GLOBAL_STEP, Columns.TIMESTAMP));

    /** Returns the place of a metric's column, which is made where there is none. */
    int place(String metric, Kind kind) {
      String name = metric;
      for (int i = 0; i < metrics.size(); i++) {
        if (metrics.get(i).metric().equals(metric)) {
          if (metrics.get(i).kind() == kind) {
            return i;
          }
          name = metric + "_" + kind.name().toLowerCase(Locale.ROOT);
        }
      }
      while (!names.add(name)) {
        name = "metric:" + name;
      }
      metrics.add(new Metric(name, metric, kind));
      return metrics.size() - 1;
    }

    WideColumns build(List<String> runs) {
      return new WideColumns(List.copyOf(runs), List.copyOf(metrics));
    }
  }

  boolean hasRuns() {
    return !runs.isEmpty();
  }

  /** Returns the names of the columns before those of the metrics. */
  List<String> rowNames() {
    return hasRuns()
        ? List.of(Columns.RUN, Columns.STEP, Columns.GLOBAL_STEP, Columns.TIMESTAMP)
        : List.of(Columns.STEP, Columns.GLOBAL_STEP, Columns.TIMESTAMP);
  }

  /** Returns the names of all columns, in their order. */
  List<String> names() {
    List<String> names = new ArrayList<>(rowNames());
    metrics.forEach(metric -> names.add(metric.name()));
    return names;
  }
}
