package dev.tracker.read;

import dev.tracker.format.ConsoleLog;
import dev.tracker.format.ConsoleStream;
import java.nio.charset.StandardCharsets;

/**
 * A line that a program printed while its output was captured.
 *
 * @param timestamp when it was complete, in microseconds since the epoch
 * @param stream where it was printed to
 * @param text the line without its end, with the escape sequences of its colours
 */
public record ConsoleLine(long timestamp, ConsoleStream stream, String text) {
  /**
   * Reads a line of {@code logs/output.log}. One that somebody else has put there, by an editor
   * say, is text from beginning to end.
   *
   * @param previous the time of the line before it, for a line that has none
   */
  static ConsoleLine parse(byte[] bytes, int from, int to, long previous) {
    String line = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    int time = line.indexOf(' ');
    int stream = line.indexOf(' ', time + 1);
    if (time > 0 && stream > 0) {
      try {
        return new ConsoleLine(
            ConsoleLog.micros(line.substring(0, time)),
            ConsoleStream.of(line.substring(time + 1, stream)),
            line.substring(stream + 1));
      } catch (IllegalArgumentException e) {
        return new ConsoleLine(previous, ConsoleStream.OUT, line);
      }
    }
    return new ConsoleLine(previous, ConsoleStream.OUT, line);
  }
}
