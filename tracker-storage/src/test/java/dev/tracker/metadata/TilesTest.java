package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.Tile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TilesTest {
  @TempDir Path folder;

  private Path file;
  private long position;

  @BeforeEach
  void name() {
    file = folder.resolve("metadata.db");
  }

  @Test
  void aGrowingGroup_isRowsOf32_andACompleteOneIsOneRow() throws Exception {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      long next = append(writer, 0, 40);
      assertEquals(List.of("0|0|32|4096", "0|32|8|1024"), rows());
      next = append(writer, next, 24);
      assertEquals(List.of("0|0|32|4096", "0|32|32|4096"), rows());
      next = append(writer, next, 959);
      assertEquals(32, rows().size());
      assertEquals("0|992|31|3968", rows().get(31));
      next = append(writer, next, 1);
      assertEquals(List.of("0|0|1024|131072", "1|0|1|128"), rows());
      append(writer, next, 1);
      assertEquals(List.of("0|0|1024|131072", "0|1024|1|128", "1|0|1|128"), rows());
      checkAll(1025);
    }
  }

  @Test
  void manyGroupsAtOnce_areWrittenPacked() throws Exception {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      append(writer, append(writer, 0, 5), 3 * Tiles.FANOUT);
      assertEquals(
          List.of(
              "0|0|1024|131072",
              "0|1024|1024|131072",
              "0|2048|1024|131072",
              "0|3072|5|640",
              "1|0|3|384"),
          rows());
      checkAll(3 * Tiles.FANOUT + 5);
    }
  }

  @Test
  void randomPieces_readBackInEveryRange() throws Exception {
    Random random = new Random(7);
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      long next = 0;
      while (next < 2_500) {
        next = append(writer, next, 1 + random.nextInt(random.nextBoolean() ? 3 : 300));
      }
      checkAll((int) next);
      for (int i = 0; i < 200; i++) {
        int from = random.nextInt((int) next + 10);
        int count = random.nextInt(1_500);
        check(0, from, count, (int) Math.max(0, Math.min(count, next - from)));
      }
    }
  }

  @Test
  void theLevelAbove_isTheSumOfItsGroup() throws Exception {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      append(writer, append(writer, 0, 1_000), 2_000);
    }
    Tiles coarse = MetadataReader.tiles(file, entry(0), 1, 0, 10).orElseThrow();
    assertEquals(2, coarse.size());
    for (int group = 0; group < 2; group++) {
      Tile sum = new Tile(Kind.FLOAT64);
      Samples.fullTiles(Kind.FLOAT64, (long) group * Tiles.FANOUT, Tiles.FANOUT)
          .forEach(sum::merge);
      assertArrayEquals(Samples.bytes(sum), Samples.bytes(coarse.get(group)));
      assertEquals(Tiles.rows(1), coarse.get(group).count());
    }
  }

  @Test
  void anotherGeneration_dropsTheTiles_andOldReadersNotice() throws Exception {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      append(writer, 0, 50);
      writer.commit(change().series(entry(1)).tiles(0, 0, Samples.fullTiles(Kind.FLOAT64, 0, 2)));
      assertEquals(List.of("0|0|2|256"), rows());
      assertTrue(MetadataReader.tiles(file, entry(0), 0, 0, 1).isEmpty());
      assertEquals(2, MetadataReader.tiles(file, entry(1), 0, 0, 100).orElseThrow().size());
    }
  }

  @Test
  void tilesThatDoNotFollow_areRefused_andNothingOfTheChangeIsDone() throws Exception {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      append(writer, 0, 10);
    }
    for (long first : new long[] {9, 11, 30}) {
      try (MetadataWriter writer = MetadataWriter.open(file)) {
        Change change = change().tiles(0, first, Samples.fullTiles(Kind.FLOAT64, first, 1));
        MetadataException e = assertThrows(MetadataException.class, () -> writer.commit(change));
        assertTrue(e.getMessage().contains("first=" + first), e.getMessage());
      }
    }
    assertEquals(1, MetadataReader.read(file).orElseThrow().checkpoint().position());
    checkAll(10);
  }

  @Test
  void aTileThatIsNotFull_isRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> change().tiles(0, 0, List.of(Samples.tile(Kind.FLOAT64, Tile.ROWS - 1, 0))));
  }

  @Test
  void aLostRowOfTiles_isNotReadOver() throws Exception {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      append(writer, 0, 100);
    }
    try (Connection foreign = Samples.foreign(file)) {
      Samples.run(foreign, "DELETE FROM tile WHERE first = 32");
    }
    MetadataException e =
        assertThrows(
            MetadataException.class, () -> MetadataReader.tiles(file, entry(0), 0, 0, 100));
    assertEquals(MetadataException.Reason.DAMAGED, e.reason());
  }

  private long append(MetadataWriter writer, long first, int count) throws IOException {
    writer.commit(
        change().series(entry(0)).tiles(0, first, Samples.fullTiles(Kind.FLOAT64, first, count)));
    return first + count;
  }

  private Change change() {
    position++;
    return new Change(new Counters(position, 0, 0, 0));
  }

  private static SeriesEntry entry(int generation) {
    SeriesEntry e = Samples.empty(0, "loss", Kind.FLOAT64);
    return new SeriesEntry(
        0,
        "loss",
        Kind.FLOAT64,
        "loss",
        generation,
        1,
        0,
        0,
        e.firstStep(),
        e.lastStep(),
        e.stats(),
        null);
  }

  private void checkAll(int count) throws IOException {
    check(0, 0, count + 100, count);
  }

  private void check(int level, int first, int count, int expected) throws IOException {
    Tiles tiles = MetadataReader.tiles(file, entry(0), level, first, count).orElseThrow();
    assertEquals(first, tiles.first());
    assertEquals(expected, tiles.size(), "first=" + first + " count=" + count);
    for (int i = 0; i < expected; i++) {
      assertArrayEquals(
          Samples.bytes(Samples.tile(Kind.FLOAT64, Tile.ROWS, first + i)),
          Samples.bytes(tiles.get(i)));
    }
  }

  private List<String> rows() throws SQLException {
    try (Connection foreign = Samples.foreign(file)) {
      return Samples.query(
          foreign, "SELECT level, first, count, length(tiles) FROM tile ORDER BY level, first");
    }
  }
}
