package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.lock.RunLock;
import dev.tracker.read.Follower;
import dev.tracker.read.MetricListener;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Scalars;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A reader that stays open while a run is logged, sealed, taken back, finished and resumed: after
 * each refresh it says what one that was just opened would say.
 */
@Tag("once")
class PollingReaderTest {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  @TempDir Path folder;
  private RunLayout layout;

  @BeforeEach
  void layOut() {
    layout = new RunLayout(folder.resolve("run"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void refreshed_it_says_what_the_run_holds(long seed) throws IOException {
    Random random = new Random(seed);
    try (RewindScript run = new RewindScript(layout, random)) {
      run.log(1);
      try (RunReader reader = RunReader.open(layout.root())) {
        for (int i = 0; i < 70; i++) {
          int what = random.nextInt(20);
          if (what < 11) {
            run.log(1 + random.nextInt(what == 0 ? 3_000 : 60));
          } else if (what < 14) {
            seal(run);
          } else if (what < 16) {
            run.rewind(run.step() - random.nextLong(Math.min(400, run.step() + 1)));
          } else if (what < 17) {
            run.print("line " + i);
          } else if (what < 18) {
            finishAndResume(run);
          }
          if (random.nextInt(3) > 0) {
            reader.refresh();
            run.check(reader);
            try (RunReader fresh = RunReader.open(layout.root())) {
              assertEquals(texts(fresh), texts(reader), "lines");
            }
          }
        }
        seal(run);
        reader.refresh();
        run.check(reader);
        run.checkSteps(reader);
      }
    }
  }

  private static List<String> texts(RunReader reader) {
    return reader.console(3).stream().map(line -> line.text()).toList();
  }

  /**
   * Once a rewind had been read, the frame after it was taken for another one, and its rows did not
   * count until the sealer had come by.
   */
  @Test
  void rows_after_a_rewind_count_though_nothing_is_sealed() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(1))) {
      run.log(100);
      try (RunReader reader = RunReader.open(layout.root())) {
        run.rewind(40);
        reader.refresh();
        run.check(reader);
        run.log(5);
        reader.refresh();
        run.check(reader);
        run.log(5);
        reader.refresh();
        run.check(reader);
        run.checkSteps(reader);
      }
    }
  }

