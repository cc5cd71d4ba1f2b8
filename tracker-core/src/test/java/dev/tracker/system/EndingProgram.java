package dev.tracker.system;

import dev.tracker.Board;
import java.nio.file.Path;

/**
 * Programs that end without the last word that they should have said: {@code <how> <root> <id>}.
 */
public final class EndingProgram {
  private EndingProgram() {}

  public static void main(String[] arguments) throws InterruptedException {
    Board.Builder builder = Board.builder("ending").root(Path.of(arguments[1])).id(arguments[2]);
    switch (arguments[0]) {
      case "return" -> builder.open().log("loss", 1.0);
      case "exit" -> exitWhileThreadsLog(builder.open());
      case "throw" -> {
        try (Board board = builder.open()) {
          board.log("loss", 1.0);
          throw new IllegalArgumentException("diverged");
        }
      }
      case "throw in a thread" -> {
        Thread thread =
            new Thread(() -> {
              builder.open().log("loss", 1.0);
              throw new IllegalArgumentException("diverged");
            });
        thread.setUncaughtExceptionHandler((t, e) -> System.out.println("mine heard " + e));
        thread.start();
        thread.join();
      }
      case "finish, throw" -> {
        Board board = builder.open();
        board.log("loss", 1.0);
        board.finish();
        throw new IllegalArgumentException("unrelated");
      }
      case "close, open, throw" -> {
        try (Board board = builder.open()) {
          board.log("loss", 1.0);
        }
        try (Board board = builder.id(arguments[2] + "-2").open()) {
          board.log("loss", 1.0);
          throw new IllegalArgumentException("diverged");
        }
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** None of the threads may see an exception while the JVM goes down. */
  private static void exitWhileThreadsLog(Board board) throws InterruptedException {
    for (int t = 0; t < 4; t++) {
      String name = "thread " + t;
      Thread thread =
          new Thread(() -> {
            for (int i = 0; ; i++) {
              board.log(name, i);
            }
          });
      thread.setDaemon(true);
      thread.start();
    }
    Await.until("threads log", () -> board.health().journaled() > 10_000);
    System.exit(3);
  }
}
