package dev.tracker.system;

import dev.tracker.Board;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Opens and closes as many boards as it is told to, one after another, and says what the process
 * then uses; ends when told 0.
 */
public final class LeakProgram {
  private static final int ROWS = 50;

  private LeakProgram() {}

  /**
   * What a process uses.
   *
   * @param ours threads of Tracker
   * @param threads threads that Java knows, but for those that it keeps to wait for processes
   * @param files open files, sockets and so on
   * @param heap bytes of the heap that are in use after collections
   * @param resident bytes of memory that belong to the process alone, the heap among them
   */
  public record Use(int ours, int threads, int files, long heap, long resident) {
    public static Use parse(String text) {
      String[] parts = text.split(" ", -1);
      return new Use(
          Integer.parseInt(parts[0]),
          Integer.parseInt(parts[1]),
          Integer.parseInt(parts[2]),
          Long.parseLong(parts[3]),
          Long.parseLong(parts[4]));
    }

    String format() {
      return ours + " " + threads + " " + files + " " + heap + " " + resident;
    }
  }

  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null && !line.equals("0"); line = in.readLine()) {
      int boards = Integer.parseInt(line);
      for (int i = 0; i < boards; i++) {
        use(root);
      }
      System.out.println("use " + look().format());
    }
  }

  /**
   * Uses a board as a trial of a sweep does, with everything that has a thread or file of its own.
   */
  private static void use(Path root) {
    Board.run(
        Board.builder("one of many")
            .root(root)
            .queueCapacity(4096)
            .captureOutput(true)
            .systemMetrics(Duration.ofMillis(100)),
        board -> {
          for (int i = 0; i < ROWS; i++) {
            board.log("loss", i * 0.5);
            board.log(Map.of("val/loss", i * 0.25, "phase", "train"));
          }
          System.out.println("trained");
          board.flush();
        });
  }

  private static Use look() {
    Await.until("threads of boards end", () -> ours() == 0);
    return new Use(ours(), threads(), openFiles(), heap(), resident());
  }

  private static int ours() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("tracker-"))
            .count();
  }

  /**
   * A thread that has waited for a process stays for a minute; the next process gets another where
   * that one is not quite done yet.
   */
  private static int threads() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> !thread.getName().startsWith("process reaper"))
            .count();
  }

  private static int openFiles() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }

  private static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  private static long resident() {
    try {
      List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
      for (String line : status) {
        if (line.startsWith("RssAnon:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
    } catch (IOException e) {
      return 0; // not Linux: then the heap has to do
    }
    return 0;
  }
}
