package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.InLance;
import dev.tracker.system.ReaderProgram;
import dev.tracker.system.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main road at full width: many threads, many metrics, and somebody who looks all the time. */
class ParallelLoggingTest {
  private static final Workload WORKLOAD = new Workload(8, 1000);
  private static final long NUMBERS = 250_000;
  private static final long VALUES = WORKLOAD.threads() * NUMBERS;
  private static final int CHUNKS = 8;
  private static final int SAMPLE = 25;

  @TempDir Path root;

  private final AtomicInteger looks = new AtomicInteger();

  @Test
  void shouldKeepTwoMillionScalarsOfEightThreads_seenLiveByAnotherProcess_andAfterFinish()
      throws Exception {
    try (ChildJvm looking = ChildJvm.of(ReaderProgram.class).start();
        Board board = Board.builder("wide").root(root).closeTimeout(Duration.ofMinutes(4)).open()) {
      ExecutorService pool = Executors.newFixedThreadPool(WORKLOAD.threads());
      try {
        List<Future<?>> logging = new ArrayList<>();
        for (int thread = 0; thread < WORKLOAD.threads(); thread++) {
          Workload.Hands hands = WORKLOAD.new Hands(board, 0, thread);
          boolean first = thread == 0;
          logging.add(pool.submit(() -> log(board, hands, first)));
        }
        lookWhileLogging(looking, board, logging);
        for (Future<?> thread : logging) {
          thread.get();
        }
      } finally {
        pool.shutdownNow();
      }
      board.flush();
      assertEquals(
          saw(RunStatus.RUNNING), look(looking, board, WORKLOAD.metrics()), "live, all logged");

      board.finish();
      assertEquals(0, board.health().dropped());
      assertEquals(saw(RunStatus.SUCCEEDED), look(looking, board, WORKLOAD.metrics()), "finished");
      checkFinished(board.directory());
    }
  }

  /**
   * Logs in chunks and begins each only when the reader has looked again, so that it looks at all
   * stages.
   */
  private void log(Board board, Workload.Hands hands, boolean first) {
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      int seen = chunk;
      Await.until("look " + seen, () -> looks.get() >= seen);
      if (chunk == CHUNKS - 1) {
        Await.until("something is sealed", () -> board.health().sealed() > 0);
      }
      if (first) {
        board.step();
      }
      hands.log(chunk * NUMBERS / CHUNKS, (chunk + 1) * NUMBERS / CHUNKS, Workload.MIXED);
    }
  }

  private void lookWhileLogging(ChildJvm looking, Board board, List<Future<?>> logging) {
    long[] before = new long[WORKLOAD.threads()];
    while (!logging.stream().allMatch(Future::isDone)) {
      String[] words = look(looking, board, SAMPLE).split(" ", -1);
      assertEquals(RunStatus.RUNNING.name(), words[0]);
      for (int thread = 0; thread < before.length; thread++) {
        long prefix = Long.parseLong(words[2 + thread]);
        // A sample knows a thread's prefix to within one round over the metrics.
        assertTrue(
            prefix > before[thread] - WORKLOAD.metrics() && prefix <= NUMBERS,
            "thread " + thread + " went back from " + before[thread] + " to " + prefix);
        before[thread] = prefix;
      }
      looks.incrementAndGet();
    }
  }

  private String look(ChildJvm looking, Board board, int sample) {
    String answer =
        String.join(
            " ",
            "look",
            board.directory().toString(),
            String.valueOf(WORKLOAD.threads()),
            String.valueOf(WORKLOAD.metrics()),
            "1",
            String.valueOf(sample),
            String.valueOf(looks.get()));
    looking.say(answer);
    return looking.hear("saw");
  }

  private static String saw(RunStatus status) {
    return status + " " + VALUES + (" " + NUMBERS).repeat(WORKLOAD.threads());
  }

  private static void checkFinished(Path run) throws Exception {
    try (RunReader reader = RunReader.open(run)) {
      Workload.Found found = WORKLOAD.found(reader);
      assertEquals(List.of(), found.wrong());
      assertEquals(VALUES, found.values());
      assertEquals(found.steps(), found.lastStep() + 1, "every step once");
      for (int thread = 0; thread < WORKLOAD.threads(); thread++) {
        assertEquals(NUMBERS, found.prefix(0, thread), "thread " + thread);
      }
    }
    assertEquals(VALUES, InLance.rows(run));
    assertEquals(List.of(), InLance.segments(run));
  }
}
