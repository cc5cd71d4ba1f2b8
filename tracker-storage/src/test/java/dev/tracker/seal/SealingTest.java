package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.format.Tile;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.lock.RunLock;
import dev.tracker.media.DurableFiles;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Snapshot;
import dev.tracker.metadata.Tiles;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Scalars;
import dev.tracker.read.Strings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real journals, real Lance, real SQLite: what goes in by the journal comes out by the reader,
 * sealed or not.
 */
@Tag("once")
class SealingTest {
  @TempDir Path folder;
  private RunLayout layout;
  private JournalWriter live;

  @BeforeEach
  void layOut() {
    layout = new RunLayout(folder.resolve("run"));
  }

  @Test
  void every_row_is_the_same_before_between_and_after_sealing() throws IOException {
    try (Script script = script(12)) {
      script.log(3_000);
      script.check();
      seal();
      script.check();
      script.log(5_000);
      script.check();
      seal();
      script.log(10);
      script.check();
    }
  }

  @Test
  void a_sealed_and_finished_run_is_small_and_forgets_its_journal() throws IOException {
    try (Script script = script(5)) {
      for (int i = 0; i < 12; i++) {
        script.log(200);
        seal();
      }
      script.end();
      Sealer.seal(layout.root());
      script.check();
      assertEquals(List.of("writer.lock"), names(layout.journal()));
      assertEquals(List.of("metadata.db", "metrics"), names(layout.metadata().getParent()));
      for (String series : names(layout.metrics())) {
        assertTrue(files(layout.metrics().resolve(series)) <= 10, series);
      }
      checkFiles();
    }
  }

  @Test
  void the_database_names_every_file_with_its_length_and_digest() throws IOException {
    try (Script script = script(5)) {
      script.log(500);
      seal();
      script.log(500);
      seal();
      checkFiles();
    }
  }

