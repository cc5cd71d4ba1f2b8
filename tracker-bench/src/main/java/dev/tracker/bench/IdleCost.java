package dev.tracker.bench;

import dev.tracker.Board;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * What do open boards cost while nothing is logged?
 *
 * <p>Workload: boards that have each logged one value, which is sealed by now, and log no more.
 * Processor time is that of the whole process over some seconds, less what the same process uses
 * before it has a board; heap is what is in use after a collection, and threads are those alive,
 * both less what was there before. The heap of the first board includes what is loaded once in a
 * JVM.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar IdleCost [seconds = 20]}. The machine is
 * printed with the results. Processor time comes in steps of 10 ms, so a second measures to a
 * hundredth of a core, and 20 to 0.05 %.
 */
final class IdleCost {
  private static final int DEFAULT_SECONDS = 20;
  private static final int MANY = 100;
  private static final double ONE_GOAL = 0.01;
  private static final double MANY_GOAL = 0.40;
  private static final double HEAP_GOAL = 8 << 20;

  /** What threads do once after the last seal: compiling, and parking for longer and longer. */
  private static final int SETTLE_MILLIS = 2_000;

  private static final int SEAL_SECONDS = 120;

  private final Table table = new Table();
  private final int seconds;

  private IdleCost(int seconds) {
    this.seconds = seconds;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    IdleCost measurement =
        new IdleCost(arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_SECONDS);
    double baseline = measurement.cores();
    measurement.table.show("no board, processor", baseline, Unit.CORES);
    measurement.measure(1, ONE_GOAL, baseline);
    measurement.measure(MANY, MANY_GOAL, baseline);
    measurement.table.print();
  }

  private void measure(int count, double goal, double baseline)
      throws IOException, InterruptedException {
    String prefix = count == 1 ? "1 idle board, " : count + " idle boards, ";
    long heap = Machine.heapInUse();
    int threads = threads();
    try (Scratch scratch = new Scratch()) {
      List<Board> boards = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Board board = scratch.board("idle-" + i).open();
        board.log("train/loss", Noise.at(i));
        boards.add(board);
      }
      awaitSealed(boards);
      Thread.sleep(SETTLE_MILLIS);
      table.atMost(prefix + "processor", Math.max(0, cores() - baseline), goal, Unit.CORES);
      table.atMost(
          prefix + "heap each",
          (double) (Machine.heapInUse() - heap) / count,
          HEAP_GOAL,
          Unit.BYTES);
      table.show(prefix + "threads", threads() - threads, Unit.COUNT);
      for (Board board : boards) {
        board.close();
      }
    }
  }

  private static void awaitSealed(List<Board> boards) throws InterruptedException {
    long end = System.nanoTime() + SEAL_SECONDS * 1_000_000_000L;
    for (Board board : boards) {
      while (board.health().sealed() == 0) {
        if (System.nanoTime() - end > 0) {
          throw new IllegalStateException(
              "board does not seal: run="
                  + board.directory()
                  + " seconds="
                  + SEAL_SECONDS
                  + " health="
                  + board.health());
        }
        Thread.sleep(10);
      }
    }
  }

  private double cores() throws InterruptedException {
    long start = System.nanoTime();
    long before = Machine.cpuNanos();
    Thread.sleep(seconds * 1000L);
    return (double) (Machine.cpuNanos() - before) / (System.nanoTime() - start);
  }

  private static int threads() {
    return ManagementFactory.getThreadMXBean().getThreadCount();
  }
}
