package dev.tracker.examples;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Standard output for lines that hold more than ASCII. */
final class Terminal {
  private Terminal() {}

  /**
   * Prints lines as UTF-8, which terminals read even where the locale (in a container, say)
   * promises only ASCII.
   */
  static void print(List<String> lines) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    lines.forEach(out::println);
  }
}
