package dev.tracker.examples;

import dev.tracker.Board;
import dev.tracker.examples.Network.Score;
import dev.tracker.read.RunReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The second example: trains the network of {@link Digits} with several learning rates at once,
 * each on its own thread with its own board, then reads the runs back and ranks them by the best
 * accuracy they reached.
 */
public final class Sweep {
  private static final double[] RATES = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};
  private static final long SEED = 1;
  private static final int TRAINING = 1_437; // of 1,797 digits; the rest validate
  private static final int EPOCHS = 20;
  private static final int BATCH = 32;
  private static final int HIDDEN = 64;

  private Sweep() {}

  /** Trains with every rate, then prints the ranking. Takes no arguments. */
  public static void main(String[] args) throws InterruptedException, ExecutionException {
    Terminal.print(compare(trainAll()));
  }

  /** Trains with all rates at once; returns the folders of the runs, in the order of the rates. */
  static List<Path> trainAll() throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(RATES.length);
    try {
      List<Future<Path>> runs = new ArrayList<>();
      for (double rate : RATES) {
        runs.add(threads.submit(() -> train(rate)));
      }
      List<Path> folders = new ArrayList<>();
      for (Future<Path> run : runs) {
        folders.add(run.get());
      }
      return folders;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Path train(double rate) {
    Random random = new Random(SEED); // so all begin with the same weights and see the same batches
    Dataset digits = Dataset.load().shuffled(random);
    Dataset training = digits.slice(0, TRAINING);
    Dataset validation = digits.slice(TRAINING, digits.size());
    Network network = new Network(random, Dataset.PIXELS, HIDDEN, Dataset.CLASSES);
    AtomicReference<Path> folder = new AtomicReference<>();

    Board.run(
        Board.builder("rate " + rate).project("sweep").config(Map.of("rate", rate, "seed", SEED)),
        board -> {
          folder.set(board.directory());
          for (int epoch = 1; epoch <= EPOCHS; epoch++) {
            board.step();
            for (Dataset batch : training.shuffled(random).batches(BATCH)) {
              board.log("train/loss", network.train(batch, rate).loss());
            }
            Score score = network.score(validation);
            board.log("val/loss", score.loss(), "val/accuracy", score.accuracy());
          }
        });

    return folder.get();
  }

  /** What is compared of a run: its best accuracy, after which epoch, and how it got there. */
  private record Result(String name, double accuracy, int epoch, String bars) {

    static Result of(Path folder) {
      try (RunReader run = RunReader.open(folder)) {
        double[] accuracies = run.scalars("val/accuracy").values();
        int best = Report.best("val/accuracy", accuracies);
        String bars = Chart.bars(accuracies, 0, 1);
        return new Result(run.info().name(), accuracies[best], best + 1, bars);
      }
    }

    String line() {
      return String.format(Locale.ROOT, "%-12s %8.4f %8d   %s", name, accuracy, epoch, bars);
    }
  }

  /** Reads the runs; returns the lines to print, the best run first. */
  static List<String> compare(List<Path> folders) {
    List<Result> results = new ArrayList<>();
    for (Path folder : folders) {
      results.add(Result.of(folder));
    }
    results.sort(Comparator.comparingDouble(Result::accuracy).reversed());

    List<String> lines = new ArrayList<>();
    lines.add("run              best in epoch   val/accuracy by epoch, from 0 to 1");
    results.forEach(result -> lines.add(result.line()));
    lines.add("");
    lines.add(folders.size() + " runs in " + folders.get(0).toAbsolutePath().getParent());
    return lines;
  }
}
