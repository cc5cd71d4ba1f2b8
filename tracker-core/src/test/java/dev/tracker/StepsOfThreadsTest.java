package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.StepRange;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.system.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rules for steps while several threads log at once, with explicit steps that repeat and run
 * backwards: {@code -Dtracker.test.seed} gives those of an earlier run, which prints its seed.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StepsOfThreadsTest {
  private static final int THREADS = 4;
  private static final int CALLS = 2_000;

  /** What a row says of itself in its value: which thread, which call of it, and which form. */
  private static final int AUTO = 0;

  private static final int KEEPING = 1;
  private static final int EXPLICIT = 2;

  @TempDir Path root;

  private final long seed = Long.getLong("tracker.test.seed", System.nanoTime());

  StepsOfThreadsTest() {
    System.out.println("StepsOfThreadsTest: -Dtracker.test.seed=" + seed);
  }

  private Board.Builder builder() {
    return Board.builder("steps").root(root).id("r");
  }

  /** Returns the explicit step of a call; few and far from each other, so that they repeat. */
  private static long explicit(int thread, int call) {
    return (call * 7L + thread) % 50 * 40 - 100;
  }

  private static double code(int thread, int call, int form) {
    return (call * (double) THREADS + thread) * 3 + form;
  }

  private void log(Board board, int thread) {
    Random random = new Random(seed + thread);
    Row row = board.row();
    Metric metric = board.metric("a");
    for (int call = 0; call < CALLS; call++) {
      switch (random.nextInt(8)) {
        case 0 ->
            board.log(explicit(thread, call), Map.of("a", code(thread, call, EXPLICIT), "b", 1));
        case 1 -> metric.log(explicit(thread, call), code(thread, call, EXPLICIT));
        case 2 -> row.autoStep(false).put("a", code(thread, call, KEEPING)).log();
        case 3 -> row.autoStep(true).put("a", code(thread, call, AUTO)).log();
        case 4 -> board.log("a", code(thread, call, AUTO), "b", 2);
        default -> metric.log(code(thread, call, AUTO));
      }
      if (call % 100 == 50) {
        board.step();
      }
    }
  }

  @Test
  void shouldFollowTheRules_inTheOrderOfTheRing() throws Exception {
    List<Journaled.Row> rows;
    Board board = builder().queueCapacity(256).closeTimeout(Duration.ZERO).open();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int number = t;
      threads.add(new Thread(() -> log(board, number)));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(THREADS * CALLS / 100, board.globalStep());
    rows = Journaled.of(board).rows;
    long next = checkRules(rows);
    board.close();
    Await.release(root); // the sealer may not have let go of it yet

    try (Board again = builder().resume(Resume.MUST).open()) {
      again.log("a", -1);
      again.step();
      again.log("a", -1);
    }
    try (RunReader reader = RunReader.open(board.directory())) {
      Scalars all = reader.scalars("a");
      assertArrayEquals(
          rows.stream().mapToLong(Journaled.Row::step).toArray(),
          Arrays.copyOf(all.steps(), rows.size()));
      assertEquals(rows.size() + 2, all.size());
      assertEquals(next, all.steps()[rows.size()]);
      assertEquals(next + 1, all.steps()[rows.size() + 1]);
      assertEquals(THREADS * CALLS / 100 + 1, all.globalSteps()[rows.size() + 1]);
      checkSelection(reader, all);
      checkRanges(board.directory(), all);
    }
  }

  /** Checks each row against the rules and returns the step that the next one takes. */
  private static long checkRules(List<Journaled.Row> rows) {
    assertEquals(THREADS * CALLS, rows.size());
    int[] calls = new int[THREADS];
    long next = 0;
    long globalStep = 0;
    for (Journaled.Row row : rows) {
      int code = ((Double) row.values().get("a")).intValue();
      int thread = code / 3 % THREADS;
      int call = code / 3 / THREADS;
      assertEquals(calls[thread]++, call, "calls of thread " + thread + " are in their order");
      if (code % 3 == EXPLICIT) {
        assertEquals(explicit(thread, call), row.step());
        next = Math.max(next, row.step() + 1);
      } else {
        assertEquals(next, row.step());
        next += code % 3 == AUTO ? 1 : 0;
      }
      assertTrue(row.globalStep() >= globalStep, "the global step only grows");
      globalStep = row.globalStep();
    }
    return next;
  }

  /** A range of steps selects by value, wherever its rows are, and keeps the order of the calls. */
  private static void checkSelection(RunReader reader, Scalars all) {
    List<Double> wanted = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (all.steps()[i] >= -60 && all.steps()[i] <= 300) {
        wanted.add(all.values()[i]);
      }
    }
    List<Double> found = new ArrayList<>();
    for (double value : reader.scalars("a", -60, 300).values()) {
      found.add(value);
    }
    assertEquals(wanted, found);
  }

  /** {@code step_info} says of each global step what its rows say. */
  private static void checkRanges(Path run, Scalars all) throws Exception {
    Map<Long, StepRange> ranges = new TreeMap<>();
    for (int i = 0; i < all.size(); i++) {
      long step = all.steps()[i];
      long micros = all.timestamps()[i];
      ranges.merge(
          all.globalSteps()[i],
          new StepRange(all.globalSteps()[i], step, step, micros, micros, 1),
          (a, b) ->
              new StepRange(
                  a.globalStep(),
                  Math.min(a.firstStep(), b.firstStep()),
                  Math.max(a.lastStep(), b.lastStep()),
                  Math.min(a.firstMicros(), b.firstMicros()),
                  Math.max(a.lastMicros(), b.lastMicros()),
                  a.rows() + b.rows()));
    }
    assertEquals(
        List.copyOf(ranges.values()),
        MetadataReader.steps(new RunLayout(run).metadata(), Long.MIN_VALUE, Long.MAX_VALUE));
  }
}
