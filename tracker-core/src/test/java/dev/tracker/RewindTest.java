package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.media.Attachment;
import dev.tracker.metadata.StepRange;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Scalars;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
import dev.tracker.system.Folders;
import dev.tracker.system.InLance;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A board that goes back, while it is open and when it is resumed; and the history of its attempts.
 */
class RewindTest {
  @TempDir Path root;

  @Test
  void rows_logged_before_are_dropped_and_later_ones_go_on_after_the_step() throws IOException {
    Path run;
    try (Board board = builder().open()) {
      run = board.directory();
      log(board, 0, 100);
      board.rewindTo(39);
      assertSteps(run, 40);
      log(board, 40, 10);
      board.flush();
      assertSteps(run, 50);
    }
    assertSteps(run, 50);
    assertEquals(50, InLance.rows(run));
  }

  @Test
  void the_global_step_goes_back_to_that_of_the_last_row_that_stays() {
    try (Board board = builder().open()) {
      for (int epoch = 0; epoch < 5; epoch++) {
        board.step();
        log(board, epoch * 10L, 10);
      }
      board.step();
      board.rewindTo(24);
      assertEquals(3, board.globalStep());
      log(board, 25, 1);
      board.step();
      log(board, 26, 1);
      board.flush();
      try (RunReader reader = RunReader.open(board.directory())) {
        long[] globalSteps = reader.scalars("loss").globalSteps();
        assertArrayEquals(new long[] {3, 3, 4}, LongStream.of(globalSteps).skip(24).toArray());
      }
      board.rewindTo(-1);
      assertEquals(0, board.globalStep());
    }
  }

  /** What was sealed before the run went back was counted with the rows that are gone. */
  @Test
  void steps_are_the_same_before_the_rewind_is_sealed_and_after() throws IOException {
    try (Board board = builder().id("r").open()) {
      board.step();
      log(board, 0, 40);
      board.step();
      log(board, 40, 10);
    }
    FaultyFiles files = new FaultyFiles();
    files.keepsSealerOut = true;
    try (Board board = builder().id("r").resume(Resume.MUST).files(files).open()) {
      log(board, 50, 5);
      board.log("picture", Attachment.of(new byte[] {1}, "p.bin"));
      log(board, 56, 5);
      board.step();
      log(board, 61, 10);
      board.rewindTo(65);
      board.rewindTo(55);
      assertEquals(List.of(40L, 16L), rowsOfSteps(board, root.resolve("first")));
      log(board, 56, 3);
      board.rewindTo(30);
      board.rewindTo(35); // further than there is
      log(board, 31, 3);
      assertEquals(List.of(34L), rowsOfSteps(board, root.resolve("second")));
      files.keepsSealerOut = false;
    }
    try (RunReader finished = RunReader.open(root.resolve("default").resolve("r"));
        RunReader sealed = RunReader.open(root.resolve("second"))) {
      assertEquals(sealed.steps(), finished.steps());
    }
  }

  /** Returns how many log calls each global step has, live, and by a copy that is sealed. */
  private static List<Long> rowsOfSteps(Board board, Path copy) throws IOException {
    board.flush();
    try (RunReader live = RunReader.open(board.directory())) {
      Sealer.seal(Folders.copy(board.directory(), copy));
      try (RunReader sealed = RunReader.open(copy)) {
        assertEquals(sealed.steps(), live.steps());
      }
      return live.steps().stream().map(StepRange::rows).toList();
    }
  }

  /** It returned without having gone back: the board seemed to be one that the JVM had closed. */
  @Test
  @SuppressWarnings("LockOnNonEnclosingClassLiteral") // it is what the end waits for
  void going_back_when_the_end_has_begun_still_goes_back() throws Exception {
    Board board = builder().open();
    log(board, 0, 10);
    Thread ending = new Thread(board::finish);
    synchronized (ConsoleCapture.class) { // the end comes by here before it refuses messages
      ending.start();
      Await.until("the end has begun", () -> ending.getState() == Thread.State.BLOCKED);
      board.rewindTo(4);
    }
    ending.join();
    assertSteps(board.directory(), 5);
  }

  @Test
  void going_back_before_the_first_row_keeps_the_metrics() {
    try (Board board = builder().open()) {
      log(board, 0, 10);
      board.rewindTo(-1);
      try (RunReader reader = RunReader.open(board.directory())) {
        assertEquals(List.of("loss"), reader.metrics());
        assertEquals(0, reader.scalars("loss").size());
      }
      log(board, 0, 3);
      board.flush();
      assertSteps(board.directory(), 3);
    }
  }

  @Test
  void a_file_that_is_logged_again_after_going_back_is_there() throws IOException {
    // Both entries were staged as one file, which went with the first of them.
    byte[] bytes = new byte[300_000];
    Path run;
    try (Board board = builder().open()) {
      run = board.directory();
      board.log("weights", Attachment.of(bytes, "weights.bin"));
      board.rewindTo(-1);
      board.log("weights", Attachment.of(bytes, "weights.bin"));
    }
    try (RunReader reader = RunReader.open(run)) {
      assertArrayEquals(bytes, reader.media("weights").get(0).bytes());
    }
    assertTrue(Verifier.verify(run).isSound(), () -> Verifier.verify(run).toString());
    assertEquals(List.of(), InLance.segments(run));
  }

  @Test
  void a_step_that_was_not_reached_drops_nothing_and_lets_steps_go_on() {
    try (Board board = builder().open()) {
      log(board, 0, 10);
      board.rewindTo(Long.MAX_VALUE);
      board.rewindTo(9);
      log(board, 10, 10);
      board.flush();
      assertSteps(board.directory(), 20);
    }
  }

