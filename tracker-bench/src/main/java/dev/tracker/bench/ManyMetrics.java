package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What do many metrics that are logged slowly cost, and do their series stay in few pieces?
 *
 * <p>Workload: a JVM with 256 MB of heap that logs one value into each metric, one call each, some
 * times a second, for some seconds, and finishes the run. Another JVM asks Lance, while it is
 * written, into how many versions, fragments and files it has come (of up to 1,000 series, evenly
 * taken, as often as it gets round to it), and after the end of all; then reads every row back.
 * Processor time and memory are those of the first; all of its heap is resident from the start, so
 * what grows is not the heap. More than 64 fragments while running, more than 10 files after the
 * end, or a row that is missing or wrong makes the program fail.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar ManyMetrics [metrics = 1000] [hertz = 10]
 * [seconds = 120]}; {@code 1000 10 20} is the form for continuous integration, {@code 10000 1} the
 * one that has a goal for processor and memory. A goal needs some minutes: the start is counted,
 * and the sealer rests nineteen times as long as it worked. The machine is printed with the
 * results.
 */
final class ManyMetrics {
  private static final int DEFAULT_METRICS = 1_000;
  private static final int DEFAULT_HERTZ = 10;
  private static final int DEFAULT_SECONDS = 120;
  private static final int FRAGMENTS = 64;
  private static final int FILES = 10;
  private static final double CORES_GOAL = 0.15;
  private static final int HEAP_MEGABYTES = 256;

  /** Memory that has not grown by more in half of the time is flat. */
  private static final double FLAT = 1.1;

  private static final int LOOKED_AT = 1_000;
  private static final long SECOND = 1_000_000_000L;

  private final Table table = new Table();
  private final int metrics;
  private final int hertz;
  private final int seconds;

  private ManyMetrics(String... arguments) {
    metrics = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_METRICS;
    hertz = arguments.length > 1 ? Integer.parseInt(arguments[1]) : DEFAULT_HERTZ;
    seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : DEFAULT_SECONDS;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    ManyMetrics measurement = new ManyMetrics(arguments);
    try (Scratch scratch = new Scratch()) {
      measurement.run(scratch);
    }
    measurement.table.print();
    System.exit(measurement.table.exitCode());
  }

  private void run(Scratch scratch) throws IOException, InterruptedException {
    LanceLook.at(scratch.root(), 0); // loads Lance before time counts
    try (Child child =
        Child.start(
            List.of(
                "-Xms" + HEAP_MEGABYTES + "m",
                "-Xmx" + HEAP_MEGABYTES + "m",
                "-XX:+AlwaysPreTouch"),
            Load.class,
            List.of(scratch.root().toString(), "" + metrics, "" + hertz, "" + seconds))) {
      Path run = Path.of(child.value("run"));
      LanceLook running = watch(run);
      double residentHalf = 0;
      String prefix = Unit.COUNT.format(metrics) + " metrics at " + hertz + " Hz, ";
      for (Part part : Part.values()) {
        double figure = Double.parseDouble(child.value(part.name()));
        if (part == Part.CORES) {
          table.atMost(prefix + part.what, figure, CORES_GOAL, part.unit);
        } else if (part == Part.RESIDENT) {
          table.atMost(prefix + part.what, figure, FLAT * residentHalf, part.unit);
        } else if (part == Part.DROPPED) {
          table.bound(prefix + part.what, (long) figure, 0);
        } else {
          table.show(prefix + part.what, figure, part.unit);
          residentHalf = part == Part.RESIDENT_HALF ? figure : residentHalf;
        }
      }
      table.bound(prefix + "exit code", child.end(), 0);
      report(prefix, running, LanceLook.at(run, Integer.MAX_VALUE));
      table.bound(prefix + "rows that read back wrong", wrong(run), 0);
    }
  }

  /** Looks again and again until the load is nearly over. */
  private LanceLook watch(Path run) throws IOException {
    long start = System.nanoTime();
    LanceLook seen = LanceLook.NOTHING;
    while (System.nanoTime() - start < (seconds - 1) * SECOND) {
      LockSupport.parkNanos(SECOND);
      seen = seen.then(LanceLook.at(run, LOOKED_AT));
    }
    return seen;
  }

