package dev.tracker.cli;

import dev.tracker.format.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How people like to read times and numbers. */
final class Texts {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

  private Texts() {}

  /** Returns a time of here. */
  static String time(Instant time) {
    return time.equals(Instant.EPOCH) ? "-" : TIME.format(time);
  }

  /** Returns the time of day of microseconds since the epoch. */
  static String clock(long micros) {
    return CLOCK.format(Instant.ofEpochMilli(micros / 1_000));
  }

  /** Returns how long something took, in its two largest units. */
  static String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1fs", duration.toMillis() / 1000.0);
    }
    if (seconds < 3_600) {
      return seconds / 60 + "m" + seconds % 60 + "s";
    }
    return seconds < 86_400
        ? seconds / 3_600 + "h" + seconds / 60 % 60 + "m"
        : seconds / 86_400 + "d" + seconds / 3_600 % 24 + "h";
  }

  /** Returns a number in few characters: whole where it is, or else five digits that count. */
  static String number(double value) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    if (value == Math.rint(value) && size < 1e9) {
      return Long.toString((long) value);
    }
    if (size >= 1e-3 && size < 1e6) {
      int digits = Math.max(0, 4 - (int) Math.floor(Math.log10(size)));
      return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
    return String.format(Locale.ROOT, "%.4e", value);
  }

  /** Returns a value of a metric of numbers or booleans: whole ones exactly. */
  static String value(Kind kind, double value, long exact) {
    return switch (kind) {
      case INT64 -> Long.toString(exact);
      case BOOL -> Boolean.toString(exact != 0);
      default -> number(value);
    };
  }

  /** Returns the begin of a text that is long for a table. */
  static String shortened(String text) {
    return cut(text, 40);
  }

  /** Returns a name as it stands in a table: most of them are whole. */
  static String name(String name) {
    return cut(name, 60);
  }

  private static String cut(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
  }

  /** Returns a whole number with its thousands apart. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
