package dev.tracker.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The results of a measurement: one line each, with the goal beside the figure.
 *
 * <p>A goal may be missed, on a busy machine for instance; a bound may not, and one that is broken
 * makes {@link #exitCode} other than 0.
 */
final class Table {
  private static final String[] HEADER = {"measured", "figure", "goal", ""};

  private final List<String[]> lines = new ArrayList<>();
  private boolean broken;

  /** Adds a figure that has no goal. */
  void show(String what, double figure, Unit unit) {
    lines.add(new String[] {what, unit.format(figure), "", ""});
  }

  /** Adds figures that have no goal. */
  void show(String what, String figures) {
    lines.add(new String[] {what, figures, "", ""});
  }

  /** Adds a figure that should be small. */
  void atMost(String what, double figure, double goal, Unit unit) {
    goal(what, figure, "≤ " + unit.format(goal), figure <= goal, unit);
  }

  /** Adds a figure that should be great. */
  void atLeast(String what, double figure, double goal, Unit unit) {
    goal(what, figure, "≥ " + unit.format(goal), figure >= goal, unit);
  }

  private void goal(String what, double figure, String goal, boolean met, Unit unit) {
    lines.add(new String[] {what, unit.format(figure), goal, met ? "met" : "missed"});
  }

  /** Adds a count that must not be greater than a bound. */
  void bound(String what, long count, long bound) {
    bound(what, (double) count, (double) bound, Unit.COUNT);
  }

  /** Adds a figure that must not be greater than a bound. */
  void bound(String what, double figure, double bound, Unit unit) {
    boolean kept = figure <= bound;
    broken |= !kept;
    String limit = bound == 0 ? "0" : "≤ " + unit.format(bound);
    lines.add(new String[] {what, unit.format(figure), limit, kept ? "kept" : "BROKEN"});
  }

  /** Adds what a table of the same shape had printed. */
  void add(List<String[]> others) {
    lines.addAll(others);
  }

  /** Returns 0, or 1 if a bound is broken. */
  int exitCode() {
    return broken ? 1 : 0;
  }

  /** Prints the lines in columns, below the machine that they were measured on. */
  void print() {
    say("");
    say(Machine.describe());
    say("");
    int[] widths = new int[HEADER.length];
    widen(widths, HEADER);
    lines.forEach(line -> widen(widths, line));
    say(join(widths, HEADER, ' '));
    say(join(widths, new String[] {"", "", "", ""}, '-'));
    lines.forEach(line -> say(join(widths, line, ' ')));
  }

  /** Prints a line in UTF-8, whatever the system's character set. */
  static void say(String line) {
    byte[] bytes = (line + System.lineSeparator()).getBytes(StandardCharsets.UTF_8);
    System.out.write(bytes, 0, bytes.length);
    System.out.flush();
  }

  private static void widen(int[] widths, String[] line) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], line[i].length());
    }
  }

  private static String join(int[] widths, String[] line, char filler) {
    StringBuilder joined = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      joined.append(' ').append(line[i]);
      joined.append(String.valueOf(filler).repeat(widths[i] - line[i].length())).append(" |");
    }
    return joined.toString();
  }

  /** Returns the lines of a printed table that hold a figure, given everything that was printed. */
  static List<String[]> parse(List<String> printed) {
    List<String[]> parsed = new ArrayList<>();
    for (String line : printed) {
      if (line.startsWith("| ") && !line.startsWith("| " + HEADER[0]) && !line.startsWith("| --")) {
        String[] cells = line.substring(1).split("\\|", -1);
        parsed.add(
            new String[] {cells[0].strip(), cells[1].strip(), cells[2].strip(), cells[3].strip()});
      }
    }
    return parsed;
  }
}
