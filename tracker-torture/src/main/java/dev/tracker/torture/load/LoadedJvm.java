package dev.tracker.torture.load;

import dev.tracker.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The JVM under load: one run that lasts the whole time and gets a little of everything, and beside
 * it runs of some minutes, one after the other, that get the rest; each is finished, compared and
 * deleted while the next one is logged. Visitors read all of them.
 */
final class LoadedJvm {
  static final String SAMPLE = "sample ";
  static final String RESULT = "result ";

  /** Histograms, tables and images once in so many rounds. */
  private static final int RARE = 4_096;

  private static final int RARE_IN_LONG_RUN = 64;
  private static final double RATE_OF_LONG_RUN = 5_000;
  private static final long SAMPLE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int SAMPLES_PER_COLLECTION = 6;

  private final Path root;
  private final double rate;
  private final long runNanos;
  private final Delays delays = new Delays();
  private final Visitors visitors;
  private final ExecutorService checker = Executors.newSingleThreadExecutor();
  private final Map<Figure, Double> sample = new EnumMap<>(Figure.class);
  private final Mix longMix;
  private Mix shortMix;
  private int runs;
  private Future<?> check;
  private double ended;
  private double valuesBefore;
  private long saidAt = System.nanoTime();
  private long dropped;
  private long compared;
  private long wrong;

  private LoadedJvm(Path root, double rate, long runNanos, long seed) {
    this.root = root;
    this.rate = rate;
    this.runNanos = runNanos;
    longMix = new Mix(root, "whole-time", RATE_OF_LONG_RUN, RARE_IN_LONG_RUN, true, new Delays());
    shortMix = nextMix();
    check = checker.submit(() -> {});
    visitors = Visitors.start(root, seed);
  }

  /** Takes root, seconds, values a second, seconds of a run, seed. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, ExecutionException {
    LoadedJvm jvm =
        new LoadedJvm(
            Path.of(arguments[0]),
            Double.parseDouble(arguments[2]),
            TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[3])),
            Long.parseLong(arguments[4]));
    jvm.run(TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[1])));
    System.exit(0);
  }

  /**
   * Floods a board for some seconds, with the same readers, and says what it took, until the last
   * value is in Lance.
   */
  static final class Flood {
    private Flood() {}

    /** Takes root, seconds, seed. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
      Path root = Path.of(arguments[0]);
      Visitors visitors = Visitors.start(root, Long.parseLong(arguments[2]));
      long start = System.nanoTime();
      Mix mix = new Mix(root, "flood", Double.POSITIVE_INFINITY, RARE, false, new Delays());
      TimeUnit.SECONDS.sleep(Long.parseLong(arguments[1]));
      mix.stop();
      mix.board().finish();
      double seconds = (System.nanoTime() - start) / 1e9;
      visitors.end();
      if (visitors.failures() > 0) {
        throw new IllegalStateException("readers failed");
      }
      double bytes = Folder.bytes(mix.board().directory());
      delete(mix.board().directory(), root);
      System.out.println(RESULT + mix.values() / seconds + " " + bytes / mix.values());
      System.exit(0);
    }
  }

  private Mix nextMix() {
    return new Mix(root, "run-" + runs++, rate - RATE_OF_LONG_RUN, RARE, false, delays);
  }

  private void run(long nanos) throws IOException, InterruptedException, ExecutionException {
    long start = System.nanoTime();
    long runBegan = start;
    long due = start;
    for (int i = 0; System.nanoTime() - start < nanos; i++) {
      due += SAMPLE_NANOS;
      sleepUntil(due);
      if (i % SAMPLES_PER_COLLECTION == 0) {
        sample.put(Figure.HEAP, Usage.heap());
      }
      say(i);
      boolean isLast = nanos - (System.nanoTime() - start) < runNanos / 2;
      if (!isLast && System.nanoTime() - runBegan >= runNanos && check.isDone()) {
        runBegan = System.nanoTime();
        switchRuns();
      }
    }
    end();
  }

  /** Takes a run away in one step, so that readers know. */
  private static void delete(Path run, Path root) throws IOException {
    Path gone = root.resolveSibling("gone");
    Files.move(run, gone);
    Folder.delete(gone);
  }

