package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.ConsoleLog;
import dev.tracker.format.RunLayout;
import dev.tracker.media.Attachment;
import dev.tracker.media.ContentHash;
import dev.tracker.media.MediaNames;
import dev.tracker.read.RunReader;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that a process had made when it was killed, before it could force them, or their names:
 * they look whole to whoever comes next, and are gone after a power cut unless he forces them. What
 * is forced is told by the JVM's own recorder.
 */
class LastingFilesTest {
  private static final byte[] LARGE = new byte[300_000];

  @TempDir Path root;

  private final FaultyFiles files = new FaultyFiles();
  private RunLayout left;

  @BeforeEach
  void leave() {
    files.keepsSealerOut = true;
    left = new RunLayout(root.resolve("left"));
  }

  private Board.Builder board() {
    return Board.builder("run").root(root).id("run").resume(Resume.ALLOW).files(files);
  }

  /** Copies the run as somebody who was killed would leave it. */
  private void leave(Board board) throws IOException {
    board.flush();
    Folders.copy(board.directory(), left.root());
  }

  private Set<Path> forcedBy(Callable<?> work) throws Exception {
    Path events = root.resolve("events.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.FileForce").withoutThreshold();
      recording.start();
      work.call();
      recording.stop();
      recording.dump(events);
    }
    return RecordingFile.readAllEvents(events).stream()
        .map(event -> Path.of(event.getString("path")))
        .collect(Collectors.toSet());
  }

  private Set<Path> forcedBySealing() throws Exception {
    return forcedBy(() -> {
      Sealer.seal(left.root());
      return true;
    });
  }

  private static void assertForced(Path file, Set<Path> forced) {
    assertTrue(forced.contains(file), () -> file + " is not among " + forced);
  }

  /** Its sealer had written the first lines, and not committed them. */
  @Test
  void theLogOfTheConsoleThatWasThere_getsItsName() throws Exception {
    try (Board board = board().captureOutput(true).open()) {
      System.out.println("a line");
      leave(board);
    }
    Files.createDirectories(left.logs());
    Files.writeString(left.output(), "2026-11-20T20:47:55.123456Z out a l");
    Set<Path> forced = forcedBySealing();
    assertForced(left.output(), forced);
    assertForced(left.logs(), forced);
    assertForced(left.root(), forced);
    try (RunReader reader = RunReader.open(left.root())) {
      assertEquals("a line", reader.console().get(0).text());
    }
    assertTrue(Files.readString(left.root().resolve(ConsoleLog.PATH)).endsWith(" out a line\n"));
  }

  /** Where there are no hard links its sealer had copied a staged file. */
  @Test
  void aMediaFileThatHadItsName_isForced() throws Exception {
    try (Board board = board().open()) {
      board.log("film", Attachment.of(LARGE, "f.bin"));
      leave(board);
    }
    ContentHash hash = ContentHash.of(LARGE);
    Path file = left.media().resolve(MediaNames.fileName("film", 0, hash, "bin", name -> false));
    Files.copy(left.staged(hash.hex(), "bin"), file);
    assertForced(file, forcedBySealing());
    try (RunReader reader = RunReader.open(left.root())) {
      assertEquals(
          file.toRealPath(), reader.media("film").get(0).file().orElseThrow().toRealPath());
    }
  }

  @Test
  void theFolderOfStagedMediaThatWasThere_getsItsName() throws Exception {
    RunLayout run = new RunLayout(root.resolve("default").resolve("run"));
    Files.createDirectories(run.staged());
    Set<Path> forced =
        forcedBy(() -> {
          try (Board board = board().open()) {
            board.log("film", Attachment.of(LARGE, "f.bin"));
            board.flush();
          }
          return true;
        });
    assertForced(run.staged(), forced);
    assertForced(run.media(), forced);
    assertForced(run.root(), forced);
  }
}
