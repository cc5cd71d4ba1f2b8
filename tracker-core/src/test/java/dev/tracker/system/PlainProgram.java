package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import java.nio.file.Path;

/** What a stranger writes first: log, finish, read back. */
public final class PlainProgram {
  private PlainProgram() {}

  public static void main(String[] args) {
    Path run;
    try (Board board = Board.open("plain")) {
      for (int i = 0; i < 1000; i++) {
        board.log("loss", 1.0 / (i + 1));
      }
      run = board.directory();
    }
    try (RunReader reader = RunReader.open(run)) {
      System.out.println(reader.info().status() + " " + reader.scalars("loss").size() + " " + run);
    }
  }
}
