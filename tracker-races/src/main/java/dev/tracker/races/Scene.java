package dev.tracker.races;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * What one race of boards takes place in: a folder of its own, in the system's temporary folder or
 * in {@code -Draces.dir}. It is removed once the outcome is known; where the race itself fails, it
 * stays.
 */
final class Scene {
  private static final Path PARENT =
      Path.of(System.getProperty("races.dir", System.getProperty("java.io.tmpdir")));

  private final Path root;

  Scene() {
    try {
      root = Files.createTempDirectory(Files.createDirectories(PARENT), "tracker-races-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path root() {
    return root;
  }

  /** Returns the builder of a board that does nothing by itself, with a queue that fills soon. */
  Board.Builder board() {
    return Board.builder("race")
        .root(root)
        .queueCapacity(64)
        .environment(false)
        .systemMetrics(Duration.ZERO);
  }

  void remove() {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the values of a series; none where there is no such series. */
  static double[] values(RunReader run, String metric) {
    return run.metrics().contains(metric) ? run.scalars(metric).values() : new double[0];
  }

  /** Returns the numbers from one on, up to before another. */
  static double[] count(long from, long to) {
    return DoubleStream.iterate(from, value -> value < to, value -> value + 1).toArray();
  }

  /** Says in words what became of rows with the values 0, 1, 2 … of which some were accepted. */
  static String fate(double[] found, int accepted) {
    if (found.length < accepted) {
      return "an accepted row is missing";
    }
    if (found.length > accepted) {
      return "there is a row too many";
    }
    return Arrays.equals(found, count(0, accepted)) ? "all accepted rows" : "rows are mixed up";
  }
}
