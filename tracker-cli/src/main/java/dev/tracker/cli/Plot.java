package dev.tracker.cli;

import dev.tracker.read.Axis;
import dev.tracker.read.Curve;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A curve made of Unicode characters: for every dot of the width a bar from the least to the
 * greatest value, so that no spike is lost. Below the axis stands {@code ×} where values are NaN,
 * and {@code ∞} where they are infinite.
 *
 * <p>A braille character holds 2 × 4 dots:
 *
 * <pre>
 *   0x01 0x08
 *   0x02 0x10
 *   0x04 0x20
 *   0x40 0x80
 * </pre>
 */
final class Plot {
  private static final char BLANK = '\u2800';
  private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

  /** What stands left of the curve: the widest number and the axis. */
  private static final int MARGIN = 12;

  private static final int MIN_COLUMNS = 16;
  private static final int MIN_ROWS = 3;

  private final Curve curve;
  private final char[][] cells; // row after row, from the top
  private final int dotsX;
  private final int dotsY;
  private final double low;
  private final double high;

  private Plot(Curve curve, int columns, int rows) {
    this.curve = curve;
    cells = new char[rows][columns];
    for (char[] row : cells) {
      Arrays.fill(row, BLANK);
    }
    dotsX = columns * 2;
    dotsY = rows * 4;
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < curve.size(); i++) {
      for (double value : values(i)) {
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
    }
    low = least;
    high = greatest;
  }

  /** Returns how many buckets a curve should have that is drawn this wide. */
  static int buckets(int width) {
    return columns(width) * 2;
  }

  private static int columns(int width) {
    return Math.max(MIN_COLUMNS, width - MARGIN);
  }

  /** Draws a curve that has a bucket at least; returns the lines from the top. */
  static List<String> lines(Curve curve, int width, int height) {
    Plot plot = new Plot(curve, columns(width), Math.max(MIN_ROWS, height));
    plot.draw();
    return plot.framed();
  }

  /** Returns what is finite of a bucket, from least to greatest. */
  private double[] values(int i) {
    return Arrays.stream(
            new double[] {curve.min(i), curve.max(i), curve.first(i), curve.last(i), curve.mean(i)})
        .filter(Double::isFinite)
        .sorted()
        .toArray();
  }

  private long start() {
    return curve.from(0);
  }

  private long end() {
    return curve.to(curve.size() - 1);
  }

  private int x(long at) {
    double span = (double) (end() - start());
    double share = span > 0 ? (double) (at - start()) / span : 0.5;
    return (int) Math.min(dotsX - 1, Math.round(share * (dotsX - 1)));
  }

  private int y(double value) {
    double share = high > low ? (value - low) / (high - low) : 0.5;
    return (int) Math.round((1 - share) * (dotsY - 1));
  }

  private void draw() {
    int beforeX = -1;
    int beforeY = 0;
    for (int i = 0; i < curve.size(); i++) {
      double[] values = values(i);
      if (values.length == 0) {
        beforeX = -1; // a gap
        continue;
      }
      int x = x(curve.from(i));
      int first = y(Double.isFinite(curve.first(i)) ? curve.first(i) : values[0]);
      if (beforeX >= 0) {
        line(beforeX, beforeY, x, first);
      }
      int toX = x(curve.to(i));
      line(x, y(values[0]), x, y(values[values.length - 1]));
      int last = y(Double.isFinite(curve.last(i)) ? curve.last(i) : values[values.length - 1]);
      line(x, first, toX, last);
      beforeX = toX;
      beforeY = last;
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

  private List<String> framed() {
    String top = low <= high ? Texts.number(high) : "";
    String bottom = low <= high ? Texts.number(low) : "";
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < cells.length; row++) {
      String label = row == 0 ? top : row == cells.length - 1 ? bottom : "";
      lines.add(label(label) + (label.isEmpty() ? "│" : "┤") + new String(cells[row]));
    }
    lines.add(label("") + "└" + "─".repeat(cells[0].length));
    marks("NaN", '×', i -> curve.nans(i), lines);
    marks("inf", '∞', i -> curve.positiveInfinities(i) + curve.negativeInfinities(i), lines);
    String first = place(start());
    String last = place(end());
    int gap = Math.max(1, cells[0].length - first.length() - last.length());
    lines.add(label("") + " " + first + " ".repeat(gap) + last);
    return lines;
  }

  private static String label(String text) {
    return " ".repeat(Math.max(0, MARGIN - 2 - text.length())) + text + " ";
  }

  private interface Count {
    long in(int bucket);
  }

  /** Adds a line that marks where buckets have what is counted, if any has. */
  private void marks(String name, char mark, Count count, List<String> lines) {
    char[] marks = new char[cells[0].length];
    Arrays.fill(marks, ' ');
    boolean any = false;
    for (int i = 0; i < curve.size(); i++) {
      if (count.in(i) > 0) {
        any = true;
        for (int x = x(curve.from(i)) / 2; x <= x(curve.to(i)) / 2; x++) {
          marks[x] = mark;
        }
      }
    }
    if (any) {
      lines.add(label(name) + " " + new String(marks).stripTrailing());
    }
  }

  private String place(long at) {
    return switch (curve.axis()) {
      case STEP, GLOBAL_STEP -> Long.toString(at);
      case TIME -> Texts.time(Instant.ofEpochMilli(at / 1_000));
      case RELATIVE_TIME -> Texts.duration(Duration.ofMillis(at / 1_000));
    };
  }

  /** Returns what an axis is called. */
  static String name(Axis axis) {
    return switch (axis) {
      case STEP -> "step";
      case GLOBAL_STEP -> "global step";
      case TIME -> "time";
      case RELATIVE_TIME -> "time since the start";
    };
  }
}
