package dev.tracker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.ConsoleLog;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.media.Attachment;
import dev.tracker.media.ContentHash;
import dev.tracker.media.MediaNames;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.Snapshot;
import dev.tracker.read.ConsoleLine;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.read.TableRow;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
import dev.tracker.system.Folders;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import dev.tracker.verify.Finding;
import dev.tracker.verify.RepairReport;
import dev.tracker.verify.Repairer;
import dev.tracker.verify.Severity;
import dev.tracker.verify.Verification;
import dev.tracker.verify.Verifier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that were damaged or made up: what verify says, what repair saves, what readers do. */
@Tag("once")
@Timeout(600) // no damage may make anything endless
class RepairTest {
  @TempDir Path folder;

  private Path run;

  @BeforeEach
  void log() {
    for (int life = 0; life < 2; life++) {
      Resume resume = life == 0 ? Resume.NEVER : Resume.MUST;
      try (Board board =
          Board.builder("run")
              .root(folder)
              .id("run")
              .resume(resume)
              .config(Map.of("lr", 0.5))
              .open()) {
        for (int i = 0; i < 1_500; i++) {
          board.log("train/loss", life * 1_500 + i);
        }
        board.log(
            Map.of(
                "note",
                "text " + life,
                "grad",
                Histogram.of(new double[] {1, 2, 3}),
                "predictions",
                Table.of(List.of(Map.of("label", "cat", "score", 0.5 + life))),
                "file",
                Attachment.of(("bytes " + life).getBytes(StandardCharsets.UTF_8), "f.txt")));
      }
    }
    run = folder.resolve("default").resolve("run");
  }

  @Test
  void soundRunIsSound_andItsRepairIsTheSame() throws Exception {
    Verification found = Verifier.verify(run);
    assertTrue(found.isSound(), found::toString);
    assertEquals(3_006, found.rows()); // media are no rows
    RepairReport report = repair();
    assertEquals(List.of(), report.lost());
    try (RunReader old = RunReader.open(run);
        RunReader fresh = RunReader.open(report.target())) {
      assertEquals(old.metrics(), fresh.metrics());
      assertArrayEquals(
          old.scalars("train/loss").timestamps(), fresh.scalars("train/loss").timestamps());
      assertEquals(old.steps(), fresh.steps());
      assertEquals(old.info().config(), fresh.info().config());
      assertArrayEquals(old.media("file").get(1).bytes(), fresh.media("file").get(1).bytes());
    }
  }

  @Test
  void damagedDataFile_losesItsRowsAlone() throws Exception {
    flip(files("train__loss.lance/data").get(0), 1_000);
    Finding finding = damage().get(0);
    assertTrue(finding.where().contains("train__loss.lance/data"), finding::toString);
    RepairReport report = repair();
    assertEquals(1, report.lost().size(), report.lost()::toString);
    assertTrue(report.lost().get(0).contains("count=1500"), report.lost()::toString);
    assertArrayEquals(
        DoubleStream.iterate(1_500, value -> value + 1).limit(1_500).toArray(),
        values(report.target()));
  }

  /** The folder of its kind is not there, for nothing was kept to be put into it. */
  @Test
  void tableWhoseFilesAreAllDamaged_isGoneOnWith() throws Exception {
    for (Path file : files("predictions.lance/data")) {
      flip(file, (int) Files.size(file) / 2);
    }
    Path target = folder.resolve("repaired/default/run");
    Repairer.repair(run, target);
    Map<String, Object> row = Map.of("label", "dog", "score", 2.5);
    try (Board board =
        Board.builder("run")
            .root(folder.resolve("repaired"))
            .id("run")
            .resume(Resume.MUST)
            .open()) {
      board.log("predictions", Table.of(List.of(row)));
      board.finish();
      assertEquals(0, board.health().unsealed());
    }
    try (RunReader reader = RunReader.open(target)) {
      assertEquals("dog", reader.tables("predictions").page(0, 10).get(0).get("label"));
    }
  }

  @Test
  void damagedManifest_losesNothing_andKeepsSealingFromNativeCode() throws Exception {
    Path manifest = files("train__loss.lance/_versions").get(0);
    flip(manifest, (int) Files.size(manifest) - 40);
    assertTrue(damage().get(0).where().contains("_versions"));
    RepairReport report = repair();
    assertEquals(3_000, values(report.target()).length);
    try (Board board = Board.builder("run").root(folder).id("run").resume(Resume.MUST).open()) {
      board.log("train/loss", 7);
      board.flush();
    }
    StorageException refused = assertThrows(StorageException.class, () -> Sealer.seal(run));
    assertTrue(refused.getMessage().contains("manifest is damaged"), refused::getMessage);
  }

