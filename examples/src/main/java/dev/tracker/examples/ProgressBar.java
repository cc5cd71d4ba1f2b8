package dev.tracker.examples;

import java.io.PrintStream;
import java.util.Locale;

/** A line in the terminal, drawn anew by carriage returns, at most twenty times a second. */
final class ProgressBar implements AutoCloseable {
  private static final int WIDTH = 30;
  private static final long NANOS_BETWEEN = 50_000_000;

  private final PrintStream out;
  private final int total;
  private int done;
  private String note = "";
  private int drawnLength;
  private long drawnAt = System.nanoTime() - NANOS_BETWEEN;

  /** Begins a bar on standard output. */
  ProgressBar(int total) {
    this(System.out, total);
  }

  ProgressBar(PrintStream out, int total) {
    this.out = out;
    this.total = total;
  }

  /** Sets the words behind the bar, seen when it is next drawn. */
  void note(String words) {
    note = words;
  }

  /** Moves on by one. */
  void advance() {
    done++;
    if (System.nanoTime() - drawnAt >= NANOS_BETWEEN) {
      draw();
    }
  }

  /** Returns how much is done, from 0 to 1. */
  double fraction() {
    return (double) done / total;
  }

  /** Draws the bar a last time and ends its line. */
  @Override
  public void close() {
    draw();
    out.println();
  }

  private void draw() {
    int filled = (int) (fraction() * WIDTH);
    String bar = "#".repeat(filled) + ".".repeat(WIDTH - filled);
    String line = String.format(Locale.ROOT, "[%s] %3.0f%%  %s", bar, fraction() * 100, note);
    String erased = " ".repeat(Math.max(0, drawnLength - line.length()));
    out.print("\r" + line + erased);
    out.flush();
    drawnLength = line.length();
    drawnAt = System.nanoTime();
  }
}
