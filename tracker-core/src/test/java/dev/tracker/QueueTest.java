package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.system.Await;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a board does when its queue is full, because the disk hangs or is slower than the callers.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QueueTest {
  private static final int CAPACITY = 64;

  @TempDir Path root;

  private final FaultyFiles files = new FaultyFiles();
  private final List<Board> boards = new ArrayList<>();
  private StandardError err;

  @BeforeEach
  void listen() {
    err = StandardError.capture();
  }

  @AfterEach
  void closeBoards() {
    files.release();
    files.isFull = false;
    boards.forEach(Board::close);
    err.close();
  }

  private Board.Builder builder() {
    return Board.builder("queue")
        .root(root)
        .files(files)
        .queueCapacity(CAPACITY)
        .closeTimeout(Duration.ZERO);
  }

  private Board open(Board.Builder builder) {
    Board board = builder.open();
    boards.add(board);
    return board;
  }

  /** Makes the writer hang in a write, so that nothing leaves the queue. */
  private void hang(Board board) {
    files.hang();
    board.log("first", 0);
    Await.until("the writer hangs", () -> files.hangs("tracker-writer-" + board.id()));
  }

  private static Thread start(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    return thread;
  }

  private static void awaitParked(Thread thread) {
    Await.until("the caller waits", () -> thread.getState() == Thread.State.TIMED_WAITING);
  }

  private static List<Double> countTo(int end) {
    return DoubleStream.iterate(0, d -> d < end, d -> d + 1).boxed().toList();
  }

  @Test
  void whenFull_aCallerWaitsAndNothingIsLost() throws Exception {
    Board board = open(builder());
    hang(board);
    Thread caller =
        start(() -> {
          for (int i = 0; i < 10 * CAPACITY; i++) {
            board.log("a", i);
          }
        });
    awaitParked(caller);
    assertEquals(CAPACITY, board.health().queued());
    files.release();
    caller.join();
    assertEquals(countTo(10 * CAPACITY), Journaled.of(board).values("a"));
    assertEquals(0, board.health().dropped());
    assertEquals(0, board.health().queued());
    assertEquals(10 * CAPACITY + 1, board.health().journaled());
  }

  @Test
  void whenFull_anInterruptedCallerGoesOnWaitingAndKeepsTheFlag() throws Exception {
    Board board = open(builder());
    hang(board);
    List<Boolean> interrupted = new ArrayList<>();
    Thread caller =
        start(() -> {
          for (int i = 0; i < 2 * CAPACITY; i++) {
            board.log("a", i);
          }
          interrupted.add(Thread.interrupted());
        });
    awaitParked(caller);
    caller.interrupt();
    awaitParked(caller);
    assertTrue(caller.isAlive());
    files.release();
    caller.join();
    assertEquals(List.of(true), interrupted);
    assertEquals(countTo(2 * CAPACITY), Journaled.of(board).values("a"));
  }

  @Test
  void whenFullAndDropping_aCallerReturnsAndTheJournalSaysWhatIsMissing() {
    Board board = open(builder().onFull(OnFull.DROP));
    hang(board);
    for (int i = 0; i < 10 * CAPACITY; i++) {
      board.log("a", i);
    }
    long dropped = board.health().dropped();
    assertEquals(9 * CAPACITY + 1, dropped);
    files.release();
    Await.until("the queue is empty", () -> board.health().queued() == 0);
    board.log("a", -1.0);
    Journaled journal = Journaled.of(board); // flush does not complain of what the user chose
    List<Object> kept = new ArrayList<>(countTo(CAPACITY - 1));
    kept.add(-1.0);
    assertEquals(kept, journal.values("a"));
    assertEquals(1, journal.gaps.size());
    Journaled.Gap gap = journal.gaps.get(0);
    assertEquals(dropped, gap.rows());
    assertEquals(CAPACITY, gap.afterRows(), "the gap stands where the calls are missing");
    assertTrue(gap.fromMicros() >= journal.rows.get(CAPACITY - 1).micros());
    assertTrue(gap.toMicros() >= gap.fromMicros());
    assertTrue(gap.toMicros() <= journal.rows.get(CAPACITY).micros());
    assertEquals(
        List.of((long) CAPACITY - 1, (long) CAPACITY),
        journal.steps().subList(CAPACITY - 1, CAPACITY + 1),
        "what was dropped took no step");
  }

  @Test
  void globalStepsThatWereDroppedStillCount() {
    Board board = open(builder().onFull(OnFull.DROP));
    hang(board);
    board.step();
    for (int i = 0; i < CAPACITY; i++) {
      board.log("a", i);
    }
    board.step();
    board.step();
    assertEquals(3, board.globalStep());
    files.release();
    Await.until("the queue is empty", () -> board.health().queued() == 0);
    board.log("b", 1);
    board.step();
    board.log("b", 2);
    Journaled journal = Journaled.of(board);
    List<Journaled.Row> rows = journal.rows;
    assertEquals(3, rows.get(rows.size() - 2).globalStep());
    assertEquals(4, rows.get(rows.size() - 1).globalStep());
    assertEquals(4, board.globalStep());
  }

  @Test
  void aLargeMessageTakesOneSlotAndItsBytes() {
    Map<String, Object> large = new LinkedHashMap<>();
    for (int i = 0; i < 1000; i++) {
      large.put("metric " + i, i % 3 == 0 ? "text " + i : (Object) (double) i);
    }
    Board board = open(builder());
    hang(board);
    board.log(large);
    assertEquals(2, board.health().queued());
    assertTrue(board.health().queuedBytes() > 16_000);
    large.put("metric 1", "changed after the call");
    files.release();
    Map<String, Object> read = Journaled.of(board).rows.get(1).values();
    large.put("metric 1", 1.0);
    assertEquals(large, read);
    assertEquals(0, board.health().queuedBytes());
  }

  @Test
  void bytesOfTextAreBounded() throws Exception {
    String text = "x".repeat(1000);
    Board board = open(builder().queueBytes(10_000));
    hang(board);
    Thread caller =
        start(() -> {
          for (int i = 0; i < 20; i++) {
            board.log("text", text);
          }
        });
    awaitParked(caller);
    assertEquals(4 * 2040, board.health().queuedBytes());
    board.log("number", 1); // takes no bytes
    files.release();
    caller.join();
    Journaled journal = Journaled.of(board);
    assertEquals(20, journal.values("text").size());
    assertEquals(0, board.health().dropped());
  }

  @Test
  void aTextThatIsLargerThanTheQueueGoesThroughAnEmptyOne() {
    String text = "x".repeat(100_000);
    Board board = open(builder().queueBytes(1_000));
    board.log("text", text);
    board.log("text", "short");
    board.log(Map.of("text", text, "a", 1));
    assertEquals(List.of(text, "short", text), Journaled.of(board).values("text"));
    assertEquals(0, board.health().queuedBytes());
  }

  @Test
  void aQueueThatFillsIsReportedOnceWithTheRemedies() {
    Board board = open(builder().onFull(OnFull.DROP));
    for (int round = 0; round < 2; round++) {
      hang(board);
      for (int i = 0; i < CAPACITY; i++) {
        board.log("a", i);
      }
      files.release();
      Await.until("the queue is empty", () -> board.health().queued() == 0);
    }
    board.finish(); // all is said by then
    List<String> lines = err.lines("80 %");
    assertEquals(1, lines.size(), lines.toString());
    for (String part :
        List.of(
            "capacity=64",
            "log less often",
            "bin histograms",
            "compact precision",
            "queueCapacity",
            "run=" + board.id())) {
      assertTrue(lines.get(0).contains(part), part + " in: " + lines.get(0));
    }
  }

  /** The writer waited for the logger's lock, and who held that for the writer to make room. */
  @Test
  void aLoggerWhoseLockACallerHolds_holdsNobodyUp() {
    Object lock = new Object();
    System.setErr(
        new PrintStream(System.err, true) {
          @Override
          public void println(String line) {
            synchronized (lock) {
              super.println(line);
            }
          }
        });
    Board board = open(builder());
    synchronized (lock) {
      for (int i = 0; i < 1_000 * CAPACITY; i++) {
        board.log("a", i);
      }
      assertEquals(List.of(), err.lines("80 %"));
    }
    Await.until("it is said", () -> err.lines("80 %").size() == 1);
  }

  @Test
  void aTinyQueueWorks() {
    Board board = open(builder().queueCapacity(1));
    for (int i = 0; i < 100; i++) {
      board.log("a", i);
      board.log("a", i, "b", i);
      board.log("a", i, "b", i, "c", i, "d", i, "e", i);
      board.log(Map.of("a", i, "t", "text"));
    }
    Journaled journal = Journaled.of(board);
    assertEquals(400, journal.rows.size());
    assertEquals(400, journal.values("a").size());
    assertEquals(100, journal.values("e").size());
  }

  @Test
  void aLoggerThatLogsToTheBoard_losesNothing() {
    Board board = open(builder());
    AtomicBoolean said = new AtomicBoolean();
    System.setErr(
        new PrintStream(OutputStream.nullOutputStream()) {
          @Override
          public void println(String line) {
            for (int i = 0; line.contains("80 %") && i < 2 * CAPACITY; i++) {
              board.log("line", i);
            }
            said.set(true);
          }
        });
    hang(board);
    for (int i = 0; i < CAPACITY; i++) {
      board.log("a", i);
      if (i == CAPACITY - 2) {
        files.release();
      }
    }
    Await.until("it is said", said::get);
    board.flush();
    Journaled journal = Journaled.of(board);
    assertEquals(countTo(CAPACITY), journal.values("a"));
    assertEquals(countTo(2 * CAPACITY), journal.values("line"));
    assertEquals(0, board.health().dropped());
  }

  @Test
  void aValueThatLogsWhileItIsLogged() {
    Board board = open(builder());
    CharSequence nested =
        new CharSequence() {
          @Override
          public String toString() {
            board.log(Map.of("inner", 1.0));
            return "nested";
          }

          @Override
          public int length() {
            return 6;
          }

          @Override
          public char charAt(int index) {
            return "nested".charAt(index);
          }

          @Override
          public CharSequence subSequence(int start, int end) {
            return "nested".subSequence(start, end);
          }
        };
    Map<String, Object> outer = new LinkedHashMap<>();
    outer.put("before", 2.0);
    outer.put("nested", nested);
    outer.put("after", 3.0);
    board.log(outer);
    Journaled journal = Journaled.of(board);
    assertEquals(Map.of("inner", 1.0), journal.rows.get(0).values());
    assertEquals(
        Map.of("before", 2.0, "nested", "nested", "after", 3.0), journal.rows.get(1).values());
  }

  @Test
  void manyThreadsThroughASmallQueue_eachInOrder() throws Exception {
    int threads = 8;
    int calls = 20_000;
    files.keepsSealerOut = true; // what is sealed is no longer in the journal
    // Long enough for a cycle to have begun, which is to end before the folder is deleted.
    Board board = open(builder().closeTimeout(Duration.ofSeconds(60)));
    List<Thread> callers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      String name = "thread " + t;
      callers.add(
          start(() -> {
            for (int i = 0; i < calls; i++) {
              if (i % 2 == 0) {
                board.log(name, i);
              } else {
                board.log(name, i, name + " twin", -i);
              }
            }
          }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    Journaled journal = Journaled.of(board);
    assertEquals(threads * calls, journal.rows.size());
    assertEquals(journal.rows.size(), journal.steps().stream().collect(Collectors.toSet()).size());
    for (int t = 0; t < threads; t++) {
      assertEquals(countTo(calls), journal.values("thread " + t));
    }
    for (Journaled.Row row : journal.rows) {
      if (row.values().size() == 2) {
        List<Object> pair = List.copyOf(row.values().values());
        assertEquals((double) pair.get(0), -(double) pair.get(1));
      }
    }
  }
}
