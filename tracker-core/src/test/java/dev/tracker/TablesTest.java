package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.media.Attachment;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.read.TableRow;
import dev.tracker.read.TableRows;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.InLance;
import dev.tracker.system.TableProgram;
import dev.tracker.value.Column;
import dev.tracker.value.Table;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lance.Dataset;

/** Tables from the log call to the reader. */
@Tag("once")
class TablesTest {
  @TempDir Path root;
  private Path run;

  @BeforeEach
  void nameTheRun() {
    run = root.resolve("default").resolve("run");
  }

  private Board.Builder board() {
    return Board.builder("tables").root(root).id("run");
  }

  // ---- one table, in every state of the run

  private static Instant time(int i) {
    return Instant.ofEpochSecond(1_700_000_000L + i, (i % 1_000) * 1_000L);
  }

  private static Attachment picture(int i) {
    byte[] bytes = new byte[i % 9 == 0 ? 200_000 : 1_000];
    new Random(i).nextBytes(bytes);
    return Attachment.of(bytes, "p.bin");
  }

  private static Map<String, Object> row(int i) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("label", i % 5 == 0 ? null : "Nr. " + i + " \u00e4\uD83D\uDE00");
    row.put("score", i % 7 == 0 ? null : i / 8.0);
    row.put("right", i % 4 == 0 ? null : i % 2 == 0);
    row.put("when", i % 6 == 1 ? null : time(i));
    row.put("image", i % 3 == 0 ? null : picture(i));
    return row;
  }

  /** Step s logs rows 3s to 3s + 2. */
  private static void log(Board board, int from, int to) {
    for (int step = from; step < to; step++) {
      board.step();
      List<Map<String, Object>> rows = new ArrayList<>();
      for (int i = 3 * step; i < 3 * step + 3; i++) {
        rows.add(row(i));
      }
      board.log(Map.of("loss", 1.0 * step, "predictions", Table.of(rows)));
    }
  }

  private static void assertShows(int i, TableRow row, long[] timestamps) throws IOException {
    assertEquals(i / 3, row.step());
    assertEquals(i / 3 + 1, row.globalStep());
    assertEquals(timestamps[i / 3], row.timestamp());
    assertEquals(row(i).get("label"), row.get("label"));
    assertEquals(row(i).get("score"), row.get("score"));
    assertEquals(row(i).get("right"), row.get("right"));
    assertEquals(row(i).get("when"), row.get("when"));
    if (i % 3 == 0) {
      assertNull(row.get("image"));
      assertTrue(row.media("image").isEmpty());
    } else {
      MediaFile file = row.media("image").orElseThrow();
      assertEquals(file.digest(), row.get("image"));
      assertArrayEquals(picture(i).encode().toByteArray(), file.bytes());
    }
  }

  private void check(int steps) throws IOException {
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(List.of("predictions"), reader.tables());
      assertEquals(List.of("loss"), reader.metrics());
      TableRows rows = reader.tables("predictions");
      assertEquals(
          List.of(
              new Column("label", Column.Type.TEXT),
              new Column("score", Column.Type.NUMBER),
              new Column("right", Column.Type.BOOLEAN),
              new Column("when", Column.Type.TIME),
              new Column("image", Column.Type.MEDIA)),
          rows.columns());
      int size = 3 * steps;
      long[] timestamps = reader.scalars("loss").timestamps();
      assertEquals(size, rows.rows());
      int i = 0;
      for (TableRow row : rows) {
        assertShows(i++, row, timestamps);
      }
      assertEquals(size, i);
      assertShows(size - 2, rows.page(size - 2, 10).get(0), timestamps);
      assertEquals(2, rows.page(size - 2, 10).size());
      assertEquals(List.of(), rows.page(size, 10));
      assertShows(7, rows.page(7, 1).get(0), timestamps);
      assertEquals(6, rows.steps(1, 2).rows());
      assertShows(5, rows.steps(1, 2).page(2, 1).get(0), timestamps);
      TableRows right = rows.select("label").where("right", Boolean.TRUE::equals);
      assertEquals(List.of(new Column("label", Column.Type.TEXT)), right.columns());
      assertEquals("Nr. 2 \u00e4\uD83D\uDE00", right.page(0, 1).get(0).get("label"));
      assertEquals(6L / 3, right.page(1, 1).get(0).step());
      assertEquals(2 * steps, reader.media("predictions/image").size());
    }
  }

  /**
   * A process that dies while it writes a table of several frames leaves the first rows of it:
   * {@code torture.jar kill} took that for a loss.
   */
  @Test
  void tableThatTakesSeveralFrames_isCutBetweenThem_itsFirstRowsStay() throws IOException {
    Path segment;
    try (Board board = board().open()) {
      board.log("long", Table.of(longRows()));
      board.flush();
      try (Stream<Path> segments = Files.list(run.resolve("journal"))) {
        segment = segments.filter(file -> file.toString().endsWith(".seg")).findFirst().get();
      }
      for (int cut = 0; cut <= 15; cut++) {
        Path copy = root.resolve("cut").resolve("run-" + cut).resolve("journal");
        Files.createDirectories(copy);
        byte[] bytes = Files.readAllBytes(segment);
        Files.write(
            copy.resolve(segment.getFileName()), Arrays.copyOf(bytes, cut * 50_000 + 2_000));
      }
    }
    TreeSet<Integer> sizes = new TreeSet<>();
    for (int cut = 0; cut <= 15; cut++) {
      Path copy = root.resolve("cut").resolve("run-" + cut);
      int size = firstRows(copy);
      sizes.add(size);
      try (Board board =
          Board.builder("tables")
              .root(root)
              .project("cut")
              .id("run-" + cut)
              .resume(Resume.ALLOW)
              .open()) {
        board.log("long", Table.of(longRows().subList(0, 1)));
      }
      try (RunReader reader = RunReader.open(copy)) {
        assertEquals(size + 1, reader.tables("long").rows());
      }
      assertTrue(Verifier.verify(copy).isSound());
    }
    assertTrue(sizes.contains(0) && sizes.contains(70) && sizes.size() > 2, sizes::toString);
  }

  private static List<Map<String, Object>> longRows() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      rows.add(Map.of("text", i + "x".repeat(10_000)));
    }
    return rows;
  }

  /** Returns how many rows of the table there are, which are its first. */
  private static int firstRows(Path of) throws IOException {
    try (RunReader reader = RunReader.open(of)) {
      if (!reader.tables().contains("long")) {
        return 0;
      }
      int size = 0;
      for (TableRow row : reader.tables("long")) {
        assertEquals(longRows().get(size++).get("text"), row.get("text"));
      }
      return size;
    }
  }

  @Test
  void rowsShareTheStepOfTheirLogCall_inEveryStateOfTheRun() throws IOException {
    try (Board board = board().open()) {
      log(board, 0, 10);
      board.flush();
      check(10);
      Await.until("all is sealed", () -> board.health().sealed() == 10);
      check(10);
      log(board, 10, 20);
      board.flush();
      check(20);
    }
    check(20);
    try (Board board = board().resume(Resume.MUST).open()) {
      log(board, 20, 25);
      board.flush();
      check(25);
      try (RunReader reader = RunReader.open(run)) {
        reader.copyTo(root.resolve("copy"));
      }
    }
    check(25);
    run = root.resolve("copy");
    check(25);
  }

  @Test
  void aRewindTakesRowsBack_sealedOnesAndOthers() throws IOException {
    try (Board board = board().open()) {
      log(board, 0, 10);
      board.flush();
      Await.until("all is sealed", () -> board.health().sealed() == 10);
      log(board, 10, 15);
      board.rewindTo(11);
      try (RunReader reader = RunReader.open(run)) {
        assertEquals(36, reader.tables("predictions").rows());
      }
      board.rewindTo(4);
      try (RunReader reader = RunReader.open(run)) {
        assertEquals(15, reader.tables("predictions").rows());
        assertEquals(15, reader.tables("predictions").page(0, 100).size());
      }
      board.globalStep(5);
      log(board, 5, 9);
    }
    check(9);
    try (Board fork = Board.builder("fork").root(root).id("fork").forkFrom(run, 2).open()) {
      log(fork, 3, 6);
    }
    run = root.resolve("default").resolve("fork");
    check(6);
  }

  @Test
  void metadataAndLanceTellTheColumns() throws Exception {
    try (Board board = board().open()) {
      Table.Builder table = Table.builder();
      table
          .column("a.b", Column.Type.NUMBER)
          .column("A_B", Column.Type.INTEGER)
          .column("step", Column.Type.TEXT);
      table.column("_rowid", Column.Type.BOOLEAN).column("zeit \u00fc", Column.Type.TIME);
      board.log("t", table.row(1, Long.MAX_VALUE, "x", true, time(3)).build());
      board.log("t", Table.of(List.of(Map.of("step", "y"))));
    }
    List<String> fields = List.of("a_b", "A_B_2", "step", "_rowid_2", "zeit_\u00fc");
    Path database = new RunLayout(run).metadata();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
      assertEquals(fields, strings(connection, "SELECT field FROM tables ORDER BY ordinal"));
      assertEquals(
          List.of("number", "integer", "text", "boolean", "time"),
          strings(connection, "SELECT type FROM tables WHERE name = 't' ORDER BY ordinal"));
    }
    SeriesEntry entry = InLance.series(run).get(0);
    Path folder = new RunLayout(run).series(entry.kind(), entry.folder());
    try (Dataset dataset = Dataset.open().uri(folder.toString()).build()) {
      assertEquals(2, dataset.countRows());
      assertEquals(1, dataset.countRows("A_B_2 = " + Long.MAX_VALUE + " AND a_b = 1.0"));
      assertEquals(1, dataset.countRows("step = 'x' AND _rowid_2"));
      assertEquals(1, dataset.countRows("a_b IS NULL AND _step = 1"));
      assertEquals(1, dataset.countRows("`zeit_\u00fc` = timestamp '" + time(3) + "'"));
      List<String> names =
          dataset.getSchema().getFields().stream().map(column -> column.getName()).toList();
      assertEquals(List.of("_step", "_global_step", "_timestamp"), names.subList(0, 3));
      assertEquals(fields, names.subList(3, 8));
    }
    try (RunReader reader = RunReader.open(run)) {
      TableRow row = reader.tables("t").page(0, 1).get(0);
      assertEquals(1.0, row.get("a.b"));
      assertEquals(Long.MAX_VALUE, row.get("A_B"));
      assertEquals(time(3), row.get("zeit \u00fc"));
      assertThrows(IllegalArgumentException.class, () -> row.get("a_b"));
      assertNull(reader.tables("t").page(1, 1).get(0).get("a.b"));
    }
  }

  private static List<String> strings(Connection connection, String query) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        found.add(row.getString(1));
      }
    }
    return found;
  }

  // ---- what fits

  @Test
  void laterTablesFitInAnyOrder_orAreLeftOut() {
    try (Board board = board().open()) {
      board.log("t", Table.of(List.of(Map.of("n", 1))));
      board.log("t", Table.of(List.of("n"), List.of(new int[] {2}, List.of(3))));
      board.log("t", Table.ofColumns(Map.of("n", Arrays.asList(null, null))));
      board.log("t", Table.builder().column("n", Column.Type.INTEGER).row(6L).build());
      assertEquals(0, board.health().rejected());
      board.log("t", Table.builder().column("n", Column.Type.INTEGER).row((1L << 53) + 1).build());
      board.log("t", Table.of(List.of(Map.of("n", "text"))));
      board.log("t", Table.of(List.of(Map.of("n", 1, "more", 2))));
      board.log("t", 3.0);
      board.log(Map.of("loss", 1.0, "t", Table.of(List.of(Map.of("n", true)))));
      assertEquals(5, board.health().rejected());
      board.log("t", Table.of(List.of(Map.of("n", 7))));
      board.log("t", Table.of(List.of()));
    }
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(
          Arrays.asList(1.0, 2.0, 3.0, null, null, 6.0, 7.0), column(reader.tables("t"), "n"));
      assertEquals(1, reader.scalars("loss").size());
      assertThrows(IllegalArgumentException.class, () -> reader.scalars("t"));
      assertThrows(IllegalArgumentException.class, () -> reader.tables("loss"));
      assertThrows(IllegalArgumentException.class, () -> reader.tables("t").select("more"));
    }
  }

  private static List<Object> column(TableRows rows, String name) {
    List<Object> cells = new ArrayList<>();
    rows.forEach(row -> cells.add(row.get(name)));
    return cells;
  }

  @Test
  void theFirstTableDecides_alsoAfterARunIsResumed() {
    try (Board board = board().open()) {
      board.log("t", Table.builder().column("n", Column.Type.INTEGER).row(1).build());
    }
    try (Board board = board().resume(Resume.MUST).open()) {
      board.log("t", Table.of(List.of(Map.of("n", 2.0))));
      board.log("t", Table.of(List.of(Map.of("n", 2.5))));
      assertEquals(1, board.health().rejected());
    }
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(List.of(1L, 2L), column(reader.tables("t"), "n"));
    }
  }

  @Test
  void mediaWhoseNameIsTaken_orWhoseFileIsGone_harmNothingElse() throws IOException {
    Path gone = Files.write(root.resolve("gone.bin"), new byte[10]);
    Attachment missing = Attachment.of(gone);
    Files.delete(gone);
    try (Board board = board().open()) {
      board.log("taken/image", 1.0);
      board.log("taken", Table.of(List.of(Map.of("image", picture(1)))));
      assertEquals(1, board.health().rejected());
      board.log("t", Table.of(List.of(Map.of("i", picture(1)), Map.of("i", missing))));
      board.flush();
      assertTrue(board.health().lastError().isPresent());
      assertEquals(0, board.health().dropped());
    }
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(List.of("t"), reader.tables());
      List<TableRow> rows = reader.tables("t").page(0, 10);
      assertEquals(2, rows.size());
      assertTrue(rows.get(0).media("i").isPresent());
      assertTrue(rows.get(1).media("i").isEmpty());
      List<MediaFile> entries = reader.media("t/i");
      assertEquals(2, entries.size());
      assertTrue(entries.get(1).error().orElseThrow().contains("gone.bin"));
    }
  }

  @Test
  void mediaStandInTheJournalBeforeTheirRow() {
    Table table = Table.ofColumns(Map.of("i", Arrays.asList(picture(1), null, picture(2))));
    try (Board off = Board.builder("off").root(root).enabled(false).open()) {
      Metric metric = new Metric(off, "t", Kind.TABLE, 0, 0, null);
      Metric companion = new Metric(off, "t/i", Kind.MEDIA, 1, 1, null);
      Parcel parcel =
          TablePacking.parcel(
              metric, metric.schema(table), table, Map.of(0, companion), off.staging());
      assertEquals(List.of(companion), parcel.companions);
      parcel.pack();
      assertEquals(
          List.of(companion, metric, metric, companion, metric),
          parcel.packed().stream().map(Parcel.Entry::metric).toList());
    }
  }

  @Test
  void aTableIsASnapshot() {
    List<Map<String, Object>> rows = new ArrayList<>();
    rows.add(new HashMap<>(Map.of("a", 1)));
    double[] numbers = {1, 2};
    StringBuilder text = new StringBuilder("before");
    try (Board board = board().open()) {
      Table first = Table.of(rows);
      Table second = Table.ofColumns(Map.of("b", numbers));
      Table third = Table.of(List.of(Map.of("c", text)));
      rows.get(0).put("a", 9);
      rows.clear();
      numbers[0] = 9;
      text.append(" and after");
      board.log(Map.of("first", first, "second", second, "third", third));
    }
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(List.of(1.0), column(reader.tables("first"), "a"));
      assertEquals(List.of(1.0, 2.0), column(reader.tables("second"), "b"));
      assertEquals(List.of("before"), column(reader.tables("third"), "c"));
      assertEquals(List.of("first", "second", "third"), sorted(reader.tables()));
    }
  }

  private static List<String> sorted(List<String> names) {
    return names.stream().sorted().toList();
  }

  // ---- many rows

  @Test
  void aMillionRowsAreWrittenAndReadInASmallHeap() throws Exception {
    try (ChildJvm child = ChildJvm.of(TableProgram.class).heap("96m").start(root.toString())) {
      child.hear("live right");
      child.hear("finished right");
      assertEquals(0, child.exit());
    }
    assertEquals(TableProgram.ROWS, InLance.series(run).get(0).rows());
  }
}
