package dev.tracker.cli;

import dev.tracker.read.RunInfo;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Runs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Lists runs. */
@Command(name = "ls", description = "Lists the runs below a root folder, the oldest first.")
final class Ls extends RunCommand {
  @Parameters(arity = "0..1", paramLabel = "ROOT", description = "the root folder, as --dir")
  @Nullable Path at;

  @Option(names = "--project", description = "only runs of this project")
  @Nullable String project;

  @Option(names = "--status", description = "only runs of this status: ${COMPLETION-CANDIDATES}")
  @Nullable RunStatus status;

  @Option(names = "--tag", description = "only runs with this tag")
  @Nullable String tag;

  @Option(
      names = {"-n", "--last"},
      paramLabel = "N",
      description = "only the last N")
  int last = Integer.MAX_VALUE;

  @Override
  public Integer call() {
    if (last < 1) {
      throw new ParameterException(
          spec.commandLine(), "not a number of runs: last=" + last + " (--last counts from 1 on)");
    }
    Path root = at == null ? root() : at;
    if (!Files.isDirectory(root)) {
      throw new Refusal(
          "no folder of runs: root="
              + root.toAbsolutePath().normalize()
              + " (say where runs are with --dir, or set TRACKER_DIR)");
    }
    List<RunInfo> runs = new ArrayList<>(Runs.in(root));
    int there = runs.size();
    runs.removeIf(run -> !isWanted(run));
    List<RunInfo> shown = runs.subList(Math.max(0, runs.size() - last), runs.size());
    if (json) {
      out().println(Json.pretty(shown.stream().map(Json::of).toList()));
    } else if (shown.isEmpty()) {
      out().println(none(there, root));
    } else {
      print(shown);
    }
    return Exit.OK;
  }

  private boolean isWanted(RunInfo run) {
    return (project == null || project.equals(run.project()))
        && (status == null || status == run.status())
        && (tag == null || run.tags().contains(tag));
  }

  /** Says that there is nothing to list: no run at all, or none that fits. */
  private String none(int there, Path root) {
    return there == 0
        ? "no runs below " + root
        : "none of the runs below "
            + root
            + " fits: runs="
            + there
            + (project == null ? "" : " project=" + project)
            + (status == null ? "" : " status=" + status)
            + (tag == null ? "" : " tag=" + tag)
            + " (tracker ls without these options shows them all)";
  }

  private void print(List<RunInfo> runs) {
    TextTable table = new TextTable("ID", "NAME", "PROJECT", "STATUS", "CREATED", ">TOOK", "TAGS");
    for (RunInfo run : runs) {
      table.add(
          run.id(),
          Texts.name(run.name()),
          run.project(),
          run.status().name(),
          Texts.time(run.created()),
          took(run),
          run.created().equals(Instant.EPOCH)
              ? run.error().orElse("")
              : String.join(" ", run.tags()));
    }
    table.lines().forEach(out()::println);
  }

  /** Returns how long a run has taken; of a crashed one nobody knows when it ended. */
  static String took(RunInfo run) {
    if (run.status() == RunStatus.CRASHED) {
      return "-";
    }
    return Texts.duration(Duration.between(run.created(), run.finished().orElse(Instant.now())));
  }
}
