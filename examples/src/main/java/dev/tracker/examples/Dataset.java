package dev.tracker.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Labelled images of handwritten digits, 8 × 8 pixels each, and the ways in which training cuts
 * them up.
 */
final class Dataset {
  /** Pixels of a row, and rows of an image. */
  static final int SIDE = 8;

  /** Pixels of an image, row after row. */
  static final int PIXELS = SIDE * SIDE;

  /** The digits 0 to 9. */
  static final int CLASSES = 10;

  /** One image: 64 pixels from 0 (paper) to 1 (ink), and the digit that was meant. */
  private static final class Digit {
    final double[] image;
    final int label;

    Digit(double[] image, int label) {
      this.image = image;
      this.label = label;
    }
  }

  private static final String RESOURCE = "digits/digits.csv";
  private static final double MOST_INK = 16;

  private final List<Digit> digits;

  private Dataset(List<Digit> digits) {
    this.digits = digits;
  }

  /**
   * Reads the 1,797 digits shipped with the examples; the README beside them says where they are
   * from.
   */
  static Dataset load() {
    try (InputStream in = Dataset.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("resource is missing: name=" + RESOURCE);
      }
      var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      return new Dataset(reader.lines().map(Dataset::parse).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads one line: 64 pixels from 0 to 16, then the label. */
  private static Digit parse(String line) {
    String[] fields = line.split(",", -1);
    double[] image = new double[PIXELS];
    for (int pixel = 0; pixel < PIXELS; pixel++) {
      image[pixel] = Integer.parseInt(fields[pixel]) / MOST_INK;
    }
    return new Digit(image, Integer.parseInt(fields[PIXELS]));
  }

  int size() {
    return digits.size();
  }

  /** Returns the pixels of an image, each from 0 to 1. */
  double[] image(int index) {
    return digits.get(index).image;
  }

  /** Returns the digit that an image shows. */
  int label(int index) {
    return digits.get(index).label;
  }

  /** Returns the same digits in another order. */
  Dataset shuffled(Random random) {
    List<Digit> order = new ArrayList<>(digits);
    Collections.shuffle(order, random);
    return new Dataset(order);
  }

  /** Returns the digits from one index (inclusive) to another (exclusive). */
  Dataset slice(int from, int to) {
    return new Dataset(digits.subList(from, to));
  }

  /** Cuts the digits into batches of a size; the last one holds what is left. */
  List<Dataset> batches(int size) {
    List<Dataset> batches = new ArrayList<>();
    for (int from = 0; from < size(); from += size) {
      batches.add(slice(from, Math.min(from + size, size())));
    }
    return batches;
  }
}
