package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalScan;
import dev.tracker.journal.JournalWriter;
import dev.tracker.media.DurableFiles;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Snapshot;
import dev.tracker.read.ConsoleLine;
import dev.tracker.read.RunReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs that go back to an earlier step, in real journals, Lance and SQLite, compared with a model
 * that does the same on lists. {@code -Dtracker.test.seed} gives the sequences of an earlier run,
 * which prints its seed.
 */
@Tag("once")
class RewindTest {
  @TempDir Path folder;
  private RunLayout layout;
  private final long seed = Long.getLong("tracker.test.seed", System.nanoTime());

  @BeforeEach
  void layOut() {
    layout = new RunLayout(folder.resolve("run"));
  }

  @Test
  void rows_of_greater_steps_are_gone_at_once_and_after_sealing() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(1))) {
      run.log(3_000);
      seal(run);
      run.log(500);
      run.rewind(1_999);
      run.check(); // the sealer has not carried it out
      assertEquals(1, generation(run.name(0)));
      run.log(700);
      run.check();
      seal(run);
      run.check();
      run.checkMetadata();
      assertEquals(2, generation(run.name(0)));
      run.log(100);
      seal(run);
      run.check();
      checkFiles();
    }
  }

  @Test
  void rows_that_are_not_sealed_yet_go_without_a_new_generation() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(2))) {
      run.log(200);
      run.rewind(50);
      run.log(10);
      run.check();
      seal(run);
      run.check();
      run.checkMetadata();
    }
  }

  @Test
  void going_back_before_the_first_row_leaves_the_metrics_without_rows() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(3))) {
      run.log(1_500);
      seal(run);
      run.rewind(-1);
      run.check();
      seal(run);
      run.check();
      run.checkMetadata();
      assertEquals(0, entry(run.name(0)).version());
      assertFalse(
          Files.exists(layout.series(entry(run.name(0)).kind(), entry(run.name(0)).folder())));
      run.log(20);
      seal(run);
      run.check();
      run.checkMetadata();
      checkFiles();
    }
  }

  @Test
  void a_step_that_was_not_reached_drops_nothing() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(4))) {
      run.log(300);
      seal(run);
      run.rewind(100_000);
      seal(run);
      run.log(1);
      run.check();
      seal(run);
      run.check();
      run.checkMetadata();
      assertEquals(1, generation(run.name(0)));
    }
  }

  @Test
  void folders_of_older_generations_are_removed() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(5))) {
      for (int i = 0; i < 4; i++) {
        run.log(100);
        seal(run);
        run.rewind(run.step() - 30);
        seal(run);
      }
      assertEquals(run.width(), folders().size(), folders().toString());
      assertTrue(entry(run.name(0)).folder().endsWith("~g5"), entry(run.name(0)).folder());
      checkFiles();
    }
  }

  @Test
  void a_commit_that_fails_leaves_the_old_generation_and_is_done_again() throws Exception {
    try (RewindScript run = new RewindScript(layout, new Random(6))) {
      run.log(2_000);
      seal(run);
      run.rewind(700);
      failToCommit();
      assertEquals(1, generation(run.name(0)));
      assertEquals(
          2 * run.width(), folders().size(), "the new generation was written: " + folders());
      run.check();
      run.log(10);
      seal(run);
      run.check();
      run.checkMetadata();
      assertEquals(run.width(), folders().size(), folders().toString());
    }
  }

  @Test
  void an_old_generation_that_was_left_behind_is_removed_by_whoever_opens_the_run_next()
      throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(7))) {
      run.log(50);
      seal(run);
      Path old = layout.series(entry(run.name(0)).kind(), entry(run.name(0)).folder());
      Path foreign = layout.metrics().resolve("somebody-elses.lance");
      Files.createDirectories(foreign);
      run.rewind(20);
      seal(run);
      Files.createDirectories(old.resolve("data"));
      Files.writeString(old.resolve("data").resolve("0000000001-00000000.lance"), "left behind");
      seal(run);
      assertFalse(Files.exists(old), "removed");
      assertTrue(Files.exists(foreign), "nobody knows what it is");
      run.check();
    }
  }

  @Test
  void a_reader_of_an_older_generation_says_so_and_goes_on_after_refresh() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(8))) {
      run.log(500);
      seal(run);
      try (RunReader told = RunReader.open(layout.root());
          RunReader silent = RunReader.open(layout.root())) {
        assertEquals(run.sizeOf(0), told.scalars(run.name(0)).size());
        run.rewind(99);
        seal(run);
        StorageException gone =
            assertThrows(StorageException.class, () -> told.scalars(run.name(0)));
        assertTrue(gone.getMessage().contains("call refresh"), gone.getMessage());
        told.refresh();
        assertEquals(run.sizeOf(0), told.scalars(run.name(0)).size());
        assertEquals(
            run.sizeOf(0),
            silent.scalars(run.name(0)).size(),
            "nothing was told yet, so it moves on");
      }
    }
  }

  @Test
  void a_reader_that_was_open_sees_a_rewind_when_it_is_refreshed() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(9))) {
      run.log(300);
      seal(run);
      run.log(100);
      int before = run.sizeOf(0);
      try (RunReader reader = RunReader.open(layout.root())) {
        run.rewind(150);
        assertEquals(before, reader.scalars(run.name(0)).size(), "its moment stays");
        reader.refresh();
        assertEquals(run.sizeOf(0), reader.scalars(run.name(0)).size());
        run.log(5);
        run.rewind(20);
        run.log(3);
        reader.refresh();
        assertEquals(run.sizeOf(0), reader.scalars(run.name(0)).size());
      }
    }
  }

  @Test
  void console_lines_stay_for_they_have_no_step() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(12))) {
      run.log(10);
      run.print("before");
      seal(run);
      run.log(10);
      run.print("between");
      run.rewind(3);
      run.print("after");
      run.log(5);
      for (int i = 0; i < 2; i++) {
        run.check();
        try (RunReader reader = RunReader.open(layout.root())) {
          assertEquals(
              List.of("before", "between", "after"),
              reader.console().stream().map(ConsoleLine::text).toList());
        }
        seal(run);
      }
    }
  }

  @Test
  void a_copy_of_a_run_that_went_back_is_as_far_back() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(10))) {
      run.log(400);
      seal(run);
      run.rewind(123);
      run.log(10);
      RunLayout copy = new RunLayout(folder.resolve("copy"));
      RunLayout links = new RunLayout(folder.resolve("links"));
      try (RunReader reader = RunReader.open(layout.root())) {
        reader.copyTo(copy.root());
        reader.linkTo(links.root());
      }
      run.check(copy);
      run.check(links);
      Sealer.seal(copy.root());
      Sealer.seal(links.root());
      run.check(copy);
      run.check(links);
      run.check();
    }
  }

  /** It came with the rewind, whose window declared nothing. */
  @Test
  void what_is_damaged_right_before_a_rewind_is_a_gap_once() throws IOException {
    for (int sound : new int[] {0, 30}) { // rows of the window before it
      layout = new RunLayout(folder.resolve("damaged" + sound));
      try (RewindScript run = new RewindScript(layout, new Random(13))) {
        run.log(200);
        seal(run);
        run.log(sound);
        long from = run.journal().written();
        run.log(50);
        run.journal().force();
        long to = run.journal().written();
        run.rewind(20);
        run.end();
        damage(from, to);
        Sealer.seal(layout.root());
        Snapshot sealed = MetadataReader.read(layout.metadata()).orElseThrow();
        assertEquals(1, sealed.gaps());
        assertEquals(to - from, sealed.rowsLost());
        run.check();
      }
    }
  }

  /** Flips a bit in each frame of a stretch of the journal. */
  private void damage(long from, long to) throws IOException {
    Map<Path, List<Long>> offsets = new HashMap<>();
    JournalScan.scan(
        layout.journal(),
        from,
        new JournalScan.Sink() {
          @Override
          public void frame(
              String file, long offset, Counters before, long end, JournalScan.Records records) {
            if (before.position() >= from && end <= to) {
              offsets
                  .computeIfAbsent(layout.journal().resolve(file), f -> new ArrayList<>())
                  .add(offset);
            }
          }

          @Override
          public void missing(String file, long expected, long found) {}

          @Override
          public void fault(String file, long offset, JournalScan.Cause least, String what) {}

          @Override
          public void leftOver(String file) {}

          @Override
          public void end(long stable) {}
        });
    assertFalse(offsets.isEmpty());
    for (Map.Entry<Path, List<Long>> file : offsets.entrySet()) {
      byte[] bytes = Files.readAllBytes(file.getKey());
      file.getValue().forEach(offset -> bytes[Math.toIntExact(offset) + 60] ^= 4);
      Files.write(file.getKey(), bytes);
    }
  }

  /** A series of many fragments and tiles, more than a batch of rows long. */
  @Test
  void a_long_series_is_written_anew_piece_by_piece() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(11), 1, Kind.FLOAT64)) {
      for (int i = 0; i < 4; i++) {
        run.log(60_000);
        seal(run);
      }
      run.rewind(200_001);
      seal(run);
      run.check();
      run.checkMetadata();
      run.rewind(70_000);
      run.log(2_000);
      seal(run);
      run.check();
      run.checkMetadata();
    }
  }

  @RepeatedTest(8)
  void any_sequence_gives_what_the_model_gives() throws Exception {
    System.out.println("RewindTest: -Dtracker.test.seed=" + seed);
    Random random = new Random(seed);
    try (RewindScript run = new RewindScript(layout, random)) {
      for (int i = 0; i < 16; i++) {
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> run.log(1 + random.nextInt(random.nextInt(4) == 0 ? 2_000 : 60));
          case 3, 4 -> run.rewind(random.nextLong(-1, run.step() + 3));
          case 5 -> seal(run);
          case 6 -> run.reopen();
          default -> failToCommit();
        }
        run.check();
      }
      seal(run);
      run.check();
      run.checkMetadata();
      checkFiles();
      assertEquals(run.seriesWithRows(), folders().size(), folders().toString());
      run.end();
      Sealer.seal(layout.root());
      run.check();
      run.checkMetadata();
      checkFiles();
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  /** Seals until the first commit, which fails; nothing of it may have happened. */
  private void failToCommit() throws Exception {
    try (RunSealer sealer = RunSealer.open(layout, FileLayer.real());
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + layout.metadata());
        Statement statement = other.createStatement()) {
      long before = sealer.checkpoint().position();
      statement.execute("begin immediate");
      try {
        assertNull(sealer.sealWindow(), "there was nothing to seal");
      } catch (IOException e) {
        assertTrue(e.getMessage().contains("commit"), e.getMessage());
      }
      statement.execute("rollback");
      assertEquals(before, sealer.checkpoint().position());
    }
  }

  private void seal(RewindScript run) throws IOException {
    try (RunSealer sealer = RunSealer.open(layout, FileLayer.real())) {
      JournalWriter journal = run.journal();
      while (sealer.sealWindow() != null) {
        journal.release(sealer.checkpoint().position());
      }
    }
  }

  private SeriesEntry entry(String name) throws IOException {
    return MetadataReader.read(layout.metadata()).orElseThrow().series().stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private int generation(String name) throws IOException {
    return entry(name).generation();
  }

  /** Returns the datasets' folders; the one above them is not there before a value is sealed. */
  private List<String> folders() throws IOException {
    if (!Files.isDirectory(layout.metrics())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(layout.metrics())) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private void checkFiles() throws IOException {
    List<FileEntry> files = new ArrayList<>();
    MetadataReader.read(layout.metadata(), files::add);
    for (FileEntry file : files) {
      Path path = layout.root().resolve(file.path());
      assertEquals(file.length(), Files.size(path), file.path());
      assertEquals(file.digest(), DurableFiles.crc32c(path), file.path());
    }
    List<String> named =
        files.stream()
            .map(FileEntry::path)
            .filter(path -> path.endsWith(".lance"))
            .sorted()
            .toList();
    try (Stream<Path> walk = Files.walk(layout.data())) {
      List<String> there =
          walk.filter(path -> path.toString().endsWith(".lance") && Files.isRegularFile(path))
              .map(path -> layout.root().relativize(path).toString())
              .sorted()
              .toList();
      assertEquals(named, there, "data files that the database names, and those that are there");
    }
  }
}
