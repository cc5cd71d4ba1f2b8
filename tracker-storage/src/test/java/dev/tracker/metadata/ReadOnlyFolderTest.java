package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs on a medium that cannot be written, read by another process.
 *
 * <p>Where the system lets us (Linux with user namespaces), that process sees the folder through a
 * read-only mount, which binds root too; elsewhere it just has no right to write there.
 */
class ReadOnlyFolderTest {
  private static final String MOUNT_READ_ONLY =
      "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && cd / && exec \"$@\"";

  @TempDir Path temporary;

  private Path folder;
  private Path file;

  @BeforeEach
  void name() throws IOException {
    folder = Files.createDirectory(temporary.resolve("run"));
    file = folder.resolve("metadata.db");
  }

  @Test
  void aFinishedRun_opens() throws Exception {
    MetadataWriter writer = MetadataWriter.open(file);
    writer.commit(Commits.change(1));
    assertTrue(writer.finish());
    assertEquals("1", readByAnother());
  }

  @Test
  void aRunThatWasClosedButNotFinished_opens() throws Exception {
    MetadataWriter writer = MetadataWriter.open(file);
    writer.commit(Commits.change(1));
    writer.close();
    assertEquals(List.of("metadata.db"), names());
    assertEquals("1", readByAnother());
  }

  @Test
  void aLiveRun_opens() throws Exception {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      writer.commit(Commits.change(1));
      assertEquals("1", readByAnother());
      writer.commit(Commits.change(2));
      assertEquals("2", readByAnother());
    }
  }

  @Test
  void aRunWhoseWriterWasKilled_opens() throws Exception {
    try (CommittingProcess writer = CommittingProcess.start(file)) {
      assertEquals("1", writer.next());
    }
    long committed = Long.parseLong(readByAnother());
    assertTrue(committed >= 1);
    assertEquals(committed, Commits.check(file));
  }

  @Test
  void aWalThatCannotBeRead_isSaidSo_ratherThanMissed() throws Exception {
    try (CommittingProcess writer = CommittingProcess.start(file)) {
      assertEquals("1", writer.next());
    }
    Files.delete(folder.resolve("metadata.db-shm")); // as a copy without it
    String answer = readByAnother();
    assertTrue(
        (answer.startsWith("NO_ACCESS") && answer.contains("WAL")) || answer.matches("[1-9][0-9]*"),
        answer);
  }

  /** Prints which commit a database is of, or why it does not open. */
  public static void main(String[] args) throws IOException {
    try {
      System.out.println(Commits.check(Path.of(args[0])));
    } catch (MetadataException e) {
      System.out.println(e.reason() + " " + e.getMessage());
    }
  }

  private String readByAnother() throws IOException {
    List<String> read =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            ReadOnlyFolderTest.class.getName(),
            file.toString());
    List<String> mount = List.of("unshare", "-rm", "sh", "-c", MOUNT_READ_ONLY, folder.toString());
    boolean mounts =
        firstLine(Stream.concat(mount.stream(), Stream.of("echo", "yes")).toList()).equals("yes");
    assertTrue(mounts || folder.toFile().setWritable(false));
    try {
      return firstLine(mounts ? Stream.concat(mount.stream(), read.stream()).toList() : read);
    } finally {
      assertTrue(mounts || folder.toFile().setWritable(true));
    }
  }

  private static String firstLine(List<String> command) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return "cannot be started: " + e.getMessage();
    }
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      return out.lines().filter(line -> !line.startsWith("SLF4J")).findFirst().orElse("");
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