  @Test
  void illegal_steps_and_finished_boards_are_refused() {
    Board board = builder().open();
    assertThrows(IllegalArgumentException.class, () -> board.rewindTo(-2));
    assertThrows(IllegalArgumentException.class, () -> builder().rewindTo(-2));
    board.finish();
    assertThrows(IllegalStateException.class, () -> board.rewindTo(0));
    assertThrows(IllegalStateException.class, () -> builder().rewindTo(0).open());
    Board off = Board.builder("off").root(root).enabled(false).open();
    off.rewindTo(3);
    off.finish();
  }

  @Test
  void a_resumed_run_goes_back_first() throws IOException {
    Path run;
    try (Board board = builder().id("r").open()) {
      run = board.directory();
      board.step();
      log(board, 0, 100);
      board.step();
      log(board, 100, 100);
    }
    try (Board board = builder().id("r").resume(Resume.MUST).rewindTo(49).open()) {
      assertEquals(1, board.globalStep());
      assertSteps(run, 50);
      log(board, 50, 5);
    }
    assertSteps(run, 55);
    assertEquals(55, InLance.rows(run));
    try (Board board = builder().id("new").resume(Resume.ALLOW).rewindTo(49).open()) {
      log(board, 0, 1); // nothing was there: it begins at 0
    }
    assertSteps(run.resolveSibling("new"), 1);
  }

  @Test
  void threads_that_log_meanwhile_fall_on_one_side_or_the_other() throws Exception {
    try (Board board = builder().open()) {
      log(board, 0, 1_000);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String name = "thread/" + i;
        Thread thread =
            new Thread(() -> {
              for (int k = 0; k < 20_000; k++) {
                board.log(name, k);
              }
            });
        thread.start();
        threads.add(thread);
      }
      for (int i = 0; i < 20; i++) {
        board.rewindTo(999);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      board.flush();
      try (RunReader reader = RunReader.open(board.directory())) {
        assertEquals(1_000, reader.scalars("loss").size());
        long rows = 0;
        for (String name : reader.metrics()) {
          if (name.startsWith("thread/")) {
            Scalars found = reader.scalars(name);
            rows += found.size();
            for (int k = 1; k < found.size(); k++) {
              assertEquals(
                  found.values()[k - 1] + 1, found.values()[k], "what is left has no hole");
            }
          }
        }
        assertTrue(rows <= 60_000, "rows " + rows);
      }
    }
  }

  @Test
  void every_attempt_is_remembered_with_its_end() {
    Path run;
    try (Board board = builder().id("r").open()) {
      run = board.directory();
      try (RunReader reader = RunReader.open(run)) {
        RunInfo.Attempt only = reader.info().attempts().get(0);
        assertEquals(ProcessHandle.current().pid(), only.pid());
        assertFalse(only.host().isBlank());
        assertEquals(Optional.empty(), only.finished());
        assertEquals(Optional.empty(), only.status());
      }
    }
    Board failing = builder().id("r").resume(Resume.MUST).open();
    failing.finish(new IllegalStateException("no"));
    Board late = builder().id("r").resume(Resume.MUST).open();
    late.close();
    late.finish(new IllegalStateException("after all"));
    try (RunReader reader = RunReader.open(run)) {
      List<RunInfo.Attempt> attempts = reader.info().attempts();
      assertEquals(
          List.of(RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.FAILED),
          attempts.stream().map(attempt -> attempt.status().orElseThrow()).toList());
      assertTrue(
          attempts.stream().allMatch(attempt -> attempt.finished().isPresent()),
          attempts.toString());
    }
  }

  @Test
  void times_do_not_run_backwards_when_the_clock_was_ahead() throws IOException {
    RunLayout layout = new RunLayout(root.resolve("default").resolve("r"));
    long ahead = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now().plus(1, ChronoUnit.HOURS));
    Files.createDirectories(layout.journal());
    try (JournalWriter journal =
        JournalWriter.open(layout.journal(), Counters.START, FileLayer.real())) {
      journal.series(0, Kind.FLOAT64, "loss");
      journal.beginRow(ahead, 1);
      journal.value(0, 0);
    }
    try (Board board = builder().id("r").resume(Resume.MUST).open()) {
      log(board, 1, 100);
    }
    try (RunReader reader = RunReader.open(layout.root())) {
      long[] times = reader.scalars("loss").timestamps();
      assertEquals(101, times.length);
      for (int i = 1; i < times.length; i++) {
        assertTrue(times[i] >= times[i - 1], "row " + i);
      }
      assertTrue(times[100] > times[0], "time goes on");
    }
  }

  /** It had answered before its last refresh, and threw all the same. */
  @Test
  void a_polling_reader_that_has_told_nothing_since_its_refresh_moves_on_by_itself() {
    try (Board board = builder().id("polled").open()) {
      log(board, 0, 100);
    }
    Board board = builder().id("polled").resume(Resume.MUST).open();
    log(board, 100, 1);
    board.flush();
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(101, reader.scalars("loss").size());
      log(board, 101, 1);
      board.flush();
      reader.refresh();
      board.rewindTo(50);
      board.finish();
      assertEquals(51, reader.scalars("loss").size());
    }
  }

  private Board.Builder builder() {
    return Board.builder("test").root(root).config(Map.of("lr", 0.1));
  }

  /** Logs rows whose value is their step. */
  private static void log(Board board, long from, long count) {
    for (long step = from; step < from + count; step++) {
      board.log("loss", (double) step);
    }
  }

  private static void assertSteps(Path run, int expected) {
    try (RunReader reader = RunReader.open(run)) {
      Scalars found = reader.scalars("loss");
      assertArrayEquals(LongStream.range(0, expected).toArray(), found.steps());
      assertArrayEquals(LongStream.range(0, expected).asDoubleStream().toArray(), found.values());
    }
  }
}
