package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.Health;
import dev.tracker.OnFull;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * How many scalars a second can be logged for long, counted until the last of them is in Lance?
 *
 * <p>Workload: one thread that logs one value per call into each series in turn, as fast as the
 * board takes them, for some seconds, and then finishes the run. Values are noise. Nothing is
 * dropped: a full queue blocks. The rate is all values over the time from the first call until
 * {@code finish()} has returned. After that every row is read back and compared, with the steps
 * that it must have, and Lance is asked for its own count. Where a value is missing or wrong, the
 * program fails.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar SustainedRate [seconds = 60] [series =
 * 16]}, and again with 1,000 series. The machine is printed with the results.
 */
final class SustainedRate {
  private static final int DEFAULT_SECONDS = 60;
  private static final int DEFAULT_SERIES = 16;
  private static final int FEW_SERIES = 16;
  private static final double FEW_GOAL = 3e6;
  private static final double MANY_GOAL = 2e6;
  private static final double SIZE_GOAL = 20;

  /** Calls between two looks at the clock. */
  private static final int BATCH = 4096;

  /** Rows of a series that are read back at a time. */
  private static final long ROWS_AT_ONCE = 1_000_000;

  private SustainedRate() {}

  public static void main(String[] arguments) throws IOException {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_SECONDS;
    int series = arguments.length > 1 ? Integer.parseInt(arguments[1]) : DEFAULT_SERIES;
    Table table = new Table();
    try (Scratch scratch = new Scratch()) {
      measure(scratch, seconds, series, table);
    }
    table.print();
    System.exit(table.exitCode());
  }

  private static void measure(Scratch scratch, int seconds, int series, Table table)
      throws IOException {
    String[] names = Noise.names(series);
    Board board =
        scratch
            .board("sustained")
            .systemMetrics(Duration.ZERO)
            .onFull(OnFull.BLOCK)
            .closeTimeout(Duration.ofDays(1))
            .open();
    long start = System.nanoTime();
    long values = flood(board, names, start + seconds * 1_000_000_000L);
    long logged = System.nanoTime();
    board.finish();
    long finished = System.nanoTime();
    Health health = board.health();
    Path run = board.directory();

    String prefix = Unit.COUNT.format(series) + " series, ";
    double rate = values / ((finished - start) / 1e9);
    table.show(prefix + "values logged", values, Unit.COUNT);
    table.show(prefix + "time of logging", logged - start, Unit.NANOS);
    table.show(
        prefix + "time from there until the last row is in Lance", finished - logged, Unit.NANOS);
    table.atLeast(
        prefix + "end to end", rate, series <= FEW_SERIES ? FEW_GOAL : MANY_GOAL, Unit.PER_SECOND);
    table.atMost(
        prefix + "sealed bytes per scalar",
        (double) size(run.resolve("data")) / values,
        SIZE_GOAL,
        Unit.BYTES);
    table.bound(prefix + "dropped", health.dropped(), 0);
    LanceLook look = LanceLook.at(run, Integer.MAX_VALUE);
    table.bound(
        prefix + "rows that Lance misses or has too many", Math.abs(values - look.rows()), 0);
    table.bound(prefix + "rows that read back wrong", wrong(run, names, values), 0);
    table.bound(prefix + "files of a series, at most", look.files(), 10);
  }

  /** Logs until it is time, and returns how many values. */
  private static long flood(Board board, String[] names, long end) {
    long values = 0;
    while (System.nanoTime() - end < 0) {
      for (int i = 0; i < BATCH; i++) {
        board.log(names[(int) (values % names.length)], Noise.at(values));
        values++;
      }
    }
    return values;
  }

  /** Counts what does not come back: value {@code i} was logged at step {@code i}. */
  private static long wrong(Path run, String[] names, long values) {
    long wrong = 0;
    long span = ROWS_AT_ONCE * names.length;
    try (RunReader reader = RunReader.open(run)) {
      for (int name = 0; name < names.length; name++) {
        for (long from = 0; from < values; from += span) {
          Scalars read = reader.scalars(names[name], from, from + span - 1);
          long[] steps = read.steps();
          double[] numbers = read.values();
          long expected =
              (Math.min(values, from + span) - from - name + names.length - 1) / names.length;
          wrong += Math.abs(expected - read.size());
          for (int i = 0; i < Math.min(expected, read.size()); i++) {
            long step = from + name + (long) i * names.length;
            wrong += steps[i] == step && numbers[i] == Noise.at(step) ? 0 : 1;
          }
        }
      }
    }
    return wrong;
  }

  /** Returns how many bytes the files in a folder have. */
  static long size(Path folder) throws IOException {
    long size = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        size += Files.size(file);
      }
    }
    return size;
  }
}
