package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.media.Attachment;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.read.Runs;
import dev.tracker.system.Folders;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import dev.tracker.verify.Repairer;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Run folders that somebody made up by chance: cells of {@code metadata.db} that hold what they
 * should not, links and folders in the place of files, files in that of folders, files under each
 * other's names. Whatever is done with such a folder is done or refused; nothing outside of it is
 * read or changed, and nothing is endless. {@code -Dtracker.test.seed} repeats, {@code
 * -Dtracker.test.folders} says how many.
 */
@Timeout(600)
class HostileFolderTest {
  private static final List<String> VALUES =
      List.of(
          "NULL",
          "-1",
          "0",
          "1",
          "9223372036854775807",
          "-9223372036854775808",
          "9e300",
          "'text'",
          "''",
          "'../../../outside/secret.txt'",
          "'/etc/passwd'",
          "'a/../../b'",
          "char(0)",
          "x''",
          "x'ff00ff'",
          "zeroblob(1000000)",
          "zeroblob(100000000)",
          "printf('%.*c', 1000000, '[')");

  @TempDir Path folder;

  private final long seed = Long.getLong("tracker.test.seed", System.nanoTime());
  private Path run;
  private Path outside;

  @BeforeEach
  void log() throws IOException {
    outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("secret.txt"), "not of the run");
    for (int life = 0; life < 2; life++) {
      try (Board board = Board.builder("run").root(folder).id("run").resume(Resume.ALLOW).open()) {
        for (int i = 0; i < 1_100; i++) {
          board.log("loss", i);
        }
        board.log(
            Map.of(
                "note",
                "text",
                "grad",
                Histogram.of(new double[] {1, 2, 3}),
                "predictions",
                Table.of(List.of(Map.of("label", "cat", "score", 0.5))),
                "file",
                Attachment.of(("bytes " + life).getBytes(StandardCharsets.UTF_8), "f.txt")));
        run = board.directory();
      }
    }
  }

  @Test
  void anyFolder_isReadOrRefused() throws Exception {
    System.out.println("HostileFolderTest: -Dtracker.test.seed=" + seed);
    Map<String, String> before = content(outside);
    for (int i = 0; i < Integer.getInteger("tracker.test.folders", 30); i++) {
      Random random = new Random(seed + i);
      Path root = folder.resolve("case-" + i);
      Path copy = Files.createDirectories(root.resolve("default")).resolve("run");
      Folders.copy(run, copy);
      List<String> done = new ArrayList<>();
      try {
        for (int harm = 0; harm < 1 + random.nextInt(3); harm++) {
          done.add(random.nextBoolean() ? harmCell(copy, random) : harmFile(copy, random));
        }
        use(root, copy);
      } catch (StorageException | TrackerException e) {
        assertFalse(String.valueOf(e.getMessage()).isBlank());
      } catch (Throwable e) {
        throw new AssertionError("seed=" + (seed + i) + " " + done, e);
      }
      assertEquals(before, content(outside), () -> done.toString());
      Folders.delete(root);
    }
  }

  /** Does what users do, each for itself: one that is refused does not keep the next from it. */
  private void use(Path root, Path copy) {
    List<Runnable> uses =
        List.of(
            () -> Runs.in(root),
            () -> read(copy),
            () -> Verifier.verify(copy),
            () -> Repairer.repair(copy, root.resolve("repaired")),
            () -> goOn(root),
            () -> read(copy));
    RuntimeException refusal = null;
    for (Runnable use : uses) {
      try {
        use.run();
      } catch (StorageException | TrackerException e) {
        refusal = e;
      }
    }
    if (refusal != null) {
      throw refusal;
    }
  }

  private static void read(Path copy) {
    try (RunReader reader = RunReader.open(copy)) {
      for (String name : reader.metrics()) {
        if (name.equals("loss")) {
          reader.scalars(name);
          reader.curve(name, 0, 10_000, 5);
        }
      }
      reader.histograms().forEach(reader::histograms);
      reader.tables().forEach(name -> reader.tables(name).page(0, 10));
      for (String name : reader.media()) {
        for (MediaFile file : reader.media(name)) {
          String text = text(file);
          assertFalse(text.contains("not of the run"), text);
        }
      }
      reader.steps();
      reader.info().config();
      reader.console();
    } catch (IllegalArgumentException e) {
      // a name that there is no more, or another kind
    }
  }

  private static String text(MediaFile file) {
    try {
      return new String(file.bytes(), StandardCharsets.UTF_8);
    } catch (StorageException | IOException e) {
      return "";
    }
  }

  private static void goOn(Path root) {
    try (Board board =
        Board.builder("run")
            .root(root)
            .id("run")
            .resume(Resume.MUST)
            .closeTimeout(Duration.ofSeconds(1))
            .open()) {
      board.log("loss", 1);
    }
  }

  // ---- harm

  private static String harmCell(Path copy, Random random) throws SQLException {
    String script = "";
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + new RunLayout(copy).metadata());
        Statement statement = connection.createStatement()) {
      List<String> cells = new ArrayList<>();
      try (ResultSet found =
          statement.executeQuery(
              "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c"
                  + " WHERE m.type = 'table' ORDER BY 1")) {
        while (found.next()) {
          cells.add(found.getString(1));
        }
      }
      String[] cell = cells.get(random.nextInt(cells.size())).split("\\.", -1);
      String some =
          " WHERE rowid IN (SELECT rowid FROM "
              + cell[0]
              + " WHERE rowid % 2 = "
              + random.nextInt(2)
              + " LIMIT 3)"; // of blobs this large
      script =
          random.nextInt(8) == 0
              ? "DELETE FROM " + cell[0] + some
              : "UPDATE OR IGNORE "
                  + cell[0]
                  + " SET "
                  + cell[1]
                  + " = "
                  + VALUES.get(random.nextInt(VALUES.size()))
                  + some;
      statement.executeUpdate(script);
    } catch (SQLException e) {
      return "refused by SQLite: " + script; // a constraint, or harm that was done before
    }
    return script;
  }

  private String harmFile(Path copy, Random random) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(copy)) {
      walk.filter(path -> !path.equals(copy)).sorted().forEach(files::add);
    }
    Path file = files.get(random.nextInt(files.size()));
    Path other = files.get(random.nextInt(files.size()));
    int harm = random.nextInt(6);
    if (harm == 0) {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && Files.isRegularFile(other, LinkOption.NOFOLLOW_LINKS)) {
        Files.copy(file, other, StandardCopyOption.REPLACE_EXISTING);
      }
      return file + " copied to " + other;
    }
    boolean isFile = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    Folders.delete(file);
    if (!isFile) {
      Files.createFile(file);
      return file + " became a file";
    }
    switch (harm) {
      case 1 -> Files.createSymbolicLink(file, outside.resolve("secret.txt"));
      case 2 -> Files.createSymbolicLink(file, outside);
      case 3 -> Files.createSymbolicLink(file, file);
      case 4 -> Files.createFile(file);
      default -> Files.createDirectories(file.resolve("in it"));
    }
    return file + " replaced, harm=" + harm;
  }

  private static Map<String, String> content(Path of) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(of)) {
      for (Path file : walk.toList()) {
        content.put(file.toString(), Files.isDirectory(file) ? "folder" : Files.readString(file));
      }
    }
    return content;
  }
}