  private static void sleepUntil(long due) {
    while (System.nanoTime() - due < 0) {
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private void switchRuns() throws InterruptedException, ExecutionException {
    check.get();
    Mix before = shortMix;
    shortMix = nextMix();
    before.stop();
    ended += before.values();
    check =
        checker.submit(() -> {
          finish(before, true);
          return before;
        });
  }

  private void end() throws IOException, InterruptedException, ExecutionException {
    shortMix.stop();
    longMix.stop();
    visitors.end();
    check.get();
    finish(shortMix, false);
    finish(longMix, false);
    System.out.println(
        String.format(
            "after the end: heap %.0f MB, native %.0f MB, %.0f handles, %.0f threads; %s",
            Usage.heap() / 1e6,
            Usage.nativeMemory() / 1e6,
            Usage.handles(),
            Usage.threads(),
            Usage.command("systemTrimNativeHeap").strip()));
    System.out.println(
        RESULT + runs + " " + compared + " " + wrong + " " + dropped + " " + visitors.failures());
  }

  /** Finishes a run, compares it and takes it away. */
  private void finish(Mix mix, boolean meanwhile) throws IOException {
    Path run = mix.board().directory();
    long start = System.nanoTime();
    mix.board().finish();
    long finished = System.nanoTime();
    Readback readback = new Readback(run, mix);
    readback.compare();
    long end = System.nanoTime();
    synchronized (this) {
      dropped += mix.prints() ? 0 : mix.board().health().dropped(); // of lines, see Readback
      compared += readback.rows();
      wrong += readback.wrong();
    }
    System.out.println(
        String.format(
            "run %s%s: finished in %.1f s, %,d values and all files compared in %.1f s, %d wrong,"
                + " %,d files, %,d bytes",
            run.getFileName(),
            meanwhile ? "" : " at the end",
            (finished - start) / 1e9,
            readback.rows(),
            (end - finished) / 1e9,
            readback.wrong(),
            Folder.files(run),
            Folder.bytes(run)));
    delete(run, root);
  }

  private void say(int number) throws IOException {
    Health busy = shortMix.board().health();
    Health calm = longMix.board().health();
    double values = ended + shortMix.values() + longMix.values();
    long now = System.nanoTime();
    sample.put(Figure.VALUES, (values - valuesBefore) / ((now - saidAt) / 1e9));
    valuesBefore = values;
    saidAt = now;
    if (number % SAMPLES_PER_COLLECTION == 0) {
      sample.put(Figure.JVM, Usage.jvmMemory());
    }
    sample.put(Figure.NATIVE, Usage.nativeMemory());
    sample.put(Figure.DIRECT, Usage.directMemory());
    sample.put(Figure.HANDLES, Usage.handles());
    sample.put(Figure.THREADS, Usage.threads());
    sample.put(Figure.NATIVE_THREADS, Usage.nativeThreads());
    Path longRun = longMix.board().directory();
    Path shortRun = shortMix.board().directory();
    double data = Folder.files(longRun.resolve("data")) + Folder.files(longRun.resolve("journal"));
    sample.put(Figure.FILES, data);
    sample.put(Figure.SHORT_FILES, (double) Folder.files(shortRun));
    double journals =
        Folder.bytes(longRun.resolve("journal")) + Folder.bytes(shortRun.resolve("journal"));
    sample.put(Figure.JOURNAL, journals);
    sample.put(Figure.QUEUED, (double) busy.queued() + calm.queued());
    long[] nanos = delays.take(0.5, 0.99, 0.999, 1);
    sample.put(Figure.P50, (double) nanos[0]);
    sample.put(Figure.P99, (double) nanos[1]);
    sample.put(Figure.P999, (double) nanos[2]);
    sample.put(Figure.MAX, (double) nanos[3]);
    long start = System.nanoTime();
    shortMix.board().flush();
    sample.put(Figure.FLUSH, (double) (System.nanoTime() - start));
    sample.put(Figure.VISITS, (double) visitors.visits());
    synchronized (this) {
      sample.put(Figure.DROPPED, (double) dropped + busy.dropped() + calm.dropped());
    }
    sample.put(Figure.FAILED, (double) visitors.failures());
    StringBuilder line = new StringBuilder(SAMPLE.strip());
    for (Figure figure : Figure.values()) {
      line.append(' ').append(sample.get(figure));
    }
    System.out.println(line);
  }
}
