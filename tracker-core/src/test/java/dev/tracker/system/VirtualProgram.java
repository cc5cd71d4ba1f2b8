package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Logs from many threads at once, virtual ones on JDK 21 and newer, through a queue so small that
 * they wait for room again and again, while the JVM records who keeps a carrier meanwhile.
 */
public final class VirtualProgram {
  /** What each thread logs of each kind. */
  public static final int ROWS = 10;

  private static final int PLATFORM_THREADS = 600;
  private static final String PINNED = "jdk.VirtualThreadPinned";

  private VirtualProgram() {}

  public static void main(String[] arguments) throws Exception {
    int threads = Integer.parseInt(arguments[1]);
    loadClasses(Path.of(arguments[0]).resolve("warm"));
    try (Recording recording = new Recording()) {
      recording.enable(PINNED).withThreshold(Duration.ZERO).withStackTrace();
      recording.start();
      Board board =
          Board.builder("virtual")
              .root(Path.of(arguments[0]))
              .queueCapacity(64)
              .closeTimeout(Duration.ofSeconds(60))
              .open();
      logFromThreads(board, threads);
      board.log("last", 1.0);
      board.finish();
      recording.stop();
      System.out.println("dropped " + board.health().dropped());
      sayPinned(recording);
      System.out.println("run " + board.directory());
    }
  }

  /** A thread that waits for a class to be loaded is pinned by the JVM, whoever's class it is. */
  private static void loadClasses(Path root) {
    try (Board board = Board.builder("warm").root(root).queueCapacity(64).open()) {
      log(board, board.metric("metric"), 0);
      board.flush();
    }
  }

  private static void logFromThreads(Board board, int threads) throws Exception {
    ExecutorService executor = executor();
    Metric metric = board.metric("metric");
    for (int t = 0; t < threads; t++) {
      int first = t * ROWS;
      executor.execute(() -> log(board, metric, first));
    }
    executor.shutdown();
    if (!executor.awaitTermination(60, TimeUnit.SECONDS)) {
      System.out.println("failed: threads did not end");
    }
  }

  private static ExecutorService executor() throws ReflectiveOperationException {
    if (Runtime.version().feature() < 21) {
      System.out.println("threads platform");
      return Executors.newFixedThreadPool(PLATFORM_THREADS);
    }
    System.out.println("threads virtual");
    return (ExecutorService)
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }

  private static void log(Board board, Metric metric, int first) {
    board.step();
    board.tag("t" + first % 3);
    for (int i = first; i < first + ROWS; i++) {
      board.log("single", i);
      board.log("a", i, "b", i, "c", i, "d", i, "e", i);
      board.log(Map.of("map", i, "flag", true));
      metric.log(i);
    }
    board.log("text", "thread of " + first);
  }

  private static void sayPinned(Recording recording) throws IOException {
    Path file = Files.createTempFile("virtual", ".jfr");
    try {
      recording.dump(file);
      List<RecordedEvent> pinned =
          RecordingFile.readAllEvents(file).stream()
              .filter(event -> event.getEventType().getName().equals(PINNED))
              .filter(VirtualProgram::isOurs)
              .toList();
      pinned.stream().limit(3).forEach(System.out::println);
      System.out.println("pinned " + pinned.size());
    } finally {
      Files.delete(file);
    }
  }

  private static boolean isOurs(RecordedEvent event) {
    if (event.getStackTrace() == null) {
      return false;
    }
    List<RecordedFrame> frames = event.getStackTrace().getFrames();
    return frames.stream().anyMatch(VirtualProgram::isOurs)
        && frames.stream().noneMatch(VirtualProgram::loadsClasses);
  }

  private static boolean loadsClasses(RecordedFrame frame) {
    return frame.getMethod().getType().getName().equals("java.lang.ClassLoader");
  }

  private static boolean isOurs(RecordedFrame frame) {
    return frame.getMethod().getType().getName().startsWith("dev.tracker.");
  }
}