  /**
   * To a reader it was a mistake of the caller's, as an unknown name of a table is; verify saw it
   * only where the other table disagreed, and repair took the damage along.
   */
  @Test
  void columnsOfATableThatAreDamaged_areAFailureOfTheRun_andAreMadeAnew() throws Exception {
    try (Board board = Board.builder("run").root(folder).id("run").resume(Resume.MUST).open()) {
      Map<String, Object> row = new TreeMap<>();
      row.put("a text", "t");
      row.put("file", Attachment.of(new byte[] {7}, "f.bin"));
      row.put("score", 0.5);
      board.log("shown", Table.of(List.of(row)));
    }
    List<String> damages =
        List.of(
            "'\"number\"', '\"nombre\"'",
            "'\"number\"', '\"text\"'",
            "'\"media\"', '\"medea\"'",
            "'\"field\":\"score\"', '\"field\":\"skore\"'",
            "'\"field\":\"score\"', '\"yield\":\"score\"'",
            "'\"name\":\"score\"', '\"name\":\"\"'",
            "'\"table:shown\":', '\"table:shows\":'",
            "'\"table:shown\":', '\"table:shown\":3,\"x\":'");
    for (int i = 0; i < damages.size(); i++) {
      String damage = damages.get(i);
      Path copy = folder.resolve("c" + i).resolve("default").resolve("run");
      copy(run, copy);
      sql(copy, "UPDATE run SET document = replace(document, " + damage + ")");
      sql(copy, "DELETE FROM tables");
      sql(copy, TABLES_OF_THE_DOCUMENT);
      try (RunReader reader = RunReader.open(copy)) {
        StorageException failure =
            assertThrows(StorageException.class, () -> reader.tables("shown").page(0, 1), damage);
        assertTrue(failure.getMessage().contains("colum"), failure::getMessage);
      }
      assertFalse(Verifier.verify(copy).isSound(), damage);
      if (i != 1 && i != 3) { // which are columns, if those of another dataset
        Board.Builder next = Board.builder("run").root(folder.resolve("c" + i)).id("run");
        assertThrows(TrackerException.class, () -> next.resume(Resume.MUST).open(), damage);
      }
      RepairReport report = Repairer.repair(copy, folder.resolve("d" + i));
      assertTrue(report.lost().get(0).contains("columns of a table"), report.lost()::toString);
      try (RunReader reader = RunReader.open(report.target())) {
        TableRow row = reader.tables("shown").page(0, 1).get(0);
        assertEquals(0.5, row.get("score"), damage);
        assertEquals("t", row.get(i < 6 ? "a text" : "a_text"), damage);
        assertArrayEquals(new byte[] {7}, row.media("file").orElseThrow().bytes(), damage);
        assertEquals(2, reader.tables("predictions").page(0, 10).size());
      }
    }
  }

  @Test
  void columnsThatAreDamagedInTheJournal_costTheirTableAlone() throws Exception {
    RunLayout layout = new RunLayout(run);
    Counters sealed = MetadataReader.read(layout.metadata()).orElseThrow().checkpoint();
    try (JournalWriter writer = JournalWriter.open(layout.journal(), sealed, FileLayer.real())) {
      writer.run(
          "{\"table:new\":[{\"name\":\"a\",\"type\":\"texd\",\"field\":\"a\"}]}".getBytes(UTF_8));
      writer.series(90, Kind.TABLE, "new");
      writer.entry(90, 4_000, 0, sealed.micros(), new byte[] {1, 1});
      writer.series(91, Kind.FLOAT64, "behind");
      writer.beginRow(sealed.micros(), 1);
      writer.value(91, Double.doubleToRawLongBits(5));
      writer.write();
    }
    StorageException refused = assertThrows(StorageException.class, () -> Sealer.seal(run));
    assertTrue(refused.getMessage().contains("the columns of a table"), refused::getMessage);
    assertFalse(damage().isEmpty());
    RepairReport report = repair();
    assertTrue(report.lost().get(0).contains("a table whose columns"), report.lost()::toString);
    Path root = folder.resolve("later");
    copy(report.target(), root.resolve("default").resolve("run"));
    try (Board board = Board.builder("run").root(root).id("run").resume(Resume.MUST).open()) {
      board.log("new", Table.of(List.of(Map.of("a", "t"))));
    }
    try (RunReader reader = RunReader.open(root.resolve("default").resolve("run"))) {
      assertArrayEquals(new double[] {5}, reader.scalars("behind").values());
      assertEquals("t", reader.tables("new").page(0, 10).get(0).get("a"));
    }
  }

