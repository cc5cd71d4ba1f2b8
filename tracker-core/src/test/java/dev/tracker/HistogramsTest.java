package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.Heatmap;
import dev.tracker.read.Histograms;
import dev.tracker.read.RunReader;
import dev.tracker.system.Await;
import dev.tracker.value.Histogram;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Histograms from the log call to the reader. */
@Tag("once")
class HistogramsTest {
  @TempDir Path root;

  private Board.Builder board() {
    return Board.builder("histograms").root(root).id("run");
  }

  private Path run() {
    return root.resolve("default").resolve("run");
  }

  private static double[] gaussian(long seed, int size) {
    return new Random(seed).doubles(size).map(x -> Math.log(x / (1 - x))).toArray();
  }

  private static void assertSame(Histogram expected, Histogram found) {
    Histogram binned = expected.computeBins();
    assertArrayEquals(binned.counts(), found.counts());
    assertEquals(binned.low(), found.low());
    assertEquals(binned.high(), found.high());
    assertEquals(binned.count(), found.count());
    assertEquals(binned.min(), found.min());
    assertEquals(binned.max(), found.max());
    assertEquals(binned.sum(), found.sum());
    assertEquals(binned.underflow(), found.underflow());
    assertEquals(binned.overflow(), found.overflow());
    assertEquals(binned.nans(), found.nans());
  }

  /** What {@link #log} logs, read. */
  private void check(int size) {
    try (RunReader reader = RunReader.open(run())) {
      assertEquals(List.of("grad/fc1"), reader.histograms());
      assertEquals(List.of("loss"), reader.metrics());
      Histograms found = reader.histograms("grad/fc1");
      assertArrayEquals(reader.scalars("loss").steps(), found.steps());
      assertArrayEquals(reader.scalars("loss").globalSteps(), found.globalSteps());
      assertArrayEquals(reader.scalars("loss").timestamps(), found.timestamps());
      assertEquals(size, found.size());
      for (int i = 0; i < size; i++) {
        assertSame(Histogram.of(gaussian(i, 1_000)), found.get(i));
      }
    }
  }

  private static void log(Board board, int from, int to) {
    for (int i = from; i < to; i++) {
      board.step();
      Histogram histogram = Histogram.of(gaussian(i, 1_000));
      board.log(
          Map.of(
              "loss", 1.0 / (i + 1), "grad/fc1", i % 3 == 0 ? histogram.computeBins() : histogram));
    }
  }

  @Test
  void sharesTheStepOfItsLogCall_inEveryStateOfTheRun() {
    try (Board board = board().open()) {
      log(board, 0, 50);
      board.flush();
      check(50);
      Await.until("all is sealed", () -> board.health().sealed() == 50);
      check(50);
      log(board, 50, 120);
      board.flush();
      check(120);
    }
    check(120);
    try (Board board = board().resume(Resume.MUST).open()) {
      log(board, 120, 130);
    }
    check(130);
  }

  @Test
  void isASnapshot() {
    double[] values = gaussian(1, 100_000);
    Histogram expected = Histogram.of(values.clone()).computeBins();
    try (Board board = board().open()) {
      for (int i = 0; i < 20; i++) {
        board.log("weights", Histogram.of(values));
        Arrays.fill(values, 0);
        System.arraycopy(gaussian(1, 100_000), 0, values, 0, values.length);
      }
    }
    try (RunReader reader = RunReader.open(run())) {
      Histograms found = reader.histograms("weights");
      assertEquals(20, found.size());
      found.values().forEach(histogram -> assertSame(expected, histogram));
    }
  }

  @Test
  void binnedOnesStayBehindThoseThatAreStillBeingBinned() {
    try (Board board = board().open()) {
      for (int i = 0; i < 200; i++) {
        board.log("h", Histogram.of(gaussian(i, 50_000)).bins(10));
        board.log("h", Histogram.of(new double[] {i}).computeBins());
      }
    }
    try (RunReader reader = RunReader.open(run())) {
      Histograms found = reader.histograms("h");
      assertEquals(400, found.size());
      for (int i = 0; i < 400; i++) {
        assertEquals(i, found.steps()[i]);
        assertEquals(i % 2 == 0 ? 50_000 : 1, found.get(i).count());
      }
    }
  }

  @Test
  void theQueueIsBoundedByWhatHistogramsHold() {
    long bound = 32 << 20;
    long most = 0;
    double[] values = gaussian(1, 10_000);
    try (Board board = board().queueBytes(bound).open()) {
      for (int i = 0; i < 65_536; i++) { // five gigabytes
        board.log("h", Histogram.of(values));
        most = Math.max(most, board.health().queuedBytes());
      }
      assertEquals(0, board.health().dropped());
    }
    assertTrue(most > bound / 2 && most <= bound, "held at most " + most);
    try (RunReader reader = RunReader.open(run())) {
      assertEquals(65_536, reader.histograms("h").size());
    }
  }

  @Test
  void aRewindTakesThemBack_alsoThoseOnTheirWay() {
    try (Board board = board().open()) {
      for (int i = 0; i < 100; i++) {
        board.log("h", Histogram.of(gaussian(i, 20_000)));
      }
      board.rewindTo(49);
      log(board, 0, 1);
    }
    try (RunReader reader = RunReader.open(run())) {
      assertEquals(50, reader.histograms("h").size());
      assertEquals(49, reader.histograms("h").steps()[49]);
      assertArrayEquals(new long[] {50}, reader.histograms("grad/fc1").steps());
    }
  }

  @Test
  void compactOnesAreASeriesOfTheirOwnKind() {
    try (Board board = board().open()) {
      board.log("small", Histogram.of(gaussian(3, 500)).compact());
      board.log("small", Histogram.of(gaussian(4, 500)));
      board.log("small", 3.0);
      assertEquals(1, board.health().rejected());
    }
    assertTrue(java.nio.file.Files.isDirectory(run().resolve("data/histograms/small_u8.lance")));
    try (RunReader reader = RunReader.open(run())) {
      Histograms found = reader.histograms("small");
      assertEquals(2, found.size());
      assertTrue(found.get(1).isScaled());
      assertEquals(500, found.get(1).count());
      assertThrows(IllegalArgumentException.class, () -> reader.scalars("small"));
    }
  }

  @Test
  void heatmap_losesNothing() {
    try (Board board = board().open()) {
      for (int i = 0; i < 30; i++) {
        double[] values = gaussian(i, 1_000);
        for (int j = 0; j < values.length; j++) {
          values[j] = values[j] * (1 + i) + i;
        }
        board.log("h", Histogram.of(values).bins(i % 2 == 0 ? 64 : 30));
      }
    }
    try (RunReader reader = RunReader.open(run())) {
      for (int bins : new int[] {1, 7, 64, 100}) {
        Heatmap map = reader.histograms("h").heatmap(bins);
        assertEquals(30, map.rows());
        assertEquals(bins, map.bins());
        for (int row = 0; row < 30; row++) {
          long all = Arrays.stream(map.counts()[row]).sum() + map.below()[row] + map.above()[row];
          assertEquals(1_000, all);
        }
      }
    }
  }
}
