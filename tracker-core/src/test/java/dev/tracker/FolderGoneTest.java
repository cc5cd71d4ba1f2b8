package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.media.Attachment;
import dev.tracker.read.RunReader;
import dev.tracker.system.Await;
import dev.tracker.system.Folders;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run's folder that is renamed, deleted or replaced under its board: training goes on, nobody is
 * told that something is safe which is not, and nothing is made where the user took it away.
 */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FolderGoneTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path root;

  private StandardError err;
  private Board board;

  @BeforeEach
  void openBoard() {
    err = StandardError.capture();
    board = builder().open();
    board.log("loss", 0);
    board.flush();
  }

  private Board.Builder builder() {
    return Board.builder("gone").root(root).id("run").closeTimeout(Duration.ZERO);
  }

  @AfterEach
  void closeBoard() throws IOException {
    board.close();
    err.close();
    Await.release(root);
  }

  /** Deletes the run's folder, once the sealer has made there what it makes soon after open. */
  private void delete() throws IOException {
    File log = new RunLayout(board.directory()).log().toFile();
    Await.until("the run's log", () -> log.length() > 0);
    Folders.delete(board.directory());
  }

  private static List<Path> treeOf(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String flushFails() {
    TrackerException unsafe = assertThrows(TrackerException.class, board::flush);
    String cause = unsafe.getCause().toString();
    for (Throwable at = unsafe.getCause(); at != null; at = at.getCause()) {
      cause = at.toString();
    }
    return cause;
  }

  private void assertSaidOnce() {
    Await.until("it is said", () -> !err.lines("cannot be forced").isEmpty());
    String line = err.lines("cannot be forced").get(0);
    assertTrue(line.contains("deleted, moved or renamed"), line);
    assertTrue(line.contains(board.directory().toString()), line);
    assertEquals(1, err.lines("cannot be forced").size());
    assertTrue(board.health().failing());
    assertTrue(board.health().lastError().isPresent());
  }

  @Test
  void aRenamedRunIsNotSafe_untilItHasItsNameAgain() throws Exception {
    Path away = root.resolve("away");
    Files.move(board.directory(), away);
    board.log("loss", 1);
    assertTrue(flushFails().contains("deleted, moved or renamed"), flushFails());
    assertSaidOnce();
    board.log("loss", 2);
    assertFalse(Files.exists(board.directory()));

    Files.move(away, board.directory());
    Await.until("nothing fails any more", () -> !board.health().failing());
    board.flush(); // no force is under way that does not find the folder
    Await.until("that it goes on is said", () -> !err.lines("is forced again").isEmpty());
    assertFalse(board.health().failing());
    assertEquals(0, board.health().dropped());
    board.log("loss", 3);
    board.finish();
    try (RunReader reader = RunReader.open(board.directory())) {
      assertArrayEquals(new double[] {0, 1, 2, 3}, reader.scalars("loss").values());
    }
  }

  @Test
  void aDeletedRunStaysDeleted() throws Exception {
    delete();
    board.log(Map.of("loss", 1, "film", Attachment.of(new byte[300_000], "f.bin")));
    assertTrue(flushFails().contains("deleted, moved or renamed"), flushFails());
    assertSaidOnce();
    TrackerException lost = assertThrows(TrackerException.class, board::finish);
    assertTrue(lost.getMessage().contains("not all that was logged is on stable storage"));
    assertFalse(Files.exists(board.directory()), "it was made again");
  }

  /** Lance makes whatever folder is missing, and so did we for series, media and the console. */
  @Test
  void aRunThatIsRenamedWhileItIsSealed_isNotMadeAgain() throws Exception {
    Path away = root.resolve("away");
    FaultyFiles files = new FaultyFiles();
    CountDownLatch moved = new CountDownLatch(1);
    Path run;
    try (Board sealed = builder().id("sealed").closeTimeout(PATIENCE).files(files).open()) {
      run = sealed.directory();
      files.beforeAppending =
          () -> {
            try {
              Files.move(run, away);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            moved.countDown();
          };
      sealed.log("loss", 1);
      moved.await();
      Await.until("sealing fails", () -> !err.lines("is not being sealed").isEmpty());
      assertFalse(Files.exists(run), () -> "it was made again: " + treeOf(run));
      Files.move(away, run);
      Await.until("nothing fails any more", () -> !sealed.health().failing());
      sealed.log("loss", 2);
    }
    try (RunReader reader = RunReader.open(run)) {
      assertArrayEquals(new double[] {1, 2}, reader.scalars("loss").values());
    }
  }

  @Test
  void aRunThatTookTheNameOfADeletedOneIsLeftAlone() throws Exception {
    delete();
    try (Board other = builder().open()) {
      other.log("loss", 10);
      board.log("loss", 1);
      assertTrue(flushFails().contains("deleted, moved or renamed"), flushFails());
      assertThrows(TrackerException.class, board::finish);
      other.log("loss", 11);
      other.finish();
    }
    try (RunReader reader = RunReader.open(board.directory())) {
      assertArrayEquals(new double[] {10, 11}, reader.scalars("loss").values());
    }
  }
}
