package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How much of what was logged is missing after {@code kill -9}?
 *
 * <p>Workload, so many times: a JVM logs 200,000 values, one a call, and notes in a mapped file
 * when each call had returned, and after each hundredth how many the journal has. It is killed at a
 * moment taken by chance, at the latest a little after the last call, having flushed nothing. Then
 * the run is read: what is missing is the time from the last value that is there to the last one
 * that was logged. Once at 100,000 values a second, and as fast as they go, when the queue fills,
 * the default one and a small one: what is in it is lost. And once right after the last call of a
 * flood, as soon as another process sees that it has returned. A value that is wrong, or one
 * missing that {@code health().journaled()} had counted, makes the program fail.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar Killed [times = 100]}. The machine is
 * printed with the results.
 */
final class Killed {
  private static final int DEFAULT_TIMES = 100;
  private static final int VALUES = 200_000;
  private static final int HERTZ = 100_000;
  private static final int LOOK_EVERY = 100;
  private static final long GOAL = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long PACED_NANOS = TimeUnit.MILLISECONDS.toNanos(2_100);
  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
  private static final long FLOOD_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  /** In the place of a time: right after the last call. */
  private static final long AT_THE_END = -1;

  private static final int SMALL_QUEUE = 8_192;
  private static final String METRIC = "train/loss";

  private final Table table = new Table();
  private final Random random = new Random(1);
  private final int times;

  private Killed(int times) {
    this.times = times;
  }

  public static void main(String[] arguments) throws IOException {
    Killed measurement =
        new Killed(arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_TIMES);
    measurement.measure(
        "100,000 values a second", HERTZ, PACED_NANOS, Board.Builder.DEFAULT_QUEUE_CAPACITY);
    measurement.measure(
        "a flood", Integer.MAX_VALUE, FLOOD_NANOS, Board.Builder.DEFAULT_QUEUE_CAPACITY);
    measurement.measure(
        "a flood, queueCapacity 8,192", Integer.MAX_VALUE, FLOOD_NANOS, SMALL_QUEUE);
    measurement.measure(
        "right after a flood", Integer.MAX_VALUE, AT_THE_END, Board.Builder.DEFAULT_QUEUE_CAPACITY);
    measurement.table.print();
    System.exit(measurement.table.exitCode());
  }

  private void measure(String what, int hertz, long latest, int queueCapacity) throws IOException {
    long[] missing = new long[times];
    Death all = new Death(0, 0, 0, 0, 0);
    for (int i = 0; i < times; i++) {
      long after = latest == AT_THE_END ? latest : (long) (random.nextDouble() * latest);
      Death death = kill(hertz, after, queueCapacity);
      missing[i] = death.missingNanos;
      all = all.and(death);
    }
    Samples samples = new Samples(missing);
    table.show(what + ", values logged", all.logged, Unit.COUNT);
    table.show(what + ", values found", all.found, Unit.COUNT);
    table.bound(what + ", values that the journal had and that are missing", all.lost, 0);
    table.bound(what + ", values that are wrong", all.wrong, 0);
    table.show(what + ", missing time, p50", samples.median(), Unit.NANOS);
    table.show(what + ", missing time, p90", samples.percentile(90), Unit.NANOS);
    table.atMost(what + ", missing time, p99", samples.percentile(99), GOAL, Unit.NANOS);
    table.show(what + ", missing time, max", samples.max(), Unit.NANOS);
  }

  private static Death kill(int hertz, long after, int queueCapacity) throws IOException {
    try (Scratch scratch = new Scratch()) {
      Path run;
      try (Child child =
          Child.start(
              List.of(),
              Load.class,
              List.of(scratch.root().toString(), "" + hertz, "" + queueCapacity))) {
        run = Path.of(child.value("run"));
        if (after == AT_THE_END) {
          awaitLastCall(Marks.open(scratch.root()));
        } else {
          LockSupport.parkNanos(after);
        }
      }
      return Death.of(run, Marks.open(scratch.root()));
    }
  }

  private static void awaitLastCall(LongBuffer marks) {
    while (marks.get(VALUES) == 0) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** What one program had logged, and what is left of it. */
  private record Death(long logged, long found, long lost, long wrong, long missingNanos) {
    static Death of(Path run, LongBuffer marks) {
      int logged = 0;
      while (logged < VALUES && marks.get(1 + logged) != 0) {
        logged++;
      }
      try (RunReader reader = RunReader.open(run)) {
        Scalars rows = reader.metrics().isEmpty() ? null : reader.scalars(METRIC);
        int found = rows == null ? 0 : rows.size();
        long wrong = 0;
        for (int i = 0; i < found; i++) {
          wrong += rows.values()[i] == Noise.at(i) && rows.steps()[i] == i ? 0 : 1;
        }
        long lost = Math.max(0, marks.get(0) - found);
        // The last call may be in the run without having returned.
        long missing = found >= logged ? 0 : marks.get(logged) - marks.get(Math.max(1, found));
        return new Death(logged, found, lost, wrong, missing);
      }
    }

    Death and(Death other) {
      return new Death(
          logged + other.logged, found + other.found, lost + other.lost, wrong + other.wrong, 0);
    }
  }

  /** How many values the journal has, and then when the call of each value had returned. */
  private static final class Marks {
    private Marks() {}

    static LongBuffer open(Path folder) throws IOException {
      try (FileChannel file =
          FileChannel.open(
              folder.resolve("marks"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        return file.map(FileChannel.MapMode.READ_WRITE, 0, (1L + VALUES) * Long.BYTES)
            .order(ByteOrder.nativeOrder())
            .asLongBuffer();
      }
    }
  }

  /** The JVM that logs until it is killed. */
  static final class Load {
    private Load() {}

    /** Takes the root, the hertz and the capacity of the queue. */
    public static void main(String[] arguments) throws IOException {
      Path root = Path.of(arguments[0]);
      long period = 1_000_000_000L / Integer.parseInt(arguments[1]);
      LongBuffer marks = Marks.open(root);
      for (int i = 0; i <= VALUES; i++) {
        marks.put(i, 0); // its pages are there before the first call
      }
      Board board =
          Board.builder("killed").root(root).queueCapacity(Integer.parseInt(arguments[2])).open();
      System.out.println("run " + board.directory());
      long start = System.nanoTime();
      for (int i = 0; i < VALUES; i++) {
        while (System.nanoTime() - start < i * period) {
          Thread.onSpinWait();
        }
        board.log(METRIC, Noise.at(i));
        marks.put(1 + i, System.nanoTime());
        if (i % LOOK_EVERY == 0) {
          marks.put(0, board.health().journaled());
        }
      }
      while (true) {
        LockSupport.park();
      }
    }
  }
}
