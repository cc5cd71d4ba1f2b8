package dev.tracker.cli;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How large the terminal is: the variables COLUMNS and LINES, or else what {@code stty} says, where
 * there is a terminal and such a command.
 */
final class Terminal {
  /** Made when it is first asked for: asking starts a process. */
  private static final class Size {
    static final int @Nullable [] ROWS_COLUMNS = ask();
  }

  private Terminal() {}

  /** Returns the number of columns, or what is given where nobody knows. */
  static int columns(int otherwise) {
    return size("COLUMNS", 1, otherwise);
  }

  /** Returns the number of lines, or what is given where nobody knows. */
  static int lines(int otherwise) {
    return size("LINES", 0, otherwise);
  }

  /**
   * Whether a person sees what is printed. From Java 22 on there may be a console where there is no
   * terminal, and a method that tells.
   */
  @SuppressWarnings("SystemConsoleNull") // is only the half of it
  static boolean isThere() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  private static int size(String variable, int place, int otherwise) {
    int set = number(System.getenv(variable));
    if (set > 0) {
      return set;
    }
    int[] asked = isThere() ? Size.ROWS_COLUMNS : null;
    return asked != null && asked[place] > 0 ? asked[place] : otherwise;
  }

  private static int @Nullable [] ask() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
        String[] words = said.strip().split(" ", -1);
        return words.length == 2 ? new int[] {number(words[0]), number(words[1])} : null;
      }
      return null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private static int number(@Nullable String text) {
    return text != null && text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
  }
}