  private static final String TABLES_OF_THE_DOCUMENT =
      "INSERT INTO tables (name, ordinal, column_name, type, field) SELECT substr(f.key, 7), c.key,"
          + " coalesce(json_extract(c.value, '$.name'), ''), coalesce(json_extract(c.value,"
          + " '$.type'), ''), coalesce(json_extract(c.value, '$.field'), '') FROM run, json_each("
          + "run.document) f, json_each(iif(f.type = 'array', f.value, '[]')) c"
          + " WHERE f.key LIKE 'table:%'";

  /** Repair took the manifest's word for it, and refused the run. */
  @Test
  void manifestThatTellsAnotherLengthOfAFile_losesNothing() throws Exception {
    Path manifest = files("train__loss.lance/_versions").get(0);
    byte[] bytes = Files.readAllBytes(manifest);
    byte[] length = fileSize(Files.size(files("train__loss.lance/data").get(0)));
    int at = 0;
    while (!Arrays.equals(bytes, at, at + length.length, length, 0, length.length)) {
      at++;
    }
    flip(manifest, at + 1);
    assertTrue(damage().get(0).where().contains("_versions"));
    assertEquals(3_000, values(repair().target()).length);
  }

  /** Returns a length as manifests hold it: field 6, then seven bits a byte, the lowest first. */
  private static byte[] fileSize(long bytes) {
    ByteArrayOutputStream field = new ByteArrayOutputStream();
    field.write(6 << 3);
    long left = bytes;
    for (; left > 127; left >>>= 7) {
      field.write((int) (left % 128 + 128));
    }
    field.write((int) left);
    return field.toByteArray();
  }

  @Test
  void lostMetadata_leavesTheRowsOfEverySeries() throws Exception {
    Files.delete(new RunLayout(run).metadata());
    assertFalse(Verifier.verify(run).isSound());
    RepairReport report = repair();
    assertEquals(3_000, values(report.target()).length);
    try (RunReader reader = RunReader.open(report.target())) {
      assertEquals("text 1", reader.strings("note").values()[1]);
      assertEquals(2, reader.histograms("grad").size());
      assertEquals(1.5, reader.tables("predictions").page(1, 1).get(0).get("score"));
      assertEquals("run", reader.info().id());
    }
  }

  @Test
  void lostMetadata_leavesMediaUnderTheNamesOfTheirFiles() throws Exception {
    flip(files("/media/").get(1), 3);
    Files.writeString(run.resolve("media").resolve("notes.txt"), "not of the run");
    Files.delete(new RunLayout(run).metadata());
    RepairReport report = repair();
    try (RunReader reader = RunReader.open(report.target())) {
      List<MediaFile> found = reader.media("file");
      assertEquals(List.of(1_500L, 3_001L), found.stream().map(MediaFile::step).toList());
      assertEquals("bytes 0", new String(found.get(0).bytes(), StandardCharsets.UTF_8));
      assertEquals("text/plain", found.get(0).mediaType());
      assertTrue(found.get(1).file().isEmpty(), "it is damaged");
    }
    String lost = String.join("\n", report.lost());
    assertTrue(lost.contains("given entries by their names: files=2"), lost);
    assertTrue(lost.contains("is not what its name tells"), lost);
    assertTrue(lost.contains("not named as those of runs: files=1"), lost);
  }

  @Test
  void lostMetadataOfARunOfMediaAlone_isMissed() throws Exception {
    try (Board board = Board.builder("media").root(folder).id("media").open()) {
      board.log("a/film", Attachment.of(new byte[] {1, 2, 3}, "f.bin"));
    }
    run = folder.resolve("default").resolve("media");
    Files.delete(new RunLayout(run).metadata());
    assertFalse(Verifier.verify(run).isSound());
    try (RunReader reader = RunReader.open(repair().target())) {
      assertArrayEquals(new byte[] {1, 2, 3}, reader.media("a/film").get(0).bytes());
    }
  }

