package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.Row;
import dev.tracker.read.RunReader;
import dev.tracker.value.Histogram;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How much slower does a training get by being logged?
 *
 * <p>Workload: a {@link Network} in plain Java on one thread, a fraction of a millisecond a step.
 * It is trained without logging; with loss, accuracy and learning rate logged at each step and a
 * histogram of its 8,192 lower weights at every hundredth; and with a row of 100 values at each
 * step. The three take turns in one JVM, in another order each round, after a round that does not
 * count. A block is one training from the beginning: the same seed and the same number of steps,
 * which come to about the seconds that are asked for. So all of them do the same work to the last
 * bit; one that ends with another loss makes the program fail, and so does a call that is dropped
 * or a row that is missing when the run is read.
 *
 * <p>Each block that logs is compared with the one without logging of its round; the figures are
 * the median of these ratios, the least and the greatest. The board is opened before a block and
 * finished after it, outside of the time: what it seals meanwhile is in the figure, what is left
 * then is not. "With open and finish" has all of it in. The processor time of the thread that
 * trains is the least noisy of them: what other threads and programs do is not in it.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar TrainingLoop [seconds = 10]}: how long a
 * block takes, of which there are 24. A run seals at first after some seconds, so shorter blocks
 * have less of it in. The machine is printed with the results.
 */
final class TrainingLoop {
  private static final int DEFAULT_SECONDS = 10;
  private static final int ROUNDS = 7;
  private static final int HISTOGRAM_EVERY = 100;
  private static final int WIDTH = 100;
  private static final long SEED = 42;
  private static final long SECOND = 1_000_000_000L;
  private static final int WARM_UP_SECONDS = 2;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Table table = new Table();
  private final Map<Way, List<Block>> blocks = new EnumMap<>(Way.class);
  private final int steps;

  /** What is logged. */
  private enum Way {
    NOTHING("without logging"),
    THREE("3 values a step"),
    HUNDRED("100 values a step");

    private final String what;

    Way(String what) {
      this.what = what;
    }
  }

  /**
   * One training.
   *
   * @param loop how long its steps took, in nanoseconds
   * @param processor what they took of the processor on the thread that trains
   * @param whole the same with the opening and the end of the board
   */
  private record Block(
      long loop,
      long processor,
      long whole,
      double loss,
      double accuracy,
      long dropped,
      long missing) {}

  /** What a step does besides. */
  private interface Logging {
    void after(Network network, int step);
  }

  private TrainingLoop(int steps) {
    this.steps = steps;
  }

  public static void main(String[] arguments) throws IOException {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_SECONDS;
    TrainingLoop measurement = new TrainingLoop(seconds * stepsPerSecond());
    measurement.run();
    measurement.report();
    measurement.table.print();
    System.exit(measurement.table.exitCode());
  }

  /**
   * Trains for some seconds, and returns what the last of them came to; they are those of the
   * processor, so that a block is the same work on a busy machine.
   */
  private static int stepsPerSecond() {
    Network network = new Network(SEED);
    int steps = 0;
    for (int second = 0; second < WARM_UP_SECONDS; second++) {
      steps = 0;
      for (long start = processor(); processor() - start < SECOND; steps++) {
        network.step();
      }
    }
    return steps;
  }

  private void run() throws IOException {
    List<Way> order = new ArrayList<>(List.of(Way.values()));
    for (int round = -1; round < ROUNDS; round++) {
      for (Way way : order) {
        Block block = way == Way.NOTHING ? without() : with(way);
        if (round >= 0) {
          blocks.computeIfAbsent(way, first -> new ArrayList<>()).add(block);
        }
      }
      Collections.rotate(order, 1);
    }
  }

  private Block without() {
    Network network = new Network(SEED);
    long before = processor();
    long taken = train(network, (trained, step) -> {});
    long processor = processor() - before;
    return new Block(taken, processor, taken, network.loss(), network.accuracy(), 0, 0);
  }

