package dev.tracker.read;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Instants as they stand in a run's document. {@link Instant#parse} takes 2 µs and several times
 * that before it is compiled, and each run of a list has four of them; so those in the form that
 * {@link Instant#toString} writes are taken apart here, and all others left to it.
 */
final class Timestamps {
  private static final int DATE = 10;
  private static final int SECONDS = 19;
  private static final int NANO_DIGITS = 9;

  private Timestamps() {}

  /** Reads one; empty where the text is none. */
  static Optional<Instant> parse(String text) {
    try {
      Instant plain = plain(text);
      return Optional.of(plain != null ? plain : Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Reads {@code 2026-11-20T20:47:55.123456Z}, with any number of decimals; null for others. */
  private static @Nullable Instant plain(String text) {
    int end = text.length() - 1;
    int decimals = end - SECONDS - 1;
    boolean separated =
        end >= SECONDS
            && text.charAt(4) == '-'
            && text.charAt(7) == '-'
            && text.charAt(DATE) == 'T'
            && text.charAt(13) == ':'
            && text.charAt(16) == ':'
            && text.charAt(end) == 'Z'
            && (end == SECONDS
                || (text.charAt(SECONDS) == '.' && decimals >= 1 && decimals <= NANO_DIGITS));
    if (!separated) {
      return null;
    }
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, SECONDS);
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, DATE);
    int nanos = end == SECONDS ? 0 : number(text, SECONDS + 1, end);
    boolean ordinary = (year | month | day | nanos) >= 0 && isTime(hour, minute, second);
    if (!ordinary) {
      return null;
    }
    for (int i = Math.max(0, decimals); i < NANO_DIGITS; i++) {
      nanos *= 10;
    }
    long seconds = (hour * 60L + minute) * 60 + second;
    return Instant.ofEpochSecond(
        LocalDate.of(year, month, day).toEpochDay() * 86_400 + seconds, nanos);
  }

  private static boolean isTime(int hour, int minute, int second) {
    return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  }

  /** Reads digits; -1 where there is anything else. */
  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
