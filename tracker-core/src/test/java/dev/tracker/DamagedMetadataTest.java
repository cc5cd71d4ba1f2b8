package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.media.Attachment;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.read.RunReader;
import dev.tracker.seal.Sealer;
import dev.tracker.series.SeriesDataset;
import dev.tracker.system.InLance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs with one damaged cell in {@code metadata.db} that are gone on with, and not verified: the
 * writer deleted or cut what was sound, for the cell did not name it any more.
 */
@Tag("once")
@Timeout(600)
class DamagedMetadataTest {
  private static final String LOSS = "data/metrics/loss.lance";

  @TempDir Path folder;

  // ---- logs/output.log

  @Test
  void pathOfTheConsolesLog_doesNotEmptyIt() throws Exception {
    Path log = talk();
    byte[] before = Files.readAllBytes(log);
    sql("UPDATE file SET path = 'logs/outpuu.log' WHERE path = 'logs/output.log'");
    assertRefused(log.toString(), "bytes=" + before.length, "'logs/outpuu.log'", "tracker repair");
    assertArrayEquals(before, Files.readAllBytes(log));
    sql("UPDATE file SET path = x'6c6f6773' WHERE path = 'logs/outpuu.log'");
    assertRefused(log.toString(), "X'6C6F6773'");
    assertArrayEquals(before, Files.readAllBytes(log));
  }

  @Test
  void lengthOfTheConsolesLog_doesNotCutCommittedLines() throws Exception {
    Path log = talk();
    byte[] before = Files.readAllBytes(log);
    for (int length : new int[] {before.length - 4, 0, -3}) {
      sql("UPDATE file SET length = " + length + " WHERE path = 'logs/output.log'");
      assertRefused(
          log.toString(), "bytes=" + before.length, "committed=" + length, "tracker repair");
      assertArrayEquals(before, Files.readAllBytes(log));
    }
  }

  /** What was never committed is cut off all the same. */
  @Test
  void soundEntryOfTheConsolesLog_letsLeftoversBeCutOff() throws Exception {
    Path log = talk();
    byte[] before = Files.readAllBytes(log);
    Files.writeString(log, "left behind by a cycle that died\n", StandardOpenOption.APPEND);
    goOn();
    Sealer.seal(run());
    assertArrayEquals(before, Files.readAllBytes(log));
  }

  /** Logs a run that printed something, and returns where that is. */
  private Path talk() {
    try (Board board = board(Resume.NEVER).captureOutput(true).open()) {
      board.log("loss", 1);
      System.out.println("a line");
      System.out.println("another line");
    }
    return new RunLayout(run()).output();
  }

  // ---- media

  @Test
  void pathOfAnEntryOfMedia_doesNotDeleteItsFile() throws Exception {
    byte[] bytes = {1, 2, 3};
    try (Board board = board(Resume.NEVER).open()) {
      board.log("film", Attachment.of(bytes, "f.bin"));
    }
    Map<String, Long> before = files("media");
    assertEquals(1, before.size());
    sql("UPDATE media SET path = replace(path, 'film', 'fjlm')");
    goOn();
    assertEquals(before, files("media"));
    Path file = run().resolve(before.keySet().iterator().next());
    assertArrayEquals(bytes, Files.readAllBytes(file));
  }

  // ---- datasets

  /** Version 0 is that of a dataset that is to be made: what is in its folder is removed first. */
  @Test
  void versionOfASeries_doesNotDeleteItsDataset() throws Exception {
    log(Resume.NEVER, 0, 3);
    Map<String, Long> before = files(LOSS);
    sql("UPDATE series SET version = 0 WHERE name = 'loss'");
    try (Board board = board(Resume.MUST).open()) {
      board.log("loss", 3);
    }
    assertRefused(LOSS, "version=0", "rows=3", "tracker repair");
    assertEquals(before, files(LOSS));
  }

  /** The older version's manifest is still there where the last writer was killed. */
  @Test
  void versionOfASeries_doesNotDeleteItsNewestRows() throws Exception {
    long older = logTwoVersions();
    Map<String, Long> before = files(LOSS);
    sql("UPDATE series SET version = " + older + " WHERE name = 'loss'");
    assertRefused("loss.lance", "version=" + older, "rows=3 expected=6", "tracker repair");
    assertEquals(before, files(LOSS));
  }

  /** What was written anew was made of the older version, and the dataset was removed then. */
  @Test
  void versionOfASeries_doesNotDeleteRowsThatARewindKeeps() throws Exception {
    long older = logTwoVersions();
    Map<String, Long> before = files(LOSS);
    sql("UPDATE series SET version = " + older + " WHERE name = 'loss'");
    goBack(4);
    StorageException refused = assertThrows(StorageException.class, () -> Sealer.seal(run()));
    assertTrue(refused.getMessage().contains("loss.lance"), refused::getMessage);
    assertTrue(refused.getMessage().contains("version=" + older), refused::getMessage);
    assertTrue(refused.getMessage().contains("tracker repair"), refused::getMessage);
    assertEquals(before, files(LOSS));
  }

  /** The next generation's folder was that of this one, and was emptied to be written. */
  @Test
  void generationOfASeries_doesNotDeleteItsDataset() throws Exception {
    log(Resume.NEVER, 0, 6);
    Map<String, Long> before = files(LOSS);
    sql("UPDATE series SET generation = 0 WHERE name = 'loss'");
    goBack(4);
    StorageException refused = assertThrows(StorageException.class, () -> Sealer.seal(run()));
    assertTrue(refused.getMessage().contains("loss.lance"), refused::getMessage);
    assertTrue(refused.getMessage().contains("generation=0"), refused::getMessage);
    assertTrue(refused.getMessage().contains("tracker repair"), refused::getMessage);
    assertEquals(before, files(LOSS));
  }

