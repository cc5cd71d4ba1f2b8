package dev.tracker.bench;

import java.util.Locale;

/** What a figure counts, and so how it is written. */
enum Unit {
  /** Nanoseconds, written in the unit that reads best. */
  NANOS,
  /** Things per second. */
  PER_SECOND,
  /** Bytes, written in the unit that reads best. */
  BYTES,
  /** Shares of one core: 1.0 is one core busy all the time. */
  CORES,
  /** Shares of a whole. */
  SHARE,
  /** Things. */
  COUNT,
  /** One figure by another. */
  RATIO;

  /** Writes a figure with three digits that matter. */
  String format(double figure) {
    if (Double.isNaN(figure)) {
      return "not known";
    }
    return switch (this) {
      case NANOS -> scaled(figure, 1000, "ns", "µs", "ms", "s");
      case PER_SECOND -> scaled(figure, 1000, "/s", "k/s", "M/s", "G/s");
      case BYTES -> scaled(figure, 1024, "B", "KB", "MB", "GB");
      case CORES, SHARE -> String.format(Locale.ROOT, "%.2f %%", figure * 100);
      case COUNT -> String.format(Locale.ROOT, "%,d", Math.round(figure));
      case RATIO -> String.format(Locale.ROOT, "%.2f", figure);
    };
  }

  private static String scaled(double figure, int factor, String... units) {
    int unit = 0;
    double left = figure;
    while (Math.abs(left) >= factor && unit < units.length - 1) {
      left /= factor;
      unit++;
    }
    String digits =
        Math.abs(left) >= 100 || left == Math.rint(left)
            ? "%.0f"
            : Math.abs(left) >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, digits, left) + " " + units[unit];
  }
}
