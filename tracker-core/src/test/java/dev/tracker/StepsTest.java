package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.StorageException;
import dev.tracker.read.Curve;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.system.Await;
import dev.tracker.verify.Verifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Which step and global step a log call gets. */
class StepsTest {
  @TempDir Path root;

  private Board board;

  @BeforeEach
  void openBoard() {
    board = Board.builder("steps").root(root).closeTimeout(Duration.ZERO).open();
  }

  @AfterEach
  void closeBoard() {
    board.close();
  }

  private List<Long> steps() {
    return Journaled.of(board).steps();
  }

  @Test
  void everyFormTakesTheNextStep() {
    Metric metric = board.metric("a");
    board.log("a", 1.0);
    board.log("n", 2L);
    board.log("t", "text");
    board.log("a", 1.0, "b", 2.0);
    board.log("a", 1.0, "b", 2.0, "c", 3.0);
    board.log("a", 1.0, "b", 2.0, "c", 3.0, "d", 4.0);
    board.log("a", 1.0, "b", 2.0, "c", 3.0, "d", 4.0, "e", 5.0);
    board.log(Map.of("a", 1.0, "t", "text"));
    metric.log(1.0);
    metric.log(1L);
    board.row().put("a", 1.0).put("b", 1L).put("t", "x").log();
    Journaled journal = Journaled.of(board);
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L), journal.steps());
    assertEquals(
        List.of(1, 1, 1, 2, 3, 4, 5, 2, 1, 1, 3),
        journal.rows.stream().map(row -> row.values().size()).toList());
    assertEquals(
        Map.of("a", 1.0, "b", 2.0, "c", 3.0, "d", 4.0, "e", 5.0), journal.rows.get(6).values());
  }

  @Test
  void aStepOfTheCallersChoiceLiftsTheCounterAndMayRunBackwards() {
    Metric metric = board.metric("a");
    board.log(100, Map.of("a", 1));
    board.log("a", 1);
    board.log(7, Map.of("a", 1));
    metric.log(7L, 1.0);
    metric.log(200L, 1L);
    board.log("a", 1);
    board.log(-3, Map.of("a", 1));
    board.log("a", 1);
    assertEquals(List.of(100L, 101L, 7L, 7L, 200L, 201L, -3L, 202L), steps());
  }

  @Test
  void theGreatestStepsAreReadBackAndCountedOnFrom() {
    board.globalStep(Board.MAX_STEP);
    board.log(Board.MAX_STEP, Map.of("a", 1));
    board.log("a", 2);
    board.step();
    board.globalStep(-Board.MAX_STEP);
    board.log(-Board.MAX_STEP, Map.of("a", 3));
    board.log("a", 4);
    board.close();
    Await.until("all is sealed", () -> isSound(board.directory()));
    try (RunReader run = RunReader.open(board.directory())) {
      Scalars rows = run.scalars("a");
      assertArrayEquals(
          new long[] {Board.MAX_STEP, Board.MAX_STEP + 1, -Board.MAX_STEP, Board.MAX_STEP + 2},
          rows.steps());
      assertArrayEquals(
          new long[] {Board.MAX_STEP, Board.MAX_STEP, -Board.MAX_STEP, -Board.MAX_STEP},
          rows.globalSteps());
      Curve curve = run.curve("a", Long.MIN_VALUE, Long.MAX_VALUE, 10);
      assertEquals(4, IntStream.range(0, curve.size()).mapToLong(curve::count).sum());
    }
  }

  private static boolean isSound(Path run) {
    try {
      return Verifier.verify(run).isSound();
    } catch (StorageException e) {
      return false; // the sealer still has it
    }
  }

  @Test
  void aStepFromWhichNobodyCouldCountOnIsRefused() {
    Metric metric = board.metric("a");
    for (long step : new long[] {Board.MAX_STEP + 1, -Board.MAX_STEP - 1, Long.MAX_VALUE}) {
      List<Executable> calls =
          List.of(
              () -> board.log(step, Map.of("a", 1)),
              () -> metric.log(step, 1.0),
              () -> metric.log(step, 1L),
              () -> board.row().step(step),
              () -> board.globalStep(step));
      for (Executable call : calls) {
        String said = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(said.contains("step=" + step), said);
      }
    }
    board.log("a", 1);
    assertEquals(List.of(0L), steps());
    assertEquals(0, board.globalStep());
  }

  @Test
  void aRowsOwnStepHoldsForOneCall() {
    Row row = board.row();
    row.put("a", 1).step(50).log();
    row.put("a", 1).log();
    assertEquals(List.of(50L, 51L), steps());
  }

  @Test
  void withoutAutoStepRowsShareTheStepOfTheNextCall() {
    Row row = board.row().autoStep(false);
    board.log("a", 1);
    row.put("b", 1).log();
    row.put("c", 1).log();
    board.log("a", 1);
    row.put("b", 1).log();
    row.autoStep(true).put("b", 1).log();
    board.log("a", 1);
    assertEquals(List.of(0L, 1L, 1L, 1L, 2L, 2L, 3L), steps());
  }

  @Test
  void anEmptyCallTakesNoStep() {
    board.row().log();
    board.log(Map.of());
    board.log("nothing", (Object) null);
    board.log("a", 1);
    assertEquals(List.of(0L), steps());
  }

  @Test
  void aNameThatIsPutTwiceKeepsItsLaterValue() {
    Row row = board.row();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 300; i++) {
        row.put("metric " + i % 100, i + round);
      }
      row.put("text", "earlier").put("text", "later").log();
    }
    Journaled journal = Journaled.of(board);
    for (int round = 0; round < 3; round++) {
      Map<String, Object> values = journal.rows.get(round).values();
      assertEquals(101, values.size());
      assertEquals(200.0 + round, values.get("metric 0"));
      assertEquals(299.0 + round, values.get("metric 99"));
      assertEquals("later", values.get("text"));
    }
  }

  @Test
  void theGlobalStepIsStoredWithWhatFollows() {
    board.log("a", 1);
    board.step();
    board.log("a", 1);
    board.step();
    board.step();
    assertEquals(3, board.globalStep());
    board.log("a", 1);
    board.globalStep(10);
    board.log("a", 1);
    board.step();
    board.log("a", 1);
    assertEquals(11, board.globalStep());
    Journaled journal = Journaled.of(board);
    assertEquals(
        List.of(0L, 1L, 3L, 10L, 11L),
        journal.rows.stream().map(Journaled.Row::globalStep).toList());
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L), journal.steps());
  }

  @Test
  void timesNeverRunBackwards() {
    long before = System.currentTimeMillis() * 1000;
    for (int i = 0; i < 1000; i++) {
      board.log("a", i);
    }
    long after = System.currentTimeMillis() * 1000 + 1000;
    long last = before;
    for (Journaled.Row row : Journaled.of(board).rows) {
      assertEquals(true, row.micros() >= last, row.micros() + " after " + last);
      last = row.micros();
    }
    assertEquals(true, last <= after, last + " is later than " + after);
  }
}
