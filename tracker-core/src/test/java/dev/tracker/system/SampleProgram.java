package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.Resume;
import dev.tracker.SeriesKind;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A program that logs the same small run each time: {@code write ROOT ID} logs and flushes it and
 * says {@code written FOLDER}; {@code finish} ends it; the end of its input ends the program
 * without that.
 */
public final class SampleProgram {
  private static final int ROWS = 3_000;

  private SampleProgram() {}

  public static void main(String[] args) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Board board =
        Board.builder("sample").root(Path.of(args[0])).id(args[1]).resume(Resume.NEVER).open();
    log(new Twin(board, new Model()));
    board.flush();
    System.out.println("written " + board.directory());
    in.readLine();
    board.finish();
    System.out.println("finished");
    in.readLine();
  }

  /** Returns what the sample holds. */
  public static Model model() {
    Model model = new Model();
    try (Board off = Board.builder("off").enabled(false).open()) {
      log(new Twin(off, model));
    }
    return model;
  }

  /**
   * Logs the sample: all kinds of series, steps in and out of order, more rows than a tile or two.
   */
  public static void log(Twin twin) {
    twin.declare("exact", SeriesKind.INT64);
    for (int i = 0; i < ROWS; i++) {
      twin.log("train/loss", 1.0 / (i + 1), "train/lr", i * 1e-5);
      if (i % 100 == 0) {
        twin.step();
        twin.log("exact", Long.MAX_VALUE - i);
        twin.log("done", i >= ROWS / 2);
        twin.log("say", "row " + i + " \uD83D\uDE80");
      }
      if (i % 10 == 0) {
        twin.log((i * 7919L) % ROWS, Twin.values("shuffled", i));
      }
    }
    twin.logRow(false, Twin.values("train/loss", Double.NaN, "say", ""));
  }
}
