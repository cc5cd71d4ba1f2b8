package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The writer, readers, and other programs at the same database. */
@Tag("once")
class SharingTest {
  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("metadata.db");
  }

  @Test
  void aForeignLock_failsTheCommit_andTheSameChangeSucceedsLater() throws Exception {
    try (MetadataWriter writer = MetadataWriter.open(file);
        Connection foreign = Samples.foreign(file)) {
      writer.commit(Commits.change(1));
      Change change = Commits.change(2);
      Samples.run(foreign, "BEGIN IMMEDIATE");
      MetadataException e = assertThrows(MetadataException.class, () -> writer.commit(change));
      assertEquals(Reason.LOCKED, e.reason());
      assertTrue(e.getMessage().contains("lock"), e.getMessage());
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
      assertEquals(1, Commits.check(file)); // readers are not held up
      Samples.run(foreign, "ROLLBACK");
      writer.commit(change);
      Commits.checkAtRest(file);
      assertEquals(2, Commits.check(file));
    }
  }

  /** A file made between two looks was neither there nor not there, and its reader failed. */
  @Test
  void databaseThatIsMadeWhileItIsLookedFor_isThereOrNot() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService maker = Executors.newSingleThreadExecutor();
    Future<?> making =
        maker.submit(() -> {
          while (!done.get()) {
            Files.createFile(file);
            Files.delete(file);
          }
          return file;
        });
    for (int i = 0; i < 50_000; i++) {
      Database.exists(file);
    }
    done.set(true);
    making.get();
    maker.shutdown();
  }

  @Test
  void readersInManyThreads_seeWholeCommits_inOrder() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      List<Future<Integer>> readers = new ArrayList<>();
      CountDownLatch begun = new CountDownLatch(3);
      for (int i = 0; i < 3; i++) {
        readers.add(threads.submit(() -> readUntil(done, begun)));
      }
      assertTrue(begun.await(5, TimeUnit.MINUTES), "not all readers have read");
      for (int commit = 1; commit <= 60; commit++) {
        writer.commit(Commits.change(commit));
      }
      done.set(true);
      for (Future<Integer> reader : readers) {
        assertTrue(reader.get() > 1);
      }
      assertTrue(writer.finish());
    } finally {
      done.set(true);
      threads.shutdown();
    }
    Commits.checkAtRest(file);
  }

  /** Reads again and again, for the last time when the writer is done; says how often. */
  private int readUntil(AtomicBoolean done, CountDownLatch begun) throws IOException {
    int reads = 0;
    long last = 0;
    for (boolean isLast = false; !isLast; reads++) {
      isLast = done.get();
      long commit = Commits.check(file);
      assertTrue(commit >= last);
      last = commit;
      if (reads == 0) {
        begun.countDown();
      }
    }
    return reads;
  }

  @Test
  void readersWhileItIsFinished_neverFail() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> reader = null;
      for (int commit = 1; commit <= 15; commit++) {
        try (MetadataWriter writer = openPatiently()) {
          writer.commit(Commits.change(commit));
          reader = reader == null ? threads.submit(() -> readUntil(done, begun)) : reader;
          assertTrue(begun.await(5, TimeUnit.MINUTES), "the reader has not read");
          writer.finish();
        }
      }
      done.set(true);
      assertTrue(reader.get() > 1);
    } finally {
      done.set(true);
      threads.shutdown();
    }
  }

  /** Opens it however long a reader stalls that holds the lock which a new WAL needs. */
  private MetadataWriter openPatiently() throws IOException {
    while (true) {
      try {
        return MetadataWriter.open(file);
      } catch (MetadataException e) {
        assertEquals(Reason.LOCKED, e.reason(), e::getMessage);
      }
    }
  }

  @Test
  void aReaderThatStays_keepsItFromBeingOneFile_butNotFromBeingWhole() throws Exception {
    try (Connection foreign = Samples.foreign(file)) {
      MetadataWriter writer = MetadataWriter.open(file);
      writer.commit(Commits.change(1));
      Samples.run(foreign, "BEGIN");
      Samples.query(foreign, "SELECT count(*) FROM series");
      writer.commit(Commits.change(2));
      assertFalse(writer.finish());
      assertEquals(2, Commits.check(file));
    }
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      assertTrue(writer.finish());
    }
    assertEquals(2, Commits.check(file));
    assertFalse(Files.exists(folder.resolve("metadata.db-wal")));
  }

  @Test
  void theWal_isCutBackAfterALongReader() throws Exception {
    Path wal = folder.resolve("metadata.db-wal");
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      long commit = 0;
      try (Connection foreign = Samples.foreign(file)) {
        writer.commit(Commits.change(++commit));
        Samples.run(foreign, "BEGIN");
        Samples.query(foreign, "SELECT count(*) FROM series");
        while (Files.size(wal) < 20 << 20) {
          writer.commit(Commits.change(++commit));
        }
      }
      writer.commit(Commits.change(++commit)); // moves all of it into the database
      writer.commit(Commits.change(++commit)); // begins anew
      assertTrue(Files.size(wal) <= 8 << 20, "size=" + Files.size(wal));
      Commits.checkAtRest(file);
    }
  }

  @Test
  void tenThousandSeries_areOneSnapshot() throws IOException {
    Random random = new Random(3);
    List<SeriesEntry> entries = new ArrayList<>();
    Change change = new Change(new Counters(1, 0, 0, 0));
    for (int id = 0; id < 10_000; id++) {
      Kind kind = Kind.of(id % 4);
      SeriesEntry entry = Samples.entry(random, id, "metric/" + id, kind, random.nextInt(5_000));
      entries.add(entry);
      change.series(entry);
    }
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      writer.commit(change);
    }
    Samples.assertSame(entries, MetadataReader.read(file).orElseThrow().series());
  }
}