  private Block with(Way way) throws IOException {
    Network network = new Network(SEED);
    try (Scratch scratch = new Scratch()) {
      long start = System.nanoTime();
      Board board = scratch.board("training").closeTimeout(Duration.ofDays(1)).open();
      Logging logging = way == Way.THREE ? three(board) : hundred(board);
      long before = processor();
      long loop = train(network, logging);
      long processor = processor() - before;
      board.finish();
      long whole = System.nanoTime() - start;
      try (RunReader reader = RunReader.open(board.directory())) {
        long missing = Math.abs(steps - reader.scalars("train/loss").size());
        return new Block(
            loop,
            processor,
            whole,
            network.loss(),
            network.accuracy(),
            board.health().dropped(),
            missing);
      }
    }
  }

  /** Returns what this thread has had of the processor, in nanoseconds. */
  private static long processor() {
    return THREADS.getCurrentThreadCpuTime();
  }

  private long train(Network network, Logging logging) {
    long start = System.nanoTime();
    for (int step = 0; step < steps; step++) {
      network.step();
      logging.after(network, step);
    }
    return System.nanoTime() - start;
  }

  private static Logging three(Board board) {
    return (network, step) -> {
      board.log(
          "train/loss",
          network.loss(),
          "train/accuracy",
          network.accuracy(),
          "train/lr",
          Network.RATE);
      if (step % HISTOGRAM_EVERY == 0) {
        board.log("train/weights", Histogram.of(network.weights()));
      }
    };
  }

  private static Logging hundred(Board board) {
    Row row = board.row();
    String[] names = Noise.names(WIDTH - 1);
    return (network, step) -> {
      row.put("train/loss", network.loss());
      for (int i = 0; i < names.length; i++) {
        row.put(names[i], network.weights()[i]);
      }
      row.log();
    };
  }

  private List<Block> blocks(Way way) {
    return blocks.getOrDefault(way, List.of());
  }

  private void report() {
    Block first = blocks(Way.NOTHING).get(0);
    table.show("training: steps of a block", steps, Unit.COUNT);
    table.show("training: accuracy of the last batch", first.accuracy, Unit.SHARE);
    for (Way way : Way.values()) {
      String prefix = "training " + way.what + ", ";
      double[] rates = sorted(blocks(way), block -> steps * 1e9 / block.loop);
      table.show(prefix + "steps, median", median(rates), Unit.PER_SECOND);
      if (way != Way.NOTHING) {
        double[] ratios = ratios(way, Block::loop);
        table.show(prefix + "of the steps without logging, median", median(ratios), Unit.SHARE);
        table.show(prefix + "the least", ratios[0], Unit.SHARE);
        table.show(prefix + "the greatest", ratios[ratios.length - 1], Unit.SHARE);
        table.show(
            prefix + "by the processor time of the thread, median",
            median(ratios(way, Block::processor)),
            Unit.SHARE);
        table.show(
            prefix + "with open and finish, median", median(ratios(way, Block::whole)), Unit.SHARE);
        table.bound(prefix + "dropped", blocks(way).stream().mapToLong(Block::dropped).sum(), 0);
        table.bound(
            prefix + "rows of the loss that are missing",
            blocks(way).stream().mapToLong(Block::missing).sum(),
            0);
      }
      table.bound(
          prefix + "blocks that trained otherwise",
          blocks(way).stream().filter(block -> block.loss != first.loss).count(),
          0);
    }
  }

  /** Returns the speed of each block by that of the one without logging of its round. */
  private double[] ratios(Way way, ToDoubleFunction<Block> part) {
    double[] ratios = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      ratios[round] =
          part.applyAsDouble(blocks(Way.NOTHING).get(round))
              / part.applyAsDouble(blocks(way).get(round));
    }
    Arrays.sort(ratios);
    return ratios;
  }

  private static double[] sorted(List<Block> blocks, ToDoubleFunction<Block> part) {
    return blocks.stream().mapToDouble(part).sorted().toArray();
  }

  private static double median(double... sorted) {
    return sorted[sorted.length / 2];
  }
}
