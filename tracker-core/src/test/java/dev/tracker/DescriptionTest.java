package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalReader;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.WriterProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Config, tags and notes that change while the run is written. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DescriptionTest {
  record Optimizer(String name, double lr) {}

  @TempDir Path root;

  @AfterEach
  void awaitSealer() throws IOException {
    Await.release(root);
  }

  private Board.Builder builder() {
    return Board.builder("described").root(root).closeTimeout(Duration.ZERO);
  }

  private static RunInfo info(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      return reader.info();
    }
  }

  private static Map<String, String> configTable(Path run) throws Exception {
    Map<String, String> rows = new TreeMap<>();
    try (Connection db =
            DriverManager.getConnection("jdbc:sqlite:" + new RunLayout(run).metadata());
        Statement statement = db.createStatement();
        ResultSet row = statement.executeQuery("SELECT path, value FROM config")) {
      while (row.next()) {
        rows.put(row.getString(1), row.getString(2));
      }
    }
    return rows;
  }

  private static Map<String, Object> withNull(String key) {
    Map<String, Object> map = new HashMap<>();
    map.put(key, null);
    return map;
  }

  @Test
  void shouldBeSeenByReadersAtOnce_andBeInMetadataAfterTheSeal() throws Exception {
    Path run;
    try (Board board =
        builder()
            .closeTimeout(Duration.ofSeconds(30))
            .config(Map.of("optimizer", Map.of("name", "adam", "lr", 1), "layers", List.of(1, 2)))
            .tags("first", "first")
            .notes("begun")
            .open()) {
      run = board.directory();
      try (RunReader reader = RunReader.open(run)) {
        board.config("optimizer/lr", 2);
        board.config("optimizer/decay", 0.5);
        board.config(Map.of("layers", List.of(3), "seed", 7, "best", new Optimizer("sgd", 0.1)));
        board.tag("good", "first");
        board.untag("first", "unknown");
        board.notes("better");
        board.flush();
        reader.refresh();
        RunInfo info = reader.info();
        assertEquals(
            Map.of(
                "optimizer", Map.of("name", "adam", "lr", 2, "decay", 0.5),
                "layers", List.of(3),
                "seed", 7,
                "best", Map.of("name", "sgd", "lr", 0.1)),
            info.config());
        assertEquals(List.of("good"), info.tags());
        assertEquals(Optional.of("better"), info.notes());
      }
    }
    assertEquals(
        new TreeMap<>(
            Map.of(
                "best/lr", "0.1",
                "best/name", "\"sgd\"",
                "layers", "[3]",
                "optimizer/decay", "0.5",
                "optimizer/lr", "2",
                "optimizer/name", "\"adam\"",
                "seed", "7")),
        configTable(run));
    assertEquals(List.of("good"), info(run).tags());
    assertEquals(Optional.of("better"), info(run).notes());
  }

  @Test
  void shouldReplaceAWholeObject_whenItWasSetToNullBefore() {
    try (Board board = builder().config(Map.of("opt", Map.of("name", "adam", "beta", 1))).open()) {
      board.config("opt", null);
      board.config("opt", Map.of("name", "sgd"));
      board.flush();
      assertEquals(Map.of("opt", Map.of("name", "sgd")), info(board.directory()).config());
      board.config(withNull("opt"));
      board.flush();
      assertEquals(withNull("opt"), info(board.directory()).config());
    }
  }

  @Test
  void shouldChangeNothing_whenAValueCannotBeWritten() {
    try (Board board = builder().config(Map.of("lr", 1)).open()) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> board.config("data/loader", Arrays.asList(1, new Object())));
      assertTrue(refused.getMessage().contains("path=data/loader/[1]"), refused.getMessage());
      assertThrows(
          IllegalArgumentException.class, () -> board.config(Map.of("lr", 2, "bad", new Object())));
      assertThrows(IllegalArgumentException.class, () -> board.tag("fine", null));
      board.flush();
      assertEquals(Map.of("lr", 1), info(board.directory()).config());
      assertEquals(List.of(), info(board.directory()).tags());
    }
  }

  /** What the journal says, one word for each record of a row or a patch. */
  private static List<String> journalOf(Path run) throws Exception {
    List<String> records = new ArrayList<>();
    RecordVisitor words =
        new RecordVisitor() {
          @Override
          public void row(long step, long globalStep, long micros, int values) {
            records.add("row " + step);
          }

          @Override
          public void run(byte[] json) {
            records.add(new String(json, StandardCharsets.UTF_8));
          }
        };
    try (JournalReader reader =
        JournalReader.open(new RunLayout(run).journal(), 0, FileLayer.real())) {
      while (reader.nextFrame()) {
        reader.decode(words);
      }
    }
    return records;
  }

  @Test
  void shouldStandAmongLogCallsInTheirOrder() throws Exception {
    try (Board board = builder().environment(false).open()) {
      board.log("a", 1);
      board.config("lr", 1);
      board.log("a", 2);
      board.tag("t");
      board.log("a", 3);
      board.flush();
      assertEquals(
          List.of("row 0", "{\"config\":{\"lr\":1}}", "row 1", "{\"tags\":[\"t\"]}", "row 2"),
          journalOf(board.directory()).stream().skip(1).toList());
    }
  }

  @Test
  void shouldLoseNoChange_whenManyThreadsMakeThem() throws Exception {
    try (Board board = builder().queueCapacity(16).open()) {
      List<Thread> threads =
          IntStream.range(0, 4)
              .mapToObj(t ->
                  new Thread(() -> {
                    for (int i = 0; i < 200; i++) {
                      board.log("a", i);
                      board.config("thread" + t + "/key" + i, i);
                      board.tag("tag " + t + "/" + i % 20);
                    }
                  }))
              .toList();
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      board.flush();
      RunInfo info = info(board.directory());
      assertEquals(4, info.config().size());
      info.config().values().forEach(of -> assertEquals(200, ((Map<?, ?>) of).size()));
      assertEquals(80, new TreeSet<>(info.tags()).size());
      assertEquals(80, info.tags().size());
    }
  }

  @Test
  void shouldBeKeptInOrder_whenTheQueueIsFullAndTheJournalCannotBeWritten() {
    FaultyFiles files = new FaultyFiles();
    files.keepsSealerOut = true;
    try (StandardError err = StandardError.capture();
        Board board = builder().files(files).queueCapacity(16).open()) {
      files.isFull = true;
      board.log("a", 0);
      Await.until("the failure is noticed", () -> board.health().failing());
      for (int i = 1; i < 64; i++) {
        board.log("a", i);
        board.config("i", i);
        board.notes("note " + i);
      }
      board.tag("kept");
      files.isFull = false;
      Await.until("the queue is empty", () -> board.health().queued() == 0);
      board.config("later", true);
      assertThrows(TrackerException.class, board::flush); // of the log calls that were dropped
      board.flush();
      RunInfo info = info(board.directory());
      assertEquals(Map.of("i", 63, "later", true), info.config());
      assertEquals(Optional.of("note 63"), info.notes());
      assertEquals(List.of("kept"), info.tags());
      long logged = Journaled.of(board).rows.size();
      assertEquals(64 - logged, board.health().dropped(), () -> "" + err.lines(""));
    }
  }

  @Test
  void shouldStopKeeping_whenTooMuchIsKeptAlready_andSaySo() {
    FaultyFiles files = new FaultyFiles();
    try (StandardError err = StandardError.capture();
        Board board = builder().files(files).queueCapacity(8).queueBytes(1).open()) {
      files.isFull = true;
      board.log("a", 0);
      Await.until("the failure is noticed", () -> board.health().failing());
      for (int i = 0; i < 40; i++) {
        board.notes(i + "n".repeat(1_000_000));
      }
      assertTrue(board.health().dropped() > 10, board.health() + " " + err.lines(""));
      assertTrue(board.health().dropped() < 30, board.health() + " " + err.lines(""));
      files.isFull = false;
      Await.until("the queue is empty", () -> board.health().queued() == 0);
      assertThrows(TrackerException.class, board::flush);
    }
  }

  @Test
  void shouldRefuse_whenTheBoardIsFinished() {
    Board board = builder().open();
    board.finish();
    assertThrows(IllegalStateException.class, () -> board.config("a", 1));
    assertThrows(IllegalStateException.class, () -> board.config(Map.of()));
    assertThrows(IllegalStateException.class, () -> board.tag("a"));
    assertThrows(IllegalStateException.class, () -> board.untag("a"));
    assertThrows(IllegalStateException.class, () -> board.notes("a"));
  }

  @Test
  void shouldMergeWhatAResumeBrings_intoWhatWasAddedBefore() throws Exception {
    Path run;
    try (Board board =
        builder().id("r").config(Map.of("a", Map.of("x", 1), "b", 1)).tags("one").open()) {
      run = board.directory();
      board.config("a/y", 2);
      board.tag("two");
      board.notes("added");
    }
    Await.release(root);
    try (Board board =
        builder()
            .id("r")
            .resume(Resume.MUST)
            .config(Map.of("a", Map.of("x", 3), "c", 1))
            .tags("three")
            .open()) {
      board.flush();
      RunInfo info = info(run);
      assertEquals(Map.of("a", Map.of("x", 3, "y", 2), "b", 1, "c", 1), info.config());
      assertEquals(List.of("one", "two", "three"), info.tags());
      assertEquals(Optional.of("added"), info.notes());
      board.untag("one");
    }
    assertEquals(List.of("two", "three"), info(run).tags());
    try (Board fork = builder().forkFrom(run, -1).tags("forked").open()) {
      fork.flush();
      assertEquals(List.of("two", "three", "forked"), info(fork.directory()).tags());
    }
  }

  @Test
  void shouldSurviveTheDeathOfTheProcess_sealedOrNot() throws Exception {
    Path run;
    try (ChildJvm child = ChildJvm.of(WriterProgram.class).start()) {
      run = Path.of(child.ask("open " + root + " killed NEVER", "opened"));
      child.ask("config optimizer/lr 0.5", "done");
      child.ask("tag good", "done");
      child.ask("notes added", "done");
      child.ask("flush", "flushed");
      child.kill();
    }
    checkKilled(run);
    Sealer.seal(run);
    checkKilled(run);
    assertEquals(Map.of("optimizer/lr", "\"0.5\""), configTable(run));
  }

  private static void checkKilled(Path run) {
    RunInfo info = info(run);
    assertEquals(RunStatus.CRASHED, info.status());
    assertEquals(Map.of("optimizer", Map.of("lr", "0.5")), info.config());
    assertEquals(List.of("good"), info.tags());
    assertEquals(Optional.of("added"), info.notes());
  }
}
