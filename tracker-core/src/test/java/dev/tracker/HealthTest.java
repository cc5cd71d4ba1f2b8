package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.RunReader;
import dev.tracker.system.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That what a board says of itself is true, also while it is busy. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HealthTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path root;

  @AfterEach
  void awaitSealer() throws IOException {
    Await.release(root);
  }

  private Board.Builder builder() {
    return Board.builder("healthy").root(root).id("r").closeTimeout(Duration.ZERO);
  }

  private static void checkOrder(Health now, Health before) {
    assertTrue(now.durable() <= now.journaled(), now.toString());
    assertTrue(now.sealed() <= now.durable(), now.toString());
    assertTrue(now.unsealed() >= 0, now.toString());
    assertTrue(!now.lag().isNegative(), now.toString());
    assertTrue(now.journaled() >= before.journaled(), before + " then " + now);
    assertTrue(now.durable() >= before.durable(), before + " then " + now);
    assertTrue(now.sealed() >= before.sealed(), before + " then " + now);
  }

  @Test
  void shouldBeInOrder_whileThreadsLogAndTheRunIsSealed() throws Exception {
    try (Board board = builder().closeTimeout(PATIENCE).open()) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicLong logged = new AtomicLong();
      List<Thread> threads =
          IntStream.range(0, 2)
              .mapToObj(t -> new Thread(() -> log(board, "metric " + t, stop, logged)))
              .toList();
      threads.forEach(Thread::start);
      try {
        Health before = board.health();
        while (before.sealed() == 0) {
          Health now = board.health();
          checkOrder(now, before);
          before = now;
        }
        long sure = logged.get();
        board.flush();
        Health flushed = board.health();
        assertTrue(flushed.durable() >= sure, "logged=" + sure + " " + flushed);
        checkOrder(flushed, before);
      } finally {
        stop.set(true);
        for (Thread thread : threads) {
          thread.join();
        }
      }
      board.flush();
      Health idle = board.health();
      assertEquals(0, idle.queued());
      assertEquals(logged.get(), idle.journaled());
      assertEquals(logged.get(), idle.durable());
      assertEquals(0, idle.dropped());
      try (RunReader reader = RunReader.open(board.directory())) {
        long rows = reader.metrics().stream().mapToLong(name -> reader.scalars(name).size()).sum();
        assertEquals(logged.get(), rows);
      }
    }
  }

  private static void log(Board board, String name, AtomicBoolean stop, AtomicLong logged) {
    for (int i = 0; !stop.get(); i++) {
      board.log(name, i);
      logged.incrementAndGet();
      if (i % 100 == 0) {
        LockSupport.parkNanos(1_000_000); // a long cycle of the sealer means a long rest after it
      }
    }
  }

  @Test
  void shouldCountWhatThisAttemptSealed_andNotWhatAnEarlierOneLeft() throws Exception {
    try (Board board = builder().open()) {
      for (int i = 0; i < 1_000; i++) {
        board.log("a", i);
      }
    }
    Await.release(root);
    try (Board board = builder().resume(Resume.MUST).closeTimeout(PATIENCE).open()) {
      for (int i = 0; i < 10; i++) {
        board.log("a", i);
      }
      board.flush();
      assertEquals(10, board.health().journaled());
      assertEquals(10, board.health().durable());
      Await.until("it lags behind, or is sealed", () -> lagsOrIsSealed(board.health()));
      Health before = board.health();
      while (before.sealed() == 0) {
        Health now = board.health();
        checkOrder(now, before);
        before = now;
        Thread.onSpinWait();
      }
      Await.until("it has caught up", () -> board.health().lag().isZero());
      Await.until("all is sealed", () -> board.health().sealed() >= 10);
      assertEquals(10, board.health().sealed());
      assertEquals(0, board.health().unsealed());
    }
  }

  private static boolean lagsOrIsSealed(Health now) {
    return !now.lag().isZero() || now.sealed() > 0;
  }

  @Test
  void shouldTellOfAllThatWasLogged_whenTheJournalFails() {
    FaultyFiles files = new FaultyFiles();
    files.keepsSealerOut = true;
    try (StandardError err = StandardError.capture();
        Board board = builder().files(files).queueCapacity(32).open()) {
      board.log("a", 0);
      board.log("a", "text");
      board.log("a", (Object) null);
      board.log("a", (1L << 53) + 1);
      board.flush();
      assertEquals(List.of(2L, 1L, 1L, 1L), countsOf(board.health()));
      files.isFull = true;
      board.log("a", 1);
      Await.until("the failure is noticed", () -> board.health().failing());
      for (int i = 0; i < 99; i++) {
        board.log("a", i);
      }
      Health failing = board.health();
      assertEquals(2, failing.journaled());
      assertEquals(32, failing.queued());
      assertEquals(68, failing.dropped());
      assertTrue(failing.lastError().orElseThrow().toString().contains("No space left"));
      files.isFull = false;
      Await.until("the queue is empty", () -> board.health().queued() == 0);
      assertEquals(34, board.health().journaled());
      assertEquals(68, board.health().dropped());
      assertTrue(board.health().lastError().isPresent(), () -> "" + err.lines(""));
      assertEquals(34, Journaled.of(board.directory()).rows.size());
    }
  }

  private static List<Long> countsOf(Health health) {
    return List.of(health.durable(), health.rejected(), health.nulls(), health.rounded());
  }

  @Test
  void shouldBeAllSealed_whenTheBoardHasFinished() {
    Board board = builder().closeTimeout(PATIENCE).open();
    for (int i = 0; i < 100; i++) {
      board.log("a", i);
    }
    board.finish();
    Health finished = board.health();
    assertEquals(100, finished.sealed());
    assertEquals(100, finished.durable());
    assertEquals(100, finished.journaled());
    assertEquals(Duration.ZERO, finished.lag());
    assertEquals(0, finished.queued());
  }
}
