package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.format.Tile;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.read.Axis;
import dev.tracker.read.Curve;
import dev.tracker.read.RunReader;
import dev.tracker.read.Runs;
import dev.tracker.read.ScalarCursor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Curves, ranges and cursors from real journals, Lance and SQLite, sealed or not. */
class CurveTest {
  private static final String LOSS = "loss";

  @TempDir Path folder;

  @Property(tries = 20, shrinking = ShrinkingMode.OFF)
  void a_reader_says_what_the_rows_say(@ForAll @IntRange int seed) throws IOException {
    Path run = Files.createTempDirectory("tracker-curve");
    Random random = new Random(seed);
    try (CurveScript script = new CurveScript(new RunLayout(run), random)) {
      List<CurveScript.Order> orders = List.of(CurveScript.Order.values());
      int phases = 1 + random.nextInt(5);
      for (int i = 0; i < phases; i++) {
        CurveScript.Order order = orders.get(random.nextInt(orders.size()));
        script.log(phaseLength(random), order);
        if (random.nextInt(6) == 0) {
          script.rewind();
        }
        if (random.nextBoolean()) {
          script.seal();
        }
        if (random.nextInt(5) == 0) {
          script.rewind();
        }
        if (random.nextInt(3) == 0) {
          script.check();
        }
      }
      script.check();
    } finally {
      delete(run);
    }
  }

  private static int phaseLength(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(4);
      case 1 -> Tile.ROWS - 2 + random.nextInt(5);
      case 2 -> random.nextInt(5_000);
      default -> random.nextInt(40_000);
    };
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  /** Logs and seals rows of one series, step by step; the value of step s is s itself. */
  private RunLayout sealed(String name, int rows, LongUnaryOperator bits) throws IOException {
    RunLayout layout = new RunLayout(folder.resolve(name));
    Files.createDirectories(layout.journal());
    try (JournalWriter journal =
        JournalWriter.open(layout.journal(), Counters.START, FileLayer.real())) {
      journal.series(0, Kind.FLOAT64, LOSS);
      for (int i = 0; i < rows; i++) {
        journal.beginRow(1_700_000_000_000_000L + i, 1);
        journal.value(0, bits.applyAsLong(i));
        if (i % 10_000 == 0) {
          journal.write();
        }
      }
      journal.write();
    }
    Sealer.seal(layout.root());
    return layout;
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }

  @Test
  void few_buckets_of_millions_of_rows_come_from_the_coarse_tiles() throws IOException {
    int rows = 5 * 1024 * 1024 + 77_777; // five coarse tiles, fine ones, and a part of one
    RunLayout layout = sealed("run", rows, i -> value(i % 1_000));
    try (RunReader reader = RunReader.open(layout.root())) {
      for (int buckets : new int[] {1, 2, 7}) {
        for (long from : new long[] {Long.MIN_VALUE, 1_500_000}) {
          Curve curve = reader.curve(LOSS, from, Long.MAX_VALUE, buckets);
          assertEquals(buckets, curve.size());
          long next = Math.max(0, from);
          for (int i = 0; i < buckets; i++) {
            assertEquals(next, curve.fromStep(i));
            next = curve.toStep(i) + 1;
            assertEquals(next - curve.fromStep(i), curve.count(i));
            assertEquals(curve.fromStep(i) % 1_000, curve.firstLong(i));
            assertEquals(curve.toStep(i) % 1_000, curve.lastLong(i));
            assertEquals(0, curve.min(i));
            assertEquals(999, curve.max(i));
          }
          assertEquals(rows, next);
        }
      }
      ScalarCursor cursor = reader.cursor(LOSS, Axis.STEP, 1_048_000, 2_500_000);
      for (long step = 1_048_000; step <= 2_500_000; step++) {
        assertTrue(cursor.next());
        assertEquals(step, cursor.step());
      }
      assertTrue(!cursor.next());
      assertEquals(10, reader.scalars(LOSS, 4_000_000, 4_000_009).size());
    }
  }

  @Test
  void a_curve_without_the_files_of_the_series_comes_from_its_tiles() throws IOException {
    int rows = 200 * Tile.ROWS;
    RunLayout layout = sealed("run", rows, i -> i == 77_777 ? bits(1e9) : value(i));
    delete(layout.metrics());
    try (RunReader reader = RunReader.open(layout.root())) {
      Curve curve = reader.curve(LOSS, Long.MIN_VALUE, Long.MAX_VALUE, 30);
      assertEquals(30, curve.size());
      double highest = 0;
      for (int i = 0; i < curve.size(); i++) {
        assertEquals(0, curve.fromStep(i) % Tile.ROWS, "an edge is where tiles end");
        highest = Math.max(highest, curve.max(i));
      }
      assertEquals(1e9, highest);
    }
  }

