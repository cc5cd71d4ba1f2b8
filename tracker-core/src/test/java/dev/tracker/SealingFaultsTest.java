package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.media.Attachment;
import dev.tracker.media.ContentHash;
import dev.tracker.read.RunReader;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.Folders;
import dev.tracker.system.LockingProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sealing that another program is in the way of: it goes on once that is gone. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SealingFaultsTest {
  @TempDir Path root;

  private StandardError err;

  @BeforeEach
  void listen() {
    err = StandardError.capture();
  }

  @AfterEach
  void stopListening() {
    err.close();
  }

  private Board.Builder builder() {
    return Board.builder("fault").root(root).id("run").resume(Resume.ALLOW);
  }

  private Path metadata() {
    return new RunLayout(root.resolve("default").resolve("run")).metadata();
  }

  private static void assertHolds(Path run, double... values) {
    try (RunReader reader = RunReader.open(run)) {
      assertArrayEquals(values, reader.scalars("loss").values());
    }
  }

  @Test
  void aLockedDatabase_costsNothing_andSealingGoesOnOnceItIsFree() throws Exception {
    try (Board board = builder().open()) {
      board.log("loss", 0);
    }
    try (ChildJvm tool = ChildJvm.of(LockingProgram.class).start(metadata().toString());
        Board board = builder().open()) {
      tool.ask("BEGIN EXCLUSIVE", "done");
      board.log("loss", 1);
      Await.until("it is said", () -> !err.lines("is not being sealed").isEmpty());
      String line = err.lines("is not being sealed").get(0);
      assertTrue(line.contains("another program holds a lock"), line);
      assertTrue(line.contains(metadata().toString()), line);
      assertTrue(board.health().lastError().orElseThrow().toString().contains("SQLITE_BUSY"));
      assertFalse(board.health().failing(), "the journal can be written");
      board.log("loss", 2);
      board.flush();

      tool.ask("ROLLBACK", "done");
      Await.until("all is sealed", () -> board.health().sealed() == 2);
      Await.until("that is said", () -> !err.lines("is being sealed again").isEmpty());
      assertEquals(1, err.lines("is not being sealed").size());
      assertEquals(0, board.health().dropped());
    }
    assertHolds(metadata().getParent().getParent(), 0, 1, 2);
  }

  @Test
  void aDatabaseThatIsLockedAtTheEnd_leavesTheJournalWhole() throws Exception {
    try (Board board = builder().open()) {
      board.log("loss", 0);
    }
    Path run = metadata().getParent().getParent();
    try (ChildJvm tool = ChildJvm.of(LockingProgram.class).start(metadata().toString())) {
      Board board = builder().closeTimeout(Duration.ofSeconds(1)).open();
      tool.ask("BEGIN EXCLUSIVE", "done");
      board.log("loss", 1);
      board.finish();
      assertEquals(1, board.health().durable());
      assertEquals(0, board.health().sealed());
      tool.ask("ROLLBACK", "done");
    }
    assertHolds(run, 0, 1);
    Await.until("the sealer has let go", () -> !Files.exists(new RunLayout(run).holder()));
    Sealer.seal(run);
    assertHolds(run, 0, 1);
  }

  /** Not so where the database is in the form of a finished run: then it is a lock like others. */
  @Test
  void aReaderThatHoldsTheDatabaseOfALiveRun_isInNobodysWay() throws Exception {
    try (Board board = builder().open()) {
      board.log("loss", 0);
      Await.until("it is sealed", () -> board.health().sealed() == 1);
      try (ChildJvm tool = ChildJvm.of(LockingProgram.class).start(metadata().toString())) {
        tool.ask("BEGIN", "done");
        tool.ask("SELECT count(*) FROM series", "done");
        board.log("loss", 1);
        board.finish();
        assertEquals(2, board.health().sealed());
        tool.ask("ROLLBACK", "done");
      }
    }
    assertHolds(metadata().getParent().getParent(), 0, 1);
    assertEquals(0, err.lines("sealed").size());
  }

  /** The window failed after its commit, and its log calls were never counted as sealed. */
  @Test
  void aStagedFileThatCannotBeRemoved_doesNotFailWhatIsCommitted() throws Exception {
    byte[] large = new byte[300_000];
    try (Board board = builder().open()) {
      board.log("film", Attachment.of(large, "f.bin"));
    }
    FaultyFiles files = new FaultyFiles();
    files.keepsSealerOut = true;
    Path run = metadata().getParent().getParent();
    try (Board board = builder().files(files).open()) {
      board.log("film", Attachment.of(large, "f.bin"));
      board.flush();
      Path staged = new RunLayout(run).staged(ContentHash.of(large).hex(), "bin");
      Files.delete(staged);
      Files.createDirectories(staged.resolve("not empty"));
      files.keepsSealerOut = false;
      Await.until("it is sealed", () -> board.health().sealed() == 1);
      assertTrue(Files.exists(staged));
      Folders.delete(staged);
    }
    try (RunReader reader = RunReader.open(run)) {
      assertArrayEquals(large, reader.media("film").get(1).bytes());
    }
  }

  @Test
  void aSealerThatFoundTheFolderGone_doesNotMakeItAgain() throws Exception {
    Board board = builder().open();
    board.log("loss", 0);
    board.flush();
    Path run = board.directory();
    Path away = root.resolve("away");
    Files.move(run, away);
    board.log("loss", 1); // there is something to seal, whatever the sealer has done already
    Await.until("it is said", () -> !err.lines("is not being sealed").isEmpty());
    assertFalse(Files.exists(run), "the sealer made the folder again");
    Files.move(away, run);
    Await.until("it is sealed", () -> board.health().sealed() == 2);
    board.finish();
    assertHolds(run, 0, 1);
  }
}
