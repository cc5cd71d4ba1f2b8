package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.FormatVersion;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Runs;
import dev.tracker.seal.Sealer;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.Folders;
import dev.tracker.system.InLance;
import dev.tracker.system.SampleProgram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folders that are not as they should be: each has its message, and nothing that is in them is
 * lost.
 */
class FaultsTest {
  @TempDir Path root;

  private Board.Builder builder(Resume resume) {
    return Board.builder("fault").root(root).id("run").resume(resume);
  }

  private Path finished() {
    try (Board board = builder(Resume.NEVER).open()) {
      board.log("loss", 1.0);
      return board.directory();
    }
  }

  private static void assertHolds(Path run, double... values) {
    try (RunReader reader = RunReader.open(run)) {
      assertArrayEquals(values, reader.scalars("loss").values());
      assertEquals(RunStatus.SUCCEEDED, reader.info().status());
    }
  }

  private static String message(Class<? extends RuntimeException> type, Executable call) {
    return assertThrows(type, call).getMessage();
  }

  private static void assertContains(String message, Object... parts) {
    for (Object part : parts) {
      assertTrue(message.contains(part.toString()), "'" + part + "' in: " + message);
    }
  }

  @Test
  void aRunOfThisIdIsThereAlready() {
    Path run = finished();
    assertContains(
        message(TrackerException.class, builder(Resume.NEVER)::open),
        "there is a run of this id already",
        "run=" + run,
        "Resume.ALLOW");
    assertHolds(run, 1.0);
    try (Board board = builder(Resume.ALLOW).open()) {
      board.log("loss", 2.0);
    }
    assertHolds(run, 1.0, 2.0);
  }

  @Test
  void thereIsNoRunToResume() throws Exception {
    assertContains(
        message(TrackerException.class, builder(Resume.MUST)::open),
        "there is no such run to resume",
        "run=" + root.resolve("default").resolve("run"));
    assertEquals(0, Folders.files(root), "nothing was made");
    try (Board board = builder(Resume.ALLOW).open()) {
      board.log("loss", 1.0);
    }
    assertHolds(root.resolve("default").resolve("run"), 1.0);
  }

  @Test
  void theRootIsAFile() throws Exception {
    Path file = Files.writeString(root.resolve("file"), "mine");
    assertContains(
        message(TrackerException.class, () -> Board.builder("x").root(file).open()),
        file,
        "not a folder");
    assertEquals("mine", Files.readString(file));
    assertContains(message(StorageException.class, () -> Runs.in(file)), file);
    assertContains(
        message(StorageException.class, () -> RunReader.open(file)), "not a run folder", file);
  }

  @Test
  void theRootIsReadOnly() throws Exception {
    Path run = finished();
    try (Folders.ReadOnly medium = Folders.ReadOnly.of(root)) {
      assertHolds(run, 1.0);
      assertEquals(1, Runs.in(root).size());
      if (medium.isEffective()) {
        assertContains(
            message(TrackerException.class, () -> Board.builder("x").root(root).open()),
            root,
            "read-only");
        assertContains(message(TrackerException.class, builder(Resume.MUST)::open), run);
        assertContains(message(StorageException.class, () -> Sealer.seal(run)), run);
      }
    }
    try (Board board = builder(Resume.MUST).open()) {
      board.log("loss", 2.0);
    }
    assertHolds(run, 1.0, 2.0);
  }

  @Test
  void thereIsNoRun() {
    Path nowhere = root.resolve("nowhere");
    assertContains(
        message(StorageException.class, () -> RunReader.open(nowhere)),
        "not a run folder",
        nowhere);
    assertContains(
        message(StorageException.class, () -> RunReader.open(root)), "not a run folder", root);
    assertContains(
        message(StorageException.class, () -> Sealer.seal(nowhere)), "not a run folder", nowhere);
    assertContains(message(StorageException.class, () -> Runs.in(nowhere)), nowhere);
  }

  @Test
  void theMetadataIsOfANewerFormat() throws Exception {
    Path run = finished();
    int newer = FormatVersion.CURRENT + 1;
    userVersion(run, newer);
    Object[] parts = {run, "format=" + newer, "known=" + FormatVersion.CURRENT, "newer version"};
    assertContains(message(StorageException.class, () -> RunReader.open(run)), parts);
    assertContains(message(TrackerException.class, builder(Resume.MUST)::open), parts);
    assertContains(message(StorageException.class, () -> Sealer.seal(run)), parts);
    List<RunInfo> runs = Runs.in(root);
    assertEquals(1, runs.size());
    assertContains(runs.get(0).error().orElseThrow(), parts);

    userVersion(run, FormatVersion.CURRENT);
    assertHolds(run, 1.0);
    try (Board board = builder(Resume.MUST).open()) {
      board.log("loss", 2.0);
    }
    assertHolds(run, 1.0, 2.0);
  }

  private static void userVersion(Path run, int version) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + new RunLayout(run).metadata());
        Statement statement = connection.createStatement()) {
      statement.execute("pragma user_version = " + version);
    }
  }

  @Test
  void aSegmentIsOfANewerFormat() throws Exception {
    Path run;
    try (ChildJvm child =
        ChildJvm.of(SampleProgram.class)
            .property("tracker.native", "off") // all of it is to stay in the journal
            .start(root.toString(), "run")) {
      run = Path.of(child.hear("written"));
      child.kill();
    }
    Path segment = InLance.segments(run).get(0);
    byte[] before = Files.readAllBytes(segment);
    int newer = FormatVersion.CURRENT + 1;
    Files.write(segment, withVersion(before, newer));
    Object[] parts = {
      segment, "version=" + newer, "known=" + FormatVersion.CURRENT, "newer version"
    };
    assertContains(message(StorageException.class, () -> RunReader.open(run)), parts);
    assertContains(message(TrackerException.class, builder(Resume.MUST)::open), parts);
    assertContains(message(StorageException.class, () -> Sealer.seal(run)), parts);
    assertContains(Runs.in(root).get(0).error().orElseThrow(), parts);

    Files.write(segment, before);
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(RunStatus.CRASHED, reader.info().status());
      SampleProgram.model().check(reader);
    }
    Sealer.seal(run);
    try (RunReader reader = RunReader.open(run)) {
      SampleProgram.model().check(reader);
    }
  }

  /** The header of a segment: magic, then the version; its checksum closes it. */
  private static byte[] withVersion(byte[] segment, int version) {
    byte[] changed = segment.clone();
    ByteBuffer header = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(8, version);
    CRC32C crc = new CRC32C();
    crc.update(changed, 0, 60);
    header.putInt(60, (int) crc.getValue());
    return changed;
  }

  @Test
  void aFolderThatIsNoRunStandsAmongRuns() throws Exception {
    Path run = finished();
    Files.createDirectories(root.resolve("default").resolve("notes"));
    Files.writeString(root.resolve("default").resolve("readme.txt"), "mine");
    Files.writeString(root.resolve("readme.txt"), "mine");
    assertEquals(List.of(run), Runs.in(root).stream().map(RunInfo::directory).toList());
    assertFalse(Runs.in(root).get(0).error().isPresent());
  }
}
