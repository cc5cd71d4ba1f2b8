package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.Curve;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Scalars;
import dev.tracker.system.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A wall clock that jumps: forth, back, and while nobody writes the run. */
class ClockTest {
  private static final long HOUR_MICROS = TimeUnit.HOURS.toMicros(1);

  @TempDir Path root;

  private volatile Duration jump = Duration.ZERO;
  private final InstantSource wall = () -> Instant.now().plus(jump);
  private long logged;

  private Board.Builder builder() {
    return Board.builder("clock")
        .root(root)
        .id("run")
        .resume(Resume.ALLOW)
        .systemMetrics(Duration.ZERO)
        .wall(wall);
  }

  private void log(Board board) {
    board.log("loss", logged++);
  }

  private static long lastMicros(Board board) {
    board.flush();
    try (RunReader reader = RunReader.open(board.directory())) {
      Scalars rows = reader.scalars("loss");
      return rows.timestamps()[rows.size() - 1];
    }
  }

  private void logUntil(Board board, long micros) {
    Await.until(
        "times follow the clock",
        () -> {
          log(board);
          return lastMicros(board) >= micros;
        });
  }

  @Test
  void times_follow_it_forth_and_stand_almost_still_when_it_goes_back_and_nothing_else_changes()
      throws Exception {
    Path run;
    long start = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
    long stood;
    try (Board board = builder().open()) {
      run = board.directory();
      log(board);
      jump = Duration.ofHours(2);
      logUntil(board, start + 2 * HOUR_MICROS);
      jump = Duration.ofHours(-3);
      long before = lastMicros(board);
      long since = System.nanoTime();
      Await.until(
          "the clock was looked at again",
          () -> {
            log(board);
            return System.nanoTime() - since > TimeUnit.SECONDS.toNanos(3);
          });
      stood = lastMicros(board) - before;
      jump = Duration.ofHours(4);
      logUntil(board, start + 4 * HOUR_MICROS);
      board.flush();
      Await.until("it seals", () -> board.health().sealed() > 0);
      assertEquals(0, board.health().dropped());
    }
    assertTrue(stood < TimeUnit.MINUTES.toMicros(2), "it goes on from where it was: " + stood);

    jump = Duration.ofHours(-5);
    try (Board board = builder().open()) {
      log(board);
    }
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(RunStatus.SUCCEEDED, reader.info().status());
      Scalars rows = reader.scalars("loss");
      assertArrayEquals(LongStream.range(0, logged).toArray(), rows.steps());
      assertArrayEquals(LongStream.range(0, logged).asDoubleStream().toArray(), rows.values());
      long[] times = rows.timestamps();
      assertArrayEquals(LongStream.of(times).sorted().toArray(), times, "never backwards");
      assertTrue(times[times.length - 1] - times[0] >= 4 * HOUR_MICROS);
      Curve curve = reader.curve("loss", 0, logged, 10);
      assertEquals(logged, LongStream.range(0, curve.size()).map(i -> curve.count((int) i)).sum());
    }
    assertEquals(List.of(), dev.tracker.verify.Verifier.verify(run).findings());
  }
}
