package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Runs;
import dev.tracker.system.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep in one JVM, and which board is the current one. */
class ManyBoardsTest {
  private static final int BOARDS = 100;
  private static final int ROWS = 300;

  @TempDir Path root;

  private Board open(String name) {
    return Board.builder(name).root(root).queueCapacity(1024).environment(false).open();
  }

  /**
   * Every trial has all to itself: its rows, steps, config, files; and shares the JVM's threads.
   */
  @Test
  void aHundredTrialsAtOnceShouldEachBeWhole_andTakeOneThreadEach() throws Exception {
    CountDownLatch allOpen = new CountDownLatch(BOARDS);
    CountDownLatch looked = new CountDownLatch(1);
    ExecutorService sweep = Executors.newFixedThreadPool(BOARDS);
    try {
      List<Future<Path>> trials = new ArrayList<>();
      for (int i = 0; i < BOARDS; i++) {
        int trial = i;
        Callable<Path> work = () -> trial(trial, allOpen, looked);
        trials.add(sweep.submit(work));
      }
      allOpen.await();
      // One that earlier boards had may have nothing left to do, and not have ended yet.
      Map<String, Integer> wanted =
          Map.of("tracker-writer", BOARDS, "tracker-sealer", 1, "tracker-sync", 1);
      Await.until("earlier threads end", () -> threads().entrySet().containsAll(wanted.entrySet()));
      Map<String, Integer> threads = threads();
      looked.countDown();
      assertEquals(BOARDS, threads.get("tracker-writer"), threads.toString());
      assertEquals(1, threads.get("tracker-sealer"), threads.toString());
      assertEquals(1, threads.get("tracker-sync"), threads.toString());
      for (int i = 0; i < BOARDS; i++) {
        assertWhole(trials.get(i).get(), i);
      }
    } finally {
      sweep.shutdownNow();
    }
    List<RunInfo> runs = Runs.in(root);
    assertEquals(BOARDS, runs.size());
    assertEquals(BOARDS, runs.stream().map(RunInfo::id).distinct().count());
    Await.until(
        "threads end with the last board",
        () -> threads().keySet().stream().noneMatch(ManyBoardsTest::endsWithTheLastBoard));
  }

  private static boolean endsWithTheLastBoard(String thread) {
    return thread.equals("tracker-writer")
        || thread.equals("tracker-sealer")
        || thread.equals("tracker-sync")
        || thread.equals("tracker-sampler");
  }

  private Path trial(int trial, CountDownLatch allOpen, CountDownLatch looked) throws Exception {
    try (Board board =
        Board.builder("trial " + trial)
            .root(root)
            .queueCapacity(1024)
            .environment(false)
            .closeTimeout(Duration.ofMinutes(4)) // one thread seals them all
            .config(Map.of("lr", trial * 1e-3))
            .open()) {
      allOpen.countDown();
      looked.await();
      for (int i = 0; i < ROWS; i++) {
        if (i % 100 == 0) {
          board.step();
        }
        board.log("loss", trial * 1_000.0 + i, "trial", trial);
      }
      return board.directory();
    }
  }

  private static void assertWhole(Path run, int trial) {
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(RunStatus.SUCCEEDED, reader.info().status());
      assertEquals("trial " + trial, reader.info().name());
      assertEquals(trial * 1e-3, reader.info().config().get("lr"));
      assertTrue(Files.exists(run.resolve("data").resolve("metadata.db")), "sealed: " + run);
      double[] loss = reader.scalars("loss").values();
      assertEquals(ROWS, loss.length);
      for (int i = 0; i < ROWS; i++) {
        assertEquals(trial * 1_000.0 + i, loss[i]);
        assertEquals(i, reader.scalars("loss").steps()[i]);
      }
      assertEquals(3, reader.scalars("loss").globalSteps()[ROWS - 1]);
    }
  }

  /** Returns how many threads of each name there are; a writer's name without its run. */
  private static Map<String, Integer> threads() {
    Map<String, Integer> count = new HashMap<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      String name = thread.getName();
      if (name.startsWith("tracker-")) {
        String kind = name.startsWith("tracker-writer-") ? "tracker-writer" : name;
        count.merge(kind, 1, Integer::sum);
      }
    }
    return count;
  }

  @Test
  void currentShouldBeTheBoardThatWasOpenedLastOfThoseThatAreOpen() {
    assertThrows(IllegalStateException.class, Board::current);
    Board first = open("first");
    assertSame(first, Board.current());
    Board second = open("second");
    Board third = open("third");
    assertSame(third, Board.current());
    second.close(); // not the last one: the last stays
    assertSame(third, Board.current());
    third.finish();
    assertSame(first, Board.current());
    third.close(); // once more, which changes nothing
    assertSame(first, Board.current());
    first.finish(new IllegalStateException("diverged"));
    assertThrows(IllegalStateException.class, Board::current);
  }

  @Test
  void currentShouldBeTheInnerBoardWhileItRuns_andTheOuterOneAfterwards() {
    Board.run(
        Board.builder("outer").root(root).environment(false),
        outer -> {
          assertSame(outer, Board.current());
          assertThrows(
              UnsupportedOperationException.class,
              () ->
                  Board.run(
                      Board.builder("inner").root(root).environment(false),
                      inner -> {
                        assertSame(inner, Board.current());
                        throw new UnsupportedOperationException("the inner one fails");
                      }));
          assertSame(outer, Board.current());
        });
    assertThrows(IllegalStateException.class, Board::current);
  }

  /** Callbacks of data loaders and the like run on threads of their own. */
  @Test
  void currentShouldBeTheSameOnEveryThread() throws Exception {
    ExecutorService others = Executors.newFixedThreadPool(2);
    try (Board board = open("threads")) {
      assertSame(board, others.submit(Board::current).get());
      try (Board elsewhere = others.submit(() -> open("elsewhere")).get()) {
        assertSame(elsewhere, Board.current());
      }
      assertSame(board, others.submit(Board::current).get());
    } finally {
      others.shutdownNow();
    }
    assertThrows(IllegalStateException.class, Board::current);
  }

  @Test
  void currentShouldBeABoardThatIsOff_forThatIsWhatLibrariesLogTo() {
    try (Board board = open("on");
        Board off = Board.builder("off").root(root).enabled(false).open()) {
      assertSame(off, Board.current());
      off.finish();
      assertSame(board, Board.current());
    }
  }

  @Test
  void aBoardThatIsFinishedShouldRefuseLogCalls_whileOthersGoOn() {
    Board finished = open("finished");
    try (Board open = open("open")) {
      finished.log("loss", 1.0);
      finished.finish();
      assertThrows(IllegalStateException.class, () -> finished.log("loss", 2.0));
      open.log("loss", 3.0);
      open.flush();
      try (RunReader reader = RunReader.open(open.directory())) {
        assertEquals(3.0, reader.scalars("loss").values()[0]);
        assertEquals(RunStatus.RUNNING, reader.info().status());
      }
    }
  }
}