  private void report(String prefix, LanceLook running, LanceLook after) {
    long expected = (long) hertz * seconds;
    table.show(prefix + "while running: series looked at", running.series(), Unit.COUNT);
    table.show(
        prefix + "while running: rows of a series at the last look",
        running.series() == 0 ? 0 : running.leastRows(),
        Unit.COUNT);
    table.show(
        prefix + "while running: versions of a series, at most", running.versions(), Unit.COUNT);
    table.bound(
        prefix + "while running: fragments of a series, at most", running.fragments(), FRAGMENTS);
    table.show(prefix + "while running: files of a series, at most", running.files(), Unit.COUNT);
    table.bound(prefix + "series that Lance misses", metrics - after.series(), 0);
    table.show(prefix + "rows of all series", after.rows(), Unit.COUNT);
    table.bound(prefix + "rows that some series misses", expected - after.leastRows(), 0);
    table.bound(prefix + "rows that some series has too many", after.mostRows() - expected, 0);
    table.show(prefix + "version of a series, the highest", after.version(), Unit.COUNT);
    table.show(prefix + "versions of a series, at most", after.versions(), Unit.COUNT);
    table.show(prefix + "fragments of a series, at most", after.fragments(), Unit.COUNT);
    table.bound(prefix + "files of a series, at most", after.files(), FILES);
  }

  /** Counts what does not come back: value {@code i} was logged at step {@code i}. */
  private long wrong(Path run) {
    long wrong = 0;
    int expected = hertz * seconds;
    String[] names = Noise.names(metrics);
    try (RunReader reader = RunReader.open(run)) {
      for (int name = 0; name < metrics; name++) {
        Scalars read = reader.scalars(names[name]);
        wrong += Math.abs(expected - read.size());
        for (int i = 0; i < Math.min(expected, read.size()); i++) {
          long step = (long) i * metrics + name;
          wrong += read.steps()[i] == step && read.values()[i] == Noise.at(step) ? 0 : 1;
        }
      }
    }
    return wrong;
  }

  /** What the load says of itself, in this order. */
  private enum Part {
    CORES("processor, whole time", Unit.CORES),
    /** Without what is loaded and compiled at the start; in a short run perhaps without a seal. */
    CORES_LATER("processor, second half", Unit.CORES),
    HEAP("heap in use after a collection", Unit.BYTES),
    RESIDENT_HALF("resident memory at half time", Unit.BYTES),
    RESIDENT("resident memory at the end", Unit.BYTES),
    LATE("latest tick", Unit.NANOS),
    FINISH("finish", Unit.NANOS),
    DROPPED("dropped", Unit.COUNT);

    private final String what;
    private final Unit unit;

    Part(String what, Unit unit) {
      this.what = what;
      this.unit = unit;
    }
  }

  /** The JVM that logs. */
  static final class Load {
    private final Board board;
    private final String[] names;
    private final long period;
    private long latest;

    private Load(Board board, int metrics, int hertz) {
      this.board = board;
      names = Noise.names(metrics);
      period = SECOND / hertz;
    }

    /** Takes the root, the metrics, the hertz and the seconds. */
    public static void main(String[] arguments) {
      int metrics = Integer.parseInt(arguments[1]);
      int hertz = Integer.parseInt(arguments[2]);
      int seconds = Integer.parseInt(arguments[3]);
      Board board =
          Board.builder("many-metrics")
              .root(Path.of(arguments[0]))
              .systemMetrics(Duration.ZERO) // its series would be counted among those of the load
              .closeTimeout(Duration.ofHours(1))
              .open();
      say("run", board.directory());
      new Load(board, metrics, hertz).run(hertz * seconds);
    }

    private void run(int ticks) {
      long start = System.nanoTime();
      long cpuStart = Machine.cpuNanos();
      tick(start, 0, ticks / 2);
      long half = System.nanoTime();
      long cpuHalf = Machine.cpuNanos();
      double residentHalf = Machine.residentBytes();
      tick(start, ticks / 2, ticks);
      long end = System.nanoTime();
      long cpuEnd = Machine.cpuNanos();
      double resident = Machine.residentBytes();
      say(Part.CORES, (double) (cpuEnd - cpuStart) / (end - start));
      say(Part.CORES_LATER, (double) (cpuEnd - cpuHalf) / (end - half));
      say(Part.HEAP, Machine.heapInUse());
      say(Part.RESIDENT_HALF, residentHalf);
      say(Part.RESIDENT, resident);
      say(Part.LATE, latest);
      long finish = System.nanoTime();
      board.finish();
      say(Part.FINISH, System.nanoTime() - finish);
      say(Part.DROPPED, board.health().dropped());
    }

    private void tick(long start, int from, int to) {
      for (int tick = from; tick < to; tick++) {
        long due = start + tick * period;
        while (System.nanoTime() - due < 0) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        latest = Math.max(latest, System.nanoTime() - due);
        for (int i = 0; i < names.length; i++) {
          board.log(names[i], Noise.at((long) tick * names.length + i));
        }
      }
    }

    private static void say(Object name, Object value) {
      System.out.println(name + " " + value);
    }
  }
}
