package dev.tracker.torture.load;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A series of the mix: all its values are known from its name and the round in which they were
 * logged. One thread logs it, so they come back in the order of rounds.
 *
 * @param every in which rounds it is logged: those that this divides
 */
@SuppressWarnings("EnumOrdinal") // a place in an array, never kept
record Series(String name, Form form, int every) {
  /** How it is logged, and how many of a thread's series are. */
  enum Form {
    NAME(8, 1),
    METRIC(6, 1),
    PAIR(2, 1),
    TRIPLE(3, 1),
    ROW(5, 1),
    MAP(2, 4),
    STEP(2, 16),
    INTEGER(1, 1),
    FLAG(1, 8),
    TEXT(1, 16),
    /** The three that are large are logged in few rounds, which the mix chooses. */
    HISTOGRAM(1, 0),
    TABLE(1, 0),
    IMAGE(1, 0);

    final int count;
    final int every;

    Form(int count, int every) {
      this.count = count;
      this.every = every;
    }

    boolean isNumber() {
      return ordinal() < INTEGER.ordinal();
    }
  }

  static final int HISTOGRAM_VALUES = 256;
  static final int TABLE_ROWS = 4;
  static final int IMAGE_SIDE = 8;

  /** Returns the series of a thread, of one form. */
  static List<Series> of(int thread, Form form, int rare) {
    int every =
        switch (form) {
          case HISTOGRAM -> rare;
          case TABLE -> 2 * rare;
          case IMAGE -> 4 * rare;
          default -> form.every;
        };
    List<Series> series = new ArrayList<>();
    for (int i = 0; i < form.count; i++) {
      series.add(
          new Series(
              "load/" + thread + "/" + form.name().toLowerCase(Locale.ROOT) + i, form, every));
    }
    return series;
  }

  /** Returns the series of a thread. */
  static List<Series> of(int thread, int rare) {
    List<Series> series = new ArrayList<>();
    for (Form form : Form.values()) {
      series.addAll(of(thread, form, rare));
    }
    return series;
  }

  /** Returns where this series' noise begins, far from that of the others. */
  long seed() {
    CRC32C sum = new CRC32C();
    sum.update(name.getBytes(StandardCharsets.UTF_8));
    return sum.getValue() << 31;
  }

  /** Returns how many values there are after so many rounds. */
  long values(long rounds) {
    return (rounds + every - 1) / every;
  }

  static double number(long seed, long round) {
    return (bits(seed + round) >>> 11) * 0x1.0p-53;
  }

  static long integer(long seed, long round) {
    return bits(seed + round);
  }

  static boolean flag(long seed, long round) {
    return bits(seed + round) < 0;
  }

  static String text(long seed, long round) {
    return "batch " + Long.toHexString(bits(seed + round));
  }

  static double[] sample(long seed, long round) {
    double[] sample = new double[HISTOGRAM_VALUES];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = number(seed, round * HISTOGRAM_VALUES + i);
    }
    return sample;
  }

  static byte[] pixels(long seed, long round) {
    byte[] pixels = new byte[IMAGE_SIDE * IMAGE_SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) bits(seed + round * pixels.length + i);
    }
    return pixels;
  }

  /** SplitMix64: nothing that an encoding makes small. */
  private static long bits(long index) {
    long z = (index + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
