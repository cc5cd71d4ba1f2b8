package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Programs that look at what their boards record of their surroundings: {@code <what> <root>
 * <arguments that may hold secrets>}. They say {@code ready} and then wait for a line, or for their
 * end.
 */
public final class EnvironmentProgram {
  private static final Duration OFTEN = Duration.ofMillis(200);

  private EnvironmentProgram() {}

  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[1]);
    Board.Builder builder = Board.builder("environment").root(root);
    switch (arguments[0]) {
      case "record" -> record(builder.id("run"));
      case "ask" ->
          record(
              builder
                  .id("run")
                  .environmentVariables("ASKED", "CLUSTER_*", "CLUSTER_PASSWORD")
                  .systemProperties("model.*")
                  .gitDiff(true));
      case "short" -> {
        try (Board board = builder.id("run").open()) {
          board.log("loss", 1.0);
        }
      }
      case "crash" -> {
        Board board = builder.id("run").open();
        awaitAll(board);
        board.flush();
        say("ready");
        Thread.currentThread().join(); // until it is killed
      }
      case "sample" -> sample(builder);
      case "gpus" -> gpus(builder, true);
      case "no gpus" -> gpus(builder, false);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void say(String line) {
    System.out.println(line);
  }

  private static void record(Board.Builder builder) {
    try (Board board = builder.open()) {
      board.log("loss", 1.0);
      awaitAll(board);
    }
  }

  /** The last but one stage has the class path; the last one only GPUs. */
  private static void awaitAll(Board board) {
    Await.until(
        "the environment is recorded",
        () -> {
          try (RunReader reader = RunReader.open(board.directory())) {
            return reader.info().environment().containsKey("classPath");
          }
        });
  }

  private static boolean has(Board board, String metric, int rows) {
    return rows(board, metric) >= rows;
  }

  private static int rows(Board board, String metric) {
    try (RunReader reader = RunReader.open(board.directory())) {
      return reader.metrics().contains(metric) ? reader.scalars(metric).size() : 0;
    }
  }

  private static boolean runs(String thread) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(each -> each.getName().equals(thread));
  }

  /** Two boards of which one is looked at more often, and a third that wants none. */
  private static void sample(Board.Builder builder) {
    try (Board often = builder.id("often").systemMetrics(OFTEN).open();
        Board rarely = builder.id("rarely").systemMetrics(OFTEN.multipliedBy(2)).open();
        Board never = builder.id("never").systemMetrics(Duration.ZERO).open()) {
      for (Board board : List.of(often, rarely, never)) {
        board.step();
        board.log("loss", 1.0);
      }
      rarely.flush();
      int early = rows(rarely, "system/threads"); // before the call, if this thread was held up
      Await.until("samples come", () -> has(rarely, "system/threads", early + 3));
      long samplers =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().equals("tracker-sampler"))
              .count();
      say("samplers " + samplers);
      for (Board board : List.of(often, rarely, never)) {
        board.log("loss", 2.0);
      }
    }
    Await.until("the sampler ends with the last board", () -> !runs("tracker-sampler"));
  }

  /** Waits for what is told of GPUs, or until it is sure that nothing will be. */
  private static void gpus(Board.Builder builder, boolean areThere) {
    try (Board board = builder.id("run").systemMetrics(OFTEN).open()) {
      board.log("loss", 1.0);
      Await.until("samples come", () -> has(board, "system/threads", 4));
      if (areThere) {
        Await.until("GPUs are told of", () -> has(board, "system/gpu/1/percent", 1));
      } else {
        Await.until("GPUs are not asked again", () -> has(board, "system/threads", 10));
      }
      Await.until("GPUs are named, if there are any", () -> !runs("tracker-prober"));
    }
  }
}
