package dev.tracker.cli;

import dev.tracker.verify.RepairReport;
import dev.tracker.verify.Repairer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Saves what can be saved of a run. */
@Command(
    name = "repair",
    description =
        "Saves what can be saved of a damaged run into a new folder, and leaves the old one as it is.")
final class Repair extends RunCommand {
  @Parameters(index = "0", paramLabel = "RUN", description = "which run")
  String run = "";

  @Parameters(index = "1", paramLabel = "TARGET", description = "the folder to make")
  Path target = Path.of("");

  @Override
  public Integer call() {
    RepairReport report = Repairer.repair(find(run), target, Progress.on(this));
    out().println(json ? Json.pretty(fields(report)) : text(report));
    return report.lost().isEmpty() ? Exit.OK : Exit.UNSOUND;
  }

  private static String text(RepairReport report) {
    StringBuilder text = new StringBuilder();
    report.findings().forEach(finding -> text.append("found: ").append(finding).append('\n'));
    report.lost().forEach(what -> text.append("lost: ").append(what).append('\n'));
    return text.append("repaired ")
        .append(report.run())
        .append(" into ")
        .append(report.target())
        .append(": rows=")
        .append(report.rows())
        .append(report.lost().isEmpty() ? ", nothing lost" : ", lost=" + report.lost().size())
        .toString();
  }

  private static Map<String, Object> fields(RepairReport report) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("run", report.run().toString());
    fields.put("target", report.target().toString());
    fields.put("rows", report.rows());
    fields.put("lost", report.lost());
    fields.put("findings", Verify.fields(report.findings()));
    return fields;
  }
}
