package dev.tracker.format;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;

/**
 * The lines of {@code logs/output.log}.
 *
 * <pre>
 *   2026-11-20T20:47:55.123456Z out epoch 3, loss 0.25
 *   +-------------------------+ +-+ +----------------+
 *     when it was complete, UTC  |    the text as it was printed, UTF-8, without CR and LF; may be empty
 *                                out or err
 * </pre>
 *
 * Each ends with an LF, and nothing is escaped: escape sequences of colours, tabs and other control
 * characters stand there as they were printed.
 */
public final class ConsoleLog {
  /** Where it is, relative to the run folder; so metadata names it, too. */
  public static final String PATH = "logs/output.log";

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(6).toFormatter();

  private ConsoleLog() {}

  /** Returns what stands before the text of a line. */
  public static byte[] head(ConsoleStream stream, long micros) {
    String head =
        TIME.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS)) + " " + stream.word() + " ";
    return head.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads the time of a line, in microseconds since the epoch.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static long micros(String time) {
    try {
      return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time));
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException("not the time of a console line: text='" + time + "'", e);
    }
  }
}
