package dev.tracker.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import dev.tracker.value.Histogram;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartTest {
  @Test
  void risingCurve_goesFromBottomLeftToTopRight() {
    List<String> lines = Chart.curve(new long[] {0, 7}, new double[] {0, 1}, 4, 2);
    assertEquals("1.0000 ┤⠀⠀⡠⠊", lines.get(0));
    assertEquals("0.0000 ┤⡠⠊⠀⠀", lines.get(1));
    assertEquals("       └────", lines.get(2));
    assertEquals("        0  7", lines.get(3));
  }

  @Test
  void constantCurve_isALineHalfwayUp() {
    List<String> lines = Chart.curve(new long[] {3, 4, 5}, new double[] {2, 2, 2}, 3, 1);
    assertEquals("2.0000 ┤⠤⠤⠤", lines.get(0));
  }

  @Test
  void singlePoint_isADot() {
    String line = Chart.curve(new long[] {9}, new double[] {1}, 1, 1).get(0);
    assertEquals(1, Integer.bitCount(line.charAt(line.length() - 1) - 0x2800));
  }

  @Test
  void spike_reachesTheTopHoweverManyValuesShareAColumn() {
    long[] steps = new long[10_000];
    double[] values = new double[10_000];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = i;
    }
    values[5_003] = 1;
    String top = Chart.curve(steps, values, 20, 4).get(0);
    assertEquals(1, top.substring(top.indexOf('┤') + 1).chars().filter(c -> c != 0x2800).count());
  }

  @Test
  void valuesThatAreNotFinite_areGaps() {
    double[] values = {1, 1, Double.NaN, Double.POSITIVE_INFINITY, 1, 1};
    List<String> lines = Chart.curve(new long[] {0, 1, 2, 3, 4, 5}, values, 3, 1);
    assertEquals("1.0000 ┤⠤⠀⠤", lines.get(0));
    assertEquals(
        List.of("(no finite values)"),
        Chart.curve(new long[] {0}, new double[] {Double.NaN}, 3, 1));
    assertEquals(List.of("(no finite values)"), Chart.curve(new long[0], new double[0], 3, 1));
  }

  @Test
  void heatmap_isDarkestWhereMostValuesAre(@TempDir Path root) {
    Path folder;
    try (Board board = Board.builder("shades").root(root).open()) {
      folder = board.directory();
      board.log("h", Histogram.ofBins(0.0, 4.0, new int[] {4, 0, 0, 0}));
      board.log("h", Histogram.ofBins(0.0, 4.0, new int[] {0, 2, 0, 1}));
    }
    try (RunReader run = RunReader.open(folder)) {
      assertEquals(
          List.of("     1 │█   │", "     2 │ ▒ ░│", "        0.0000 4.0000"),
          Chart.heatmap(run.histograms("h").heatmap(), 5));
    }
  }

  @Test
  void allLines_fitTheWidthAskedFor() {
    for (String line : Chart.curve(new long[] {0, 1, 2}, new double[] {1e-9, 3, -20}, 40, 5)) {
      assertTrue(line.length() <= 8 + 2 + 40, line);
    }
  }

  @Test
  void bars_standBetweenTheirBounds() {
    assertEquals("▁▁▅█ █", Chart.bars(new double[] {-1, 0, 0.5, 1, Double.NaN, 2}, 0, 1));
  }

  @Test
  void numbers_areShort() {
    assertEquals("0.0000", Chart.number(0));
    assertEquals("-0.9750", Chart.number(-0.975));
    assertEquals("2.71e-07", Chart.number(2.71e-7));
    assertEquals("1.20e+09", Chart.number(1.2e9));
    assertEquals("NaN", Chart.number(Double.NaN));
  }
}
