package dev.tracker.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NetworkTest {
  private final Dataset digits = Dataset.load().shuffled(new Random(3));

  @Test
  void gradient_agreesWithFiniteDifferences() {
    Dataset batch = digits.slice(0, 8);
    Network network = new Network(new Random(11), Dataset.PIXELS, 12, 9, Dataset.CLASSES);
    network.train(batch, 0.1); // so that biases are not zero
    network.differentiate(batch);
    double[] parameters = network.parameters();
    double[] gradient = network.gradient();
    double tiny = 1e-6;
    int moved = 0;
    for (int i = 0; i < parameters.length; i++) {
      double value = parameters[i];
      parameters[i] = value + tiny;
      double above = network.score(batch).loss();
      parameters[i] = value - tiny;
      double below = network.score(batch).loss();
      parameters[i] = value;
      assertEquals((above - below) / (2 * tiny), gradient[i], 1e-7, "parameter=" + i);
      moved += gradient[i] != 0 ? 1 : 0;
    }
    assertTrue(
        moved > parameters.length / 2, "moved=" + moved + " parameters=" + parameters.length);
  }

  @Test
  void training_learnsABatchByHeart() {
    Dataset batch = digits.slice(0, 32);
    Network network = new Network(new Random(1), Dataset.PIXELS, 32, Dataset.CLASSES);
    double before = network.score(batch).loss();
    for (int i = 0; i < 200; i++) {
      network.train(batch, 0.05);
    }
    Network.Score after = network.score(batch);
    assertTrue(before > 2, "before=" + before);
    assertTrue(after.loss() < 0.01, "after=" + after.loss());
    assertEquals(1.0, after.accuracy());
  }

  @Test
  void training_returnsTheScoreFromBeforeItsStep() {
    Dataset batch = digits.slice(0, 32);
    Network network = new Network(new Random(1), Dataset.PIXELS, 16, Dataset.CLASSES);
    Network.Score before = network.score(batch);
    assertEquals(before, network.train(batch, 0.05));
    assertNotEquals(before, network.score(batch));
  }

  @Test
  void scoring_changesNothing() {
    Network network = new Network(new Random(1), Dataset.PIXELS, 16, Dataset.CLASSES);
    double[] before = network.parameters().clone();
    network.score(digits);
    assertArrayEquals(before, network.parameters());
  }

  @Test
  void sameSeed_givesTheSameNetworkToTheLastBit() {
    Network one = new Network(new Random(7), Dataset.PIXELS, 16, Dataset.CLASSES);
    Network two = new Network(new Random(7), Dataset.PIXELS, 16, Dataset.CLASSES);
    for (Dataset batch : digits.slice(0, 320).batches(32)) {
      assertEquals(one.train(batch, 0.05), two.train(batch, 0.05));
    }
    assertArrayEquals(one.parameters(), two.parameters(), 0);
  }
}
