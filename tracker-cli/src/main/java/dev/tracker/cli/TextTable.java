package dev.tracker.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lines of columns, as wide as they have to be; made for one output. */
final class TextTable {
  private static final String GAP = "  ";

  private final List<String[]> rows = new ArrayList<>();
  private final boolean[] right;

  /** Makes a table with these headings; those that begin with {@code >} stand to the right. */
  TextTable(String... headings) {
    right = new boolean[headings.length];
    String[] row = new String[headings.length];
    for (int i = 0; i < headings.length; i++) {
      right[i] = headings[i].startsWith(">");
      row[i] = right[i] ? headings[i].substring(1) : headings[i];
    }
    rows.add(row);
  }

  /** Adds a row; what would break the table is replaced. */
  void add(String... cells) {
    if (cells.length != right.length) {
      throw new IllegalArgumentException(
          "row does not fit: cells=" + cells.length + " columns=" + right.length);
    }
    rows.add(Arrays.stream(cells).map(TextTable::plain).toArray(String[]::new));
  }

  /** Returns a text without what moves the cursor or colours the terminal. */
  static String plain(String text) {
    return text.codePoints().anyMatch(Character::isISOControl)
        ? text.replaceAll("\\p{Cntrl}+", " ")
        : text;
  }

  /** Returns the lines, the headings first. */
  List<String> lines() {
    int[] widths = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], width(row[i]));
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private String line(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      String padding = " ".repeat(widths[i] - width(row[i]));
      line.append(i == 0 ? "" : GAP);
      line.append(right[i] ? padding + row[i] : row[i] + padding);
    }
    return line.toString().stripTrailing();
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
