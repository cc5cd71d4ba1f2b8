package dev.tracker.export;

import dev.tracker.read.RunReader;
import java.nio.file.Path;

/** Exports a run, in a JVM that has too little memory to hold it. */
public final class ExportProgram {
  private ExportProgram() {}

  public static void main(String[] arguments) {
    try (RunReader run = RunReader.open(Path.of(arguments[0]))) {
      System.out.println(Export.of(run).to(Path.of(arguments[1])));
    }
  }
}
