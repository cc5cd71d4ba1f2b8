package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.Histograms;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Scalars;
import dev.tracker.read.TableRow;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.ValuesProgram;
import dev.tracker.value.Histogram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs that log histograms, files and tables beside numbers and are really killed: {@code
 * -Dtracker.test.seed} gives the moments of an earlier run, which prints its seed.
 */
@Tag("once")
class KilledValuesTest {
  @TempDir Path root;

  private final long seed = Long.getLong("tracker.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  KilledValuesTest() {
    System.out.println("KilledValuesTest: -Dtracker.test.seed=" + seed);
  }

  @RepeatedTest(3)
  void noEntryIsWithoutItsFile_andAllThatWasReportedIsThere() throws Exception {
    Path run = root.resolve("default").resolve("run");
    long first = live(0, Resume.NEVER);
    check(run, 0, first);
    long second = live(1, Resume.MUST);
    check(run, 0, first);
    check(run, 1, second);
    try (Board board = Board.builder("values").root(root).id("run").resume(Resume.MUST).open()) {
      board.log("last", 1.0);
    }
    check(run, 0, first);
    check(run, 1, second);
    checkFolder(run);
  }

  /** Lets a program run until a random moment, and returns what it reported last. */
  private long live(int life, Resume resume) throws Exception {
    try (ChildJvm child =
        ChildJvm.of(ValuesProgram.class)
            .start(root.toString(), "run", resume.name(), Integer.toString(life))) {
      child.hear("opened");
      int enough = 1 + random.nextInt(600);
      child.hear(line -> line.startsWith("journaled ") && reported(line) >= enough);
      child.kill();
      return child.out().stream()
          .filter(line -> line.startsWith("journaled "))
          .mapToLong(KilledValuesTest::reported)
          .max()
          .orElse(0);
    }
  }

  private static long reported(String line) {
    return Long.parseLong(line.substring("journaled ".length()));
  }

  /** Everything of one life is a prefix per thread and series, and bit for bit what was logged. */
  private void check(Path run, int life, long reported) throws IOException {
    try (RunReader reader = RunReader.open(run)) {
      assertFalse(reader.info().status() == RunStatus.RUNNING, () -> "seed " + seed);
      long whole = 0;
      for (int thread = 0; thread < 2; thread++) {
        whole += check(reader, life, thread);
      }
      assertTrue(whole >= reported, "whole calls " + whole + " of " + reported + " seed " + seed);
    }
  }

  /** Returns how many calls are there with all they logged. */
  private int check(RunReader reader, int life, int thread) throws IOException {
    ValuesProgram.Call any = new ValuesProgram.Call(life, thread, 0);
    if (!reader.metrics().contains(any.name("number"))) {
      return 0;
    }
    Scalars numbers = reader.scalars(any.name("number"));
    List<MediaFile> files =
        reader.media().contains(any.name("file")) ? reader.media(any.name("file")) : List.of();
    int histogramCount = 0;
    if (reader.histograms().contains(any.name("histogram"))) {
      Histograms histograms = reader.histograms(any.name("histogram"));
      histogramCount = histograms.size();
      for (int i = 0; i < histograms.size(); i++) {
        double[] expected = new ValuesProgram.Call(life, thread, i).numbers();
        assertArrayEquals(
            Histogram.of(expected).computeBins().counts(), histograms.get(i).counts());
        assertEquals(numbers.steps()[i], histograms.steps()[i], () -> "seed " + seed);
      }
    }
    for (int i = 0; i < files.size(); i++) {
      byte[] expected = new ValuesProgram.Call(life, thread, i).file();
      assertArrayEquals(expected, files.get(i).bytes(), "file " + i + " seed " + seed);
      assertEquals(numbers.steps()[i], files.get(i).step(), () -> "seed " + seed);
    }
    for (int i = 0; i < numbers.size(); i++) {
      assertEquals(i, numbers.values()[i], () -> "seed " + seed);
    }
    int calls = Math.min(numbers.size(), Math.min(histogramCount, files.size()));
    return Math.min(calls, checkTable(reader, any, numbers));
  }

  /** Returns how many calls are there with all rows of their table. */
  private int checkTable(RunReader reader, ValuesProgram.Call any, Scalars numbers)
      throws IOException {
    if (!reader.tables().contains(any.name("table"))) {
      return 0;
    }
    int call = 0;
    int row = 0;
    for (TableRow found : reader.tables(any.name("table"))) {
      ValuesProgram.Call expected = new ValuesProgram.Call(any.life(), any.thread(), call);
      assertEquals(expected.text(row), found.get("text"), () -> "seed " + seed);
      assertEquals((long) row, found.get("row"), () -> "seed " + seed);
      assertEquals(numbers.steps()[call], found.step(), () -> "seed " + seed);
      byte[] file = expected.cell(row);
      assertEquals(file != null, found.media("file").isPresent(), () -> "seed " + seed);
      if (file != null) {
        assertArrayEquals(file, found.media("file").orElseThrow().bytes(), () -> "seed " + seed);
      }
      row++;
      if (row == expected.rows()) {
        call++;
        row = 0;
      }
    }
    return call;
  }

  /** Nothing is left that no entry names. */
  private void checkFolder(Path run) throws IOException {
    try (Stream<Path> walk = Files.walk(run.resolve("media"));
        RunReader reader = RunReader.open(run)) {
      long named =
          reader.media().stream()
              .flatMap(name -> reader.media(name).stream())
              .map(file -> file.file().orElseThrow())
              .distinct()
              .count();
      List<Path> there = walk.filter(Files::isRegularFile).toList();
      assertEquals(named, there.size(), () -> "seed " + seed + " " + there);
      assertFalse(Files.exists(run.resolve("media").resolve("staged")));
    }
  }
}
