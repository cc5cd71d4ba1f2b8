package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.metadata.MetadataStamp.Seen;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a reader that knows an earlier state asks for, and how it notices that there is a later one.
 */
class SinceTest {
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path folder;

  private static SeriesEntry entry(int id, long checkpoint) {
    SeriesEntry none = Samples.empty(id, "metric " + id, Kind.INT64);
    return new SeriesEntry(
        id,
        none.name(),
        none.kind(),
        none.folder(),
        1,
        0,
        0,
        checkpoint,
        none.firstStep(),
        none.lastStep(),
        none.stats(),
        null);
  }

  private static List<Integer> ids(Optional<Snapshot> since) {
    return since.orElseThrow().series().stream().map(SeriesEntry::id).toList();
  }

  @Test
  void only_series_that_may_have_changed_and_new_ones_are_read() throws IOException {
    Path file = folder.resolve("metadata.db");
    assertEquals(Optional.empty(), MetadataReader.readSince(file, 0, -1));
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      writer.commit(
          new Change(new Counters(10, 0, 0, 0)).series(entry(0, 10)).series(entry(1, 10)));
      assertEquals(List.of(0, 1), ids(MetadataReader.readSince(file, 0, -1)));
      writer.commit(new Change(new Counters(20, 0, 0, 0)).series(entry(1, 20)).series(entry(2, 0)));
      Optional<Snapshot> since = MetadataReader.readSince(file, 20, 1);
      assertEquals(List.of(1, 2), ids(since), "2 has no rows yet, so no commit changed it");
      assertEquals(20, since.orElseThrow().checkpoint().position());
      assertEquals(List.of(1), ids(MetadataReader.readSince(file, 20, 2)));
    }
  }

  @Test
  void a_commit_changes_the_stamp_and_reading_does_not() throws IOException {
    Path file = folder.resolve("metadata.db");
    MetadataStamp nothing = MetadataStamp.of(file);
    assertTrue(nothing.isSettled());
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      writer.commit(new Change(new Counters(10, 0, 0, 0)).series(entry(0, 10)));
      MetadataStamp first = MetadataStamp.of(file);
      assertFalse(first.isSameAs(nothing));
      MetadataReader.read(file);
      assertTrue(MetadataStamp.of(file).isSameAs(first));
      writer.commit(new Change(new Counters(20, 0, 0, 0)).series(entry(0, 20)));
      assertFalse(MetadataStamp.of(file).isSameAs(first));
      writer.finish();
      assertTrue(MetadataStamp.of(file).log() == null);
    }
  }

  @Test
  void a_stamp_is_settled_when_the_last_change_is_older_than_a_step_of_the_clock() {
    long now = 1_700_000_000_000L;
    long fine = now * 1_000_000 + 123;
    assertFalse(stamp(fine, now).isSettled());
    assertFalse(stamp(fine, now + 50).isSettled());
    assertTrue(stamp(fine, now + 60).isSettled());
    assertFalse(stamp(fine, now - 1_000).isSettled(), "a clock that was put back");
    long whole = now / 1_000 * SECOND;
    assertFalse(stamp(whole, now + 1_500).isSettled(), "times of whole seconds");
    assertTrue(stamp(whole, now + 3_000).isSettled());
  }

  private static MetadataStamp stamp(long changed, long seen) {
    return new MetadataStamp(new Seen(1, 4096, changed), null, seen);
  }
}
