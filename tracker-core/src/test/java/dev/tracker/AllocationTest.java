package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.system.Await;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logging scalars makes no garbage, once the code is warm. */
class AllocationTest {
  private static final int CALLS = 20_000;
  private static final int ROUNDS = 20;

  /** What the JVM's own compiling may cost the thread in the best of the rounds. */
  private static final double MAX_BYTES_PER_CALL = 0.05;

  @TempDir Path root;

  private Board board;

  @BeforeEach
  void openBoard() {
    board = Board.builder("allocation").root(root).closeTimeout(Duration.ZERO).open();
  }

  @AfterEach
  void closeBoard() throws IOException {
    board.close();
    Await.release(root);
  }

  private interface Call {
    void log(int i);
  }

  private static void assertNoGarbage(Call call) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    double least = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least > MAX_BYTES_PER_CALL; round++) {
      long before = threads.getThreadAllocatedBytes(self);
      for (int i = 0; i < CALLS; i++) {
        call.log(i);
      }
      long allocated = threads.getThreadAllocatedBytes(self) - before;
      least = Math.min(least, (double) allocated / CALLS);
    }
    assertTrue(least <= MAX_BYTES_PER_CALL, "bytes per call: " + least);
  }

  @Test
  void byName() {
    assertNoGarbage(i -> board.log("a", i * 0.5));
  }

  @Test
  void integers() {
    Metric exact = board.metric("exact", SeriesKind.INT64);
    assertNoGarbage(i -> board.log("n", i));
    assertNoGarbage(i -> board.log("exact", Long.MAX_VALUE - i));
    assertNoGarbage(exact::log);
  }

  @Test
  void byMetric() {
    Metric metric = board.metric("a");
    assertNoGarbage(i -> metric.log(i * 0.5));
    assertNoGarbage(i -> metric.log((long) i, i * 0.5));
  }

  @Test
  void pairs() {
    assertNoGarbage(i -> board.log("a", i, "b", 0.5));
    assertNoGarbage(i -> board.log("a", i, "b", 0.5, "c", 0.5));
    assertNoGarbage(i -> board.log("a", i, "b", 0.5, "c", 0.5, "d", 0.5, "e", 0.5));
  }

  @Test
  void rows() {
    Row row = board.row();
    assertNoGarbage(
        i -> row.put("a", i).put("b", 0.5).put("truth", i % 2 == 0).put("c", 0.25).log());
  }

  @Test
  void steps() {
    assertNoGarbage(i -> board.step());
  }

  @Test
  void aRowThatIsFullAsOftenAsNot() {
    try (Board small = Board.builder("x").root(root).queueCapacity(64).open()) {
      assertNoGarbage(i -> small.log("a", i));
    }
  }
}
