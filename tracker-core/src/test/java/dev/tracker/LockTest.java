package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.StorageException;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Runs;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.WriterProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One writer per run. The lock is POSIX's, which a process loses when any part of it opens and
 * closes the file; so everything that looks at a run from inside its writer's JVM is tried here,
 * and another process asks after it.
 */
class LockTest {
  private static final long PID = ProcessHandle.current().pid();

  @TempDir Path root;
  @TempDir Path elsewhere;

  private Board board;
  private ChildJvm other;

  @BeforeEach
  void openBoard() throws Exception {
    other = ChildJvm.of(WriterProgram.class).start();
    board = Board.builder("locked").root(root).id("locked").open();
    board.log("loss", 1.0);
    board.flush();
    assertRefused("at first");
  }

  @AfterEach
  void closeAll() {
    board.close();
    other.close();
  }

  private void assertRefused(String when) {
    other.say("open " + root + " locked " + Resume.MUST);
    String answer = other.hear(line -> true);
    assertTrue(answer.startsWith("refused "), when + ": " + answer);
    assertTrue(answer.contains("pid=" + PID), when + ": " + answer);
    assertTrue(answer.contains("host="), when + ": " + answer);
  }

  @Test
  void shouldKeepItsLock_whenReadersOpenAndClose() {
    for (int i = 0; i < 3; i++) {
      try (RunReader reader = RunReader.open(board.directory())) {
        assertEquals(RunStatus.RUNNING, reader.info().status());
        assertEquals(1, reader.scalars("loss").size());
        reader.refresh();
      }
      assertRefused("after reader " + i);
    }
  }

  @Test
  void shouldKeepItsLock_whenReadersOpenAndClose_andSealedRowsAreThere() {
    Await.until("sealed", () -> board.health().sealed() > 0);
    board.log("loss", 2.0);
    board.flush();
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(2, reader.scalars("loss").size());
      reader.copyTo(elsewhere.resolve("copy"));
      assertRefused("while a reader is open");
    }
    assertRefused("after a reader of sealed rows");
    board.log("loss", 3.0);
    board.finish();
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(3, reader.scalars("loss").size());
    }
  }

  @Test
  void shouldKeepItsLock_whenItIsCopied() {
    try (RunReader reader = RunReader.open(board.directory())) {
      reader.copyTo(elsewhere.resolve("copy"));
    }
    try (RunReader copy = RunReader.open(elsewhere.resolve("copy"))) {
      assertEquals(1, copy.scalars("loss").size());
      assertEquals(RunStatus.CRASHED, copy.info().status(), "nobody writes the copy");
    }
    assertRefused("after a copy");
  }

  @Test
  void shouldKeepItsLock_whenRunsAreListed() {
    assertEquals(
        List.of(RunStatus.RUNNING), Runs.in(root).stream().map(info -> info.status()).toList());
    assertRefused("after a list of runs");
  }

  @Test
  void shouldKeepItsLock_whenSealingIsRefused() {
    StorageException refusal =
        assertThrows(StorageException.class, () -> Sealer.seal(board.directory()));
    assertTrue(refusal.getMessage().contains("pid=" + PID), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("host="), refusal.getMessage());
    assertRefused("after a refused seal");
  }

  @Test
  void shouldKeepItsLock_whenASecondBoardOfThisJvmIsRefused() {
    for (Resume resume : List.of(Resume.ALLOW, Resume.MUST)) {
      Board.Builder second = Board.builder("second").root(root).id("locked").resume(resume);
      TrackerException refusal = assertThrows(TrackerException.class, second::open);
      assertTrue(refusal.getMessage().contains("pid=" + PID), refusal.getMessage());
      assertTrue(refusal.getMessage().contains("host="), refusal.getMessage());
    }
    assertRefused("after a refused board");
    board.log("loss", 2.0);
    board.finish();
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(2, reader.scalars("loss").size(), "the refused boards wrote nothing");
      assertEquals("locked", reader.info().name(), "nor did they change its name");
    }
  }

  @Test
  void shouldKeepItsLock_whenItIsReachedByAnotherPath() throws Exception {
    Path link = elsewhere.resolve("link");
    Files.createSymbolicLink(link, root);
    Path sameRun = link.resolve(root.relativize(board.directory()));
    try (RunReader reader = RunReader.open(sameRun)) {
      assertEquals(RunStatus.RUNNING, reader.info().status());
    }
    assertThrows(StorageException.class, () -> Sealer.seal(sameRun));
    assertRefused("after a look through a link");
  }

  @Test
  void shouldBeFree_whenItIsFinished() {
    board.finish();
    other.ask("open " + root + " locked " + Resume.MUST, "opened");
    TrackerException refusal =
        assertThrows(
            TrackerException.class,
            () -> Board.builder("mine").root(root).id("locked").resume(Resume.MUST).open());
    assertTrue(refusal.getMessage().contains("pid=" + other.pid()), refusal.getMessage());
    other.ask("finish", "finished");
  }
}