  /** The first was sealed before, the second is about to be, and the third has its name already. */
  @Test
  void lostMetadata_countsNoEntryTwice() throws Exception {
    byte[] large = new byte[300_000];
    byte[] other = Arrays.copyOf(new byte[] {1}, 300_000);
    Path copy = folder.resolve("copy");
    try (Board board = Board.builder("run").root(folder).id("run").resume(Resume.MUST).open()) {
      board.log("film", Attachment.of(large, "f.bin"));
    }
    try (Board board = resumeUnsealed()) {
      board.log("film", Attachment.of(large, "f.bin"));
      board.log("other", Attachment.of(other, "f.bin"));
      board.flush();
      Folders.copy(run, copy);
    }
    run = copy;
    ContentHash hash = ContentHash.of(other);
    Path media = new RunLayout(run).media();
    Files.createLink(
        media.resolve(MediaNames.fileName("other", 3_004, hash, "bin", name -> false)),
        new RunLayout(run).staged(hash.hex(), "bin"));
    Files.delete(new RunLayout(run).staged(ContentHash.of(large).hex(), "bin"));
    Files.delete(new RunLayout(run).metadata());
    try (RunReader reader = RunReader.open(repair().target())) {
      assertArrayEquals(large, reader.media("film").get(0).bytes());
      List<MediaFile> later = new ArrayList<>();
      reader.media().forEach(name -> later.addAll(reader.media(name, 3_003, 3_004)));
      later.sort(Comparator.comparingLong(MediaFile::step));
      assertEquals(2, later.size(), later::toString);
      assertArrayEquals(large, later.get(0).bytes());
      assertArrayEquals(other, later.get(1).bytes());
    }
  }

  /** The first repair names a series after a number that the second meets again. */
  @Test
  void metadataLostTwice_givesNoTwoSeriesOneName() throws Exception {
    Path root = folder.resolve("later");
    Path later = root.resolve("default").resolve("run");
    try (Board board = Board.builder("run").root(folder).id("run").resume(Resume.MUST).open()) {
      board.log("a/first", 1);
    }
    Repairer.repair(leftWithoutMetadata(folder, "train/loss", -1), later);
    RepairReport report =
        Repairer.repair(leftWithoutMetadata(root, "a/first", -2), folder.resolve("repaired"));
    assertTrue(report.lost().toString().contains("are in recovered/0-2"), report.lost()::toString);
    try (RunReader reader = RunReader.open(report.target())) {
      assertArrayEquals(new double[] {1}, reader.scalars("a/first").values());
      assertArrayEquals(new double[] {-1}, reader.scalars("recovered/0").values());
      assertArrayEquals(new double[] {-2}, reader.scalars("recovered/0-2").values());
    }
  }

  /** Goes on with a run by one value, which is not sealed, and returns a copy of it. */
  private Path leftWithoutMetadata(Path root, String name, double value) throws IOException {
    Path copy = root.resolve("copy");
    try (Board board = resumeUnsealed(root)) {
      board.log(name, value);
      board.flush();
      Folders.copy(board.directory(), copy);
    }
    Files.delete(new RunLayout(copy).metadata());
    return copy;
  }

  @Test
  void namelessSeries_isGivenANameThatNoOtherHas_howeverOftenTheRunIsRepaired() throws Exception {
    sql(
        run,
        "UPDATE series SET name = 'recovered/' || (SELECT id FROM series WHERE name = 'note')"
            + " WHERE name = 'train/loss'; UPDATE series SET name = '' WHERE name = 'note'");
    damage();
    RepairReport first = repair();
    RepairReport second = Repairer.repair(first.target(), folder.resolve("again"));
    for (RepairReport report : List.of(first, second)) {
      try (RunReader reader = RunReader.open(report.target())) {
        String name = reader.metrics().get(0);
        assertEquals(List.of(name, name + "-2"), reader.metrics());
        assertEquals(3_000, reader.scalars(name).size());
        assertArrayEquals(new String[] {"text 0", "text 1"}, reader.strings(name + "-2").values());
      }
    }
    assertEquals(List.of(), second.lost());
  }

