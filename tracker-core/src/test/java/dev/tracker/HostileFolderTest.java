package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.lock.RunLock;
import dev.tracker.media.Attachment;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.read.Runs;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Run folders that somebody made up: cells of {@code metadata.db} that hold what they should not,
 * links, pipes and folders in the place of files, links, pipes and files in that of folders, files
 * under each other's names. Whatever is done with such a folder is done or refused; nothing outside
 * of it is read or changed, and nothing is endless. {@code -Dtracker.test.seed} repeats, {@code
 * -Dtracker.test.folders} says how many are made up by chance, {@code -Dtracker.test.places} in how
 * many places of a folder a link and a pipe are put. Where there is no {@code mkfifo} there are no
 * pipes.
 */
@Tag("once")
@Timeout(3_600)
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

  /** What is not there in a run that has ended, and would be opened if it were. */
  private static final List<String> ABSENT =
      List.of(
          "data/metadata.db-wal",
          "data/metadata.db-shm",
          "data/metadata.db-journal",
          "data/metrics/loss.lance/_transactions",
          "data/metrics/loss.lance/_versions/latest_version_hint.json",
          "data/metrics/new.lance",
          "journal/writer.json",
          "journal/00000000000000009999-0000.seg",
          "media/staged",
          "logs/tracker.log.1");

  /** Far more than anything takes that does not wait for ever. */
  private static final Duration DEADLINE = Duration.ofMinutes(6);

  @TempDir Path folder;

  private final long seed = Long.getLong("tracker.test.seed", System.nanoTime());
  private Path run;
  private Path outside;

  @BeforeEach
  void log() throws IOException {
    outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("secret.txt"), "not of the run");
    for (int life = 0; life < 2; life++) {
      try (Board board =
          Board.builder("run")
              .root(folder)
              .id("run")
              .resume(Resume.ALLOW)
              .captureOutput(true)
              .open()) {
        for (int i = 0; i < 1_100; i++) {
          board.log("loss", i);
        }
        System.out.println("printed");
        board.log(values("bytes " + life));
        run = board.directory();
      }
    }
  }

  private static Map<String, ?> values(String content) {
    return Map.of(
        "note",
        "text",
        "grad",
        Histogram.of(new double[] {1, 2, 3}),
        "predictions",
        Table.of(List.of(Map.of("label", "cat", "score", 0.5))),
        "file",
        Attachment.of(content.getBytes(StandardCharsets.UTF_8), "f.txt"));
  }

  @Test
  void anyFolder_isReadOrRefused() throws Exception {
    System.out.println("HostileFolderTest: -Dtracker.test.seed=" + seed);
    for (int i = 0; i < Integer.getInteger("tracker.test.folders", 30); i++) {
      long caseSeed = seed + i;
      Random random = new Random(caseSeed);
      int harms = 1 + random.nextInt(3);
      isReadOrRefused(
          "case-" + i,
          copy -> {
            List<String> done = new ArrayList<>();
            for (int harm = 0; harm < harms; harm++) {
              done.add(random.nextBoolean() ? harmCell(copy, random) : harmFile(copy, random));
            }
            return "seed=" + caseSeed + " " + done;
          });
    }
  }

  @Test
  void linkOrPipe_inAnyPlace_isReadOrRefused() throws Exception {
    List<Path> places = new ArrayList<>();
    for (Path place : within(run)) {
      places.add(run.relativize(place));
    }
    ABSENT.forEach(place -> places.add(Path.of(place)));
    Collections.shuffle(places, new Random(seed));
    int count = Math.min(places.size(), Integer.getInteger("tracker.test.places", 12));
    System.out.println(
        "HostileFolderTest: -Dtracker.test.seed="
            + seed
            + " places="
            + count
            + "/"
            + places.size());
    for (Path place : places.subList(0, count)) {
      isReadOrRefused("linked", copy -> moveOut(copy.resolve(place)));
      isReadOrRefused("piped", copy -> pipe(copy.resolve(place)));
    }
  }

  /** What chance found: one file of somebody else's was read, and another written. */
  @Test
  void folderThatOnceWentWrong_isReadOrRefused() throws Exception {
    Path file = within(run.resolve("media")).get(0);
    Path secret = outside.resolve("secret.txt");
    isReadOrRefused("media", copy -> link(copy.resolve(run.relativize(file)), secret));
    isReadOrRefused("log", copy -> moveOut(copy.resolve("logs/tracker.log")));
  }

  /** Something that is done to a run's folder. */
  private interface Harm {
    /** Returns what was done. */
    String to(Path copy) throws Exception;
  }

  private void isReadOrRefused(String name, Harm harm) throws Exception {
    Path root = folder.resolve(name);
    Path copy = Files.createDirectories(root.resolve("default")).resolve("run");
    Folders.copy(run, copy);
    String done = harm.to(copy);
    Map<String, String> before = content(outside);
    try {
      use(root, copy);
    } catch (StorageException | TrackerException e) {
      assertFalse(String.valueOf(e.getMessage()).isBlank());
    } catch (Throwable e) {
      throw new AssertionError(done, e);
    }
    assertEquals(before, content(outside), done);
    Folders.delete(root);
  }

  /** Does what users do, each for itself: one that is refused does not keep the next from it. */
  private void use(Path root, Path copy) {
    List<Runnable> uses =
        List.of(
            () -> Runs.in(root),
            () -> Runs.summaries(root),
            () -> read(copy),
            () -> copy(copy, root.resolve("copied")),
            () -> Verifier.verify(copy),
            () -> Repairer.repair(copy, root.resolve("repaired")),
            () -> goOn(root, copy),
            () -> Sealer.seal(copy),
            () -> read(copy));
    RuntimeException refusal = null;
    for (Runnable use : uses) {
      try {
        assertTimeoutPreemptively(DEADLINE, use::run);
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

  private static void copy(Path copy, Path target) {
    try (RunReader reader = RunReader.open(copy)) {
      reader.copyTo(target);
    }
  }

  private static void goOn(Path root, Path copy) {
    try (Board board =
        Board.builder("run")
            .root(root)
            .id("run")
            .resume(Resume.MUST)
            .captureOutput(true)
            .closeTimeout(Duration.ofSeconds(1))
            .open()) {
      board.log("loss", 1);
      board.log("new", 1);
      System.out.println("printed");
      board.log(values("bytes of another life"));
    } finally {
      awaitSealer(copy);
    }
  }

  /** A sealer that is not done when the board is closed keeps the lock until it is. */
  private static void awaitSealer(Path copy) {
    Await.until("the sealer is done", () -> !isHeld(copy));
  }

  private static boolean isHeld(Path copy) {
    try {
      return RunLock.isHeld(new RunLayout(copy));
    } catch (IOException e) {
      return false; // nobody can hold what is none
    }
  }

  // ---- harm

  private static String link(Path place, Path to) throws IOException {
    Folders.delete(place);
    Files.createSymbolicLink(place, to);
    return place + " became a link to " + to;
  }

  private static String harmCell(Path copy, Random random) throws SQLException {
    if (!Files.isRegularFile(new RunLayout(copy).metadata(), LinkOption.NOFOLLOW_LINKS)) {
      return "no database to harm";
    }
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
      if (cells.isEmpty()) {
        return "no cell to harm";
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

  private String harmFile(Path copy, Random random) throws Exception {
    List<Path> all = within(copy);
    Path place = all.get(random.nextInt(all.size()));
    Path other = all.get(random.nextInt(all.size()));
    int harm = random.nextInt(8);
    if (harm == 0) {
      if (Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)
          && Files.isRegularFile(other, LinkOption.NOFOLLOW_LINKS)) {
        Files.copy(place, other, StandardCopyOption.REPLACE_EXISTING);
      }
      return place + " copied to " + other;
    } else if (harm == 1) {
      return moveOut(place);
    } else if (harm == 2) {
      return pipe(place);
    }
    Folders.delete(place);
    switch (harm) {
      case 3 -> Files.createSymbolicLink(place, outside.resolve("secret.txt"));
      case 4 -> Files.createSymbolicLink(place, outside);
      case 5 -> Files.createSymbolicLink(place, place);
      case 6 -> Files.createFile(place);
      default -> Files.createDirectories(place.resolve("in it"));
    }
    return place + " replaced, harm=" + harm;
  }

  /** Puts what is in a place outside of the run, and a link there; it may lead to nothing. */
  private String moveOut(Path place) throws IOException {
    Path moved = outside.resolve("moved");
    if (Files.exists(moved, LinkOption.NOFOLLOW_LINKS)) {
      Folders.delete(moved);
    }
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(place, moved);
    }
    Files.createSymbolicLink(place, moved);
    return place + " became a link";
  }

  private static String pipe(Path place) throws Exception {
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      Folders.delete(place);
    }
    try {
      int status = new ProcessBuilder("mkfifo", place.toString()).start().waitFor();
      return place + " became a pipe, status=" + status;
    } catch (IOException e) {
      return place + " is gone: " + e; // there is no such program here
    }
  }

  private static List<Path> within(Path of) throws IOException {
    try (Stream<Path> walk = Files.walk(of)) {
      return walk.filter(path -> !path.equals(of)).sorted().toList();
    }
  }

  private static Map<String, String> content(Path of) throws IOException {
    Map<String, String> content = new TreeMap<>();
    for (Path file : within(of)) {
      content.put(
          file.toString(),
          Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
              ? new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
              : "no file");
    }
    return content;
  }
}
