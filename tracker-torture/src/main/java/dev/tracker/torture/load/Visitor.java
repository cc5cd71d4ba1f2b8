package dev.tracker.torture.load;

import dev.tracker.read.Curve;
import dev.tracker.read.Follower;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.Runs;
import dev.tracker.read.ScalarCursor;
import dev.tracker.read.Scalars;
import dev.tracker.read.TableRow;
import dev.tracker.torture.load.Series.Form;
import dev.tracker.value.Histogram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens runs, does what readers do with them, closes them and begins anew, until it is told to end.
 * What it reads is compared with what was logged; a run that was deleted meanwhile is no failure.
 */
@SuppressWarnings({
  "EnumOrdinal",
  "NonAtomicVolatileUpdate"
}) // a place in an array; one thread writes
final class Visitor implements Runnable {
  /** Runs with more than this are linked instead of copied. */
  private static final long COPIED_BYTES = 300L << 20;

  private static final int LOOKS = 12;
  private static final int BUCKETS = 1_000;
  private static final long PAUSE_MILLIS = 150;

  private final Path root;
  private final Path copies;
  private final Random random;
  private volatile boolean ending;
  private volatile long visits;
  private volatile long failures;

  /** Reads runs below {@code root}, and copies some to a folder beside it. */
  Visitor(Path root, long seed) {
    this.root = root;
    this.copies = copies(root, seed);
    this.random = new Random(seed);
  }

  static Path copies(Path root, long seed) {
    return root.resolveSibling("copies-" + seed);
  }

  void end() {
    ending = true;
  }

  long visits() {
    return visits;
  }

  long failures() {
    return failures;
  }

  @Override
  public void run() {
    while (!ending) {
      Path run = root;
      try {
        Optional<Path> any = anyRun();
        if (any.isEmpty()) {
          return;
        }
        run = any.get();
        visit(run);
        visits = visits + 1;
      } catch (IOException | RuntimeException | InterruptedException e) {
        if (Files.exists(run)) {
          failures = failures + 1;
          System.err.println("READER FAILED: run=" + run + " cause=" + e);
          e.printStackTrace();
        }
      }
    }
  }

  /** Waits for a run to visit; there is none when all have ended. */
  private Optional<Path> anyRun() {
    List<RunInfo> infos = Runs.in(root);
    while (infos.isEmpty() && !ending) {
      pause();
      infos = Runs.in(root);
    }
    if (infos.isEmpty()) {
      return Optional.empty();
    }
    RunInfo info = infos.get(random.nextInt(infos.size()));
    return Optional.of(root.resolve(info.project()).resolve(info.id()));
  }

  private void visit(Path run) throws IOException, InterruptedException {
    try (RunReader reader = RunReader.open(run)) {
      for (int i = 0; i < LOOKS && !ending; i++) {
        Usage.HOLDING_ROWS.lock();
        try {
          if (!reader.metrics().isEmpty()) {
            look(run, reader);
          }
        } finally {
          Usage.HOLDING_ROWS.unlock();
        }
        pause();
        reader.refresh();
      }
    }
  }

  private void look(Path run, RunReader reader) throws IOException, InterruptedException {
    int thread = random.nextInt(Mix.THREADS);
    Series number = any(thread, Form.values()[random.nextInt(Form.INTEGER.ordinal())]);
    switch (random.nextInt(12)) {
      case 0 -> reader.summary();
      case 1 -> curve(reader, number);
      case 2 -> whole(reader, number);
      case 3 -> rows(reader, number);
      case 4 -> follow(reader, number);
      case 5 -> histograms(reader, any(thread, Form.HISTOGRAM));
      case 6 -> table(reader, any(thread, Form.TABLE));
      case 7 -> images(reader, any(thread, Form.IMAGE));
      case 8 -> reader.console(20);
      case 9 -> reader.steps();
      case 10 -> Runs.summaries(root);
      default -> copy(run, reader, number);
    }
  }

  private Series any(int thread, Form form) {
    List<Series> series = Series.of(thread, form, 1);
    return series.get(random.nextInt(series.size()));
  }

  private static boolean isThere(RunReader reader, Series series) {
    return reader.metrics().contains(series.name());
  }

  private void curve(RunReader reader, Series series) {
    if (isThere(reader, series)) {
      Curve curve = reader.curve(series.name(), 0, Long.MAX_VALUE, BUCKETS);
      long counted = 0;
      for (int i = 0; i < curve.size(); i++) {
        counted += curve.count(i);
        check(series, i, curve.min(i) >= 0 && curve.max(i) < 1 && curve.min(i) <= curve.max(i));
      }
      check(series, counted, counted == reader.summary(series.name()).rows());
    }
  }

  private void whole(RunReader reader, Series series) {
    if (isThere(reader, series)) {
      long seed = series.seed();
      double[] values = reader.scalars(series.name()).values();
      for (int i = 0; i < values.length; i++) {
        check(series, i, values[i] == Series.number(seed, (long) i * series.every()));
      }
    }
  }

  private void rows(RunReader reader, Series series) {
    if (isThere(reader, series)) {
      long seed = series.seed();
      ScalarCursor row = reader.cursor(series.name());
      for (long i = 0; i < 100_000 && row.next(); i++) {
        check(series, i, row.value() == Series.number(seed, i * series.every()));
      }
    }
  }

  /** Follows for a second or less; the rows must go on where the reader's moment ended. */
  private void follow(RunReader reader, Series series) throws InterruptedException {
    long seed = series.seed();
    long[] next = {isThere(reader, series) ? reader.summary(series.name()).rows() : 0};
    boolean[] right = {true};
    try (Follower follower =
        reader.follow(series.name(), rows -> right[0] &= rows(series, seed, rows, next))) {
      follower.await(Duration.ofMillis(random.nextInt(1_000)));
    }
    check(series, next[0], right[0]);
  }

  private static boolean rows(Series series, long seed, Scalars rows, long[] next) {
    boolean right = true;
    for (double value : rows.values()) {
      right &= value == Series.number(seed, next[0]++ * series.every());
    }
    return right;
  }

  private void histograms(RunReader reader, Series series) {
    if (reader.histograms().contains(series.name())) {
      for (Histogram histogram : reader.histograms(series.name()).values()) {
        check(series, 0, histogram.count() == Series.HISTOGRAM_VALUES);
      }
    }
  }

  private void table(RunReader reader, Series series) {
    if (reader.tables().contains(series.name())) {
      for (TableRow row : reader.tables(series.name()).page(0, 100)) {
        check(series, row.step(), row.get("score") != null);
      }
    }
  }

  private void images(RunReader reader, Series series) throws IOException {
    if (reader.media().contains(series.name())) {
      for (MediaFile image : reader.mediaPage(series.name(), 0, 10)) {
        check(series, image.step(), image.error().isEmpty());
      }
    }
  }

  private void copy(Path run, RunReader reader, Series series) throws IOException {
    Path target = copies.resolve("copy");
    Files.createDirectories(copies);
    try {
      if (Folder.bytes(run) <= COPIED_BYTES) {
        reader.copyTo(target);
      } else {
        reader.linkTo(target);
      }
      try (RunReader copied = RunReader.open(target)) {
        whole(copied, series);
        check(series, 0, copied.metrics().containsAll(reader.metrics()));
      }
    } finally {
      Folder.delete(copies);
    }
  }

  private static void check(Series series, long where, boolean right) {
    if (!right) {
      throw new IllegalStateException(
          "a reader saw what was not logged: series=" + series.name() + " where=" + where);
    }
  }

  private void pause() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
  }
}