  /** The numbers in the journal are those of the metadata that is lost, not of folders found. */
  @Test
  void lostMetadata_putsNoValueIntoTheWrongSeries() throws Exception {
    Path copy = folder.resolve("copy");
    try (Board board = Board.builder("run").root(folder).id("run").resume(Resume.MUST).open()) {
      board.log("a/first", 1);
    }
    try (Board board = resumeUnsealed()) {
      board.log("train/loss", -1);
      board.flush();
      Folders.copy(run, copy);
    }
    run = copy;
    Files.delete(new RunLayout(run).metadata());
    RepairReport report = repair();
    assertEquals(3_000, values(report.target()).length);
    try (RunReader reader = RunReader.open(report.target())) {
      assertArrayEquals(new double[] {1}, reader.scalars("a/first").values());
      assertArrayEquals(new double[] {-1}, reader.scalars("recovered/0").values());
    }
  }

  @Test
  void lostMetadata_leavesWhatTheProgramPrinted() throws Exception {
    try (Board board =
        Board.builder("run")
            .root(folder)
            .id("run")
            .resume(Resume.MUST)
            .captureOutput(true)
            .open()) {
      System.out.println("a line");
      board.flush();
    }
    Files.delete(new RunLayout(run).metadata());
    try (RunReader reader = RunReader.open(repair().target())) {
      assertTrue(reader.console().stream().anyMatch(line -> line.text().equals("a line")));
    }
  }