  @Test
  void thousands_of_refreshes_over_a_run_that_comes_and_goes_leak_nothing() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(7))) {
      run.log(300);
      try (RunReader reader = RunReader.open(layout.root())) {
        long files = 0;
        long heap = 0;
        for (int life = 0; life < 20; life++) {
          for (int i = 0; i < 60; i++) {
            run.log(10);
            reader.refresh();
            reader.refresh();
          }
          seal(run);
          reader.refresh();
          run.log(10);
          run.rewind(250);
          reader.refresh();
          seal(run);
          reader.refresh();
          run.check(reader);
          finishAndResume(run);
          reader.refresh();
          if (life == 8) {
            files = openFiles();
            heap = heapInUse();
          }
        }
        run.check(reader);
        assertTrue(openFiles() <= files + 3, "open files: " + files + " then " + openFiles());
        long grown = heapInUse() - heap;
        assertTrue(grown < 4 << 20, "heap grown by " + grown);
      }
    }
  }

  @Test
  void an_idle_reader_of_a_finished_run_holds_none_of_its_files() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(8))) {
      run.log(300);
      try (RunReader reader = RunReader.open(layout.root())) {
        run.end();
        Sealer.seal(layout.root());
        reader.refresh();
        reader.refresh();
        assertEquals(List.of(), filesHeldOf(layout.root()));
        run.check(reader);
      }
    }
  }

  // ---- following

  /** What a follower knows from what it was told. */
  private static final class Told implements MetricListener {
    private final List<String> rows = new ArrayList<>();
    private final List<Long> steps = new ArrayList<>();
    private RunStatus end;
    private int restarts;

    @Override
    public synchronized void rows(Scalars fresh) {
      assertTrue(fresh.size() > 0);
      for (int i = 0; i < fresh.size(); i++) {
        steps.add(fresh.steps()[i]);
        rows.add(fresh.steps()[i] + " " + fresh.values()[i]);
      }
    }

    @Override
    public synchronized void rewound(long step) {
      restarts += step == Long.MIN_VALUE ? 1 : 0;
      for (int i = rows.size() - 1; i >= 0; i--) {
        if (steps.get(i) > step) {
          steps.remove(i);
          rows.remove(i);
        }
      }
    }

    @Override
    public synchronized void ended(RunStatus status) {
      end = status;
    }

    synchronized List<String> rows() {
      return List.copyOf(rows);
    }

    synchronized RunStatus end() {
      return end;
    }

    synchronized int restarts() {
      return restarts;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void followers_know_the_rows_whatever_happens_to_the_run(long seed) throws IOException {
    Random random = new Random(seed);
    try (RewindScript run = new RewindScript(layout, random, 1, Kind.FLOAT64, Kind.INT64);
        RunLock writer = RunLock.acquire(layout)) { // else it looks dead after a second of silence
      run.log(1);
      Told first = new Told();
      Told second = new Told();
      try (RunReader reader = RunReader.open(layout.root());
          Follower ofFirst = reader.follow(run.name(0), first);
          Follower ofSecond = reader.follow(run.name(1), second)) {
        List<String> before = List.copyOf(run.told(0));
        List<String> beforeOther = List.copyOf(run.told(1));
        assertEquals(run.name(0), ofFirst.metric());
        assertEquals(run.name(1), ofSecond.metric());
        for (int i = 0; i < 40; i++) {
          writer.heartbeat();
          int what = random.nextInt(10);
          if (what < 6) {
            run.log(1 + random.nextInt(200));
          } else if (what < 8) {
            seal(run);
          } else {
            run.rewind(Math.max(0, run.step() - random.nextLong(150)));
          }
          if (random.nextBoolean()) {
            awaitTold(run, 0, before, first);
            awaitTold(run, 1, beforeOther, second);
          }
        }
        run.log(3);
        awaitTold(run, 0, before, first);
        awaitTold(run, 1, beforeOther, second);
      }
    }
  }

  /** Rows from before following are not told, unless all are told anew. */
  private static void awaitTold(RewindScript run, int id, List<String> before, Told told) {
    await(
        () -> {
          List<String> all = run.told(id);
          List<String> known = told.rows();
          int skipped = told.restarts() > 0 ? 0 : Math.min(before.size(), all.size());
          return known.equals(all.subList(skipped, all.size())) || known.equals(all);
        },
        () -> "told " + tail(told.rows()) + " of " + tail(run.told(id)));
  }

  private static String tail(List<String> rows) {
    return rows.size() + " rows ending " + rows.subList(Math.max(0, rows.size() - 5), rows.size());
  }

  @Test
  void a_follower_begins_where_its_reader_stands() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(3), 1, Kind.FLOAT64)) {
      run.log(2_000);
      seal(run);
      run.log(50);
      try (RunReader reader = RunReader.open(layout.root())) {
        List<String> before = run.told(0);
        run.log(70);
        seal(run);
        run.log(5);
        Told told = new Told();
        try (Follower follower = reader.follow(run.name(0), told)) {
          List<String> all = run.told(0);
          await(
              () -> told.rows().equals(all.subList(before.size(), all.size())),
              () -> follower.metric() + " told " + tail(told.rows()));
          assertEquals(0, told.restarts());
        }
      }
    }
  }

  @Test
  void a_run_that_nobody_writes_ends_as_crashed_and_its_rows_are_told_first() throws Exception {
    try (RewindScript run = new RewindScript(layout, new Random(4), 1, Kind.FLOAT64)) {
      run.log(10);
      try (RunReader reader = RunReader.open(layout.root())) {
        run.log(20);
        List<String> expected = run.told(0).subList(10, 30);
        Told told = new Told();
        Follower follower = reader.follow(run.name(0), told);
        assertTrue(follower.await(java.time.Duration.ofMinutes(5)));
        assertEquals(RunStatus.CRASHED, told.end());
        assertEquals(expected, told.rows());
      }
    }
  }

  @Test
  void a_listener_that_throws_is_not_called_again_and_others_are() throws IOException {
    try (RewindScript run = new RewindScript(layout, new Random(5), 1, Kind.FLOAT64);
        RunLock writer = RunLock.acquire(layout)) { // else it looks dead after a second of silence
      writer.heartbeat();
      run.log(1);
      Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
      List<Throwable> thrown = new ArrayList<>();
      Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
        synchronized (thrown) {
          thrown.add(e);
        }
      });
      try (RunReader reader = RunReader.open(layout.root())) {
        Told told = new Told();
        IllegalStateException failure = new IllegalStateException("listener");
        reader.follow(
            run.name(0),
            rows -> {
              throw failure;
            });
        reader.follow(run.name(0), told);
        run.log(5);
        await(() -> told.rows().size() >= 5, () -> tail(told.rows()));
        run.log(5);
        await(() -> told.rows().size() >= 10, () -> tail(told.rows()));
        synchronized (thrown) {
          assertEquals(List.of(failure), thrown);
        }
      } finally {
        Thread.setDefaultUncaughtExceptionHandler(before);
      }
    }
  }

  // ----

  private void finishAndResume(RewindScript run) throws IOException {
    run.end();
    Sealer.seal(layout.root());
    run.reopen();
  }

  private void seal(RewindScript run) throws IOException {
    try (RunSealer sealer = RunSealer.open(layout, FileLayer.real())) {
      JournalWriter journal = run.journal();
      while (sealer.sealWindow() != null) {
        journal.release(sealer.checkpoint().position());
      }
    }
  }

  private static long openFiles() throws IOException {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return 0; // such a system tells in another way
    }
    try (Stream<Path> open = Files.list(DESCRIPTORS)) {
      return open.count();
    }
  }

  /** Returns the files below a folder that this process has open, deleted ones too. */
  private static List<String> filesHeldOf(Path folder) throws IOException {
    List<String> held = new ArrayList<>();
    if (!Files.isDirectory(DESCRIPTORS)) {
      return held;
    }
    try (Stream<Path> open = Files.list(DESCRIPTORS)) {
      for (Path descriptor : open.toList()) {
        String target = target(descriptor);
        if (target.startsWith(folder.toString())) {
          held.add(target);
        }
      }
    }
    return held;
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // the descriptor by which the folder was listed
    }
  }

  private static long heapInUse() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void await(
      java.util.function.BooleanSupplier condition, java.util.function.Supplier<String> story) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("did not come: " + story.get());
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
