package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folders that a process had made when it was killed, before it could force them: they are there
 * for whoever comes next, and gone after a power cut.
 */
class LastingFolderTest {
  @TempDir Path root;

  private final FaultyFiles files = new FaultyFiles();

  private void open(Resume resume) {
    try (Board board =
        Board.builder("run").root(root).id("run").resume(resume).files(files).open()) {
      board.log("a", 1);
    }
  }

  private void assertForced(Path folder) {
    assertTrue(files.forcedFolders.contains(folder), files.forcedFolders::toString);
  }

  @Test
  void aProjectThatWasThere_getsItsName() throws IOException {
    Files.createDirectory(root.resolve("default"));
    open(Resume.NEVER);
    assertForced(root);
    assertForced(root.resolve("default"));
  }

  @Test
  void aRunThatWasThere_getsItsName() throws IOException {
    Files.createDirectories(root.resolve("default").resolve("run"));
    open(Resume.ALLOW);
    assertForced(root.resolve("default"));
  }

  @Test
  void aRunThatIsResumed_getsItsName() {
    open(Resume.NEVER);
    files.forcedFolders.clear();
    open(Resume.MUST);
    assertForced(root.resolve("default"));
  }

  @Test
  void theProjectOfAFork_getsItsName() {
    open(Resume.NEVER);
    files.forcedFolders.clear();
    try (Board fork =
        Board.builder("fork")
            .root(root)
            .project("other")
            .forkFrom(root.resolve("default").resolve("run"), 0)
            .files(files)
            .open()) {
      fork.log("a", 2);
    }
    assertForced(root);
    assertForced(root.resolve("other"));
  }
}
