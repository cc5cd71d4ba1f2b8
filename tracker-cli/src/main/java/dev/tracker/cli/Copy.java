package dev.tracker.cli;

import dev.tracker.read.RunReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Copies a run. */
@Command(name = "copy", description = "Copies a run, which may be live, into a new folder.")
final class Copy extends RunCommand {
  @Parameters(index = "0", paramLabel = "RUN", description = "which run")
  String run = "";

  @Parameters(index = "1", paramLabel = "TARGET", description = "the folder to make")
  Path target = Path.of("");

  @Override
  public Integer call() {
    Path folder = find(run);
    if (Files.exists(target)) {
      throw new Refusal(
          "the target exists already: target="
              + target.toAbsolutePath().normalize()
              + " (choose another: a run is copied into a folder that copy makes)");
    }
    try (RunReader reader = RunReader.open(folder)) {
      reader.copyTo(target);
    }
    out()
        .println(
            json
                ? Json.line(Map.of("run", folder.toString(), "copy", target.toString()))
                : "copied " + folder + " to " + target);
    return Exit.OK;
  }
}
