package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.Metric;
import dev.tracker.read.RunReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A finished run with one long series: row {@code i} has step {@code i} and {@link Noise}. Beside
 * it stands a series of one row, by which Lance can be loaded.
 */
final class LongSeries {
  static final String METRIC = "bench/loss";

  private static final String SHORT = "bench/short";

  /** Rows of one global step. */
  private static final long EPOCH = 100_000;

  private LongSeries() {}

  /** Logs the rows, and returns the run's folder when all of them are sealed. */
  static Path write(Scratch scratch, long rows) {
    Board board = scratch.board("long series").closeTimeout(Duration.ofDays(1)).open();
    Metric metric = board.metric(METRIC);
    for (long i = 0; i < rows; i++) {
      if (i % EPOCH == 0) {
        board.step();
      }
      metric.log(Noise.at(i));
    }
    board.log(rows - 1, Map.of(SHORT, 1.0));
    board.finish();
    return board.directory();
  }

  /** Returns where the series' data files are. */
  static Path dataFiles(Path run) {
    return run.resolve("data").resolve("metrics").resolve("bench__loss.lance").resolve("data");
  }

  /** Has Lance and Arrow load what they need to read. */
  static void loadLance(RunReader run) {
    run.scalars(SHORT);
  }
}
