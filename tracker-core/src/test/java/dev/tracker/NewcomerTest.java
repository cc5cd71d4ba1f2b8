package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.media.Attachment;
import dev.tracker.media.Audio;
import dev.tracker.media.Image;
import dev.tracker.media.Layout;
import dev.tracker.media.Video;
import dev.tracker.metadata.StepRange;
import dev.tracker.read.MetricSummary;
import dev.tracker.read.RunComparison;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.RunSummary;
import dev.tracker.read.Runs;
import dev.tracker.system.Await;
import dev.tracker.value.Histogram;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What somebody asks first who has never read the documentation. */
class NewcomerTest {
  @TempDir Path root;

  private Path run(String id, Map<String, Object> config, double... losses) {
    try (Board board = Board.builder(id).root(root).id(id).config(config).open()) {
      log(board, losses);
      return board.directory();
    }
  }

  private static void log(Board board, double... losses) {
    for (double loss : losses) {
      board.log("val/loss", loss);
    }
  }

  @Test
  void the_best_value_and_its_step_live_and_finished() {
    Path run;
    try (Board board = Board.builder("sample").root(root).id("run").open()) {
      run = board.directory();
      log(board, 3, 0.5, 2);
      board.flush();
      try (RunReader reader = RunReader.open(run)) {
        assertEquals(0.5, reader.summary("val/loss").min());
        assertEquals(1, reader.summary("val/loss").stepOfMin());
      }
      Await.until("sealed", () -> board.health().sealed() == 3);
      log(board, 0.25, Double.POSITIVE_INFINITY);
      board.flush();
      try (RunReader reader = RunReader.open(run)) {
        checkBest(reader.summary("val/loss"));
      }
    }
    try (RunReader reader = RunReader.open(run)) {
      checkBest(reader.summary().get("val/loss"));
      assertEquals(List.of("val/loss"), List.copyOf(reader.summary().keySet()));
    }
  }

  private static void checkBest(MetricSummary loss) {
    assertEquals(0.25, loss.min());
    assertEquals(3, loss.stepOfMin());
    assertEquals(Double.POSITIVE_INFINITY, loss.max());
    assertEquals(4, loss.stepOfMax());
    assertEquals(4, loss.stepOfLast());
    assertEquals((3 + 0.5 + 2 + 0.25) / 4, loss.mean());
    assertEquals(1, loss.infinities());
    assertEquals(5, loss.rows());
  }

