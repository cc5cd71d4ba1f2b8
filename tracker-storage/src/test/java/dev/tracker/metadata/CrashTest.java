package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers that are killed, readers meanwhile and afterwards. */
@Tag("once")
class CrashTest {
  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("metadata.db");
  }

  @Test
  void aKilledWriter_leavesAWholeCommit_andTheNextOneGoesOn() throws IOException {
    Random random = new Random(11);
    long committed = 0;
    for (int round = 0; round < 6; round++) {
      try (CommittingProcess writer = CommittingProcess.start(file)) {
        for (int i = random.nextInt(25); i >= 0; i--) {
          committed = Long.parseLong(writer.next());
        }
      }
      long found = Commits.check(file);
      assertTrue(found >= committed, "committed=" + committed + " found=" + found);
      Commits.checkAtRest(file);
    }
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      writer.commit(Commits.change(writer.snapshot().checkpoint().position() + 1));
      assertTrue(writer.finish());
    }
    Commits.checkAtRest(file);
    assertFalse(Files.exists(folder.resolve("metadata.db-wal")));
  }

  @Test
  void aWriterOfAnotherProcess_isReadLive() throws IOException {
    try (CommittingProcess writer = CommittingProcess.start(file)) {
      for (int i = 0; i < 30; i++) {
        long said = Long.parseLong(writer.next());
        assertTrue(Commits.check(file) >= said);
      }
      Path copy = folder.resolve("copy.db");
      MetadataReader.copy(file, copy);
      Commits.checkAtRest(copy);
    }
  }

  @Test
  void theFilesOfAKilledWriter_openWhereTheyAreCopiedTo() throws IOException {
    try (CommittingProcess writer = CommittingProcess.start(file)) {
      while (Long.parseLong(writer.next()) < 5) {
        writer.next();
      }
    }
    // Nobody has them open now, so they may be copied as files; the shared memory is not needed.
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    for (String name : List.of("metadata.db", "metadata.db-wal")) {
      Files.copy(folder.resolve(name), elsewhere.resolve(name));
    }
    Path copied = elsewhere.resolve("metadata.db");
    assertTrue(Commits.check(copied) >= 5);
    assertEquals(Commits.check(file), Commits.check(copied));
  }

  @Test
  void aFileThatMayNotGrow_failsTheCommit_andKeepsTheOneBefore() throws IOException {
    // In blocks of 512 or 1024 bytes; writing beyond fails as on a disk that fails.
    List<String> limited = List.of("/bin/sh", "-c", "ulimit -f 4000; exec \"$@\"", "sh");
    long committed = 0;
    String end;
    try (CommittingProcess writer = CommittingProcess.start(limited, file, List.of())) {
      for (end = writer.next(); end.matches("[0-9]+"); end = writer.next()) {
        committed = Long.parseLong(end);
      }
    }
    assertTrue(end.startsWith("OTHER ") && end.contains("SQLITE_IOERR_WRITE"), end);
    assertTrue(committed > 0);
    assertEquals(committed, Commits.check(file));
    Commits.checkAtRest(file);
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      writer.commit(Commits.change(committed + 1));
    }
    Commits.checkAtRest(file);
  }
}
