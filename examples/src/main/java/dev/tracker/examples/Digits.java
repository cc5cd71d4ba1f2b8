package dev.tracker.examples;

import dev.tracker.Board;
import dev.tracker.examples.Network.Score;
import dev.tracker.media.Image;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The first example: teaches a small network to read handwritten digits, logs how it goes, then
 * opens the run and prints it.
 *
 * <p>All that a training program needs of the library is in the two {@code train} methods; all that
 * reading a run back takes is in {@link Report}.
 */
public final class Digits {
  private static final long SEED = 1;
  private static final int TRAINING = 1_437; // of 1,797 digits; the rest validate
  private static final int EPOCHS = 30;
  private static final int BATCH = 32;
  private static final int HIDDEN = 64;
  private static final double PEAK_RATE = 0.05;

  private static final Map<String, Object> CONFIG =
      Map.of("seed", SEED, "epochs", EPOCHS, "batch", BATCH, "hidden", HIDDEN, "lr", PEAK_RATE);

  private Digits() {}

  /** Trains, then prints what was logged. Takes no arguments. */
  public static void main(String[] args) {
    Path folder = train();
    Terminal.print(Report.of(folder));
  }

  /** Trains as one run of the project {@code default}; returns its folder. */
  static Path train() {
    AtomicReference<Path> folder = new AtomicReference<>();
    Board.run(
        Board.builder("digits").config(CONFIG).captureOutput(true),
        board -> {
          folder.set(board.directory());
          train(board);
        });
    return folder.get();
  }

  private static void train(Board board) {
    Random random = new Random(SEED);
    Dataset digits = Dataset.load().shuffled(random);
    Dataset training = digits.slice(0, TRAINING);
    Dataset validation = digits.slice(TRAINING, digits.size());
    Network network = new Network(random, Dataset.PIXELS, HIDDEN, Dataset.CLASSES);
    int batches = EPOCHS * training.batches(BATCH).size();

    try (ProgressBar progress = new ProgressBar(batches)) {
      for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        board.step(); // the global step counts epochs

        for (Dataset batch : training.shuffled(random).batches(BATCH)) {
          double lr = learningRate(progress.fraction());
          Score score = network.train(batch, lr);
          board.log("train/loss", score.loss(), "train/accuracy", score.accuracy(), "train/lr", lr);
          progress.advance();
        }

        Score score = network.score(validation);
        board.log(
            Map.of(
                "val/loss", score.loss(),
                "val/accuracy", score.accuracy(),
                "weights/hidden", Histogram.adopt(network.weights(1)),
                "weights/output", Histogram.adopt(network.weights(2))));
        progress.note("epoch " + epoch + ", val/accuracy " + Chart.number(score.accuracy()));
      }
    }
    logMistakes(board, network, validation);
  }

  /** Logs how often each digit was taken for which, and a picture of each that was misread. */
  private static void logMistakes(Board board, Network network, Dataset digits) {
    int[][] counts = new int[Dataset.CLASSES][Dataset.CLASSES];
    for (int i = 0; i < digits.size(); i++) {
      int label = digits.label(i);
      int taken = network.classify(digits.image(i));
      counts[label][taken]++;
      if (taken != label) {
        String caption = label + " taken for " + taken;
        board.log("val/mistakes", picture(digits.image(i)).withCaption(caption));
      }
    }
    board.log("val/confusion", confusion(counts));
  }

  private static Table confusion(int[][] counts) {
    List<List<Integer>> rows = new ArrayList<>();
    for (int label = 0; label < counts.length; label++) {
      for (int taken = 0; taken < counts.length; taken++) {
        if (counts[label][taken] > 0) {
          rows.add(List.of(label, taken, counts[label][taken]));
        }
      }
    }
    return Table.of(List.of("digit", "taken for", "times"), rows);
  }

  /** Draws an image in grey: paper is white, ink is black. */
  private static Image picture(double[] image) {
    double[][] rows = new double[Dataset.SIDE][Dataset.SIDE];
    for (int i = 0; i < image.length; i++) {
      rows[i / Dataset.SIDE][i % Dataset.SIDE] = 1 - image[i];
    }
    return Image.of(rows).range(0, 1);
  }

  /** Falls from its peak to zero along a cosine. */
  private static double learningRate(double done) {
    return PEAK_RATE * (1 + StrictMath.cos(Math.PI * done)) / 2;
  }
}
