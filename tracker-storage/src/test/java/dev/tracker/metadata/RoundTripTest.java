package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.Tile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Whatever is committed is what is read, against a model in memory. */
class RoundTripTest {
  private static final int SERIES = 6;

  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void whatWasCommitted_isWhatIsRead(@ForAll long seed) throws IOException {
    new Model().commitAndRead(new Random(seed));
  }

  /** What was committed so far. */
  private static final class Model {
    private Counters checkpoint = Counters.START;
    private RunDocument document = RunDocument.empty();
    private final Map<Integer, SeriesEntry> series = new TreeMap<>();
    private final Map<Integer, List<Tile>> tiles = new TreeMap<>();
    private final Map<String, FileEntry> files = new TreeMap<>();
    private final Map<Long, StepRange> steps = new TreeMap<>();
    private final List<Gap> gaps = new ArrayList<>();

    void commitAndRead(Random random) throws IOException {
      Path folder = Files.createTempDirectory("metadata-test");
      try {
        Path file = folder.resolve("metadata.db");
        MetadataWriter writer = MetadataWriter.open(file);
        int changes = 1 + random.nextInt(12);
        for (int i = 0; i < changes; i++) {
          writer.commit(change(random));
          check(file);
          Samples.assertSame(List.copyOf(series.values()), writer.snapshot().series());
          if (random.nextInt(4) == 0) {
            close(writer, random);
            writer = MetadataWriter.open(file);
          }
        }
        close(writer, random);
        check(file);
      } finally {
        delete(folder);
      }
    }

    private static void close(MetadataWriter writer, Random random) throws IOException {
      if (random.nextBoolean()) {
        assertTrue(writer.finish());
      } else {
        writer.close();
      }
    }

    private Change change(Random random) throws IOException {
      checkpoint =
          new Counters(
              checkpoint.position() + random.nextInt(1_000),
              random.nextLong(),
              Samples.number(random),
              random.nextLong());
      Change change = new Change(checkpoint);
      if (random.nextBoolean()) {
        document = document.copy();
        String patch =
            "{\"name\":\"r%d\",\"config\":{\"k%d\":[1,{\"ü\":null}]}}"
                .formatted(random.nextInt(), random.nextInt(5));
        document.patch(patch.getBytes(StandardCharsets.UTF_8));
        change.run(document);
      }
      for (int i = random.nextInt(SERIES); i > 0; i--) {
        addSeries(random, change);
      }
      addFiles(random, change);
      for (int i = random.nextInt(4); i > 0; i--) {
        addSteps(random, change);
      }
      for (int i = random.nextInt(3); i > 0; i--) {
        Gap gap = new Gap(random.nextInt(1_000), Samples.number(random), Samples.number(random));
        gaps.add(gap);
        change.gap(gap);
      }
      return change;
    }

    private void addSeries(Random random, Change change) {
      int id = random.nextInt(SERIES);
      if (change.series().stream().anyMatch(entry -> entry.id() == id)) {
        return;
      }
      Kind kind = Kind.of(id % 4);
      SeriesEntry before = series.get(id);
      List<Tile> full = new ArrayList<>(tiles.getOrDefault(id, List.of()));
      int added = random.nextInt(3) == 0 ? 0 : random.nextInt(80);
      long rows = (full.size() + added) * (long) Tile.ROWS + random.nextInt(Tile.ROWS);
      SeriesEntry entry = Samples.entry(random, id, "series " + id + "\0" + id, kind, rows);
      if (before != null && before.generation() != entry.generation()) {
        full.clear();
      }
      change.series(entry);
      List<Tile> fresh = Samples.fullTiles(kind, full.size(), added);
      change.tiles(id, full.size(), fresh);
      full.addAll(fresh);
      series.put(id, entry);
      tiles.put(id, full);
    }

    private void addFiles(Random random, Change change) {
      for (int i = random.nextInt(5); i > 0; i--) {
        String path = "data/metrics/f" + random.nextInt(20) + ".lance";
        change.fileGone(path);
        files.remove(path);
      }
      for (int i = random.nextInt(8); i > 0; i--) {
        FileEntry entry =
            new FileEntry(
                "data/metrics/f" + random.nextInt(20) + ".lance",
                random.nextLong(),
                Samples.text(random));
        change.file(entry);
        files.put(entry.path(), entry);
      }
    }

    private void addSteps(Random random, Change change) {
      long low = random.nextInt(1_000);
      StepRange range =
          new StepRange(
              random.nextInt(6) - 3, low, low + 9, low * 7, low * 7 + random.nextInt(100), 10);
      change.steps(range);
      steps.merge(
          range.globalStep(),
          range,
          (a, b) ->
              new StepRange(
                  a.globalStep(),
                  Math.min(a.firstStep(), b.firstStep()),
                  Math.max(a.lastStep(), b.lastStep()),
                  Math.min(a.firstMicros(), b.firstMicros()),
                  Math.max(a.lastMicros(), b.lastMicros()),
                  a.rows() + b.rows()));
    }

    private void check(Path file) throws IOException {
      List<FileEntry> found = new ArrayList<>();
      Snapshot snapshot = MetadataReader.read(file, found::add).orElseThrow();
      assertEquals(checkpoint, snapshot.checkpoint());
      assertEquals(document, snapshot.run());
      assertEquals(gaps.size(), snapshot.gaps());
      assertEquals(gaps.stream().mapToLong(Gap::rows).sum(), snapshot.rowsLost());
      assertEquals(gaps, MetadataReader.gaps(file));
      assertEquals(List.copyOf(files.values()), found);
      assertEquals(
          List.copyOf(steps.values()), MetadataReader.steps(file, Long.MIN_VALUE, Long.MAX_VALUE));
      assertEquals(
          steps.values().stream().filter(s -> s.globalStep() >= -1 && s.globalStep() <= 1).toList(),
          MetadataReader.steps(file, -1, 1));
      Samples.assertSame(List.copyOf(series.values()), snapshot.series());
      for (SeriesEntry entry : snapshot.series()) {
        checkTiles(file, entry, tiles.get(entry.id()));
      }
    }

    private static void checkTiles(Path file, SeriesEntry entry, List<Tile> expected)
        throws IOException {
      int from = expected.size() / 3;
      Tiles tiles = MetadataReader.tiles(file, entry, 0, from, expected.size()).orElseThrow();
      assertEquals(expected.size() - from, tiles.size());
      for (int i = 0; i < tiles.size(); i++) {
        assertArrayEquals(Samples.bytes(expected.get(from + i)), Samples.bytes(tiles.get(i)));
      }
    }

    private static void delete(Path folder) throws IOException {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
