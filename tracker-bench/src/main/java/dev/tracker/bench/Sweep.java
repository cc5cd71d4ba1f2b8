package dev.tracker.bench;

import dev.tracker.Board;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What do many boards cost that are logged to side by side, sealing included?
 *
 * <p>Workload: boards that each get one row of two values some times a second, by one thread, for
 * some seconds. Processor time is that of the whole process, and again of its second half alone,
 * for the start loads and compiles. The goal is that of the design: sealing costs a small part of a
 * core however many boards there are. Then all boards are finished, one after another.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar Sweep [boards = 100] [hertz = 10]
 * [seconds = 300]}. A goal needs some minutes: the sealer rests nineteen times as long as it
 * worked. The machine is printed with the results.
 */
final class Sweep {
  private static final double CORES_GOAL = 0.15;
  private static final long SECOND = 1_000_000_000L;

  private final Table table = new Table();
  private final int boards;
  private final int hertz;
  private final int seconds;

  private Sweep(String... arguments) {
    boards = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
    hertz = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
    seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 300;
  }

  public static void main(String[] arguments) throws IOException {
    Sweep measurement = new Sweep(arguments);
    try (Scratch scratch = new Scratch()) {
      measurement.run(scratch);
    }
    measurement.table.print();
    System.exit(measurement.table.exitCode());
  }

  private void run(Scratch scratch) {
    String prefix = boards + " boards at " + hertz + " Hz, ";
    long start = System.nanoTime();
    long cpuStart = Machine.cpuNanos();
    List<Board> open = new ArrayList<>();
    for (int i = 0; i < boards; i++) {
      open.add(scratch.board("trial-" + i).open());
    }
    table.show(prefix + "opening all", System.nanoTime() - start, Unit.NANOS);
    int ticks = hertz * seconds;
    log(open, start, 0, ticks / 2);
    long half = System.nanoTime();
    long cpuHalf = Machine.cpuNanos();
    log(open, start, ticks / 2, ticks);
    long end = System.nanoTime();
    long cpuEnd = Machine.cpuNanos();
    table.show(
        prefix + "processor, whole time", (double) (cpuEnd - cpuStart) / (end - start), Unit.CORES);
    table.atMost(
        prefix + "processor, second half",
        (double) (cpuEnd - cpuHalf) / (end - half),
        CORES_GOAL,
        Unit.CORES);
    table.show(prefix + "heap each", (double) Machine.heapInUse() / boards, Unit.BYTES);
    long dropped = open.stream().mapToLong(board -> board.health().dropped()).sum();
    long sealed = open.stream().filter(board -> board.health().sealed() > 0).count();
    table.bound(prefix + "dropped", dropped, 0);
    table.show(prefix + "boards that have sealed something by then", sealed, Unit.COUNT);
    open.forEach(Board::finish);
    table.show(prefix + "finish of each", (double) (System.nanoTime() - end) / boards, Unit.NANOS);
  }

  private void log(List<Board> open, long start, int from, int to) {
    for (int tick = from; tick < to; tick++) {
      long due = start + tick * (SECOND / hertz);
      while (System.nanoTime() - due < 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      for (Board board : open) {
        board.log("train/loss", Noise.at(tick), "train/lr", 1e-3);
      }
    }
  }
}
