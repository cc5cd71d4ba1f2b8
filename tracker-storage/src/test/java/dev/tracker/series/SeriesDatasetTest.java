package dev.tracker.series;

import static dev.tracker.series.RowsModel.assertSame;
import static dev.tracker.series.RowsModel.assertSlice;
import static dev.tracker.series.RowsModel.counted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Kind;
import dev.tracker.series.SeriesDataset.Committed;
import dev.tracker.series.SeriesDataset.DataFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lance.Dataset;
import org.lance.Fragment;

/** Real Lance datasets in real folders. */
@Tag("once")
class SeriesDatasetTest {
  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void nameTheDataset() {
    folder = root.resolve("train__loss.lance");
  }

  @AfterEach
  void nothing_is_left_outside_the_heap() throws IOException {
    assertEquals(0, Lance.memory().getAllocatedMemory());
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"MEDIA", "TABLE"})
  void every_value_comes_back_bit_by_bit(Kind kind) throws IOException {
    Rows expected = new Rows(kind, 0);
    long version = 0;
    for (int seed = 1; seed <= 5; seed++) {
      Rows rows = RowsModel.random(kind, 700, seed);
      RowsModel.addAll(rows, expected);
      Committed committed = SeriesDataset.append(folder, kind, version, rows);
      assertEquals(seed, committed.version());
      assertEquals(700L * seed, committed.rows());
      assertEquals(seed, committed.fragments());
      version = committed.version();
    }
    assertSame(expected, readAll(kind, version));
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"MEDIA", "TABLE"})
  void any_range_is_the_same_range_of_all_rows(Kind kind) throws IOException {
    Rows expected = new Rows(kind, 0);
    long version = 0;
    int[] sizes = {1, 300, 5000, 2, 64};
    for (int size : sizes) {
      Rows rows = RowsModel.random(kind, size, size);
      RowsModel.addAll(rows, expected);
      version = SeriesDataset.append(folder, kind, version, rows).version();
    }
    Random random = new Random(7);
    for (int i = 0; i < 60; i++) {
      int offset = random.nextInt(expected.size() + 2);
      int limit = random.nextInt(expected.size());
      Rows found = new Rows(kind, 0);
      SeriesDataset.read(folder, kind, version, offset, limit, found);
      assertEquals(Math.max(0, Math.min(limit, expected.size() - offset)), found.size());
      assertSlice(expected, offset, found);
    }
  }

  @Test
  void rows_that_are_read_come_after_those_that_are_there() throws IOException {
    long version = append(0, counted(Kind.FLOAT64, 5, 5));
    Rows into = counted(Kind.FLOAT64, 0, 5);
    SeriesDataset.read(folder, Kind.FLOAT64, version, 0, Long.MAX_VALUE, into);
    assertSame(counted(Kind.FLOAT64, 0, 10), into);
  }

  @Test
  void an_older_version_still_has_its_own_rows() throws IOException {
    append(0, counted(Kind.INT64, 0, 10));
    append(1, counted(Kind.INT64, 10, 10));
    SeriesDataset.compact(folder, 2, 1);
    assertSame(counted(Kind.INT64, 0, 10), readAll(Kind.INT64, 1));
    assertSame(counted(Kind.INT64, 0, 20), readAll(Kind.INT64, 2));
    assertSame(counted(Kind.INT64, 0, 20), readAll(Kind.INT64, 3));
  }

  @Test
  void more_rows_than_a_batch_and_a_slice_hold_stay_in_order() throws IOException {
    int size = (1 << 20) + 300_000;
    long version = append(0, counted(Kind.INT64, 0, size));
    assertSame(counted(Kind.INT64, 0, size), readAll(Kind.INT64, version));
    Rows around = new Rows(Kind.INT64, 0);
    SeriesDataset.read(folder, Kind.INT64, version, (1 << 20) - 3, 6, around);
    assertSame(counted(Kind.INT64, (1 << 20) - 3, 6), around);
  }

  @Test
  void a_batch_ends_where_its_texts_become_large() {
    Rows texts = new Rows(Kind.STRING, 0);
    for (int length : new int[] {3_000_000, 1_000_000, 500_000, 9_000_000, 0, 1}) {
      RowsModel.addText(texts, 0, 0, 0, "x".repeat(length));
    }
    assertEquals(2, DataFileWriter.batchEnd(texts, 0));
    assertEquals(3, DataFileWriter.batchEnd(texts, 2));
    assertEquals(4, DataFileWriter.batchEnd(texts, 3));
    assertEquals(6, DataFileWriter.batchEnd(texts, 4));
    assertEquals(1 << 17, DataFileWriter.batchEnd(counted(Kind.INT64, 0, 1 << 18), 0));
  }

  @Test
  void texts_longer_than_a_batch_come_back() throws IOException {
    Rows texts = new Rows(Kind.STRING, 0);
    for (int i = 0; i < 5; i++) {
      RowsModel.addText(texts, i, 0, 0, String.valueOf((char) ('a' + i)).repeat(3_000_000));
      RowsModel.addText(texts, i, 0, 0, "");
    }
    long version = append(0, texts);
    assertSame(texts, readAll(Kind.STRING, version));
    Committed compacted = SeriesDataset.compact(folder, append(version, texts), 1);
    Rows second = new Rows(Kind.STRING, 0);
    SeriesDataset.read(folder, Kind.STRING, compacted.version(), 10, 10, second);
    assertSame(texts, second);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"MEDIA", "TABLE"})
  void compacting_keeps_every_row_in_its_place(Kind kind) throws IOException {
    Rows expected = new Rows(kind, 0);
    Random random = new Random(3);
    long version = 0;
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 12; i++) {
        Rows rows = RowsModel.random(kind, 1 + random.nextInt(200), random.nextLong());
        RowsModel.addAll(rows, expected);
        version = SeriesDataset.append(folder, kind, version, rows).version();
      }
      Committed compacted = SeriesDataset.compact(folder, version, 5);
      assertEquals(version + 1, compacted.version());
      assertEquals(expected.size(), compacted.rows());
      assertEquals(5, compacted.fragments());
      version = compacted.version();
      assertSame(expected, readAll(kind, version));
    }
  }

  @Test
  void compacting_writes_the_smallest_together_and_names_what_it_replaced() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 10, 10));
    append(2, counted(Kind.FLOAT64, 20, 100));
    append(3, counted(Kind.FLOAT64, 120, 10));
    List<String> before = fileNames("data");
    Committed compacted = SeriesDataset.compact(folder, 4, 3);
    assertEquals(3, compacted.fragments());
    assertEquals(130, compacted.rows());
    assertEquals(2, compacted.created().size(), "one data file and the manifest");
    assertEquals(
        before.subList(0, 2),
        names(compacted.obsolete()).stream().filter(name -> name.endsWith(".lance")).toList());
    assertSame(counted(Kind.FLOAT64, 0, 130), readAll(Kind.FLOAT64, 5));
  }

  @Test
  void compacting_what_is_compact_changes_nothing() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    Committed same = SeriesDataset.compact(folder, 1, 1);
    assertEquals(new Committed(1, 10, 1, List.of(), List.of()), same);
    assertEquals(List.of(), SeriesDataset.toForce(folder, same));
    assertEquals(1, fileNames("_versions").size());
  }

  @Test
  void an_append_on_an_older_version_is_refused() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 10, 10));
    IOException refused =
        assertThrows(IOException.class, () -> append(1, counted(Kind.FLOAT64, 50, 5)));
    assertTrue(String.valueOf(refused).contains("version=1"), refused::toString);
    assertThrows(IOException.class, () -> append(0, counted(Kind.FLOAT64, 50, 5)));
    SeriesDataset.rollBack(folder, 2);
    assertSame(counted(Kind.FLOAT64, 0, 20), readAll(Kind.FLOAT64, 2));
    assertEquals(3, append(2, counted(Kind.FLOAT64, 20, 5)));
    assertSame(counted(Kind.FLOAT64, 0, 25), readAll(Kind.FLOAT64, 3));
  }

  @Test
  void no_rows_and_rows_of_another_kind_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> append(0, new Rows(Kind.FLOAT64, 1)));
    Rows ints = counted(Kind.INT64, 0, 1);
    assertThrows(
        IllegalArgumentException.class, () -> SeriesDataset.append(folder, Kind.FLOAT64, 0, ints));
    assertFalse(Files.exists(folder));
  }

  @Test
  void rows_read_as_another_kind_are_refused() throws IOException {
    long version = append(0, counted(Kind.INT64, 0, 10));
    IOException refused = assertThrows(IOException.class, () -> readAll(Kind.BOOL, version));
    assertTrue(String.valueOf(refused.getCause()).contains("column=value"), refused::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"empty", "zeros", "cut", "noise", "copy"})
  void a_newer_manifest_that_a_crash_left_is_rolled_back(String how) throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 10, 10));
    DatasetFiles files = new DatasetFiles(folder);
    byte[] whole = Files.readAllBytes(files.manifest(2));
    byte[] noise = new byte[whole.length];
    new Random(1).nextBytes(noise);
    byte[] torn =
        switch (how) {
          case "empty" -> new byte[0];
          case "zeros" -> new byte[whole.length];
          case "cut" -> Arrays.copyOf(whole, whole.length / 2);
          case "noise" -> noise;
          default -> whole;
        };
    Files.write(files.manifest(3), torn);
    Files.write(files.manifest(4), torn);
    Files.writeString(files.versions().resolve("latest_version_hint.json"), "{\"version\":4}");
    Files.write(files.versions().resolve(".tmpA1b2c3"), torn);
    Files.write(files.versions().resolve("18446744073709551610.manifest#1"), torn);
    Files.write(files.data().resolve("0000000003-12345678.lance"), torn);
    Files.write(files.data().resolve("0000000003-0123456789abcdef.unfinished"), torn);
    Files.write(files.data().resolve("0000000001-87654321.lance#2"), torn);
    Files.write(files.data().resolve(".tmpXyZ"), torn);
    Files.createDirectories(files.transactions());
    Files.write(files.transactions().resolve("2-abc.txn"), torn);

    SeriesDataset.rollBack(folder, 2);

    assertEquals(2, fileNames("data").size());
    assertEquals(
        List.of("18446744073709551613.manifest", "18446744073709551614.manifest"),
        fileNames("_versions"));
    assertEquals(List.of(), fileNames("_transactions"));
    assertEquals(3, append(2, counted(Kind.FLOAT64, 20, 10)));
    assertSame(counted(Kind.FLOAT64, 0, 30), readAll(Kind.FLOAT64, 3));
  }

  @Test
  void a_torn_manifest_that_nobody_rolled_back_refuses_every_change() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 10, 10));
    DatasetFiles files = new DatasetFiles(folder);
    byte[] whole = Files.readAllBytes(files.manifest(2));
    Files.write(files.manifest(3), Arrays.copyOf(whole, whole.length - 18));
    for (long version = 0; version <= 2; version++) {
      long on = version;
      IOException refused =
          assertThrows(IOException.class, () -> append(on, counted(Kind.FLOAT64, 20, 10)));
      assertTrue(refused.getCause().getMessage().contains("not rolled back"), refused::toString);
    }
    assertThrows(IOException.class, () -> SeriesDataset.compact(folder, 2, 1));
    SeriesDataset.rollBack(folder, 2);
    assertEquals(2, fileNames("data").size(), "what the refused ones wrote is gone");
    assertEquals(3, append(2, counted(Kind.FLOAT64, 20, 10)));
  }

  @Test
  void a_version_that_was_rolled_back_can_be_another_one() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 777, 10));
    SeriesDataset.rollBack(folder, 1);
    append(1, counted(Kind.FLOAT64, 10, 10));
    assertSame(counted(Kind.FLOAT64, 0, 20), readAll(Kind.FLOAT64, 2));
    SeriesDataset.compact(folder, 2, 1);
    SeriesDataset.rollBack(folder, 2);
    append(2, counted(Kind.FLOAT64, 20, 10));
    assertSame(counted(Kind.FLOAT64, 0, 30), readAll(Kind.FLOAT64, 3));
  }

  @Test
  void a_dataset_without_a_version_that_counts_is_removed() throws IOException {
    SeriesDataset.rollBack(folder, 0);
    append(0, counted(Kind.FLOAT64, 0, 10));
    SeriesDataset.rollBack(folder, 0);
    assertFalse(Files.exists(folder));
    assertEquals(1, append(0, counted(Kind.FLOAT64, 0, 3)));
    assertSame(counted(Kind.FLOAT64, 0, 3), readAll(Kind.FLOAT64, 1));
  }

  @Test
  void rolling_back_to_a_version_that_is_gone_removes_nothing() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    assertThrows(NoSuchFileException.class, () -> SeriesDataset.rollBack(folder, 2));
    assertSame(counted(Kind.FLOAT64, 0, 10), readAll(Kind.FLOAT64, 1));
  }

  @Test
  void cleaning_keeps_the_floor_and_what_is_newer() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 10, 10));
    SeriesDataset.compact(folder, 2, 1);
    append(3, counted(Kind.FLOAT64, 20, 10));
    SeriesDataset.clean(folder, 2);
    assertThrows(NoSuchFileException.class, () -> readAll(Kind.FLOAT64, 1));
    assertSame(counted(Kind.FLOAT64, 0, 20), readAll(Kind.FLOAT64, 2));
    SeriesDataset.clean(folder, 3);
    assertThrows(NoSuchFileException.class, () -> readAll(Kind.FLOAT64, 2));
    assertSame(counted(Kind.FLOAT64, 0, 20), readAll(Kind.FLOAT64, 3));
    assertSame(counted(Kind.FLOAT64, 0, 30), readAll(Kind.FLOAT64, 4));
    assertEquals(2, fileNames("data").size());
    assertEquals(2, fileNames("_versions").size());
  }

  @Test
  void a_tidy_dataset_is_its_data_and_one_manifest() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 10, 10));
    SeriesDataset.compact(folder, 2, 1);
    Files.createDirectories(folder.resolve("_transactions"));
    Files.writeString(folder.resolve("_transactions").resolve("1-x.txn"), "x");
    SeriesDataset.tidy(folder, 3, 20);
    try (Stream<Path> all = Files.walk(folder)) {
      assertEquals(2, all.filter(Files::isRegularFile).count());
    }
    assertFalse(Files.exists(folder.resolve("_transactions")));
    assertSame(counted(Kind.FLOAT64, 0, 20), readAll(Kind.FLOAT64, 3));
    assertEquals(4, append(3, counted(Kind.FLOAT64, 20, 1)), "it can be resumed");
  }

  @Test
  void a_version_of_other_rows_than_were_meant_is_not_made_the_only_one() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 10, 10));
    IOException refused = assertThrows(IOException.class, () -> SeriesDataset.tidy(folder, 1, 20));
    assertTrue(refused.getMessage().contains("rows=10 expected=20"), refused.getMessage());
    assertSame(counted(Kind.FLOAT64, 0, 20), readAll(Kind.FLOAT64, 2));
    assertSame(counted(Kind.FLOAT64, 0, 10), readAll(Kind.FLOAT64, 1));
  }

  @Test
  void a_commit_leaves_its_data_file_and_its_manifest_and_says_so() throws IOException {
    Committed first = SeriesDataset.append(folder, Kind.FLOAT64, 0, counted(Kind.FLOAT64, 0, 10));
    Committed second = SeriesDataset.append(folder, Kind.FLOAT64, 1, counted(Kind.FLOAT64, 0, 10));
    List<Path> created = new ArrayList<>(first.created());
    created.addAll(second.created());
    try (Stream<Path> all = Files.walk(folder)) {
      assertEquals(
          new TreeSet<>(all.filter(Files::isRegularFile).toList()), new TreeSet<>(created));
    }
    List<Path> force = SeriesDataset.toForce(folder, first);
    assertTrue(force.containsAll(first.created()), force::toString);
    assertEquals(
        List.of(folder.resolve("data"), folder.resolve("_versions"), folder, root),
        force.subList(2, 6));
    assertEquals(4, SeriesDataset.toForce(folder, second).size());
  }

  @Test
  void files_are_as_readable_as_their_folder() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
    for (Path file :
        SeriesDataset.append(folder, Kind.FLOAT64, 1, counted(Kind.FLOAT64, 0, 1)).created()) {
      assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
  }

  @Test
  void any_lance_reader_sees_the_columns_and_the_newest_rows() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 10, 10));
    SeriesDataset.compact(folder, 2, 1);
    append(3, counted(Kind.FLOAT64, 20, 10));
    try (Dataset latest = Dataset.open().allocator(Lance.memory()).uri(folder.toString()).build()) {
      assertEquals(4, latest.version());
      assertEquals(30, latest.countRows());
      assertEquals(
          "Schema<step: Int(64, true) not null, global_step: Int(64, true) not null, "
              + "timestamp: Timestamp(MICROSECOND, UTC) not null, "
              + "value: FloatingPoint(DOUBLE) not null>",
          latest.getSchema().toString());
      assertEquals("2.1", latest.getLanceFileFormatVersion());
      assertEquals(
          List.of(20L, 10L),
          latest.getFragments().stream().map(Fragment::countRows).map(Long::valueOf).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"with space", "100%20?", "a#b&c=d", "über-\u65E5\u672C", "c:d", "s3", "~"})
  void a_folder_may_have_any_name(String name) throws IOException {
    folder = Files.createDirectory(root.resolve(name)).resolve("x.lance");
    append(0, counted(Kind.FLOAT64, 0, 10));
    append(1, counted(Kind.FLOAT64, 10, 10));
    SeriesDataset.compact(folder, 2, 1);
    assertSame(counted(Kind.FLOAT64, 0, 20), readAll(Kind.FLOAT64, 3));
    try (Stream<Path> beside = Files.list(root)) {
      assertEquals(List.of(root.resolve(name)), beside.toList());
    }
  }

  @Test
  void a_relative_folder_is_where_java_says_it_is() throws IOException {
    folder = Path.of("").toAbsolutePath().relativize(folder);
    append(0, counted(Kind.FLOAT64, 0, 10));
    assertSame(counted(Kind.FLOAT64, 0, 10), readAll(Kind.FLOAT64, 1));
    assertTrue(Files.exists(root.resolve("train__loss.lance")));
  }

  /** Lance ends the JVM over some of these, so they must not reach it. */
  @ParameterizedTest
  @ValueSource(strings = {"data", "_versions"})
  void a_damaged_file_is_reported_and_the_jvm_lives(String where) throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 2000));
    Path file = folder.resolve(where).resolve(fileNames(where).get(0));
    byte[] whole = Files.readAllBytes(file);
    assertSame(counted(Kind.FLOAT64, 0, 2000), readAll(Kind.FLOAT64, 1));
    Random random = new Random(11);
    for (int i = 0; i < 200; i++) {
      int at = random.nextInt(whole.length);
      byte[] damaged = i % 4 == 0 ? Arrays.copyOf(whole, at) : whole.clone();
      if (i % 4 == 1) {
        Arrays.fill(damaged, at, whole.length, (byte) 0);
      } else if (i % 4 > 1) {
        damaged[at] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file, damaged);
      if (Arrays.equals(whole, damaged)) {
        continue;
      }
      try {
        Rows rows = readAll(Kind.FLOAT64, 1);
        assertEquals("_versions", where, "a damaged data file was read");
        assertSame(counted(Kind.FLOAT64, 0, 2000), rows);
      } catch (IOException e) {
        assertTrue(e.getMessage().contains(folder.toString()), e::getMessage);
      }
    }
    Files.write(file, whole);
    assertSame(counted(Kind.FLOAT64, 0, 2000), readAll(Kind.FLOAT64, 1));
  }

  @Test
  void a_data_file_that_is_gone_is_reported_by_name() throws IOException {
    append(0, counted(Kind.FLOAT64, 0, 10));
    Path file = folder.resolve("data").resolve(fileNames("data").get(0));
    Files.delete(file);
    IOException gone = assertThrows(IOException.class, () -> readAll(Kind.FLOAT64, 1));
    assertTrue(String.valueOf(gone.getCause()).contains(file.toString()), gone::toString);
  }

  @Test
  void a_data_file_with_another_number_of_rows_is_refused_and_closed() throws IOException {
    long version = append(0, counted(Kind.FLOAT64, 0, 10));
    DataFile file = SeriesDataset.dataFiles(folder, version).get(0);
    DataFile told = new DataFile(file.path(), file.bytes(), 11);
    IOException refused =
        assertThrows(
            IOException.class, () -> SeriesDataset.scan(folder, Kind.FLOAT64, told, rows -> {}));
    assertTrue(refused.getMessage().contains("rows=10 expected=11"), refused::getMessage);
    assertEquals(List.of(), held(file.path()));
  }

  /** Returns what this process has open of a file. */
  private static List<Path> held(Path file) throws IOException {
    Path descriptors = Path.of("/proc/self/fd");
    List<Path> held = new ArrayList<>();
    if (Files.isDirectory(descriptors)) {
      try (Stream<Path> open = Files.list(descriptors)) {
        for (Path descriptor : open.toList()) {
          if (Files.exists(descriptor) && Files.isSameFile(descriptor, file)) {
            held.add(descriptor);
          }
        }
      }
    }
    return held;
  }

  @Test
  void a_folder_that_cannot_be_written_is_reported() throws IOException {
    Files.writeString(folder, "in the way");
    IOException refused =
        assertThrows(IOException.class, () -> append(0, counted(Kind.FLOAT64, 0, 1)));
    assertTrue(refused.getMessage().contains(folder.toString()), refused::getMessage);
  }

  @Test
  void readers_see_whole_versions_while_a_writer_appends_and_compacts() throws Exception {
    AtomicLong newest = new AtomicLong(append(0, counted(Kind.FLOAT64, 0, 50)));
    CountDownLatch begun = new CountDownLatch(3);
    List<Callable<Integer>> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      readers.add(() -> readWhileItGrows(newest, begun));
    }
    ExecutorService threads = Executors.newFixedThreadPool(readers.size());
    try {
      List<Future<Integer>> reads = readers.stream().map(threads::submit).toList();
      assertTrue(begun.await(5, TimeUnit.MINUTES), "not all readers have read");
      int rows = 50;
      for (int i = 0; i < 40; i++) {
        long version = append(newest.get(), counted(Kind.FLOAT64, rows, 50));
        rows += 50;
        newest.set(i % 8 == 7 ? SeriesDataset.compact(folder, version, 1).version() : version);
      }
      newest.set(-newest.get());
      for (Future<Integer> read : reads) {
        assertTrue(read.get() > 0);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private int readWhileItGrows(AtomicLong newest, CountDownLatch begun) throws IOException {
    int reads = 0;
    for (long version; (version = newest.get()) > 0; reads++) {
      Rows rows = readAll(Kind.FLOAT64, version);
      assertEquals(0, rows.size() % 50);
      assertSame(counted(Kind.FLOAT64, 0, rows.size()), rows);
      if (reads == 0) {
        begun.countDown();
      }
    }
    return reads;
  }

  @Test
  void many_threads_write_datasets_of_their_own() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Rows>> written =
          IntStream.range(0, 12).mapToObj(i -> threads.submit(() -> write(i))).toList();
      for (int i = 0; i < written.size(); i++) {
        assertSame(counted(Kind.INT64, i, 200), written.get(i).get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private Rows write(int number) throws IOException {
    Path own = root.resolve("series-" + number + ".lance");
    long version = 0;
    for (int i = 0; i < 10; i++) {
      Rows rows = counted(Kind.INT64, number + 20 * i, 20);
      version = SeriesDataset.append(own, Kind.INT64, version, rows).version();
    }
    version = SeriesDataset.compact(own, version, 1).version();
    SeriesDataset.tidy(own, version, 200);
    Rows all = new Rows(Kind.INT64, 0);
    SeriesDataset.read(own, Kind.INT64, version, 0, Long.MAX_VALUE, all);
    return all;
  }

  private long append(long version, Rows rows) throws IOException {
    return SeriesDataset.append(folder, rows.kind(), version, rows).version();
  }

  private Rows readAll(Kind kind, long version) throws IOException {
    Rows rows = new Rows(kind, 0);
    SeriesDataset.read(folder, kind, version, 0, Long.MAX_VALUE, rows);
    return rows;
  }

  private List<String> fileNames(String part) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(part))) {
      return names(files.sorted().toList());
    }
  }

  private static List<String> names(List<Path> files) {
    return files.stream().map(file -> file.getFileName().toString()).sorted().toList();
  }
}
