package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.WriterProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code logs/tracker.log} tells of a run's life. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TrackerLogTest {
  @TempDir Path root;

  private Board.Builder builder() {
    return Board.builder("logged").root(root).id("r");
  }

  private static List<String> lines(Path run) throws IOException {
    return Files.readAllLines(new RunLayout(run).log());
  }

  /** Checks that lines with these parts are there, in this order. */
  private static void assertTells(Path run, String... parts) throws IOException {
    List<String> lines = lines(run);
    int at = 0;
    for (String part : parts) {
      while (at < lines.size() && !lines.get(at).contains(part)) {
        at++;
      }
      assertTrue(at < lines.size(), "'" + part + "' in its place: " + String.join("\n", lines));
    }
  }

  private static boolean tells(Path run, String part) {
    try {
      return Files.exists(new RunLayout(run).log())
          && lines(run).stream().anyMatch(line -> line.contains(part));
    } catch (IOException e) {
      return false; // it is being renamed
    }
  }

  @Test
  void shouldTellOfALife_andOfTheNextOne() throws Exception {
    Path run;
    try (Board board = builder().open()) {
      run = board.directory();
      Await.until("the opening is told while the run is live", () -> tells(run, "opened:"));
      for (int i = 0; i < 250_000; i++) {
        board.log("loss", i * 0.1);
      }
      board.rewindTo(99);
    }
    assertTells(
        run,
        "info opened: attempt=1 pid=" + ProcessHandle.current().pid(),
        "info segment rotated: file=0000",
        "info rewound: step=99 globalStep=0",
        "info ending: by=CLOSE status=SUCCEEDED",
        "info closed: sealed=all");
    // The sealer may have had its turn before the end.
    assertTells(
        run,
        "info sealing begins: checkpoint=0 lance=",
        "info sealed: position=",
        "info sealed a rewind: step=99",
        "info closed: sealed=all");

    builder().resume(Resume.MUST).rewindTo(9).open().finish(new IllegalStateException("diverged"));
    assertTells(
        run,
        "closed: sealed=all",
        "opened: attempt=2",
        "rewoundTo=9",
        "ending: by=FINISH status=FAILED",
        "closed: sealed=all");
  }

  @Test
  void shouldTellWhatWasWarnedOf_andWhatWasLost() throws Exception {
    FaultyFiles files = new FaultyFiles();
    Path run;
    try (StandardError err = StandardError.capture();
        Board board = builder().files(files).queueCapacity(16).open()) {
      run = board.directory();
      board.log("a", 1.0);
      board.log("a", "text");
      board.flush();
      files.isFull = true;
      board.log("a", 2.0);
      Await.until("the failure is noticed", () -> board.health().failing());
      for (int i = 0; i < 116; i++) {
        board.log("a", i);
      }
      Await.until(
          "it is told while the journal cannot be written",
          () -> tells(run, "the journal cannot be written"));
      files.isFull = false;
      Await.until("the queue is empty", () -> board.health().queued() == 0);
      assertEquals(1, err.lines("the journal cannot be written").size());
    }
    assertTells(run, "warn a value does not fit its series");
    assertTells(run, "\tjava.io.IOException: No space left on device");
    assertTells(run, "warn the journal cannot be written", "warn the journal can be written again");
    assertTells(run, "warn the journal cannot be written", "info sealed: position=", " lost=101 ");
  }

  @Test
  void shouldNotMatter_whenItCannotBeWritten() throws Exception {
    Path run = root.resolve("default/r");
    Files.createDirectories(run);
    Files.writeString(run.resolve("logs"), "in the way");
    try (Board board = builder().resume(Resume.ALLOW).open()) {
      board.log("a", 1);
      board.flush();
    }
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(1, reader.scalars("a").size());
      assertEquals(RunStatus.SUCCEEDED, reader.info().status());
    }
    assertFalse(Files.isDirectory(run.resolve("logs")));
  }

  @Test
  void shouldGoOn_whenAnotherProcessSealsWhatAKilledOneLeft() throws Exception {
    Path run;
    // It seals nothing, however long it takes.
    try (ChildJvm child =
        ChildJvm.of(WriterProgram.class).property("tracker.native", "off").start()) {
      run = Path.of(child.ask("open " + root + " r NEVER", "opened"));
      child.ask("log 0 1 3 0 1000 0", "logged");
      child.ask("flush", "flushed");
      Await.until("the opening is told", () -> tells(run, "opened:"));
      child.kill();
    }
    Sealer.seal(run);
    assertTells(
        run,
        "opened: attempt=1",
        "sealing what a writer left: pid=" + ProcessHandle.current().pid(),
        "sealed: position=",
        "closed: sealed=all");
    assertFalse(tells(run, "ending:"), "nobody ended the first attempt");
  }

  @Test
  void shouldGoWithACopy_andNotWithAFork() throws Exception {
    Path run;
    try (Board board = builder().closeTimeout(Duration.ofSeconds(30)).open()) {
      run = board.directory();
      board.log("a", 1);
      Await.until("the opening is told", () -> tells(run, "opened:"));
      Files.writeString(new RunLayout(run).olderLog(), "older\n");
      try (RunReader reader = RunReader.open(run)) {
        reader.copyTo(root.resolve("copy"));
      }
    }
    assertTells(root.resolve("copy"), "opened: attempt=1");
    assertTrue(Files.exists(new RunLayout(root.resolve("copy")).olderLog()));
    Path fork;
    try (Board board = Board.builder("fork").root(root).id("f").forkFrom(run, 0).open()) {
      fork = board.directory();
    }
    assertTells(fork, "parent={\"id\":\"r\"", "closed: sealed=all");
    assertEquals(1, lines(fork).stream().filter(line -> line.contains("opened:")).count());
    assertFalse(Files.exists(new RunLayout(fork).olderLog()));
  }
}
