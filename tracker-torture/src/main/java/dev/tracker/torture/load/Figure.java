package dev.tracker.torture.load;

import java.util.Locale;

/**
 * What is looked at every ten seconds, and how much more of it there may be in the last third of
 * the time than in the first: so many times as much, and a little on top, because a busy machine
 * and a collector are never quite still. A leak of anything passes these bounds within an hour.
 */
enum Figure {
  VALUES("k/s", 1e-3),
  HEAP("heap MB", 1e-6, 1.25, 16e6),
  NATIVE("native MB", 1e-6, 1.2, 48e6),
  /** What the JVM itself counts of its native memory, Arrow's direct memory included. */
  JVM("JVM MB", 1e-6, 1.2, 24e6),
  DIRECT("direct MB", 1e-6, 1.25, 16e6),
  HANDLES("handles", 1, 1.25, 32),
  THREADS("threads", 1, 1.25, 8),
  /** With those that Lance starts for a moment. */
  NATIVE_THREADS("native", 1, 1.5, 64),
  FILES("files", 1),
  SHORT_FILES("short", 1),
  JOURNAL("unsealed MB", 1e-6, 1.5, 64e6),
  QUEUED("queued", 1, 1.5, 4_096),
  P50("p50 ns", 1, 1.5, 100),
  P99("p99 ns", 1, 2, 5_000),
  P999("p99.9 us", 1e-3, 3, 1e6),
  MAX("max ms", 1e-6),
  FLUSH("flush ms", 1e-6, 3, 100e6),
  VISITS("visits", 1),
  DROPPED("dropped", 1),
  FAILED("failed", 1);

  final String title;
  private final double scale;

  /** NaN where the figure is shown and not judged. */
  private final double factor;

  private final double slack;

  Figure(String title, double scale) {
    this(title, scale, Double.NaN, Double.NaN);
  }

  Figure(String title, double scale, double factor, double slack) {
    this.title = title;
    this.scale = scale;
    this.factor = factor;
    this.slack = slack;
  }

  boolean isJudged() {
    return !Double.isNaN(factor);
  }

  /** Returns how much there may be at last, given how much there was at first. */
  double bound(double first) {
    return first * factor + slack;
  }

  /** Writes it in the unit of its title. */
  String format(double figure) {
    double scaled = figure * scale;
    String form = scaled >= 100 || scaled == Math.rint(scaled) ? "%.0f" : "%.1f";
    return String.format(Locale.ROOT, form, scaled);
  }
}
