package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.media.DurableFiles;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Runs;
import dev.tracker.read.Scalars;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.Folders;
import dev.tracker.system.InLance;
import dev.tracker.system.RewindProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that begin with the past of others: finished, dead and live ones. */
class ForkTest {
  private static final String METRIC = RewindProgram.metric(3);

  @TempDir Path root;

  @Test
  void a_fork_of_a_finished_run_has_its_past_and_a_future_of_its_own() throws IOException {
    Path parent;
    try (Board board =
        builder()
            .id("parent")
            .config(Map.of("lr", 0.1, "layers", 3))
            .tags("a", "b")
            .notes("first")
            .open()) {
      parent = board.directory();
      board.step();
      log(board, 0, 3_000);
      board.step();
      log(board, 3_000, 2_000);
    }
    Map<String, String> before = content(parent);
    Path fork;
    try (Board board =
        builder()
            .project("other")
            .config(Map.of("lr", 0.01))
            .notes("second")
            .forkFrom(parent, 2_499)
            .open()) {
      fork = board.directory();
      assertEquals(1, board.globalStep());
      assertSteps(fork, 2_500);
      log(board, 2_500, 100);
    }
    assertSteps(fork, 2_600);
    assertEquals(2_600, InLance.rows(fork));
    assertEquals(before, content(parent), "the parent, byte for byte");
    assertSteps(parent, 5_000);
    try (RunReader reader = RunReader.open(fork)) {
      RunInfo info = reader.info();
      assertEquals(Optional.of(new RunInfo.Parent("parent", "default", 2_499)), info.parent());
      assertEquals(fork.getFileName().toString(), info.id());
      assertEquals("other", info.project());
      assertEquals(Map.of("lr", 0.01, "layers", 3), info.config());
      assertEquals(List.of("a", "b"), info.tags());
      assertEquals(Optional.of("second"), info.notes());
      assertEquals(RunStatus.SUCCEEDED, info.status());
      assertEquals(1, info.attempts().size());
    }
    try (RunReader reader = RunReader.open(parent)) {
      assertEquals(Optional.empty(), reader.info().parent());
      assertTrue(info(fork).created().isAfter(reader.info().finished().orElseThrow()));
    }
    assertEquals(2, Runs.in(root).size());
  }

  @Test
  void a_series_that_is_kept_whole_shares_its_files_with_the_parent() throws IOException {
    Path parent;
    try (Board board = builder().open()) {
      parent = board.directory();
      log(board, 0, 100);
    }
    try (Board board = builder().forkFrom(parent, 99).open()) {
      assertSteps(board.directory(), 100);
      Path file = dataFile(parent);
      Path same = board.directory().resolve(parent.relativize(file));
      assertTrue(Files.isSameFile(file, same), same.toString());
      board.finish();
      assertTrue(Files.isSameFile(file, same), "and still does once it is sealed");
    }
    assertEquals(100, InLance.rows(parent));
  }

  /** The fork was ignored without a word. */
  @Test
  void a_run_that_is_resumed_must_be_that_fork() throws IOException {
    Path parent;
    try (Board board = builder().open()) {
      parent = board.directory();
      log(board, 0, 10);
    }
    Board.Builder fork =
        Board.builder("fork").root(root).id("fork").resume(Resume.ALLOW).forkFrom(parent, 5);
    for (int life = 0; life < 2; life++) {
      fork.open().close();
    }
    TrackerException refused =
        assertThrows(TrackerException.class, () -> fork.forkFrom(parent, 6).open());
    assertTrue(refused.getMessage().contains("step=6 parent=" + parent.getFileName() + " step=5"));
    Board.builder("other").root(root).id("other").open().close();
    TrackerException other =
        assertThrows(TrackerException.class, () -> fork.id("other").forkFrom(parent, 5).open());
    assertTrue(other.getMessage().contains("parent=none"), other::getMessage);
    Folders.delete(parent);
    fork.id("fork").open().close();
  }

  @Test
  void a_fork_outlives_its_parent() throws IOException {
    Path parent;
    try (Board board = builder().open()) {
      parent = board.directory();
      log(board, 0, 100);
    }
    Path fork;
    try (Board board = builder().forkFrom(parent, 50).open()) {
      fork = board.directory();
    }
    Folders.delete(parent);
    assertSteps(fork, 51);
    try (Board board =
        Board.builder("again")
            .root(root)
            .id(fork.getFileName().toString())
            .resume(Resume.MUST)
            .open()) {
      log(board, 51, 9);
    }
    assertSteps(fork, 60);
  }

