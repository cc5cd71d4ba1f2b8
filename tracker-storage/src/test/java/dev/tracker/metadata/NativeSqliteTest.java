package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteJDBCLoader;

class NativeSqliteTest {
  @TempDir Path folder;

  @Test
  void platforms_areNamedAsInTheDriversJar() {
    assertEquals("Linux/x86_64", NativeSqlite.platform("Linux", "amd64", false));
    assertEquals("Linux-Musl/aarch64", NativeSqlite.platform("Linux", "aarch64", true));
    assertEquals("Mac/aarch64", NativeSqlite.platform("Mac OS X", "aarch64", false));
    assertNull(NativeSqlite.platform("Linux", "s390x", false));
    assertNull(NativeSqlite.platform("Plan 9", "amd64", false));
    for (String known :
        List.of(
            "Linux/x86_64/libsqlitejdbc.so",
            "Linux/aarch64/libsqlitejdbc.so",
            "Linux-Musl/x86_64/libsqlitejdbc.so",
            "Mac/aarch64/libsqlitejdbc.dylib")) {
      assertNotNull(SQLiteJDBCLoader.class.getResource("/org/sqlite/native/" + known), known);
    }
  }

  @Test
  void aProcessThatIsKilled_leavesNothingInTheTemporaryFolder() throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path cache = folder.resolve("cache");
    for (int round = 0; round < 2; round++) {
      try (CommittingProcess writer =
          CommittingProcess.start(
              folder.resolve("metadata.db"),
              List.of("-Djava.io.tmpdir=" + temporary, "-Dtracker.cache=" + cache))) {
        writer.next();
      }
      assertEquals(List.of(), names(temporary, ""));
      assertEquals(1, libraries(cache).size());
    }
  }

  @Test
  void aCacheThatCannotBeWritten_isDoneWithout() throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path blocked = Files.createFile(folder.resolve("file"));
    Path database = folder.resolve("metadata.db");
    try (CommittingProcess writer =
        CommittingProcess.start(
            database, List.of("-Djava.io.tmpdir=" + temporary, "-Dtracker.cache=" + blocked))) {
      assertTrue(Long.parseLong(writer.next()) > 0);
    }
    assertEquals(List.of(), names(temporary, ""));
    assertTrue(Commits.check(database) > 0);
  }

  @Test
  void aDamagedFileInTheCache_isReplaced() throws IOException {
    Path cache = folder.resolve("cache");
    Path database = folder.resolve("metadata.db");
    List<String> options = List.of("-Dtracker.cache=" + cache);
    try (CommittingProcess writer = CommittingProcess.start(database, options)) {
      writer.next();
    }
    Path library = libraries(cache).get(0);
    byte[] good = Files.readAllBytes(library);
    byte[] bad = good.clone();
    bad[good.length / 2] ^= 1;
    Files.write(library, bad);
    try (CommittingProcess writer = CommittingProcess.start(database, options)) {
      assertTrue(Long.parseLong(writer.next()) > 0);
    }
    assertFalse(java.util.Arrays.equals(bad, Files.readAllBytes(library)));
  }

  private static List<Path> libraries(Path cache) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String name : names(cache.resolve("native"), "sqlitejdbc-")) {
      if (!name.endsWith(".checked")) {
        found.add(cache.resolve("native").resolve(name));
      }
    }
    return found;
  }

  private static List<String> names(Path folder, String prefix) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith(prefix) && !name.startsWith("hsperfdata"))
          .sorted()
          .toList();
    }
  }
}
