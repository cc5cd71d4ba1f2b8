package dev.tracker.bench;

import java.util.Random;

/**
 * A small neural network that learns to read digits: one hidden layer with ReLU, softmax,
 * mini-batches, plain gradient descent. The digits are those of a seven-segment display, drawn into
 * 8 x 8 pixels, moved by a pixel or two and covered with noise, so that they are never learnt by
 * heart. The same seed gives the same training to the last bit.
 */
final class Network {
  static final float RATE = 0.05f;

  private static final int SIDE = 8;
  private static final int PIXELS = SIDE * SIDE;
  private static final int HIDDEN = 128;
  private static final int DIGITS = 10;
  private static final int BATCH = 32;
  private static final float NOISE = 0.5f;

  /** The segments a to g of each digit, the lowest bit first. */
  private static final int[] SEGMENTS = {
    0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F
  };

  /** Where a segment begins, how it goes on (1 right, 8 down), in a field of 4 x 7 pixels. */
  private static final int[][] STROKES = {
    {0, 1},
    {3, SIDE},
    {3 + 3 * SIDE, SIDE},
    {6 * SIDE, 1},
    {3 * SIDE, SIDE},
    {0, SIDE},
    {3 * SIDE, 1}
  };

  private static final int STROKE = 4;

  private final Random random;
  private final float[] lower = new float[PIXELS * HIDDEN];
  private final float[] lowerBias = new float[HIDDEN];
  private final float[] upper = new float[HIDDEN * DIGITS];
  private final float[] upperBias = new float[DIGITS];

  private final float[] images = new float[BATCH * PIXELS];
  private final int[] labels = new int[BATCH];
  private final float[] hidden = new float[BATCH * HIDDEN];
  private final float[] output = new float[BATCH * DIGITS];
  private final float[] hiddenGradient = new float[BATCH * HIDDEN];
  private double loss;
  private int right;

  Network(long seed) {
    random = new Random(seed);
    fill(lower, Math.sqrt(2.0 / PIXELS));
    fill(upper, Math.sqrt(2.0 / HIDDEN));
  }

  private void fill(float[] weights, double scale) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (random.nextGaussian() * scale);
    }
  }

  /** Draws a batch and learns from it. */
  void step() {
    draw();
    forward();
    softmax();
    backward();
  }

  /** Returns the mean loss of the latest batch. */
  double loss() {
    return loss / BATCH;
  }

  /** Returns the share of the latest batch that was told rightly. */
  double accuracy() {
    return (double) right / BATCH;
  }

  /** Returns the weights of the lower layer themselves. */
  float[] weights() {
    return lower;
  }

  private void draw() {
    for (int i = 0; i < images.length; i++) {
      images[i] = (random.nextFloat() - 0.5f) * 2 * NOISE;
    }
    for (int i = 0; i < BATCH; i++) {
      labels[i] = random.nextInt(DIGITS);
      int corner = i * PIXELS + random.nextInt(3) + SIDE * random.nextInt(2);
      for (int segment = 0; segment < STROKES.length; segment++) {
        if ((SEGMENTS[labels[i]] >> segment & 1) != 0) {
          for (int dot = 0; dot < STROKE; dot++) {
            images[corner + STROKES[segment][0] + dot * STROKES[segment][1]] += 1;
          }
        }
      }
    }
  }

  private void forward() {
    for (int i = 0; i < BATCH; i++) {
      layer(images, i * PIXELS, PIXELS, lower, lowerBias, hidden, i * HIDDEN);
      for (int j = i * HIDDEN; j < (i + 1) * HIDDEN; j++) {
        hidden[j] = Math.max(0, hidden[j]);
      }
      layer(hidden, i * HIDDEN, HIDDEN, upper, upperBias, output, i * DIGITS);
    }
  }

  /** Computes what a layer makes of one input; a row of the weights belongs to one input value. */
  private static void layer(
      float[] input, int from, int length, float[] weights, float[] bias, float[] out, int to) {
    int width = bias.length;
    System.arraycopy(bias, 0, out, to, width);
    for (int i = 0; i < length; i++) {
      float value = input[from + i];
      for (int j = 0; j < width; j++) {
        out[to + j] += value * weights[i * width + j];
      }
    }
  }

  /** Turns the output into the gradient of the loss by it. */
  private void softmax() {
    loss = 0;
    right = 0;
    for (int i = 0; i < BATCH; i++) {
      int from = i * DIGITS;
      int best = from;
      for (int j = from; j < from + DIGITS; j++) {
        best = output[j] > output[best] ? j : best;
      }
      float greatest = output[best];
      float sum = 0;
      for (int j = from; j < from + DIGITS; j++) {
        output[j] = (float) Math.exp(output[j] - greatest);
        sum += output[j];
      }
      for (int j = from; j < from + DIGITS; j++) {
        output[j] /= sum;
      }
      loss -= Math.log(output[from + labels[i]]);
      right += best == from + labels[i] ? 1 : 0;
      output[from + labels[i]] -= 1;
    }
  }

  private void backward() {
    for (int i = 0; i < BATCH * HIDDEN; i++) {
      float sum = 0;
      for (int j = 0; j < DIGITS; j++) {
        sum += upper[i % HIDDEN * DIGITS + j] * output[i / HIDDEN * DIGITS + j];
      }
      hiddenGradient[i] = hidden[i] > 0 ? sum : 0;
    }
    for (int i = 0; i < BATCH; i++) {
      learn(hidden, i * HIDDEN, HIDDEN, output, i * DIGITS, upper, upperBias);
      learn(images, i * PIXELS, PIXELS, hiddenGradient, i * HIDDEN, lower, lowerBias);
    }
  }

  private static void learn(
      float[] input,
      int from,
      int length,
      float[] gradient,
      int at,
      float[] weights,
      float[] bias) {
    int width = bias.length;
    for (int i = 0; i < length; i++) {
      float change = RATE / BATCH * input[from + i];
      for (int j = 0; j < width; j++) {
        weights[i * width + j] -= change * gradient[at + j];
      }
    }
    for (int j = 0; j < width; j++) {
      bias[j] -= RATE / BATCH * gradient[at + j];
    }
  }
}
