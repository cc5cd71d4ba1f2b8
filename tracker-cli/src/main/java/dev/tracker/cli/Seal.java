package dev.tracker.cli;

import dev.tracker.seal.Sealer;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Seals a run. */
@Command(
    name = "seal",
    description =
        "Brings a run that nobody writes into its final form, for tools that do not know its journal.")
final class Seal extends RunCommand {
  @Parameters(paramLabel = "RUN", description = "which run")
  String run = "";

  @Override
  public Integer call() {
    Path folder = find(run);
    Sealer.seal(folder);
    out().println(json ? Json.line(Map.of("sealed", folder.toString())) : "sealed " + folder);
    return Exit.OK;
  }
}