  @Test
  void the_first_nan_in_the_journal_and_behind_full_tiles() {
    Path run;
    try (Board board = Board.builder("sample").root(root).id("run").open()) {
      run = board.directory();
      for (int i = 0; i < 5_000; i++) {
        board.log("loss", i == 3_333 || i > 4_000 ? Double.NaN : i);
        board.log("fine", i);
      }
      board.flush();
      try (RunReader reader = RunReader.open(run)) {
        assertEquals(OptionalLong.of(2 * 3_333), reader.firstNan("loss"));
        assertEquals(OptionalLong.empty(), reader.firstNan("fine"));
      }
    }
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(OptionalLong.of(2 * 3_333), reader.firstNan("loss"));
      assertEquals(OptionalLong.empty(), reader.firstNan("fine"));
      assertEquals(1 + 999, reader.summary("loss").nans());
    }
  }

  @Test
  void two_runs_side_by_side_with_only_what_differs() {
    Path a =
        run("a", Map.of("lr", 0.1, "epochs", 3, "net", Map.of("width", 64, "deep", true)), 1, 2);
    Path b =
        run("b", Map.of("lr", 0.2, "epochs", 3.0, "net", Map.of("width", 32, "deep", true)), 5);
    RunComparison both = Runs.compare(a, b);
    assertEquals(
        Map.of(
            "lr", List.of(Optional.of(0.1), Optional.of(0.2)),
            "net/width", List.of(Optional.of(64), Optional.of(32))),
        both.config());
    assertEquals(2.0, both.metrics().get("val/loss").get(0).orElseThrow().last());
    assertEquals(5.0, both.metrics().get("val/loss").get(1).orElseThrow().last());
    String table = both.toString();
    assertTrue(table.contains("net/width") && !table.contains("epochs"), table);
  }

  /** They were compared as doubles. */
  @Test
  void integers_beyond_2_to_the_53_side_by_side_are_exact() {
    long large = (1L << 53) + 1;
    Path run;
    try (Board board = Board.builder("whole").root(root).id("whole").open()) {
      board.metric("seen", SeriesKind.INT64);
      board.log("seen", large);
      board.log("done", true);
      run = board.directory();
    }
    RunComparison alone = Runs.compare(run);
    assertEquals(large, alone.metrics().get("seen").get(0).orElseThrow().maxLong());
    String table = alone.toString();
    assertTrue(table.contains("last " + large + ", min " + large), table);
    assertTrue(table.contains("last true"), table);
  }

  @Test
  void global_steps_with_the_steps_logged_under_them() {
    try (Board board = Board.builder("sample").root(root).id("run").open();
        RunReader reader = RunReader.open(board.directory())) {
      log(board, 1, 2);
      board.step();
      log(board, 3);
      board.flush();
      reader.refresh();
      List<StepRange> steps = reader.steps();
      assertEquals(2, steps.size());
      assertEquals("0 0..1 2", text(steps.get(0)));
      assertEquals("1 2..2 1", text(steps.get(1)));
      board.finish();
      assertEquals(steps, reader.steps());
    }
  }

  private static String text(StepRange range) {
    return range.globalStep()
        + " "
        + range.firstStep()
        + ".."
        + range.lastStep()
        + " "
        + range.rows();
  }

  @Test
  void runs_of_a_root_of_a_project_and_the_run_itself() throws Exception {
    Path a = run("a", Map.of(), 1);
    run("b", Map.of(), 2);
    Path damaged = root.resolve("default").resolve("c");
    Files.createDirectories(new RunLayout(damaged).data());
    Files.writeString(new RunLayout(damaged).metadata(), "this is no database, whatever its name");
    Files.createDirectories(root.resolve("default").resolve(".draft").resolve("journal"));
    for (Path where : List.of(root, root.resolve("default"))) {
      List<RunInfo> runs = Runs.in(where);
      assertEquals(3, runs.size(), runs.toString());
      assertEquals(damaged, runs.get(0).directory());
      assertTrue(runs.get(0).error().orElseThrow().contains("metadata.db"), runs.toString());
      assertEquals(List.of("a", "b"), runs.stream().skip(1).map(RunInfo::id).toList());
    }
    assertEquals(List.of("a"), Runs.in(a).stream().map(RunInfo::id).toList());
    List<RunSummary> summaries = Runs.summaries(root);
    assertEquals(Map.of(), summaries.get(0).metrics());
    assertEquals(1.0, summaries.get(1).metrics().get("val/loss").last());
    assertEquals(List.of(), Runs.in(Files.createDirectories(root.resolve("empty"))));
    StorageException missing =
        assertThrows(StorageException.class, () -> Runs.in(root.resolve("no such")));
    assertTrue(missing.getMessage().contains("nothing was logged there"), missing.getMessage());
  }

  @Test
  void a_run_that_ended_since_the_readers_moment_is_not_taken_for_crashed() {
    try (Board board = Board.builder("sample").root(root).id("run").open();
        RunReader reader = RunReader.open(board.directory())) {
      log(board, 1);
      board.finish();
      assertEquals(RunStatus.SUCCEEDED, reader.info().status());
    }
  }

  @Test
  void config_flat_and_nested() {
    Path a = run("a", Map.of("net", Map.of("width", 64, "none", Map.of()), "list", List.of(1, 2)));
    try (RunReader reader = RunReader.open(a)) {
      assertEquals(
          Map.of("net/width", 64, "net/none", Map.of(), "list", List.of(1, 2)),
          reader.info().flatConfig());
    }
  }

  @Test
  void an_unknown_metric_names_those_most_like_it_first() {
    try (Board board = Board.builder("sample").root(root).id("run").open()) {
      for (int i = 0; i < 30; i++) {
        board.log("metric/" + i, i);
      }
      log(board, 1);
      board.flush();
      try (RunReader reader = RunReader.open(board.directory())) {
        String said =
            assertThrows(IllegalArgumentException.class, () -> reader.scalars("val/los"))
                .getMessage();
        assertTrue(said.contains("did you mean 'val/loss'?"), said);
        assertTrue(said.contains("there are 31: val/loss, "), said);
        String other =
            assertThrows(IllegalArgumentException.class, () -> reader.summary("accuracy@10"))
                .getMessage();
        assertTrue(!other.contains("did you mean") && other.contains("there are 31: "), other);
      }
    }
  }

  @Test
  void a_path_that_is_no_run_says_what_it_is() throws Exception {
    Path run = run("a", Map.of(), 1);
    says(root, "a root with projects of runs", run.toString());
    says(root.resolve("default"), "a project of 1 runs", run.toString());
    says(run.resolve("data"), "a part of the run " + run.toAbsolutePath());
    says(new RunLayout(run).metadata(), "a part of the run " + run.toAbsolutePath());
    says(root.resolve("default").resolve("b"), "no such folder", "there is a");
    says(Files.createDirectories(root.resolve("empty")), "no folders in it");
    says(Files.writeString(root.resolve("file"), "x"), "it is a file");
    says(Files.createDirectories(root.resolve("other").resolve("x")).getParent(), "but x");
  }

  private static void says(Path path, String... words) {
    String said = assertThrows(StorageException.class, () -> RunReader.open(path)).getMessage();
    for (String word : words) {
      assertTrue(said.contains(word), said);
    }
  }

  @Test
  void what_is_null_is_named() {
    Board.Builder builder = Board.builder("x").root(root);
    Map<Executable, String> calls = new LinkedHashMap<>();
    calls.put(() -> Image.of((BufferedImage) null), "image");
    calls.put(() -> Image.of((Path) null), "file");
    calls.put(() -> Image.ofEncoded(null), "file");
    calls.put(() -> Image.of((float[][]) null), "rows");
    calls.put(() -> Image.of((byte[]) null, 1, 1, 1, Layout.HWC), "samples");
    calls.put(() -> Audio.of((float[]) null, 1, 1), "samples");
    calls.put(() -> Audio.ofEncoded(null, "wav"), "bytes");
    calls.put(() -> Video.of((Path) null), "file");
    calls.put(() -> Attachment.of((Path) null), "file");
    calls.put(() -> Attachment.of(null, "name"), "bytes");
    calls.put(() -> Attachment.of(new byte[1], null), "name");
    calls.put(() -> Histogram.of((double[]) null), "values");
    calls.put(() -> Histogram.of((float[]) null, 0, 1), "values");
    calls.put(() -> Histogram.adopt((long[]) null), "values");
    calls.put(() -> Histogram.ofBins(0, 1, (int[]) null), "counts");
    calls.put(() -> builder.config(null), "config");
    calls.put(() -> builder.tags((String[]) null), "tags");
    calls.put(() -> builder.closeTimeout(null), "closeTimeout");
    calls.put(() -> builder.systemMetrics(null), "interval");
    calls.put(() -> builder.systemProperties((String[]) null), "names");
    calls.forEach((call, what) ->
        assertEquals(what, assertThrows(NullPointerException.class, call).getMessage()));
  }

  @Test
  void blank_tags_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> Board.builder("x").tags("good", ""));
    try (Board board = Board.builder("x").root(root).open()) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> board.tag(" "));
      assertEquals("illegal tag: ' ' (blank)", refused.getMessage());
    }
  }

  /** The error named an id that nobody had given. */
  @Test
  void resuming_a_run_without_its_id_says_what_is_missing() {
    Board.Builder builder = Board.builder("x").root(root).resume(Resume.MUST);
    IllegalStateException refused = assertThrows(IllegalStateException.class, builder::open);
    assertTrue(refused.getMessage().contains("whose id is given"), refused::getMessage);
  }
}