  @Test
  void edges_are_exact_where_buckets_are_small() throws IOException {
    RunLayout layout = sealed("run", 10_000, CurveTest::value);
    try (RunReader reader = RunReader.open(layout.root())) {
      Curve curve = reader.curve(LOSS, 0, 9_999, 10);
      for (int i = 0; i < 10; i++) {
        assertEquals(i * 1_000L, curve.fromStep(i));
        assertEquals(i * 1_000L + 999, curve.toStep(i));
        assertEquals(i * 1_000 + 499.5, curve.mean(i), 1e-9);
        assertEquals(288.675, curve.deviation(i), 1e-3);
      }
      assertEquals(0, reader.curve(LOSS, 20_000, 30_000, 10).size());
      assertEquals(0, reader.curve(LOSS, 7, 6, 10).size());
      assertEquals(3, reader.curve(LOSS, 5, 7, 10).size());
      assertThrows(IllegalArgumentException.class, () -> reader.curve(LOSS, 0, 1, 0));
      assertThrows(IllegalArgumentException.class, () -> reader.curve("lost", 0, 1, 1));
    }
  }

  private static long value(long i) {
    return bits((double) i);
  }

  @Test
  void steps_at_the_ends_of_all_numbers_have_their_buckets() throws IOException {
    RunLayout layout = new RunLayout(folder.resolve("run"));
    Files.createDirectories(layout.journal());
    List<Long> steps = List.of(Long.MIN_VALUE, -1L, 0L, 5L, Long.MAX_VALUE);
    try (JournalWriter journal =
        JournalWriter.open(layout.journal(), Counters.START, FileLayer.real())) {
      journal.series(0, Kind.FLOAT64, LOSS);
      for (long step : steps) {
        journal.beginRowAt(step, 1_700_000_000_000_000L, 1);
        journal.value(0, bits((double) step));
      }
      journal.write();
    }
    try (RunReader reader = RunReader.open(layout.root())) {
      for (int buckets : new int[] {1, 2, 3, 1_000}) {
        Curve curve = reader.curve(LOSS, Long.MIN_VALUE, Long.MAX_VALUE, buckets);
        long count = 0;
        for (int i = 0; i < curve.size(); i++) {
          count += curve.count(i);
        }
        assertEquals(5, count);
        assertEquals(Long.MIN_VALUE, curve.fromStep(0));
        assertEquals(Long.MAX_VALUE, curve.toStep(curve.size() - 1));
      }
    }
  }

  @Test
  void a_cursor_ends_when_its_reader_has_moved_on() throws IOException {
    RunLayout layout = new RunLayout(folder.resolve("run"));
    Files.createDirectories(layout.journal());
    try (JournalWriter journal =
        JournalWriter.open(layout.journal(), Counters.START, FileLayer.real())) {
      journal.series(0, Kind.FLOAT64, LOSS);
      log(journal);
      try (RunReader reader = RunReader.open(layout.root())) {
        ScalarCursor cursor = reader.cursor(LOSS);
        assertTrue(cursor.next());
        log(journal);
        assertTrue(!cursor.next(), "the second row came after the moment");
        cursor = reader.cursor(LOSS);
        reader.refresh();
        assertThrows(IllegalStateException.class, cursor::next);
      }
    }
  }

  /** It left the journal half-way, from where nobody could go on. */
  @Test
  void a_cursor_that_is_left_half_way_keeps_its_reader_from_nothing() throws IOException {
    RunLayout layout = new RunLayout(folder.resolve("run"));
    Files.createDirectories(layout.journal());
    try (JournalWriter journal =
        JournalWriter.open(layout.journal(), Counters.START, FileLayer.real())) {
      journal.series(0, Kind.FLOAT64, LOSS);
      int rows = 200_000;
      for (int i = 0; i < rows; i += 1_000) {
        for (int row = 0; row < 1_000; row++) {
          journal.beginRow(1_700_000_000_000_000L, 1);
          journal.value(0, bits(i + row));
        }
        journal.write();
      }
      try (RunReader reader = RunReader.open(layout.root())) {
        assertTrue(reader.cursor(LOSS).next());
        assertEquals(rows, reader.summary(LOSS).rows());
        ScalarCursor other = reader.cursor(LOSS);
        assertTrue(other.next());
        log(journal);
        reader.refresh();
        assertEquals(rows + 1, reader.scalars(LOSS).size());
      }
    }
  }

  @Test
  void a_cursor_ends_when_its_reader_is_closed() throws IOException {
    RunLayout layout = sealed("run", 10, CurveTest::value);
    ScalarCursor cursor;
    try (RunReader reader = RunReader.open(layout.root())) {
      cursor = reader.cursor(LOSS);
    }
    assertThrows(IllegalStateException.class, cursor::next);
  }

  private static void log(JournalWriter journal) throws IOException {
    journal.beginRow(1_700_000_000_000_000L, 1);
    journal.value(0, bits(1));
    journal.write();
  }

  @Test
  void several_runs_and_metrics_come_in_one_call() throws IOException {
    RunLayout one = sealed("one", 3_000, CurveTest::value);
    RunLayout two = sealed("two", 500, CurveTest::value);
    try (RunReader first = RunReader.open(one.root());
        RunReader second = RunReader.open(two.root())) {
      List<Map<String, Curve>> curves =
          Runs.curves(
              List.of(first, second),
              List.of(LOSS, "accuracy"),
              Axis.RELATIVE_TIME,
              Long.MIN_VALUE,
              Long.MAX_VALUE,
              100);
      List<Integer> sizes = new ArrayList<>();
      for (Map<String, Curve> run : curves) {
        assertEquals(List.of(LOSS), List.copyOf(run.keySet()));
        sizes.add(run.get(LOSS).size());
      }
      assertEquals(List.of(100, 100), sizes);
    }
  }
}
