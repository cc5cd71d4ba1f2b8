package dev.tracker.export;

import dev.tracker.format.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/**
 * The columns of an export.
 *
 * @param runs what the column of runs holds; empty where there is no such column
 * @param metrics what the column of metrics holds; empty where there is no such column
 * @param values the column that holds the values of each kind that occurs
 */
record Columns(List<String> runs, List<String> metrics, Map<Kind, String> values) {
  static final String RUN = "run";
  static final String METRIC = "metric";
  static final String STEP = "step";
  static final String GLOBAL_STEP = "global_step";
  static final String TIMESTAMP = "timestamp";
  static final String VALUE = "value";

  /**
   * Returns the columns for values of some kinds: one kind has one column, several have several.
   */
  static Columns of(List<String> runs, List<String> metrics, EnumSet<Kind> kinds) {
    Map<Kind, String> values = new EnumMap<>(Kind.class);
    if (kinds.size() <= 1) {
      values.put(kinds.stream().findFirst().orElse(Kind.FLOAT64), VALUE);
    } else {
      kinds.forEach(kind -> values.put(kind, column(kind)));
    }
    return new Columns(List.copyOf(runs), List.copyOf(metrics), values);
  }

  private static String column(Kind kind) {
    return switch (kind) {
      case FLOAT64 -> VALUE;
      case INT64 -> "value_int64";
      case BOOL -> "value_bool";
      case STRING -> "value_string";
      default -> throw new IllegalArgumentException("no metric: kind=" + kind);
    };
  }

  /** Whether each row says which metric of which run it belongs to. */
  boolean isLong() {
    return !runs.isEmpty();
  }

  /** Returns the names of all columns, in their order. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    if (isLong()) {
      names.addAll(List.of(RUN, METRIC));
    }
    names.addAll(List.of(STEP, GLOBAL_STEP, TIMESTAMP));
    names.addAll(values.values());
    return names;
  }

  /** Returns the name of the column that holds values of a kind. */
  String value(Kind kind) {
    String name = values.get(kind);
    if (name == null) {
      throw new IllegalArgumentException("no column for this kind: kind=" + kind);
    }
    return name;
  }
}
