package dev.tracker.examples;

import dev.tracker.read.Heatmap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Curves made of Unicode characters. Values that are not finite are left out, as a gap.
 *
 * <p>A braille character holds 2 × 4 dots, so a curve has twice the chart's columns and four times
 * its rows:
 *
 * <pre>
 *   0x01 0x08
 *   0x02 0x10
 *   0x04 0x20
 *   0x40 0x80
 * </pre>
 */
final class Chart {
  private static final char BLANK = '\u2800';
  private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
  private static final String BARS = "▁▂▃▄▅▆▇█";
  private static final String SHADES = " ░▒▓█";

  private final char[][] cells; // row after row, from the top
  private final int lastX; // of the dots
  private final int lastY;

  private Chart(int columns, int rows) {
    cells = new char[rows][columns];
    for (char[] row : cells) {
      Arrays.fill(row, BLANK);
    }
    lastX = columns * 2 - 1;
    lastY = rows * 4 - 1;
  }

  /** Draws values over steps that rise, with both axes labelled; returns the lines from the top. */
  static List<String> curve(long[] steps, double[] values, int columns, int rows) {
    double low = Arrays.stream(values).filter(Double::isFinite).min().orElse(Double.NaN);
    double high = Arrays.stream(values).filter(Double::isFinite).max().orElse(Double.NaN);
    if (Double.isNaN(low)) {
      return List.of("(no finite values)");
    }
    Chart chart = new Chart(columns, rows);
    chart.plot(steps, values, low, high);
    return chart.framed(steps[0], steps[steps.length - 1], low, high);
  }

  /** Draws each value as one bar; the two bounds are those of the lowest and the highest bar. */
  static String bars(double[] values, double low, double high) {
    StringBuilder bars = new StringBuilder(values.length);
    for (double value : values) {
      int bar = (int) Math.round(share(value, low, high) * (BARS.length() - 1));
      bars.append(Double.isFinite(value) ? BARS.charAt(bar) : ' ');
    }
    return bars.toString();
  }

  /**
   * Draws histograms as lines of shades, the darker the more values; as many lines as asked for,
   * from the first histogram to the last.
   */
  static List<String> heatmap(Heatmap map, int rows) {
    List<String> lines = new ArrayList<>();
    int shown = Math.min(rows, map.rows());
    for (int line = 0; line < shown; line++) {
      int row = shown == 1 ? 0 : Math.round((float) line * (map.rows() - 1) / (shown - 1));
      StringBuilder shades = new StringBuilder();
      for (long count : map.counts()[row]) {
        shades.append(
            SHADES.charAt((int) ((SHADES.length() - 1) * count / Math.max(1, map.most()))));
      }
      lines.add(String.format(Locale.ROOT, "%6d │%s│", row + 1, shades));
    }
    String low = number(map.edges()[0]);
    String high = number(map.edges()[map.bins()]);
    int gap = Math.max(1, map.bins() - low.length() - high.length());
    lines.add(" ".repeat(8) + low + " ".repeat(gap) + high);
    return lines;
  }

  /** Writes a value shortly: four decimals, or a power of ten where those would say little. */
  static String number(double value) {
    double size = Math.abs(value);
    boolean plain = size == 0 || (size >= 0.001 && size < 100_000) || !Double.isFinite(value);
    return String.format(Locale.ROOT, plain ? "%.4f" : "%.2e", value);
  }

  /** Says where a value stands between two others, from 0 to 1; halfway where they are the same. */
  private static double share(double value, double low, double high) {
    return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
  }

  private int column(long step, long first, long last) {
    return (int) Math.round(share((double) step, (double) first, (double) last) * lastX);
  }

  private int row(double value, double low, double high) {
    return (int) Math.round((1 - share(value, low, high)) * lastY);
  }

  private void plot(long[] steps, double[] values, double low, double high) {
    boolean joined = false; // to the point before
    int beforeX = 0;
    int beforeY = 0;
    for (int i = 0; i < values.length; i++) {
      boolean finite = Double.isFinite(values[i]);
      if (finite) {
        int x = column(steps[i], steps[0], steps[steps.length - 1]);
        int y = row(values[i], low, high);
        line(joined ? beforeX : x, joined ? beforeY : y, x, y);
        beforeX = x;
        beforeY = y;
      }
      joined = finite;
    }
  }

  private void line(int fromX, int fromY, int toX, int toY) {
    int length = Math.max(1, Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY)));
    for (int i = 0; i <= length; i++) {
      int x = fromX + Math.round((float) (toX - fromX) * i / length);
      int y = fromY + Math.round((float) (toY - fromY) * i / length);
      cells[y / 4][x / 2] |= (char) DOTS[y % 4][x % 2];
    }
  }

  private List<String> framed(long firstStep, long lastStep, double low, double high) {
    String top = number(high);
    String bottom = number(low);
    int margin = Math.max(top.length(), bottom.length());
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < cells.length; row++) {
      String label = row == 0 ? top : row == cells.length - 1 ? bottom : "";
      String axis = label.isEmpty() ? " │" : " ┤";
      lines.add(" ".repeat(margin - label.length()) + label + axis + new String(cells[row]));
    }
    String first = Long.toString(firstStep);
    String last = Long.toString(lastStep);
    int gap = Math.max(1, cells[0].length - first.length() - last.length());
    lines.add(" ".repeat(margin) + " └" + "─".repeat(cells[0].length));
    lines.add(" ".repeat(margin + 2) + first + " ".repeat(gap) + last);
    return lines;
  }
}
