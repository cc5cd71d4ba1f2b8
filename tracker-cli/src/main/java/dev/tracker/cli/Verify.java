package dev.tracker.cli;

import dev.tracker.verify.Finding;
import dev.tracker.verify.Severity;
import dev.tracker.verify.Verification;
import dev.tracker.verify.Verifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Looks a run through. */
@Command(
    name = "verify",
    description =
        "Looks through a run that nobody writes: journal, metadata, every series, media, console. Changes nothing.")
final class Verify extends RunCommand {
  @Parameters(paramLabel = "RUN", description = "which run")
  String run = "";

  @Override
  public Integer call() {
    Verification found = Verifier.verify(find(run), Progress.on(this));
    out().println(json ? Json.pretty(fields(found)) : text(found));
    return found.isSound() ? Exit.OK : Exit.UNSOUND;
  }

  private static String text(Verification found) {
    StringBuilder text = new StringBuilder();
    found.findings().forEach(finding -> text.append(finding).append('\n'));
    long damaged = found.findings().stream().filter(f -> f.severity() != Severity.NOTE).count();
    return text.append(found.isSound() ? "sound" : "not sound: findings=" + damaged)
        .append(
            " series=%d rows=%d journal records=%d files=%d"
                .formatted(found.series(), found.rows(), found.records(), found.files()))
        .toString();
  }

  static Map<String, Object> fields(Verification found) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("run", found.run().toString());
    fields.put("sound", found.isSound());
    fields.put("series", found.series());
    fields.put("rows", found.rows());
    fields.put("journal_records", found.records());
    fields.put("files", found.files());
    fields.put("findings", fields(found.findings()));
    return fields;
  }

  static List<Map<String, String>> fields(List<Finding> findings) {
    return findings.stream()
        .map(finding -> {
          Map<String, String> fields = new LinkedHashMap<>();
          fields.put("severity", finding.severity().name());
          fields.put("part", finding.part());
          fields.put("where", finding.where());
          fields.put("what", finding.what());
          fields.put("remedy", finding.remedy());
          return fields;
        })
        .toList();
  }
}
