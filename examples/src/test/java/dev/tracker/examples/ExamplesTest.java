package dev.tracker.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.ConsoleLine;
import dev.tracker.read.Histograms;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.read.TableRow;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples whole, with their runs in a temporary folder. */
class ExamplesTest {
  private static final int EPOCHS = 30;
  private static final int BATCHES = EPOCHS * 45;

  @TempDir Path root;

  @BeforeEach
  void pointTheDefaultRootAtATemporaryFolder() {
    System.setProperty("tracker.dir", root.toString());
  }

  @AfterEach
  void restoreTheDefaultRoot() {
    System.clearProperty("tracker.dir");
  }

  @Test
  void digits_areReadWell_andEveryValueIsInTheRun() throws Exception {
    Path folder = Digits.train();
    assertTrue(folder.startsWith(root), folder.toString());
    try (RunReader run = RunReader.open(folder)) {
      assertEquals("SUCCEEDED", run.info().status().toString());
      assertEquals("digits", run.info().name());
      assertEquals(
          Set.of("train/loss", "train/accuracy", "train/lr", "val/loss", "val/accuracy"),
          Set.copyOf(run.metrics()));
      assertEquals(BATCHES, run.scalars("train/loss").size());
      assertEquals(BATCHES, run.scalars("train/accuracy").size());
      assertEquals(BATCHES, run.scalars("train/lr").size());
      assertEquals(EPOCHS, run.scalars("val/loss").size());

      // The other stream has what SLF4J says once in a JVM, while the first board of all is open.
      List<ConsoleLine> printed =
          run.console().stream().filter(line -> line.stream().word().equals("out")).toList();
      assertEquals(1, printed.size(), printed.toString());
      String bar = printed.get(0).text();
      assertTrue(
          bar.startsWith("[##############################] 100%  epoch 30, val/accuracy 0.9"), bar);

      Histograms hidden = run.histograms("weights/hidden");
      assertEquals(EPOCHS, hidden.size());
      assertEquals(64 * 64, hidden.get(0).count());
      assertEquals(640, run.histograms("weights/output").get(29).count());
      assertArrayEquals(run.scalars("val/loss").steps(), hidden.steps());

      List<MediaFile> mistakes = run.media("val/mistakes");
      double missed = 1 - run.scalars("val/accuracy").values()[EPOCHS - 1];
      assertEquals(Math.round(missed * 360), mistakes.size());
      for (MediaFile mistake : mistakes) {
        assertTrue(mistake.caption().matches("[0-9] taken for [0-9]"), mistake.caption());
        assertEquals(8, ImageIO.read(mistake.file().orElseThrow().toFile()).getWidth());
      }

      double right = 0;
      double all = 0;
      for (TableRow row : run.tables("val/confusion")) {
        double times = (Double) row.get("times");
        all += times;
        right += row.get("digit").equals(row.get("taken for")) ? times : 0;
      }
      assertEquals(360, all);
      assertEquals(360 - mistakes.size(), right);

      double[] accuracies = run.scalars("val/accuracy").values();
      assertEquals(EPOCHS, accuracies.length);
      assertTrue(accuracies[EPOCHS - 1] >= 0.95, Arrays.toString(accuracies));

      long[] epochs = run.scalars("val/accuracy").globalSteps();
      long[] steps = run.scalars("val/accuracy").steps();
      for (int i = 0; i < EPOCHS; i++) {
        assertEquals(i + 1, epochs[i]);
        assertEquals(46 * (i + 1) - 1, steps[i]); // 45 batches, then this
      }
    }
  }

  @Test
  void digits_giveTheSameCurvesEachTime() throws Exception {
    Path first = Digits.train();
    Path second = Digits.train();
    try (RunReader one = RunReader.open(first);
        RunReader two = RunReader.open(second)) {
      for (String metric : one.metrics()) {
        assertTrue(
            Arrays.equals(one.scalars(metric).values(), two.scalars(metric).values()), metric);
        assertTrue(Arrays.equals(one.scalars(metric).steps(), two.scalars(metric).steps()), metric);
      }
    }
  }

  @Test
  void report_saysWhatAPersonLikesToSee() throws Exception {
    Path folder = Digits.train();
    List<String> lines = Report.of(folder);
    String text = String.join("\n", lines);
    for (String metric :
        List.of("train/loss", "train/accuracy", "train/lr", "val/loss", "val/accuracy")) {
      assertTrue(lines.stream().anyMatch(line -> line.startsWith(metric)), text);
    }
    assertTrue(text.contains("digits: SUCCEEDED, 4,110 rows in "), text);
    assertEquals(folder.toAbsolutePath().toString(), lines.get(lines.size() - 1));
  }

  @Test
  void best_isTheFirstOfItsKind() {
    double[] values = {Double.NaN, 0.2, 0.7, 0.1, 0.7, 0.1};
    assertEquals(2, Report.best("val/accuracy", values));
    assertEquals(3, Report.best("val/loss", values));
    assertEquals(-1, Report.best("train/lr", values));
  }

  @Test
  void sweep_keepsItsRunsApartAndRanksThem() throws Exception {
    List<Path> folders = Sweep.trainAll();
    assertEquals(7, Set.copyOf(folders).size());
    for (Path folder : folders) {
      try (RunReader run = RunReader.open(folder)) {
        assertEquals("SUCCEEDED", run.info().status().toString());
        assertEquals(900, run.scalars("train/loss").size());
        assertEquals(20, run.scalars("val/accuracy").size());
      }
    }

    List<String> lines = Sweep.compare(folders);
    double[] bests = lines.subList(1, 8).stream().mapToDouble(ExamplesTest::best).toArray();
    assertTrue(bests[0] >= 0.95, lines.get(1));
    for (int i = 1; i < bests.length; i++) {
      assertTrue(bests[i] <= bests[i - 1], String.join("\n", lines));
    }
  }

  private static double best(String line) {
    return Double.parseDouble(line.split(" +", -1)[2]); // after "rate" and the rate
  }
}