  @Test
  void a_commit_that_fails_is_done_again_and_no_row_comes_twice() throws Exception {
    try (Script script = script(4)) {
      script.log(300);
      seal();
      script.log(300);
      try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + layout.metadata());
          Statement statement = other.createStatement()) {
        statement.execute("begin immediate");
        assertThrows(IOException.class, this::seal);
        statement.execute("rollback");
      }
      script.check();
      script.log(50);
      seal();
      script.check();
    }
  }

  @Test
  void leftovers_of_a_cycle_that_died_are_removed_before_the_next_one() throws Exception {
    try (Script script = script(3)) {
      script.log(100);
      seal();
      Path before = folder.resolve("metadata-before");
      MetadataReader.copy(layout.metadata(), before);
      script.log(100);
      seal();
      // As if the process had died after its appends and before its commit.
      for (String name : names(layout.metadata().getParent())) {
        if (name.startsWith("metadata.db")) {
          Files.delete(layout.metadata().resolveSibling(name));
        }
      }
      Files.copy(before, layout.metadata());
      script.check();
      script.log(7);
      seal();
      script.check();
    }
  }

  @Test
  void many_cycles_leave_few_fragments() throws IOException {
    try (Script script = script(1)) {
      for (int i = 0; i < 150; i++) {
        script.log(3);
        seal();
      }
      script.check();
      String series =
          layout
              .series(entries().get(0).kind(), entries().get(0).folder())
              .resolve("data")
              .toString();
      assertTrue(
          names(Path.of(series)).size() <= 64, "data files: " + names(Path.of(series)).size());
      checkFiles();
    }
  }

  /** It failed the window after its commit: nobody counted its rows any more. */
  @Test
  void an_old_file_that_cannot_be_removed_does_not_fail_what_is_committed() throws IOException {
    try (Script script = script(1)) {
      for (int i = 0; i < 63; i++) {
        script.log(3);
        seal();
      }
      SeriesEntry series = entries().get(0);
      Path old = layout.series(series.kind(), series.folder()).resolve("data");
      Files.createDirectories(old.resolve("0000000001-00000000.lance").resolve("not empty"));
      script.log(3);
      seal();
      List<String> named = new ArrayList<>();
      MetadataReader.read(layout.metadata(), file -> named.add(file.path()));
      named.removeIf(file -> !layout.root().resolve(file).startsWith(old));
      assertTrue(named.size() < 20, "it was not compacted: " + named);
      script.log(3);
      seal();
      script.check();
    }
  }

  @Test
  void tiles_say_what_the_rows_say() throws IOException {
    try (Script script = script(1)) {
      script.log(700);
      seal();
      script.log(5_000);
      seal();
      script.log(900);
      seal();
      for (SeriesEntry entry : entries()) {
        checkTiles(entry, script);
      }
    }
  }

  private void checkTiles(SeriesEntry entry, Script script) throws IOException {
    Rows rows = script.rows(entry.name());
    assertEquals(rows.steps.size(), entry.rows());
    int full = (int) (entry.rows() / Tile.ROWS);
    Tiles tiles = MetadataReader.tiles(layout.metadata(), entry, 0, 0, full + 1).orElseThrow();
    assertEquals(full, tiles.size());
    for (int i = 0; i < full; i++) {
      checkTile(rows.tile(entry.kind(), i * Tile.ROWS, (i + 1) * Tile.ROWS), tiles.get(i));
    }
    Tile tail = entry.tail();
    if (entry.rows() % Tile.ROWS != 0) {
      assertNotNull(tail);
      checkTile(rows.tile(entry.kind(), full * Tile.ROWS, rows.steps.size()), tail);
    }
    if (entry.kind() != Kind.STRING) {
      Tile all = rows.tile(entry.kind(), 0, rows.steps.size());
      assertEquals(all.min(), entry.stats().min());
      assertEquals(all.max(), entry.stats().max());
      assertEquals(rows.steps.get(rows.bits.indexOf(all.min())), entry.stats().stepOfMin());
      assertEquals(rows.steps.get(rows.bits.indexOf(all.max())), entry.stats().stepOfMax());
    }
  }

  private static void checkTile(Tile expected, Tile actual) {
    assertEquals(expected.count(), actual.count());
    assertEquals(expected.stepLow(), actual.stepLow());
    assertEquals(expected.stepHigh(), actual.stepHigh());
    assertEquals(expected.microsHigh(), actual.microsHigh());
    assertEquals(expected.min(), actual.min());
    assertEquals(expected.max(), actual.max());
    assertEquals(expected.first(), actual.first());
    assertEquals(expected.last(), actual.last());
    assertEquals(expected.sum(), actual.sum(), 1e-9 * Math.abs(expected.sum()) + 1e-9);
  }

  @Test
  void ranges_of_steps_are_found_through_tiles_and_tail() throws IOException {
    try (Script script = script(2)) {
      script.log(9_000);
      seal();
      script.log(2_000);
      try (RunReader reader = RunReader.open(layout.root())) {
        for (String name : script.names()) {
          if (reader.kind(name) == Kind.STRING) {
            continue;
          }
          Rows rows = script.rows(name);
          for (long[] range :
              new long[][] {
                {0, 10}, {4_000, 5_000}, {8_990, 9_010}, {10_500, 99_999}, {5, 4}, {-9, -1}
              }) {
            Scalars found = reader.scalars(name, range[0], range[1]);
            assertArrayEquals(
                rows.stepsWithin(range[0], range[1]), found.steps(), name + " " + range[0]);
          }
        }
      }
    }
  }

  @Test
  void a_reader_keeps_its_moment_while_the_run_is_sealed_and_compacted() throws IOException {
    try (Script script = script(1)) {
      script.log(100);
      seal();
      script.log(5);
      try (RunReader reader = RunReader.open(layout.root())) {
        Scalars before = reader.scalars("double-0");
        for (int i = 0; i < 70; i++) {
          script.log(2);
          seal();
        }
        script.end();
        Sealer.seal(layout.root());
        assertArrayEquals(before.values(), reader.scalars("double-0").values());
        assertArrayEquals(before.steps(), reader.scalars("double-0").steps());
        reader.refresh();
        assertEquals(script.rows("double-0").steps.size(), reader.scalars("double-0").size());
      }
    }
  }

  @Test
  void a_copy_of_a_live_run_is_a_run_of_its_own() throws IOException {
    try (Script script = script(3)) {
      script.log(400);
      seal();
      script.log(50);
      RunLayout copy = new RunLayout(folder.resolve("copy"));
      try (RunReader reader = RunReader.open(layout.root())) {
        reader.copyTo(copy.root());
        StorageException refused =
            assertThrows(StorageException.class, () -> reader.copyTo(copy.root()));
        assertTrue(refused.getMessage().contains("exists already"), refused.getMessage());
      }
      script.check(copy);
      script.log(20);
      Sealer.seal(copy.root());
      assertEquals(450 * 3, rowsIn(copy, "double-"));
      script.check();
    }
  }

  private static long rowsIn(RunLayout layout, String prefix) {
    try (RunReader reader = RunReader.open(layout.root())) {
      return reader.metrics().stream()
          .filter(name -> name.startsWith(prefix))
          .mapToLong(name -> reader.scalars(name).size())
          .sum();
    }
  }

  @Test
  void nothing_new_is_nothing_to_seal() throws IOException {
    try (Script script = script(1)) {
      script.log(10);
      seal();
      try (RunSealer sealer = RunSealer.open(layout, FileLayer.real())) {
        assertNull(sealer.sealWindow());
      }
    }
  }

  @Test
  void a_run_that_is_written_is_not_sealed_from_outside() throws IOException {
    try (Script script = script(1)) {
      script.log(10);
      try (RunLock lock = RunLock.acquire(layout)) {
        StorageException refused =
            assertThrows(StorageException.class, () -> Sealer.seal(layout.root()));
        assertTrue(refused.getMessage().contains("is being written"), refused.getMessage());
        lock.heartbeat();
      }
    }
    assertThrows(StorageException.class, () -> Sealer.seal(folder.resolve("nothing")));
  }

  @Test
  void what_the_run_says_of_itself_survives_sealing() throws IOException {
    try (Script script = script(1)) {
      script.journal.run(
          "{\"id\":\"r\",\"name\":\"n\",\"config\":{\"lr\":0.5}}".getBytes(StandardCharsets.UTF_8));
      script.journal.gap(17, 1_000, 2_000);
      script.log(10);
      seal();
      script.journal.run("{\"config\":{\"wd\":1}}".getBytes(StandardCharsets.UTF_8));
      script.journal.write();
      try (RunReader reader = RunReader.open(layout.root())) {
        assertEquals("n", reader.info().name());
        assertEquals(RunStatus.CRASHED, reader.info().status());
        assertEquals(0.5, reader.info().config().get("lr"));
        assertEquals(1, reader.info().config().get("wd"));
      }
      assertEquals(17, MetadataReader.read(layout.metadata()).orElseThrow().rowsLost());
    }
  }

  private Script script(int width) throws IOException {
    Script script = new Script(layout, width);
    live = script.journal;
    return script;
  }

  private void seal() throws IOException {
    try (RunSealer sealer = RunSealer.open(layout, FileLayer.real())) {
      while (sealer.sealWindow() != null) {
        live.release(sealer.checkpoint().position());
      }
    }
  }

  private List<SeriesEntry> entries() throws IOException {
    Snapshot snapshot = MetadataReader.read(layout.metadata()).orElseThrow();
    return snapshot.series();
  }

  private void checkFiles() throws IOException {
    List<FileEntry> files = new ArrayList<>();
    MetadataReader.read(layout.metadata(), files::add);
    assertFalse(files.isEmpty());
    for (FileEntry file : files) {
      Path path = layout.root().resolve(file.path());
      assertEquals(file.length(), Files.size(path), file.path());
      assertEquals(file.digest(), DurableFiles.crc32c(path), file.path());
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private static long files(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).count();
    }
  }

  /** The rows of a series as they must come back. */
  private static final class Rows {
    final List<Long> steps = new ArrayList<>();
    final List<Long> globalSteps = new ArrayList<>();
    final List<Long> micros = new ArrayList<>();
    final List<Long> bits = new ArrayList<>();
    final List<String> texts = new ArrayList<>();

    long[] stepsWithin(long from, long to) {
      return steps.stream().mapToLong(Long::longValue).filter(s -> s >= from && s <= to).toArray();
    }

    Tile tile(Kind kind, int from, int to) {
      Tile tile = new Tile(kind);
      tile.add(array(steps), array(globalSteps), array(micros), array(bits), from, to);
      return tile;
    }

    static long[] array(List<Long> column) {
      return column.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /** Writes a journal of all kinds of series and remembers what it wrote. */
  private static final class Script implements AutoCloseable {
    final JournalWriter journal;
    private final RunLayout layout;
    private final int width;
    private final Random random = new Random(42);
    private final List<String> names = new ArrayList<>();
    private final List<Kind> kinds = new ArrayList<>();
    private final List<Rows> rows = new ArrayList<>();
    private long step;
    private long globalStep;
    private long time = 1_700_000_000_000_000L;
    private boolean closed;

    Script(RunLayout layout, int width) throws IOException {
      this.layout = layout;
      this.width = width;
      Files.createDirectories(layout.journal());
      journal = JournalWriter.open(layout.journal(), Counters.START, FileLayer.real());
    }

    /** Logs rows of one value of every series; the series come into being with the first. */
    void log(int count) throws IOException {
      if (names.isEmpty()) {
        for (Kind kind : Kind.values()) {
          if (!kind.isScalar()) {
            continue;
          }
          String prefix =
              kind == Kind.FLOAT64 ? "double" : kind.name().toLowerCase(java.util.Locale.ROOT);
          for (int i = 0; i < width; i++) {
            journal.series(names.size(), kind, prefix + "-" + i);
            names.add(prefix + "-" + i);
            kinds.add(kind);
            rows.add(new Rows());
          }
        }
      }
      for (int i = 0; i < count; i++) {
        row();
        if (i % 97 == 0) {
          journal.write();
        }
      }
      journal.write();
    }

    private void row() {
      if (random.nextInt(50) == 0) {
        journal.addGlobalStep(1);
        globalStep++;
      }
      time += random.nextInt(2_000);
      journal.beginRow(time, names.size());
      for (int id = 0; id < names.size(); id++) {
        value(id);
      }
      step++;
    }

    private void value(int id) {
      Rows series = rows.get(id);
      series.steps.add(step);
      series.globalSteps.add(globalStep);
      series.micros.add(time);
      switch (kinds.get(id)) {
        case FLOAT64 -> {
          long bits = Double.doubleToRawLongBits(random.nextGaussian());
          series.bits.add(bits);
          journal.value(id, bits);
        }
        case INT64 -> {
          series.bits.add(random.nextLong());
          journal.value(id, series.bits.get(series.bits.size() - 1));
        }
        case BOOL -> {
          boolean value = random.nextBoolean();
          series.bits.add(value ? 1L : 0L);
          journal.bool(id, value);
        }
        case STRING -> {
          String text = "é".repeat(random.nextInt(4)) + step;
          series.bits.add(0L);
          series.texts.add(text);
          journal.text(id, text);
        }
        default -> throw new AssertionError(kinds.get(id));
      }
    }

    List<String> names() {
      return names;
    }

    Rows rows(String name) {
      return rows.get(names.indexOf(name));
    }

    void check() {
      check(layout);
    }

    void check(RunLayout where) {
      try (RunReader reader = RunReader.open(where.root())) {
        assertEquals(names, reader.metrics());
        for (int id = 0; id < names.size(); id++) {
          check(reader, id);
        }
      }
    }

    private void check(RunReader reader, int id) {
      String name = names.get(id);
      Rows expected = rows.get(id);
      if (kinds.get(id) == Kind.STRING) {
        Strings found = reader.strings(name);
        assertArrayEquals(Rows.array(expected.steps), found.steps(), name);
        assertArrayEquals(expected.texts.toArray(), found.values(), name);
        return;
      }
      Scalars found = reader.scalars(name);
      assertArrayEquals(Rows.array(expected.steps), found.steps(), name);
      assertArrayEquals(Rows.array(expected.globalSteps), found.globalSteps(), name);
      assertArrayEquals(Rows.array(expected.micros), found.timestamps(), name);
      long[] bits =
          kinds.get(id) == Kind.FLOAT64
              ? LongStream.range(0, found.size())
                  .map(i -> Double.doubleToRawLongBits(found.values()[(int) i]))
                  .toArray()
              : found.longs();
      assertArrayEquals(Rows.array(expected.bits), bits, name);
    }

    @Override
    public void close() throws IOException {
      end();
    }

    void end() throws IOException {
      if (!closed) {
        closed = true;
        journal.close();
      }
    }
  }
}
