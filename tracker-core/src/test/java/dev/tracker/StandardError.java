package dev.tracker;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Listens to System.err, where boards speak as long as no SLF4J provider is bound. */
final class StandardError implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

  private StandardError() {
    System.setErr(new PrintStream(heard, true, StandardCharsets.UTF_8));
  }

  static StandardError capture() {
    return new StandardError();
  }

  /** Returns the lines that contain a text. */
  List<String> lines(String text) {
    return heard
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains(text))
        .toList();
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
