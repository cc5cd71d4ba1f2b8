package dev.tracker.cli;

import dev.tracker.Board;
import dev.tracker.Resume;
import dev.tracker.SeriesKind;
import dev.tracker.media.Image;
import dev.tracker.read.RunReader;
import dev.tracker.value.Histogram;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * Training for the tests: logs a run, says {@code ready}, and then does what it is told line by
 * line: {@code log VALUE}, {@code name METRIC}, {@code print TEXT}, {@code finish} or {@code fail}.
 * The end of its input kills it. A run that is there already is resumed.
 */
public final class RunProgram {
  static final int ROWS = 2_000;

  private RunProgram() {}

  public static void main(String[] arguments) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Board board =
        Board.builder(arguments[1])
            .root(Path.of(arguments[0]))
            .id(arguments[2])
            .config(Map.of("lr", 0.25, "net", Map.of("layers", 3)))
            .tags("tried")
            .captureOutput(true)
            .resume(Resume.ALLOW)
            .open();
    board.metric("seen", SeriesKind.INT64);
    for (int i = 0; i < ROWS; i++) {
      board.log("train/loss", i == 7 ? Double.NaN : 10 - i / 1000.0);
    }
    board.log(
        Map.of(
            "seen",
            (1L << 53) + 1,
            "done",
            true,
            "note",
            "warm, \"up\"",
            "grad",
            Histogram.of(new double[] {1, 2, 3}),
            "sample",
            Image.of(new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB))));
    System.out.println("first line");
    board.flush();
    awaitEnvironment(board);
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String rest = line.substring(line.indexOf(' ') + 1);
      if (line.startsWith("log ")) {
        board.log("train/loss", Double.parseDouble(rest));
        board.flush();
      } else if (line.startsWith("at 5 ")) {
        board.log(5, Map.of("train/loss", 77.0, "note", line.substring(5)));
        board.flush();
      } else if (line.startsWith("name ")) {
        board.log(rest, 1.0);
        board.flush();
      } else if (line.startsWith("print ")) {
        System.out.println(rest);
      } else if (line.equals("finish")) {
        board.finish();
        return;
      } else {
        board.finish(new IllegalStateException("told to fail"));
        return;
      }
    }
    Runtime.getRuntime().halt(9);
  }

  /** Another thread finds out what the run is on, and this process may be killed at any moment. */
  private static void awaitEnvironment(Board board) {
    while (!hasEnvironment(board)) {
      Thread.onSpinWait();
    }
  }

  private static boolean hasEnvironment(Board board) {
    try (RunReader reader = RunReader.open(board.directory())) {
      return reader.info().environment().containsKey("java");
    }
  }
}
