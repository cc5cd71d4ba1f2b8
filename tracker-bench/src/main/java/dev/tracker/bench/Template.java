package dev.tracker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page whose words were written by hand, with gaps for all that was measured.
 *
 * <pre>
 * {{SustainedRate 60 16|end to end}}         a figure with its date
 * {{figure SustainedRate 60 16|end to end}}  a figure
 * {{cells SustainedRate 60 16|end to end}}   figure | met or missed | date
 * {{date SustainedRate 60 16}}               the date
 * {{table SustainedRate 60 16}}              all rows, and when and where they were measured
 * {{grid Peers}}                             the same, with a column for what stands before the first comma
 * </pre>
 *
 * <p>A row may be named by its end, after a comma. A gap for which nothing was measured says so.
 */
final class Template {
  private static final Pattern GAP =
      Pattern.compile("\\{\\{(?:([a-z]+) )?([A-Z]\\w*(?: \\d+)*)(?:\\|([^{}]+))?}}");
  private static final List<String> HEADER = List.of("measured", "figure", "goal", "");
  private static final String NOT_YET = "not measured yet";
  private static final String NO_FIGURE = "no figure";

  /** Where results come from. */
  interface Results {
    Optional<Result> of(String command) throws IOException;
  }

  private final Results results;
  private final Set<String> empty = new LinkedHashSet<>();

  Template(Results results) {
    this.results = results;
  }

  /** Returns the page; afterwards {@link #empty} tells what stayed empty. */
  String fill(String template) throws IOException {
    Matcher gap = GAP.matcher(template);
    StringBuilder page = new StringBuilder();
    while (gap.find()) {
      String kind = gap.group(1) == null ? "dated" : gap.group(1);
      String text = text(kind, gap.group(2), gap.group(3) == null ? "" : gap.group(3));
      if (text.startsWith(NOT_YET)) {
        empty.add(gap.group(2));
      } else if (text.startsWith(NO_FIGURE)) {
        empty.add(gap.group());
      }
      gap.appendReplacement(page, Matcher.quoteReplacement(text));
    }
    gap.appendTail(page);
    int open = page.indexOf("{{");
    if (open >= 0) {
      String rest = page.substring(open, Math.min(page.length(), open + 80));
      throw new IllegalArgumentException("a gap that cannot be read: text=" + rest);
    }
    return page.toString();
  }

  /** Returns the commands that have no result, and the gaps whose row is not in one. */
  Set<String> empty() {
    return empty;
  }

  private String text(String kind, String command, String name) throws IOException {
    Optional<Result> measured = results.of(command);
    if (measured.isEmpty()) {
      return kind.equals("cells") ? NOT_YET + " | |" : NOT_YET;
    }
    Result result = measured.get();
    return switch (kind) {
      case "dated" ->
          result.row(name).map(row -> row[1] + " (" + result.date() + ")").orElse(NO_FIGURE);
      case "figure" -> result.row(name).map(row -> row[1]).orElse(NO_FIGURE);
      case "cells" ->
          result.row(name).map(row -> row[1] + " | " + row[3]).orElse(NO_FIGURE + " | ")
              + " | "
              + result.date();
      case "date" -> result.date();
      case "table" -> table(result);
      case "grid" -> grid(result);
      default -> throw new IllegalArgumentException("no such kind of gap: kind=" + kind);
    };
  }

  private static String table(Result result) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADER);
    result.rows().forEach(row -> lines.add(List.of(row)));
    return markdown(lines) + "\n" + result.describe();
  }

  private static String grid(Result result) {
    Set<String> columns = new LinkedHashSet<>();
    Map<String, Map<String, String>> figures = new LinkedHashMap<>();
    for (String[] row : result.rows()) {
      String[] name = row[0].split(", ", 2);
      columns.add(name[0]);
      figures
          .computeIfAbsent(name.length > 1 ? name[1] : "", what -> new LinkedHashMap<>())
          .put(name[0], row[1]);
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(new ArrayList<>(columns));
    lines.get(0).add(0, "measured");
    figures.forEach((what, line) -> {
      List<String> cells = new ArrayList<>(List.of(what));
      columns.forEach(column -> cells.add(line.getOrDefault(column, "")));
      lines.add(cells);
    });
    return markdown(lines) + "\n" + result.describe();
  }

  /** Returns the rows of which a table or a grid was made. */
  static List<String[]> rows(List<String> markdown) {
    List<String> header = cells(markdown.get(0));
    List<List<String>> lines = markdown.stream().skip(2).map(Template::cells).toList();
    if (header.equals(HEADER)) {
      return lines.stream().map(line -> line.toArray(String[]::new)).toList();
    }
    List<String[]> rows = new ArrayList<>();
    for (int column = 1; column < header.size(); column++) {
      for (List<String> line : lines) {
        if (!line.get(column).isEmpty()) {
          String what = line.get(0).isEmpty() ? "" : ", " + line.get(0);
          rows.add(new String[] {header.get(column) + what, line.get(column), "", ""});
        }
      }
    }
    return rows;
  }

  private static List<String> cells(String line) {
    String[] cells = line.split("\\|", -1);
    return Arrays.stream(cells, 1, cells.length - 1).map(String::strip).toList();
  }

  private static String markdown(List<List<String>> lines) {
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      text.append("| ").append(String.join(" | ", line)).append(" |\n");
      if (text.indexOf("\n") == text.length() - 1) {
        text.append("|---".repeat(line.size())).append("|\n");
      }
    }
    return text.toString();
  }
}