  @Test
  void a_fork_of_a_dead_run_takes_what_is_in_its_journal() throws IOException {
    Path parent;
    try (ChildJvm child = ChildJvm.of(RewindProgram.class).start()) {
      parent = Path.of(child.ask("open " + root + " dead", "opened"));
      child.ask("log 5000", "logged");
      child.ask("flush", "flushed");
      child.kill();
    }
    Map<String, String> before = content(parent);
    Path fork;
    try (Board board = builder().forkFrom(parent, 1_233).open()) {
      fork = board.directory();
      assertSteps(fork, 1_234);
    }
    assertSteps(fork, 1_234);
    assertEquals(1_234L * RewindProgram.METRICS, InLance.rows(fork));
    assertEquals(before, content(parent));
    assertEquals(RunStatus.CRASHED, info(parent).status());
  }

  @Test
  void a_fork_of_a_live_run_does_not_disturb_it() throws IOException {
    try (ChildJvm child = ChildJvm.of(RewindProgram.class).start()) {
      Path parent = Path.of(child.ask("open " + root + " live", "opened"));
      child.ask("log 5000", "logged");
      child.ask("flush", "flushed");
      child.say("log 300000");
      for (int i = 0; i < 3; i++) {
        try (Board board = builder().forkFrom(parent, 4_000).open()) {
          assertSteps(board.directory(), 4_001);
          assertEquals(RunStatus.RUNNING, info(parent).status());
        }
      }
      child.hear("logged");
      child.ask("finish", "finished");
      assertSteps(parent, 305_000);
    }
  }

  @Test
  void a_fork_that_is_there_is_resumed_where_that_is_allowed() {
    Path parent;
    try (Board board = builder().open()) {
      parent = board.directory();
      log(board, 0, 100);
    }
    for (int i = 0; i < 3; i++) {
      try (Board board = builder().id("fork").resume(Resume.ALLOW).forkFrom(parent, 9).open()) {
        log(board, 10 + i, 1);
      }
    }
    assertSteps(root.resolve("default").resolve("fork"), 13);
    TrackerException refused =
        assertThrows(TrackerException.class, () -> builder().id("fork").forkFrom(parent, 9).open());
    assertTrue(refused.getMessage().contains("of this id already"), refused.getMessage());
  }

  @Test
  void what_is_no_run_cannot_be_forked_and_leaves_nothing_behind() throws IOException {
    TrackerException refused =
        assertThrows(
            TrackerException.class,
            () -> builder().id("x").forkFrom(root.resolve("nothing"), 9).open());
    assertTrue(refused.getMessage().contains("not a run folder"), refused.getMessage());
    try (Stream<Path> left = Files.list(root.resolve("default"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void what_a_fork_left_that_died_is_no_run_and_is_replaced() throws IOException {
    Path parent;
    try (Board board = builder().open()) {
      parent = board.directory();
      log(board, 0, 10);
    }
    Path draft = parent.resolveSibling(".fork.fork");
    Files.createDirectories(new RunLayout(draft).journal());
    Files.writeString(new RunLayout(draft).journal().resolve("rest"), "half");
    assertEquals(1, Runs.in(root).size());
    try (Board board = builder().id("fork").forkFrom(parent, 4).open()) {
      assertSteps(board.directory(), 5);
    }
    assertEquals(2, Runs.in(root).size());
  }

  private Board.Builder builder() {
    return Board.builder("test").root(root);
  }

  private static RunInfo info(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      return reader.info();
    }
  }

  /** Logs rows whose value is their step. */
  private static void log(Board board, long from, long count) {
    for (long step = from; step < from + count; step++) {
      board.log(METRIC, (double) step);
    }
  }

  private static void assertSteps(Path run, int expected) {
    try (RunReader reader = RunReader.open(run)) {
      Scalars found = reader.scalars(METRIC);
      assertArrayEquals(LongStream.range(0, expected).toArray(), found.steps());
      assertArrayEquals(LongStream.range(0, expected).asDoubleStream().toArray(), found.values());
    }
  }

  private static Path dataFile(Path run) throws IOException {
    try (Stream<Path> walk = Files.walk(new RunLayout(run).metrics())) {
      return walk.filter(path -> Files.isRegularFile(path) && path.toString().endsWith(".lance"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Every file with its checksum. */
  private static Map<String, String> content(Path folder) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        content.put(
            folder.relativize(file).toString(), Files.size(file) + " " + DurableFiles.crc32c(file));
      }
    }
    return content;
  }
}
