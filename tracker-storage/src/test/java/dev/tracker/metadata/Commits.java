package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.Tile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A sequence of commits in which every table says which commit it is of. */
final class Commits {
  static final int SERIES = 20;

  /** Not a divisor of 32 or 1024, so that groups are completed within a commit. */
  private static final int TILES = 37;

  private static final int FILES_KEPT = 3;

  private Commits() {}

  /** The change that follows the commit before. */
  static Change change(long commit) throws IOException {
    Change change = new Change(new Counters(commit, commit * 2, commit * 3, commit * 5));
    change.run(document(commit));
    for (int id = 0; id < SERIES; id++) {
      SeriesEntry none = Samples.empty(id, "metric " + id, Kind.INT64);
      change.series(
          new SeriesEntry(
              id,
              none.name(),
              none.kind(),
              none.folder(),
              0,
              commit,
              rows(commit),
              commit,
              0,
              commit,
              new SeriesStats(commit, null, commit, 0, 0, commit, commit, 0, 0, 0),
              null));
      change.tiles(
          id, (commit - 1) * TILES, Samples.fullTiles(Kind.INT64, (commit - 1) * TILES, TILES));
      change.file(new FileEntry(path(id, commit), commit, "crc32c:0"));
      change.fileGone(path(id, commit - FILES_KEPT));
    }
    return change
        .steps(new StepRange(commit, commit, commit, commit, commit, 1))
        .gap(new Gap(1, commit, commit));
  }

  /** Checks that a database is in the state after one whole commit, and returns which. */
  static long check(Path file) throws IOException {
    List<FileEntry> files = new ArrayList<>();
    Snapshot snapshot = MetadataReader.read(file, files::add).orElseThrow();
    long commit = snapshot.checkpoint().position();
    if (commit == 0) {
      assertEquals(List.of(), snapshot.series());
      return 0;
    }
    assertEquals(new Counters(commit, commit * 2, commit * 3, commit * 5), snapshot.checkpoint());
    assertEquals(document(commit), snapshot.run());
    assertEquals(commit, snapshot.gaps());
    assertEquals(commit, snapshot.rowsLost());
    assertEquals(SERIES, snapshot.series().size());
    for (SeriesEntry entry : snapshot.series()) {
      assertEquals(commit, entry.version());
      assertEquals(rows(commit), entry.rows());
      assertEquals(commit, entry.stats().last());
    }
    assertEquals(SERIES * Math.min(commit, FILES_KEPT), files.size());
    return commit;
  }

  /** Checks what is read by calls of its own, where nobody writes. */
  static void checkAtRest(Path file) throws IOException {
    long commit = check(file);
    assertEquals(commit, MetadataReader.steps(file, 0, Long.MAX_VALUE).size());
    assertEquals(commit, MetadataReader.gaps(file).size());
    int tiles = (int) commit * TILES;
    for (SeriesEntry entry : MetadataReader.read(file).orElseThrow().series()) {
      Tiles found = MetadataReader.tiles(file, entry, 0, 0, tiles + 1).orElseThrow();
      assertEquals(tiles, found.size());
      for (int i = 0; i < tiles; i += 97) {
        assertArrayEquals(
            Samples.bytes(Samples.tile(Kind.INT64, Tile.ROWS, i)), Samples.bytes(found.get(i)));
      }
    }
  }

  private static long rows(long commit) {
    return commit * TILES * Tile.ROWS;
  }

  private static String path(int id, long commit) {
    return "data/metrics/s%d.lance/data/%d.lance".formatted(id, commit);
  }

  private static RunDocument document(long commit) throws IOException {
    return RunDocument.parse(("{\"commit\":" + commit + "}").getBytes(StandardCharsets.UTF_8));
  }
}
