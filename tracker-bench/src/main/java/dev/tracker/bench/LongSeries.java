package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.Metric;
import java.nio.file.Path;
import java.time.Duration;

/** A finished run with one long series: row {@code i} has step {@code i} and {@link Noise}. */
final class LongSeries {
  static final String METRIC = "bench/loss";

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
    board.finish();
    return board.directory();
  }
}
