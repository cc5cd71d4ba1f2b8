package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import dev.tracker.value.Histogram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** What is deployed: logs a run of all it has, seals it, reads it. */
public final class DeployedProgram {
  private static final int ROWS = 500;

  private DeployedProgram() {}

  /** Returns the status, the rows that read back, and whether the run is sealed. */
  public static String run(Path root, String id) {
    Board.Builder builder =
        Board.builder("deployed")
            .id(id)
            .root(root)
            .config(Map.of("lr", 1e-3))
            .captureOutput(true)
            .closeTimeout(Duration.ofMinutes(4)) // each loader copies the native libraries
            .systemMetrics(Duration.ofMillis(100));
    Path directory;
    try (Board board = builder.open()) {
      directory = board.directory();
      for (int i = 0; i < ROWS; i++) {
        board.log("loss", i * 0.5);
        board.log("a", 1.0, "b", 2.0, "c", 3.0);
      }
      board.log("weights", Histogram.of(new double[] {1, 2, 3}));
      System.out.println("captured");
      board.flush();
    }
    try (RunReader reader = RunReader.open(directory)) {
      return reader.info().status()
          + " rows="
          + reader.scalars("loss").size()
          + " sealed="
          + Files.exists(directory.resolve("data").resolve("metadata.db"));
    }
  }
}
