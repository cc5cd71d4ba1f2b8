package dev.tracker.torture;

import dev.tracker.Board;
import dev.tracker.Health;
import dev.tracker.TrackerException;
import dev.tracker.value.Table;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A program that trains: it logs 0, 1, 2 and so on until it is told to finish, and answers how it
 * is doing.
 */
final class FaultsChild implements Runnable {
  private final Board board;
  private final long pauseNanos;
  private volatile boolean over;
  private volatile long logged;
  private volatile long longestNanos;

  private FaultsChild(Board board, long pauseNanos) {
    this.board = board;
    this.pauseNanos = pauseNanos;
  }

  /** Takes root, id, and the pause between two log calls in nanoseconds. */
  public static void main(String[] arguments) throws Exception {
    Board board =
        Board.builder("faults")
            .root(Path.of(arguments[0]))
            .id(arguments[1])
            .queueCapacity(1024)
            .closeTimeout(Duration.ofSeconds(10))
            .open();
    new FaultsChild(board, Long.parseLong(arguments[2])).listen();
  }

  private void listen() throws IOException, InterruptedException {
    Thread training = new Thread(this, "training");
    training.setDaemon(true); // it ends with whoever gives the orders
    training.start();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String order = in.readLine(); order != null; order = in.readLine()) {
      if (order.equals("health")) {
        say(health());
        continue;
      }
      if (order.equals("finish")) {
        over = true;
        training.join();
      }
      try {
        if (order.equals("finish")) {
          board.finish();
        } else {
          board.flush();
        }
        say("done " + health());
      } catch (TrackerException e) {
        say("refused " + health() + " message=" + e.getMessage());
      }
    }
  }

  private static void say(String line) {
    System.out.println(line.replace('\n', ' '));
  }

  private String health() {
    long calls = logged;
    Health health = board.health();
    return "logged="
        + calls
        + " dropped="
        + health.dropped()
        + " sealed="
        + health.sealed()
        + " unsealed="
        + health.unsealed()
        + " failing="
        + health.failing()
        + " longestMicros="
        + longestNanos / 1000
        + " lastError="
        + health.lastError().map(Object::toString).orElse("none")
        + " ";
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread
  public void run() {
    while (!over) {
      long begin = System.nanoTime();
      if (logged % 1000 == 999) {
        board.log(Map.of("a", logged, "table", Table.of(List.of(Map.of("name", "row " + logged)))));
      } else {
        board.log("a", logged);
      }
      logged++;
      longestNanos = Math.max(longestNanos, System.nanoTime() - begin);
      LockSupport.parkNanos(pauseNanos);
    }
  }
}
