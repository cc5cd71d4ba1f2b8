package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.StorageException;
import dev.tracker.read.Follower;
import dev.tracker.read.MetricListener;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Scalars;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.RewindProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Following a run that another process writes. */
class FollowTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir Path root;

  /** Keeps what it is told. */
  private static final class Told implements MetricListener {
    private final List<Long> steps = new ArrayList<>();
    private final List<Double> values = new ArrayList<>();
    private final List<String> threads = new ArrayList<>();
    private RunStatus end;
    private StorageException failure;

    @Override
    public synchronized void rows(Scalars rows) {
      threads.add(Thread.currentThread().getName());
      for (int i = 0; i < rows.size(); i++) {
        steps.add(rows.steps()[i]);
        values.add(rows.values()[i]);
      }
    }

    @Override
    public synchronized void rewound(long step) {
      while (!steps.isEmpty() && steps.get(steps.size() - 1) > step) {
        steps.remove(steps.size() - 1);
        values.remove(values.size() - 1);
      }
    }

    @Override
    public synchronized void ended(RunStatus status) {
      end = status;
    }

    @Override
    public synchronized void failed(StorageException cause) {
      failure = cause;
    }

    synchronized int count() {
      return steps.size();
    }

    synchronized RunStatus end() {
      return end;
    }

    synchronized void check(Scalars expected) {
      assertEquals(expected.size(), steps.size());
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.steps()[i], steps.get(i));
        assertEquals(expected.values()[i], values.get(i));
      }
      assertEquals(
          List.of("tracker-follower"), threads.stream().distinct().toList(), "one thread calls");
    }
  }

  private static String metric() {
    return RewindProgram.metric(3);
  }

  @Test
  void every_row_is_told_once_over_sealing_and_rewinds_until_the_run_finishes() throws Exception {
    Told told = new Told();
    try (ChildJvm child = ChildJvm.of(RewindProgram.class).start()) {
      Path run = Path.of(child.ask("open " + root + " run", "opened"));
      try (RunReader reader = RunReader.open(run);
          Follower follower = reader.follow(metric(), told)) {
        child.ask("log 3000", "logged");
        Await.until("told", () -> told.count() == 3_000);
        child.ask("rewind 999", "rewound");
        child.ask("log 10", "logged");
        Await.until("told of the rewind", () -> told.count() == 1_010);
        child.ask("log 5000", "logged");
        child.ask("finish", "finished");
        assertTrue(follower.await(LONG));
        assertEquals(RunStatus.SUCCEEDED, told.end());
        assertEquals(0, reader.metrics().size(), "the reader stays where it was");
        reader.refresh();
        told.check(reader.scalars(metric()));
      }
    }
    assertNull(told.failure);
  }

  @Test
  void a_killed_writer_ends_the_run_as_crashed_after_its_last_row() throws Exception {
    Told told = new Told();
    try (ChildJvm child = ChildJvm.of(RewindProgram.class).start()) {
      Path run = Path.of(child.ask("open " + root + " run", "opened"));
      child.ask("log 100", "logged");
      child.ask("flush", "flushed");
      try (RunReader reader = RunReader.open(run);
          Follower follower = reader.follow(metric(), told)) {
        child.ask("log 400", "logged");
        child.ask("flush", "flushed");
        child.kill();
        assertTrue(follower.await(LONG));
        assertEquals(RunStatus.CRASHED, told.end());
        reader.refresh();
        told.check(reader.scalars(metric(), 100, Long.MAX_VALUE));
        assertEquals(400, told.count());
      }
    }
  }

  @Test
  void followers_of_a_board_in_the_same_process_end_when_they_are_closed() throws Exception {
    try (Board board = Board.builder("sample").root(root).id("run").open()) {
      RunReader reader = RunReader.open(board.directory());
      Told told = new Told();
      Follower follower = reader.follow("loss", told);
      board.log("loss", 1.0);
      Await.until("told", () -> told.count() == 1);
      follower.close();
      follower.close();
      assertTrue(follower.await(Duration.ZERO));
      Told other = new Told();
      reader.follow("loss", other);
      board.log("loss", 2.0);
      Await.until("told", () -> other.count() == 2);
      assertEquals(1, told.count());
      assertNull(told.end());
      reader.close();
      Await.until(
          "no thread",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(thread -> thread.getName().equals("tracker-follower")));
      assertNull(other.end());
      assertThrows(IllegalStateException.class, () -> reader.follow("loss", other));
    }
  }

  @Test
  void strings_are_refused_whenever_they_turn_out_to_be_some() throws Exception {
    try (Board board = Board.builder("sample").root(root).id("run").open();
        RunReader reader = RunReader.open(board.directory())) {
      Told told = new Told();
      Follower follower = reader.follow("say", told);
      board.log(Map.of("say", "hello"));
      assertTrue(follower.await(LONG));
      assertTrue(told.failure.getMessage().contains("'say'"), told.failure.getMessage());
      reader.refresh();
      assertThrows(IllegalArgumentException.class, () -> reader.follow("say", told));
    }
  }
}