  /** A path that is no UTF-8 any more was passed over, and with it all that the program printed. */
  @Test
  void pathOfTheConsolesLogThatIsDamaged_isSeen_andWhatWasPrintedIsKept() throws Exception {
    try (Board board = Board.builder("talk").root(folder).id("talk").captureOutput(true).open()) {
      board.log("x", 1);
      System.out.println("a line");
    }
    run = folder.resolve("default").resolve("talk");
    List<ConsoleLine> printed;
    try (RunReader reader = RunReader.open(run)) {
      printed = reader.console();
    }
    assertEquals("a line", printed.get(0).text());
    Files.writeString(
        run.resolve(ConsoleLog.PATH),
        "2026-11-20T20:47:55.123456Z out not committed\n",
        StandardOpenOption.APPEND);
    byte[] path = ConsoleLog.PATH.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < path.length; i++) {
      byte[] damaged = path.clone();
      damaged[i] ^= (byte) (1 << (i + 7) % 8);
      sql(
          run,
          "UPDATE file SET path = CAST(x'%s' AS TEXT) WHERE path NOT LIKE 'data/%%'"
              .formatted(HexFormat.of().formatHex(damaged)));
      assertEquals("metadata", damage().get(0).part());
    }
    for (String damaged : List.of("6cefe773", "6c6f67732f6f757470752f2e6c6f67", "2f")) {
      sql(
          run,
          "UPDATE file SET path = CAST(x'%s' AS TEXT) WHERE path NOT LIKE 'data/%%'"
              .formatted(damaged));
      RepairReport report = Repairer.repair(run, folder.resolve(damaged));
      try (RunReader reader = RunReader.open(report.target())) {
        assertEquals(printed, reader.console().subList(0, printed.size()));
        boolean isExact = report.lost().isEmpty();
        assertEquals(isExact, reader.console().size() == printed.size(), report.lost()::toString);
      }
    }
  }

  @Test
  void damagedMediaFile_leavesItsEntry() throws Exception {
    flip(files("/media/").get(0), 3);
    assertEquals("media", damage().get(0).part());
    RepairReport report = repair();
    try (RunReader reader = RunReader.open(report.target())) {
      assertEquals(2, reader.media("file").size());
      assertTrue(reader.media("file").stream().anyMatch(file -> file.file().isEmpty()));
    }
  }

  @Test
  void holeInTheJournal_becomesAGap() throws Exception {
    DamageTest.makeRuns(folder.resolve("left"));
    run = folder.resolve("left").resolve("default").resolve("left");
    FaultyFiles files = new FaultyFiles();
    files.keepsSealerOut = true;
    try (Board board =
        Board.builder("left")
            .root(folder.resolve("left"))
            .id("left")
            .resume(Resume.MUST)
            .closeTimeout(java.time.Duration.ZERO)
            .files(files)
            .open()) {
      board.log("train/loss", 1);
      board.flush();
      board.log("train/loss", 2);
    }
    Await.release(folder.resolve("left"));
    if (files("/journal/").isEmpty()) {
      throw new AssertionError("nothing is left in the journal");
    }
    Path segment =
        files("/journal/").stream().filter(f -> f.toString().endsWith(".seg")).findFirst().get();
    flip(segment, 200);
    RepairReport report = repair();
    assertTrue(
        report.lost().stream().anyMatch(what -> what.contains("declared as a gap")),
        report.lost()::toString);
  }

  /** It was to come into one frame with the records before it, and there was no repaired run. */
  @Test
  void rewindInTheJournal_isDoneOnceMore() throws Exception {
    Path copy = folder.resolve("copy");
    try (Board board = resumeUnsealed()) {
      board.log("train/loss", -1);
      board.rewindTo(2_000);
      board.log("train/loss", -2);
      board.rewindTo(2_001); // the latest step: nothing is dropped
      board.log(Map.of("train/loss", -3, "note", "text 2"));
      board.flush();
      Folders.copy(run, copy);
    }
    run = copy;
    try (RunReader old = RunReader.open(run)) {
      double[] values = old.scalars("train/loss").values();
      assertEquals(2_002, values.length);
      Path manifest = files("train__loss.lance/_versions").get(0);
      flip(manifest, (int) Files.size(manifest) - 40);
      damage();
      try (RunReader fresh = RunReader.open(repair().target())) {
        assertArrayEquals(values, fresh.scalars("train/loss").values());
        assertArrayEquals(old.scalars("train/loss").steps(), fresh.scalars("train/loss").steps());
        assertArrayEquals(new String[] {"text 0", "text 2"}, fresh.strings("note").values());
        assertEquals(1, fresh.tables("predictions").page(0, 10).size());
        assertEquals(1, fresh.media("file").size());
        assertEquals(old.steps(), fresh.steps());
      }
    }
  }

  /** Behind a right checksum: by a program that writes journals otherwise than we do. */
  @Test
  void rowsOfATableThatAreNone_areFoundInTheJournal_andLeftOut() throws Exception {
    RunLayout layout = new RunLayout(run);
    Snapshot sealed = MetadataReader.read(layout.metadata()).orElseThrow();
    int table = sealed.series().stream().filter(s -> s.kind() == Kind.TABLE).findFirst().get().id();
    try (JournalWriter writer =
        JournalWriter.open(layout.journal(), sealed.checkpoint(), FileLayer.real())) {
      writer.entry(table, 1, 0, sealed.checkpoint().micros(), new byte[] {1, 9, 9, 9});
      writer.write();
    }
    assertTrue(damage().get(0).what().contains("entry is none of its kind"));
    RepairReport report = repair();
    assertTrue(report.lost().get(0).contains("do not fit"), report.lost()::toString);
    try (RunReader reader = RunReader.open(report.target())) {
      assertEquals(2, reader.tables("predictions").page(0, 10).size());
    }
  }

  /** Sums of their values, and of their squares, are infinite or, where both signs are, NaN. */
  @Test
  void valuesWhoseSumsOverflow_areNoDamage() throws Exception {
    for (int life = 0; life < 3; life++) {
      try (Board board = Board.builder("run").root(folder).id("run").resume(Resume.MUST).open()) {
        for (int i = 0; i < 1_500; i++) {
          board.log("one/sign", Double.MAX_VALUE);
          board.log("both/signs", life == 1 ? -Double.MAX_VALUE : Double.MAX_VALUE);
          board.log("squares", 1e200 + i * 1e190);
        }
      }
    }
    Verification found = Verifier.verify(run);
    assertTrue(found.isSound(), found::toString);
    assertEquals(List.of(), repair().lost());
    try (RunReader reader = RunReader.open(run)) {
      for (String name : List.of("one/sign", "both/signs", "squares")) {
        assertEquals(4_500, reader.scalars(name).size());
        assertEquals(4_500, reader.summary(name).rows());
      }
      assertEquals(Double.POSITIVE_INFINITY, reader.summary("one/sign").mean());
      assertEquals(Double.NaN, reader.summary("both/signs").mean());
      assertEquals(0, reader.curve("one/sign", 0, 20_000, 3).deviation(0));
      assertEquals(Double.MAX_VALUE, reader.summary("both/signs").max());
      assertEquals(-Double.MAX_VALUE, reader.summary("both/signs").min());
    }
  }

  @Test
  void hostileDatabases_areRefusedOrReadWithinTheFolder() throws Exception {
    Path outside = Files.writeString(folder.resolve("outside.txt"), "not of the run");
    List<String> attacks =
        List.of(
            "ALTER TABLE series RENAME TO s; CREATE VIEW series AS WITH RECURSIVE n(i) AS (SELECT 1"
                + " UNION ALL SELECT i + 1 FROM n) SELECT * FROM s, n",
            "CREATE TRIGGER t AFTER INSERT ON gap BEGIN DELETE FROM series; END",
            "ALTER TABLE series ADD COLUMN huge GENERATED ALWAYS AS (zeroblob(1000000000))",
            "UPDATE series SET folder = '../../../outside'",
            "UPDATE series SET folder = '/etc'",
            "UPDATE series SET kind = 'other'",
            "UPDATE series SET id = 2000000000 WHERE id = 0",
            "UPDATE series SET rows = 4000000000000000000",
            "UPDATE series SET rows = 'many', version = x'00'",
            "UPDATE series SET tail = zeroblob(100000000)",
            "UPDATE environment SET type = zeroblob(100000000) WHERE rowid < 4",
            "UPDATE series SET name = x'ff00ff' WHERE id = 0",
            "UPDATE series SET name = '../../x' WHERE id = 0",
            "UPDATE series SET name = printf('%.*c', 4000000, 'n'), rows = 'many' WHERE id = 0",
            "UPDATE media SET path = printf('%.*c', 4000000, 'p')",
            "UPDATE file SET path = '../' || printf('%.*c', 4000000, 'p')"
                + " WHERE path = (SELECT min(path) FROM file)",
            "UPDATE media SET path = '../outside.txt'",
            "UPDATE media SET path = 'media/../../../outside.txt'",
            "UPDATE media SET digest = 'no digest', extension = '../x'",
            "UPDATE file SET path = '../' || path",
            "UPDATE file SET length = -1",
            "UPDATE run SET document = '[1'",
            "UPDATE run SET document = printf('%.*c', 60000000, '[')",
            "UPDATE checkpoint SET position = -5, step = 9e300",
            "DELETE FROM checkpoint",
            "UPDATE tile SET tiles = zeroblob(100000000), count = 1000000000",
            "UPDATE tile SET first = -9, count = -1",
            "UPDATE step_info SET first_step = 'a', rows = -1",
            "DROP TABLE media");
    for (int i = 0; i < attacks.size(); i++) {
      Path copy = folder.resolve("a" + i).resolve("default").resolve("run");
      copy(run, copy);
      sql(copy, attacks.get(i));
      String attack = attacks.get(i);
      String read = said(copy);
      Verification found = Verifier.verify(copy);
      assertFalse(found.isSound(), () -> attack + " was not found: " + read);
      // A name of a hundred megabytes within a message once filled the heap.
      assertTrue(found.toString().length() < 1_000_000, attack);
      try {
        RepairReport report = Repairer.repair(copy, folder.resolve("t" + i));
        assertTrue(report.result().isSound(), attack);
        assertTrue(report.lost().toString().length() < 1_000_000, attack);
      } catch (StorageException e) {
        throw new AssertionError("not repaired: " + attack + " " + e.getMessage(), e);
      }
      try (Board board =
          Board.builder("run").root(folder.resolve("a" + i)).id("run").resume(Resume.MUST).open()) {
        board.log("train/loss", 1);
      } catch (StorageException | TrackerException e) {
        // refused, and that is right
      }
      assertEquals("not of the run", Files.readString(outside), attack);
    }
  }

  /** An entry was packed while the content was still staged, and sealed under its name since. */
  @Test
  void stagedFileThatHasItsNameAlready_isNotMissed() throws Exception {
    byte[] large = new byte[300_000];
    Path copy = folder.resolve("copy");
    try (Board board = Board.builder("run").root(folder).id("run").resume(Resume.MUST).open()) {
      board.log("film", Attachment.of(large, "f.bin"));
    }
    try (Board board = resumeUnsealed()) {
      board.log("film", Attachment.of(large, "f.bin"));
      board.flush();
      Folders.copy(run, copy);
    }
    List<Path> staged;
    try (Stream<Path> files = Files.list(new RunLayout(copy).staged())) {
      staged = files.toList();
    }
    assertEquals(1, staged.size());
    Files.delete(staged.get(0));
    Verification found = Verifier.verify(copy);
    assertTrue(found.isSound(), found::toString);
    RepairReport repaired = Repairer.repair(copy, folder.resolve("repaired"));
    assertEquals(List.of(), repaired.lost());
    try (RunReader reader = RunReader.open(repaired.target())) {
      assertArrayEquals(large, reader.media("film").get(1).bytes());
    }
    Sealer.seal(copy);
    try (RunReader reader = RunReader.open(copy)) {
      assertArrayEquals(large, reader.media("film").get(1).bytes());
    }
  }

  @Test
  void linksAndOddFiles_areFoundAndNotFollowed() throws Exception {
    Path data = files("train__loss.lance/data").get(0);
    Path elsewhere = Files.move(data, folder.resolve("elsewhere"));
    Files.createSymbolicLink(data, elsewhere);
    Files.createSymbolicLink(run.resolve("media").resolve("loop"), run);
    Files.createSymbolicLink(
        run.resolve("journal").resolve("00000000000000000000-0000.seg"), Path.of("/dev/zero"));
    List<Finding> found = damage();
    assertTrue(found.size() >= 3, found::toString);
    assertEquals(1_500, values(repair().target()).length);
    assertTrue(Files.exists(elsewhere));
  }

  @Test
  void runThatIsWritten_isNotVerified() {
    try (Board board = Board.builder("live").root(folder).id("live").open()) {
      StorageException refused =
          assertThrows(StorageException.class, () -> Verifier.verify(board.directory()));
      assertTrue(refused.getMessage().contains("being written"), refused::getMessage);
    }
  }

  // ---- helpers

  /** Goes on with the run and seals nothing of it, so that it can be copied as it is. */
  private Board resumeUnsealed() {
    return resumeUnsealed(folder);
  }

  private static Board resumeUnsealed(Path root) {
    FaultyFiles files = new FaultyFiles();
    files.keepsSealerOut = true;
    return Board.builder("run").root(root).id("run").resume(Resume.MUST).files(files).open();
  }

  /** Repairs the run, which must be as it was after that. */
  private RepairReport repair() throws IOException {
    Map<String, Integer> before = content();
    RepairReport report = Repairer.repair(run, folder.resolve("repaired"));
    assertEquals(before, content(), "the old run was changed");
    assertTrue(report.result().isSound(), report.result()::toString);
    return report;
  }

  private Map<String, Integer> content() throws IOException {
    Map<String, Integer> content = new TreeMap<>();
    for (Path file : files("")) {
      if (Files.isRegularFile(file)) {
        content.put(file.toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return content;
  }

  private List<Finding> damage() {
    List<Finding> found =
        Verifier.verify(run).findings().stream()
            .filter(finding -> finding.severity() == Severity.DAMAGE)
            .toList();
    assertFalse(found.isEmpty());
    return found;
  }

  private static double[] values(Path of) {
    try (RunReader reader = RunReader.open(of)) {
      return reader.scalars("train/loss").values();
    }
  }

  private static String said(Path of) throws IOException {
    try (RunReader reader = RunReader.open(of)) {
      for (String name : reader.metrics()) {
        reader.curve(name, 0, 10_000, 5);
      }
      return reader.info()
          + " "
          + reader.media("file").size()
          + " "
          + reader.scalars("train/loss").size()
          + reader.steps();
    } catch (StorageException | IllegalArgumentException e) {
      return "refused: " + e.getMessage();
    }
  }

  private List<Path> files(String within) throws IOException {
    try (Stream<Path> walk = Files.walk(run)) {
      return walk.filter(file -> !Files.isDirectory(file))
          .filter(file ->
              file.toString()
                  .contains(within.replace("/", FileSystems.getDefault().getSeparator())))
          .sorted()
          .toList();
    }
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[Math.min(at, bytes.length - 1)] ^= 4;
    Files.write(file, bytes);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path file : walk.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        if (!Files.isDirectory(file)) {
          Files.copy(file, target);
        }
      }
    }
  }

  private static void sql(Path of, String script) throws Exception {
    try (var connection =
            java.sql.DriverManager.getConnection("jdbc:sqlite:" + new RunLayout(of).metadata());
        var statement = connection.createStatement()) {
      for (String one : script.contains("TRIGGER") ? new String[] {script} : script.split("; ")) {
        statement.executeUpdate(one);
      }
    }
  }
}
