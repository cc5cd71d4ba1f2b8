package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.lock.RunLock;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.EndingProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How boards end, and what becomes of their runs. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EndingTest {
  @TempDir Path root;

  @AfterEach
  void awaitSealer() throws IOException {
    Await.release(root);
  }

  private Board.Builder builder() {
    return Board.builder("ending").root(root);
  }

  private static RunInfo info(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      return reader.info();
    }
  }

  private static void assertFailedWith(Path run, String... parts) {
    RunInfo info = info(run);
    assertEquals(RunStatus.FAILED, info.status());
    for (String part : parts) {
      assertTrue(info.error().orElseThrow().contains(part), info.error().orElseThrow());
    }
    assertTrue(info.finished().isPresent());
  }

  private static void assertSucceeded(Path run) {
    RunInfo info = info(run);
    assertEquals(RunStatus.SUCCEEDED, info.status());
    assertFalse(info.error().isPresent());
    assertTrue(info.finished().isPresent());
  }

  @Test
  void finish_sealsAndIsIdempotent() throws IOException {
    Board board = builder().open();
    board.log("a", 1);
    board.finish();
    board.finish();
    board.close();
    board.flush();
    assertSucceeded(board.directory());
    assertEquals(1, board.health().sealed());
    assertEquals(0, board.health().queued());
    try (var left = Files.newDirectoryStream(new RunLayout(board.directory()).journal(), "*.seg")) {
      assertFalse(left.iterator().hasNext(), "the journal is gone when it is sealed");
    }
  }

  @Test
  void finishWithAnException_isAFailure() {
    Board board = builder().open();
    board.log("a", 1);
    board.finish(new IOException("diverged", new RuntimeException("deep")));
    assertFailedWith(board.directory(), "java.io.IOException: diverged", "Caused by", "deep");
    board.finish(new IOException("another"));
    assertFailedWith(board.directory(), "diverged");
  }

  @Test
  void finishWithNull_isASuccess() {
    Board board = builder().open();
    board.finish(null);
    assertSucceeded(board.directory());
  }

  @Test
  void aFailureThatComesToLightAfterTheEnd() {
    Board board = builder().open();
    board.log("a", 1);
    board.close();
    assertSucceeded(board.directory());
    board.finish(new IllegalStateException("late"));
    assertFailedWith(board.directory(), "late");
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(1, reader.scalars("a").size());
    }
  }

  @Test
  void aFailureThatComesToLightWhenAnotherBoardWritesTheRun() {
    Board board = builder().open();
    board.close();
    try (Board next = builder().id(board.id()).resume(Resume.MUST).open()) {
      TrackerException refused =
          assertThrows(
              TrackerException.class, () -> board.finish(new IllegalStateException("late")));
      assertTrue(refused.getMessage().contains("could not be written down"), refused.getMessage());
      next.log("a", 1);
    }
    assertSucceeded(board.directory());
  }

  /** The lock was held until the end of the JVM, and nobody could open the run. */
  @Test
  void aLateFailureThatCannotBeForced_letsGoOfTheRun() throws IOException {
    FaultyFiles files = new FaultyFiles();
    Board board = builder().files(files).open();
    board.finish();
    files.failsToForce = true;
    assertThrows(TrackerException.class, () -> board.finish(new IllegalStateException("late")));
    assertFalse(RunLock.isHeld(new RunLayout(board.directory())));
  }

  @Test
  void run_finishes() {
    List<Board> seen = new ArrayList<>();
    Board.run(
        builder(),
        board -> {
          seen.add(board);
          assertSame(board, Board.current());
          board.log("a", 1);
        });
    assertSucceeded(seen.get(0).directory());
  }

  @Test
  void run_recordsAndThrowsOnWhatTheBodyThrows_asItIs() {
    List<Board> seen = new ArrayList<>();
    IOException thrown = new IOException("diverged");
    Throwable caught =
        assertThrows(
            IOException.class,
            () ->
                Board.run(
                    builder(),
                    board -> {
                      seen.add(board);
                      throw thrown;
                    }));
    assertSame(thrown, caught);
    assertFailedWith(seen.get(0).directory(), "diverged");
  }

  @Test
  void run_whoseBodyFinishesAndThenThrows_failed() {
    List<Board> seen = new ArrayList<>();
    assertThrows(
        AssertionError.class,
        () ->
            Board.run(
                builder(),
                board -> {
                  seen.add(board);
                  board.finish();
                  throw new AssertionError("late");
                }));
    assertFailedWith(seen.get(0).directory(), "late");
  }

  @Test
  void current_isTheBoardThatWasOpenedLastOfThoseThatAreOpen() {
    assertThrows(IllegalStateException.class, Board::current);
    Board first = builder().closeTimeout(Duration.ZERO).open();
    Board second = builder().closeTimeout(Duration.ZERO).open();
    assertSame(second, Board.current());
    second.close();
    assertSame(first, Board.current());
    first.close();
    assertThrows(IllegalStateException.class, Board::current);
  }

  @Test
  void aRunThatCouldNotBeSealedInTimeIsSealedByTheNextBoard() throws Exception {
    Board board = builder().closeTimeout(Duration.ZERO).open();
    board.log("a", 1);
    board.finish();
    Await.release(root);
    Board next = builder().id(board.id()).resume(Resume.MUST).open();
    next.log("a", 2);
    next.finish();
    assertEquals(1, next.health().sealed());
    RunLayout layout = new RunLayout(next.directory());
    assertEquals(2, MetadataReader.read(layout.metadata()).orElseThrow().series().get(0).rows());
    assertSucceeded(next.directory());
  }

  @Test
  void aResumedRunGoesOnWhereItWas() {
    Board board = builder().tags("first").config(Map.of("a", 1, "b", 1)).open();
    board.metric("exact", SeriesKind.INT64).log(Long.MAX_VALUE);
    board.log("a", 1);
    board.globalStep(7);
    board.log("text", "one");
    board.finish(new IOException("diverged"));

    Board next =
        builder()
            .id(board.id())
            .resume(Resume.MUST)
            .config(Map.of("b", 2, "c", 3))
            .notes("once more")
            .open();
    assertEquals(7, next.globalStep());
    next.log("a", 2);
    next.log("exact", Long.MAX_VALUE - 1);
    next.log("text", 5);
    assertEquals(1, next.health().rejected(), "the kinds of series are still known");
    next.flush();
    assertEquals(RunStatus.RUNNING, info(next.directory()).status());
    next.finish();
    try (RunReader reader = RunReader.open(next.directory())) {
      assertEquals(List.of(1L, 3L), LongStream.of(reader.scalars("a").steps()).boxed().toList());
      assertEquals(
          List.of(0L, 7L), LongStream.of(reader.scalars("a").globalSteps()).boxed().toList());
      assertEquals(
          List.of(Long.MAX_VALUE, Long.MAX_VALUE - 1),
          LongStream.of(reader.scalars("exact").longs()).boxed().toList());
      RunInfo info = reader.info();
      assertEquals(RunStatus.SUCCEEDED, info.status());
      assertFalse(info.error().isPresent());
      assertEquals(Map.of("a", 1, "b", 2, "c", 3), info.config());
      assertEquals(List.of("first"), info.tags());
      assertEquals("once more", info.notes().orElseThrow());
    }
  }

  @Test
  void callsThatRaceWithTheEndAreAcceptedOrRefused_neverLost() throws Exception {
    FaultyFiles files = new FaultyFiles();
    files.keepsSealerOut = true;
    for (int round = 0; round < 20; round++) {
      Board board = builder().files(files).queueCapacity(64).closeTimeout(Duration.ZERO).open();
      AtomicLong accepted = new AtomicLong();
      Thread[] callers = new Thread[4];
      for (int t = 0; t < callers.length; t++) {
        Metric metric = board.metric("thread " + t);
        callers[t] =
            new Thread(() -> {
              try {
                for (int i = 0; ; i++) {
                  if (i % 3 == 0) {
                    board.log("a", i, "b", i);
                  } else {
                    metric.log(i);
                  }
                  accepted.incrementAndGet();
                }
              } catch (IllegalStateException e) {
                assertTrue(e.getMessage().contains("the board is finished"), e.getMessage());
              }
            });
        callers[t].start();
      }
      while (accepted.get() < 1000) {
        Thread.onSpinWait();
      }
      board.finish();
      for (Thread caller : callers) {
        caller.join();
      }
      assertEquals(accepted.get(), board.health().journaled());
      assertEquals(accepted.get(), board.health().durable());
      assertEquals(accepted.get(), Journaled.of(board.directory()).rows.size());
      assertEquals(0, board.health().dropped());
      assertEquals(0, board.health().queued());
    }
  }

  @Test
  void manyThreadsFinishAtOnce() throws Exception {
    Board board = builder().open();
    board.log("a", 1);
    Thread[] threads = new Thread[4];
    AtomicLong sealed = new AtomicLong();
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          new Thread(() -> {
            board.finish();
            sealed.addAndGet(board.health().sealed());
          });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(4, sealed.get(), "each returned when the board had ended");
    assertSucceeded(board.directory());
  }

  @Test
  void anInterruptedThreadCanOpenLogFlushAndFinish_andKeepsItsFlag() {
    Thread.currentThread().interrupt();
    Board board = builder().open();
    board.log("a", 1);
    board.flush();
    board.log("a", 2);
    board.finish();
    board.finish(new IOException("late"));
    assertTrue(Thread.interrupted());
    assertFailedWith(board.directory(), "late");
    board = builder().open();
    board.log("a", 1);
    board.log("a", 2);
    board.finish();
    assertSucceeded(board.directory());
    assertEquals(2, board.health().sealed());
  }

  @Test
  void handlersOfUncaughtExceptionsGoWithTheLastBoard() {
    Thread thread = Thread.currentThread();
    Thread.UncaughtExceptionHandler own = thread.getUncaughtExceptionHandler();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Board first = builder().closeTimeout(Duration.ZERO).open();
    Board second = builder().closeTimeout(Duration.ZERO).open();
    first.finish();
    assertTrue(thread.getUncaughtExceptionHandler() instanceof OpeningThread);
    assertTrue(Thread.getDefaultUncaughtExceptionHandler() instanceof OtherThreads);
    second.finish();
    assertSame(own, thread.getUncaughtExceptionHandler());
    assertSame(before, Thread.getDefaultUncaughtExceptionHandler());
  }

  @Test
  void aHandlerThatIsPutOverOursStays() {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Board board = builder().closeTimeout(Duration.ZERO).open();
    Thread.UncaughtExceptionHandler theirs = (thread, e) -> {};
    try {
      Thread.setDefaultUncaughtExceptionHandler(theirs);
      board.finish();
      assertSame(theirs, Thread.getDefaultUncaughtExceptionHandler());
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  private Path runProgram(String how, int exit, String... says) throws IOException {
    try (ChildJvm child = ChildJvm.of(EndingProgram.class).start(how, root.toString(), "run")) {
      assertEquals(exit, child.exit(), child.story("ended"));
      String all = String.join("\n", child.err()) + String.join("\n", child.out());
      for (String text : says) {
        assertTrue(all.contains(text), child.story("did not say '" + text + "'"));
      }
    }
    return root.resolve("default").resolve("run");
  }

  @Test
  void aProgramThatReturnsWithoutFinish_hasSucceededAndIsTold() throws IOException {
    Path run = runProgram("return", 0, "call finish(), or use Board.run");
    assertSucceeded(run);
    assertFalse(Files.exists(new RunLayout(run).holder()));
  }

  @Test
  void aProgramThatExitsWhileThreadsLog_keepsWhatWasLoggedAndTheyNoticeNothing()
      throws IOException {
    Path run = runProgram("exit", 3, "call finish(), or use Board.run");
    assertSucceeded(run);
    try (RunReader reader = RunReader.open(run)) {
      long rows = 0;
      for (String metric : reader.metrics()) {
        double[] values = reader.scalars(metric).values();
        rows += values.length;
        for (int i = 0; i < values.length; i++) {
          assertEquals(i, values[i]);
        }
      }
      assertTrue(rows > 10_000, "rows=" + rows);
    }
  }

  /**
   * The time in which a process is stopped went by for whoever waited for the writer, and for the
   * writer, as if it had been allowed to write: what was still being packed was given up.
   */
  @Test
  void aProcessThatStandsStillWhileItFinishes_losesNothing() throws IOException {
    try (ChildJvm child =
        ChildJvm.of(EndingsProgram.class).start("finish, stand still", root.toString(), "run")) {
      child.hear("waits");
      child.signal("STOP");
      long stopped = System.nanoTime();
      Await.until(
          "finish has waited long enough",
          () -> System.nanoTime() - stopped > EndingsProgram.PATIENCE.toNanos());
      child.say("go on");
      child.signal("CONT");
      child.hear("finished");
      assertEquals(0, child.exit(), child.story("ended"));
    }
    Path run = root.resolve("default").resolve("run");
    assertSucceeded(run);
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(1, reader.scalars("loss").size());
      assertArrayEquals(new byte[] {1, 2, 3}, reader.media("file").get(0).bytes());
    }
  }

  @Test
  void anExceptionThatEndsTheOpeningThread_isTheRunsFailure() throws IOException {
    assertFailedWith(
        runProgram("throw", 1, "Exception in thread \"main\"", "diverged"), "diverged");
  }

  @Test
  void anExceptionThatEndsTheOpeningThread_isPassedOn() throws IOException {
    assertFailedWith(
        runProgram("throw in a thread", 0, "mine heard java.lang.IllegalArgumentException"),
        "diverged");
  }

  @Test
  void anExceptionAfterFinish_changesNothing() throws IOException {
    assertSucceeded(runProgram("finish, throw", 1, "unrelated"));
  }

  @Test
  void anExceptionInTheNextRun_doesNotConcernTheOneBefore() throws IOException {
    Path run = runProgram("close, open, throw", 1, "diverged");
    assertSucceeded(run);
    assertFailedWith(run.resolveSibling("run-2"), "diverged");
  }
}
