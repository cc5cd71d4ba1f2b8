package dev.tracker.export;

import dev.tracker.read.RunReader;
import java.nio.file.Path;

/** Exports a run, in a JVM that has too little memory to hold it. */
public final class ExportProgram {
  private ExportProgram() {}

  public static void main(String[] arguments) {
    try (RunReader run = RunReader.open(Path.of(arguments[0]))) {
      Export export = Export.of(run);
      if (arguments[2].equals("wide")) {
        export.wide();
      }
      System.out.println(export.to(Path.of(arguments[1])));
    }
  }
}
