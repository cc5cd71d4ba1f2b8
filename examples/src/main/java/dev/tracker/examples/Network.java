package dev.tracker.examples;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntConsumer;

/**
 * A multi-layer perceptron: layers of weighted sums with ReLU between them and softmax at the end,
 * taught with cross entropy by stochastic gradient descent with momentum.
 *
 * <p>One thread. {@link StrictMath} makes a seed give the same numbers on every machine.
 */
final class Network {
  /** How well a network did: its mean cross entropy, and the share of digits it named correctly. */
  record Score(double loss, double accuracy) {}

  private static final double MOMENTUM = 0.9;

  private final int[] widths; // of every layer, from input to output
  private final double[] parameters; // layer by layer: the weights of each neuron, then the biases
  private final double[] gradient; // of the loss, by parameter
  private final double[] velocity; // of descent, by parameter
  private final double[][] activations; // of every layer, for the image seen last
  private final double[][] errors; // the loss by every layer's weighted sums, for the same image

  /** Makes a network with random weights; the widths are those of all layers, input to output. */
  Network(Random random, int... widths) {
    this.widths = widths.clone();
    int count = 0;
    for (int layer = 1; layer < widths.length; layer++) {
      count += widths[layer] * (widths[layer - 1] + 1);
    }
    parameters = new double[count];
    gradient = new double[count];
    velocity = new double[count];
    activations = new double[widths.length][];
    errors = new double[widths.length][];
    int at = 0;
    for (int layer = 1; layer < widths.length; layer++) {
      activations[layer] = new double[widths[layer]];
      errors[layer] = new double[widths[layer]];
      double spread = Math.sqrt(2.0 / widths[layer - 1]); // keeps the scale: He et al., 2015
      int weights = widths[layer] * widths[layer - 1];
      for (int i = 0; i < weights; i++) {
        parameters[at + i] = spread * random.nextGaussian();
      }
      at += weights + widths[layer]; // biases begin at zero
    }
  }

  /** Learns from a batch with one step downhill; returns how well the network did before it. */
  Score train(Dataset batch, double learningRate) {
    Score score = differentiate(batch);
    for (int i = 0; i < parameters.length; i++) {
      velocity[i] = MOMENTUM * velocity[i] - learningRate * gradient[i];
      parameters[i] += velocity[i];
    }
    return score;
  }

  /** Says how well the network does, without learning. */
  Score score(Dataset digits) {
    return forward(digits, label -> {});
  }

  /** Computes the gradient of the loss over a batch, without following it. */
  Score differentiate(Dataset batch) {
    Arrays.fill(gradient, 0);
    Score score = forward(batch, this::backward);
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] /= batch.size();
    }
    return score;
  }

  /** Returns the weights and biases themselves, not a copy. */
  double[] parameters() {
    return parameters;
  }

  /** Returns a copy of the weights that lead into a layer, the first of which is 1. */
  double[] weights(int layer) {
    int from = 0;
    for (int below = 1; below < layer; below++) {
      from += widths[below] * (widths[below - 1] + 1);
    }
    return Arrays.copyOfRange(parameters, from, from + widths[layer] * widths[layer - 1]);
  }

  /** Returns the digit that the network takes an image for. */
  int classify(double[] image) {
    return largest(forward(image));
  }

  /** Returns what {@link #differentiate} computed last, by parameter; not a copy. */
  double[] gradient() {
    return gradient;
  }

  /** Scores digits one after the other; the label of each goes to a step that follows it. */
  private Score forward(Dataset digits, IntConsumer then) {
    double loss = 0;
    int correct = 0;
    for (int i = 0; i < digits.size(); i++) {
      int label = digits.label(i);
      double[] probabilities = forward(digits.image(i));
      loss -= StrictMath.log(Math.max(probabilities[label], Double.MIN_NORMAL));
      correct += largest(probabilities) == label ? 1 : 0;
      then.accept(label);
    }
    return new Score(loss / digits.size(), (double) correct / digits.size());
  }

  /** Returns the probability of each class for an image. */
  private double[] forward(double[] image) {
    activations[0] = image;
    int output = widths.length - 1;
    int at = 0;
    for (int layer = 1; layer <= output; layer++) {
      double[] in = activations[layer - 1];
      double[] out = activations[layer];
      int biases = at + out.length * in.length;
      for (int to = 0; to < out.length; to++) {
        double sum = parameters[biases + to];
        for (int from = 0; from < in.length; from++) {
          sum += parameters[at + to * in.length + from] * in[from];
        }
        out[to] = layer < output ? Math.max(0, sum) : sum;
      }
      at = biases + out.length;
    }
    softmax(activations[output]);
    return activations[output];
  }

  /** Adds the gradient of the image seen last, from the output back to the input. */
  private void backward(int label) {
    int output = widths.length - 1;
    for (int to = 0; to < widths[output]; to++) {
      errors[output][to] = activations[output][to] - (to == label ? 1 : 0);
    }
    int at = parameters.length;
    for (int layer = output; layer >= 1; layer--) {
      double[] in = activations[layer - 1];
      double[] error = errors[layer];
      int biases = at - error.length;
      at = biases - error.length * in.length;
      for (int to = 0; to < error.length; to++) {
        gradient[biases + to] += error[to];
        for (int from = 0; from < in.length; from++) {
          gradient[at + to * in.length + from] += error[to] * in[from];
        }
      }
      if (layer > 1) {
        handDown(at, error, in, errors[layer - 1]);
      }
    }
  }

  /** Gives each neuron its share of the errors in the layer above, where ReLU let it speak. */
  private void handDown(int weights, double[] above, double[] activations, double[] below) {
    for (int from = 0; from < below.length; from++) {
      double sum = 0;
      for (int to = 0; to < above.length; to++) {
        sum += parameters[weights + to * below.length + from] * above[to];
      }
      below[from] = activations[from] > 0 ? sum : 0;
    }
  }

  private static void softmax(double[] values) {
    double max = Arrays.stream(values).max().orElseThrow();
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = StrictMath.exp(values[i] - max);
      sum += values[i];
    }
    for (int i = 0; i < values.length; i++) {
      values[i] /= sum;
    }
  }

  private static int largest(double[] values) {
    int largest = 0;
    for (int i = 1; i < values.length; i++) {
      largest = values[i] > values[largest] ? i : largest;
    }
    return largest;
  }
}
