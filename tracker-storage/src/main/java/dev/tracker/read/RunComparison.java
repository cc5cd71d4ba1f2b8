package dev.tracker.read;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs side by side: what of their config differs, and what their metrics amount to. Printed, it is
 * a table with a column for each run.
 *
 * <p>The lists in it have a place for each run, in order.
 *
 * @param runs the runs
 * @param config the values that are not the same in all runs, by the flat names of {@link
 *     RunInfo#flatConfig}; empty in a run that has none of that name
 * @param metrics what each metric amounts to, by name; empty in a run that has none of that name
 */
public record RunComparison(
    List<RunInfo> runs,
    Map<String, List<Optional<Object>>> config,
    Map<String, List<Optional<MetricSummary>>> metrics) {

  static RunComparison of(List<RunSummary> runs) {
    List<Map<String, Object>> configs = runs.stream().map(run -> run.info().flatConfig()).toList();
    Map<String, List<Optional<Object>>> config = byName(configs);
    config.values().removeIf(RunComparison::isSameInAll);
    return new RunComparison(
        runs.stream().map(RunSummary::info).toList(),
        Collections.unmodifiableMap(config),
        Collections.unmodifiableMap(byName(runs.stream().map(RunSummary::metrics).toList())));
  }

  private static <T> Map<String, List<Optional<T>>> byName(List<Map<String, T>> maps) {
    Set<String> names = new LinkedHashSet<>();
    maps.forEach(map -> names.addAll(map.keySet()));
    Map<String, List<Optional<T>>> all = new LinkedHashMap<>();
    for (String name : names) {
      all.put(name, maps.stream().map(map -> Optional.ofNullable(map.get(name))).toList());
    }
    return all;
  }

  private static boolean isSameInAll(List<Optional<Object>> values) {
    Object first = values.get(0).orElse(null);
    return values.stream().allMatch(value -> isSame(first, value.orElse(null)));
  }

  /** Numbers are the same by what they are worth: 1 is 1.0. */
  private static boolean isSame(@Nullable Object a, @Nullable Object b) {
    return Objects.equals(a, b)
        || (a instanceof Number
            && b instanceof Number
            && new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) == 0);
  }

  /** Returns a table: a line for the names, the states, each differing value, and each metric. */
  @Override
  public String toString() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(line("", runs.stream().map(RunInfo::name).toList()));
    lines.add(line("id", runs.stream().map(RunInfo::id).toList()));
    lines.add(line("status", runs.stream().map(run -> run.status().toString()).toList()));
    config.forEach((name, values) ->
        lines.add(
            line(name, values.stream().map(v -> v.map(String::valueOf).orElse("-")).toList())));
    metrics.forEach((name, values) ->
        lines.add(
            line(
                name, values.stream().map(v -> v.map(RunComparison::shown).orElse("-")).toList())));
    return table(lines);
  }

  private static List<String> line(String label, List<String> cells) {
    List<String> line = new ArrayList<>();
    line.add(label);
    line.addAll(cells);
    return line;
  }

  private static String shown(MetricSummary metric) {
    if (metric.lastText().isPresent()) {
      return metric.lastText().get();
    }
    if (metric.rows() == 0) {
      return "-";
    }
    String nans = metric.nans() > 0 ? ", NaN " + metric.nans() + " times" : "";
    return "last %s, min %s at %d, max %s at %d%s"
        .formatted(
            number(metric, metric.last(), metric.lastLong()),
            number(metric, metric.min(), metric.minLong()),
            metric.stepOfMin(),
            number(metric, metric.max(), metric.maxLong()),
            metric.stepOfMax(),
            nans);
  }

  private static String number(MetricSummary metric, double value, long exact) {
    return switch (metric.kind()) {
      case INT64 -> Long.toString(exact);
      case BOOL -> Boolean.toString(exact != 0);
      default -> String.format(Locale.ROOT, "%.6g", value);
    };
  }

  private static String table(List<List<String>> lines) {
    int columns = lines.get(0).size();
    StringBuilder table = new StringBuilder();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        row.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + 2));
      }
      table.append(row.toString().stripTrailing()).append('\n');
    }
    return table.toString();
  }
}
