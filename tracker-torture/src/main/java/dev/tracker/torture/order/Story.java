package dev.tracker.torture.order;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** What the victim logs at each step, so that whoever reads the run knows what must be there. */
final class Story {
  static final String NUMBER = "number";
  static final String TEXT = "text";
  static final String HISTOGRAM = "histogram";
  static final String SMALL = "media/small";
  static final String LARGE = "media/large";
  static final String TABLE = "table";

  /** Beyond what goes through the journal, so it is staged. */
  private static final int LARGE_BYTES = 150_000;

  /** Every so many steps has one. */
  private static final Map<String, Integer> EVERY =
      new TreeMap<>(Map.of(NUMBER, 1, TEXT, 3, HISTOGRAM, 10, SMALL, 8, LARGE, 20, TABLE, 10));

  private Story() {}

  static boolean has(String name, long step) {
    return step % EVERY.getOrDefault(name, 1) == 0;
  }

  /** Any bits: NaNs with a payload, infinities and -0.0 among them. */
  static double number(long step) {
    return switch ((int) (step % 16)) {
      case 3 -> Double.longBitsToDouble(0x7ff8_0000_0000_0000L | step);
      case 7 -> -0.0;
      case 11 -> Double.NEGATIVE_INFINITY;
      default -> Double.longBitsToDouble(new Random(step).nextLong() & 0x7fef_ffff_ffff_ffffL);
    };
  }

  static String text(long step) {
    return "step " + step;
  }

  static double[] sample(long step) {
    return new Random(step).doubles(100).toArray();
  }

  static byte[] media(String name, long step) {
    byte[] bytes = new byte[name.equals(LARGE) ? LARGE_BYTES : 1_000];
    Arrays.fill(bytes, (byte) step);
    new Random(step).nextBytes(bytes);
    return bytes;
  }
}
