package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.system.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a board does while its journal cannot be written or forced, and afterwards. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FailingJournalTest {
  private static final int CAPACITY = 64;

  @TempDir Path root;

  private final FaultyFiles files = new FaultyFiles();
  private StandardError err;
  private Board board;

  @BeforeEach
  void openBoard() {
    files.keepsSealerOut = true;
    err = StandardError.capture();
    board = builder().open();
  }

  private Board.Builder builder() {
    return Board.builder("failing")
        .root(root)
        .files(files)
        .queueCapacity(CAPACITY)
        .closeTimeout(Duration.ZERO);
  }

  @AfterEach
  void closeBoard() throws IOException {
    files.isFull = false;
    files.failsToForce = false;
    files.defect = null;
    files.poison = null;
    board.close();
    err.close();
    Await.release(root);
  }

  private void fail() {
    files.isFull = true;
    board.log("a", 0);
    Await.until("the failure is noticed", () -> board.health().failing());
  }

  private static void assertContains(String text, Object... parts) {
    for (Object part : parts) {
      assertTrue(text.contains(part.toString()), "'" + part + "' in: " + text);
    }
  }

  @Test
  void aShortFailureCostsNothing() {
    fail();
    for (int i = 1; i < CAPACITY; i++) {
      board.log("a", i);
    }
    assertEquals(CAPACITY, board.health().queued());
    files.isFull = false;
    Await.until("the journal is written again", () -> !board.health().failing());
    Journaled journal = Journaled.of(board);
    assertEquals(CAPACITY, journal.values("a").size());
    assertEquals(List.of(), journal.gaps);
    assertEquals(0, board.health().dropped());
    assertContains(board.health().lastError().orElseThrow().toString(), "No space left on device");
    Await.until("it is said", () -> err.lines("the journal can be written again").size() == 1);
    assertEquals(1, err.lines("the journal cannot be written").size());
  }

  @Test
  void aLongFailureDropsInsteadOfWaiting_countsAndLeavesAGap() {
    fail();
    for (int i = 1; i < 10 * CAPACITY; i++) {
      board.log("a", i);
      if (i == 5 * CAPACITY) {
        board.step();
      }
    }
    assertEquals(9 * CAPACITY, board.health().dropped());
    TrackerException unsafe = assertThrows(TrackerException.class, board::flush);
    assertContains(
        unsafe.getMessage(), "cannot be written", board.directory(), "dropped=576", "queued=64");
    assertNotNull(unsafe.getCause());

    files.isFull = false;
    Await.until("the queue is empty", () -> board.health().queued() == 0);
    board.log("a", -1);
    TrackerException lost = assertThrows(TrackerException.class, board::flush);
    assertContains(lost.getMessage(), "lost=576", board.directory());
    board.flush(); // a loss is told once

    Journaled journal = Journaled.of(board);
    assertEquals(CAPACITY + 1, journal.rows.size());
    assertEquals(-1.0, journal.rows.get(CAPACITY).values().get("a"));
    assertEquals(1, journal.rows.get(CAPACITY).globalStep());
    assertEquals(1, journal.gaps.size());
    assertEquals(9 * CAPACITY, journal.gaps.get(0).rows());
    assertEquals(CAPACITY, journal.gaps.get(0).afterRows());
    Await.until("it is said", () -> err.lines("the journal can be written again").size() == 1);
    assertEquals(1, err.lines("the journal cannot be written").size());
  }

  @Test
  void whoeverWaitsWhenTheJournalFailsIsLetGo() throws Exception {
    files.hang();
    board.log("a", 0);
    Thread caller =
        new Thread(() -> {
          for (int i = 1; i < 2 * CAPACITY; i++) {
            board.log("a", i);
          }
        });
    caller.start();
    Await.until("the caller waits", () -> caller.getState() == Thread.State.TIMED_WAITING);
    files.isFull = true;
    files.release();
    caller.join();
    assertEquals(CAPACITY, board.health().dropped());
  }

  @Test
  void flushTriesAgainAtOnce() {
    fail();
    int satOut = 0;
    for (int i = 0; i < 30; i++) {
      long start = System.nanoTime();
      assertThrows(TrackerException.class, board::flush);
      satOut += System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(500) ? 0 : 1;
    }
    assertTrue(satOut < 15, "30 flushes did not sit out 30 pauses: " + satOut);
    files.isFull = false;
    board.flush();
    assertEquals(1, board.health().durable());
  }

  @Test
  void aBoardThatCannotBeWrittenToItsEndSaysWhatIsLost() throws Exception {
    fail();
    board.log("a", 1);
    board.log("a", 1, "b", 2);
    TrackerException unsafe = assertThrows(TrackerException.class, board::finish);
    assertContains(
        unsafe.getMessage(),
        "not all that was logged is on stable storage",
        "lost=3",
        "journaled=0");
    assertEquals(3, board.health().dropped());
    board.finish();
    board.close();
    assertThrows(IllegalStateException.class, () -> board.log("a", 1));
    files.isFull = false;
    Await.release(root);
    Board again = Board.builder("x").root(root).id(board.id()).resume(Resume.MUST).open();
    again.log("b", 1);
    again.close();
  }

  @Test
  void aBoardThatCannotBeForcedAtItsEndSaysSo() {
    files.failsToForce = true;
    board.log("a", 1);
    TrackerException unsafe = assertThrows(TrackerException.class, board::finish);
    assertContains(unsafe.getMessage(), "on stable storage", "journaled=1", "durable=0");
    assertEquals(List.of(1.0), Journaled.of(board.directory()).values("a"));
  }

  @Test
  void flushingWhileTheBoardEndsWaitsForTheEnd() throws Exception {
    Board patient = patient();
    files.hang();
    patient.log("a", 1);
    Thread finisher = new Thread(patient::finish);
    finisher.start();
    Await.until("the board ends", () -> refuses(patient));
    Thread flusher = new Thread(patient::flush);
    flusher.start();
    Await.until("flush waits", () -> flusher.getState() == Thread.State.TIMED_WAITING);
    assertEquals(0, patient.health().durable());
    files.release();
    flusher.join();
    assertEquals(1, patient.health().durable());
    finisher.join();
  }

  @Test
  void closeReportsWhatFinishWouldThrow() {
    fail();
    board.close();
    List<String> lines = err.lines("not all that was logged is on stable storage");
    assertEquals(1, lines.size());
    assertContains(lines.get(0), "lost=1", "run=" + board.id());
  }

  @Test
  void aFailureThatEndsWhileTheBoardIsBeingFinishedCostsNothing() throws Exception {
    Board patient = patient();
    files.isFull = true;
    patient.log("a", 1);
    Await.until("the failure is noticed", () -> patient.health().failing());
    Thread finisher = new Thread(patient::finish);
    finisher.start();
    Await.until("the board ends", () -> refuses(patient));
    files.isFull = false;
    finisher.join();
    assertEquals(1, patient.health().journaled());
    assertEquals(1, patient.health().durable());
    assertEquals(0, patient.health().dropped());
  }

  /** Opens a board that does not give up while the machine stands still. */
  private Board patient() {
    return builder().closeTimeout(Duration.ofMinutes(5)).open();
  }

  private static boolean refuses(Board board) {
    try {
      board.row().log();
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  @Test
  void aForceThatFailsIsReportedAndThrownByFlush() {
    files.failsToForce = true;
    board.log("a", 1);
    TrackerException unsafe = assertThrows(TrackerException.class, board::flush);
    assertContains(unsafe.getMessage(), "cannot be forced", board.directory(), "durable=0");
    assertTrue(board.health().failing());
    assertEquals(1, board.health().journaled());
    Await.until("the failure is reported", () -> !err.lines("cannot be forced").isEmpty());
    board.log("a", 2);
    files.failsToForce = false;
    Await.until("nothing fails any more", () -> !board.health().failing());
    board.flush(); // no force is under way that fails yet
    assertEquals(2, board.health().durable());
    assertEquals(List.of(1.0, 2.0), Journaled.of(board).values("a"));
  }

  @Test
  void aWriterThatDiesTurnsTheBoardIntoOneThatCounts() {
    files.defect = new AssertionError("a defect");
    board.log("a", 0);
    Await.until("the writer died", () -> board.health().failing());
    for (int i = 1; i < 3 * CAPACITY; i++) {
      board.log("a", i);
    }
    assertEquals(2 * CAPACITY, board.health().dropped());
    Await.until("it is reported", () -> err.lines("the board's writer died").size() == 1);
    assertThrows(TrackerException.class, board::flush);
    files.defect = null;
    TrackerException unsafe = assertThrows(TrackerException.class, board::finish);
    assertContains(
        unsafe.getMessage(),
        "not all that was logged is on stable storage",
        "lost=191",
        "journaled=1");
    assertEquals(3 * CAPACITY - 1, board.health().dropped());
  }

  /** They were accepted, kept beside the full queue, and neither written nor counted. */
  @Test
  void changesKeptBesideTheQueueAreCounted_whenTheWriterDies() {
    fail();
    for (int i = 1; i < CAPACITY; i++) {
      board.log("a", i);
    }
    board.config(Map.of("lr", 0.5));
    board.tag("kept");
    assertEquals(0, board.health().dropped());
    files.defect = new AssertionError("a defect");
    Await.until("the writer died", () -> err.lines("the board's writer died").size() == 1);
    assertEquals(2, board.health().dropped());
    board.tag("late");
    assertEquals(3, board.health().dropped());
  }

  @Test
  void changesKeptBesideTheQueueAreCounted_whenTheWriterDiesOfThem() {
    fail();
    for (int i = 1; i < CAPACITY; i++) {
      board.log("a", i);
    }
    board.tag("kept");
    files.poison = "kept";
    files.isFull = false;
    Await.until("the writer died", () -> err.lines("the board's writer died").size() == 1);
    assertEquals(1, board.health().dropped());
  }

  @Test
  void changesKeptBesideTheQueueAreCounted_whenTheBoardEndsWithoutThem() {
    fail();
    for (int i = 1; i < CAPACITY; i++) {
      board.log("a", i);
    }
    board.config(Map.of("lr", 0.5));
    assertThrows(TrackerException.class, board::finish);
    assertEquals(CAPACITY + 1, board.health().dropped());
  }

  @Test
  void strictCallsAreDurableWhenTheyReturn_andShareForces() throws Exception {
    try (Board strict = builder().durability(Durability.STRICT).queueCapacity(1024).open()) {
      strict.log("a", 1);
      assertEquals(1, strict.health().durable());
      strict.log("a", 1, "b", 2);
      assertEquals(2, strict.health().durable());
      Thread[] callers = new Thread[8];
      for (int t = 0; t < callers.length; t++) {
        String name = "thread " + t;
        callers[t] =
            new Thread(() -> {
              for (int i = 0; i < 20; i++) {
                strict.log(name, i);
              }
            });
        callers[t].start();
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertEquals(162, strict.health().durable());
    }
  }

  @Test
  void strictCallsDoNotWaitForADiskThatFails() {
    try (Board strict = builder().durability(Durability.STRICT).open()) {
      strict.log("a", 1);
      files.failsToForce = true;
      strict.log("a", 2);
      assertTrue(strict.health().failing());
      assertThrows(TrackerException.class, strict::flush);
      files.failsToForce = false;
      Await.until(
          "the journal is forced again",
          () -> strict.health().durable() == 2 && !strict.health().failing());
      strict.log("a", 3);
      assertEquals(3, strict.health().durable());
      assertEquals(List.of(1.0, 2.0, 3.0), Journaled.of(strict).values("a"));
    }
  }

  @Test
  void openingOnAFullDiskSaysSo() {
    files.isFull = true;
    TrackerException refused = assertThrows(TrackerException.class, () -> builder().open());
    assertContains(refused.getMessage(), "the board cannot be opened", "No space left on device");
  }
}