  /** The one that was there was taken for what a rewind had left. */
  @Test
  void folderOfASeries_doesNotDeleteItsDataset() throws Exception {
    log(Resume.NEVER, 0, 6);
    goBack(4);
    Sealer.seal(run());
    assertEquals("loss~g2", loss().folder());
    Map<String, Long> before = files("data/metrics/loss~g2.lance");
    assertEquals(2, before.size());
    sql("UPDATE series SET folder = 'loss~g3' WHERE name = 'loss'");
    assertRefused("loss~g3.lance", "generation=2", "tracker repair");
    assertEquals(before, files("data/metrics/loss~g2.lance"));
    sql("UPDATE series SET generation = 3 WHERE name = 'loss'");
    assertRefused("loss~g3.lance", "loss~g2.lance", "generation=3", "tracker repair");
    assertEquals(before, files("data/metrics/loss~g2.lance"));
  }

  /** Both were written anew into one folder at a time, which each empties first. */
  @Test
  void folderOfASeries_doesNotDeleteTheDatasetOfAnother() throws Exception {
    try (Board board = board(Resume.NEVER).open()) {
      for (int i = 0; i < 6; i++) {
        board.log("loss/0", i, "loss/1", -i);
      }
    }
    Map<String, Long> before = files("data/metrics");
    sql("UPDATE series SET folder = 'loss__0' WHERE name = 'loss/1'");
    goBack(4);
    StorageException refused = assertThrows(StorageException.class, () -> Sealer.seal(run()));
    assertTrue(refused.getMessage().contains("loss__0.lance"), refused::getMessage);
    assertTrue(refused.getMessage().contains("series=loss/1"), refused::getMessage);
    assertTrue(refused.getMessage().contains("tracker repair"), refused::getMessage);
    assertEquals(before, files("data/metrics"));
  }

  /** Goes back as a board does that is killed before it is sealed. */
  private void goBack(long step) throws IOException {
    RunLayout layout = new RunLayout(run());
    Counters sealed = MetadataReader.read(layout.metadata()).orElseThrow().checkpoint();
    try (JournalWriter journal = JournalWriter.open(layout.journal(), sealed, FileLayer.real())) {
      journal.rewind(step, 0);
      journal.write();
    }
  }

  /** They were committed behind rows that there are not, and the run could not be finished. */
  @Test
  void rowsOfASeries_areNotAddedTo() throws Exception {
    log(Resume.NEVER, 0, 6);
    Map<String, Long> before = files(LOSS);
    long version = loss().version();
    sql("UPDATE series SET rows = 7 WHERE name = 'loss'");
    log(Resume.MUST, 6, 9);
    assertRefused("loss.lance", "found=6", "rows=7", "tracker repair");
    assertEquals(version, loss().version());
    assertTrue(files(LOSS).entrySet().containsAll(before.entrySet()));
  }

  /** Logs rows in two lives, both of whose versions are there; returns the older one. */
  private long logTwoVersions() throws IOException {
    log(Resume.NEVER, 0, 3);
    SeriesEntry entry = loss();
    Path manifest = SeriesDataset.manifest(run().resolve(LOSS), entry.version());
    byte[] bytes = Files.readAllBytes(manifest);
    log(Resume.MUST, 3, 6);
    assertFalse(Files.exists(manifest));
    Files.write(manifest, bytes);
    return entry.version();
  }

  private SeriesEntry loss() throws IOException {
    return InLance.series(run()).stream()
        .filter(entry -> entry.name().equals("loss"))
        .findFirst()
        .orElseThrow();
  }

  /** Logs rows whose value is their step. */
  private void log(Resume resume, int from, int to) {
    try (Board board = board(resume).open()) {
      for (int i = from; i < to; i++) {
        board.log("loss", i);
      }
    }
  }

  // ---- helpers

  private Board.Builder board(Resume resume) {
    return Board.builder("run").root(folder).id("run").resume(resume).captureOutput(false);
  }

  private Path run() {
    return folder.resolve("default").resolve("run");
  }

  /** Goes on with the run as the next program does. */
  private void goOn() {
    try (Board board = board(Resume.MUST).open()) {
      board.log("later", 7);
      board.flush();
    }
  }

  /** Goes on with the run, which is not sealed then, says why, and is read all the same. */
  private void assertRefused(String... said) {
    goOn();
    StorageException refused = assertThrows(StorageException.class, () -> Sealer.seal(run()));
    for (String part : said) {
      assertTrue(refused.getMessage().contains(part), refused::getMessage);
    }
    try (RunReader reader = RunReader.open(run())) {
      double[] values = reader.scalars("later").values();
      assertEquals(7, values[values.length - 1]);
    }
  }

  /** Returns the files below a folder of the run with their lengths. */
  private Map<String, Long> files(String below) throws IOException {
    Map<String, Long> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(run().resolve(below))) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        files.put(run().relativize(file).toString(), Files.size(file));
      }
    }
    return files;
  }

  private void sql(String update) throws Exception {
    try (var connection =
            java.sql.DriverManager.getConnection("jdbc:sqlite:" + new RunLayout(run()).metadata());
        var statement = connection.createStatement()) {
      assertEquals(1, statement.executeUpdate(update), update);
    }
  }
}
