package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The runs below a root folder; for what is in one of them see {@link RunReader}.
 *
 * <p>Runs are read several at a time, on the threads of {@link
 * java.util.concurrent.ForkJoinPool#commonPool}.
 */
public final class Runs {
  private static final Comparator<RunInfo> OLDEST_FIRST =
      Comparator.comparing(RunInfo::created).thenComparing(RunInfo::id);

  private Runs() {}

  /**
   * Returns what is known of every run of every project below {@code root}, the oldest first. Where
   * {@code root} is a project, these are its runs; where it is a run, this one. A folder that
   * cannot be read is among them as CRASHED, with an error that says why.
   *
   * @throws StorageException if {@code root} itself cannot be read
   */
  public static List<RunInfo> in(Path root) {
    return RunFolders.runsIn(root).parallelStream()
        .map(run -> look(run, false))
        .filter(Objects::nonNull)
        .map(RunSummary::info)
        .sorted(OLDEST_FIRST)
        .toList();
  }

  /**
   * Returns metrics of several runs as {@link RunReader#curves} returns those of one, in the order
   * of the runs. A metric that a run does not have is left out there.
   *
   * @throws IllegalArgumentException if a metric holds strings in a run
   */
  public static List<Map<String, Curve>> curves(
      List<RunReader> runs,
      Collection<String> metrics,
      Axis axis,
      long from,
      long to,
      int buckets) {
    List<Map<String, Curve>> curves = new ArrayList<>();
    for (RunReader run : runs) {
      Set<String> there = new HashSet<>(run.metrics());
      List<String> had = metrics.stream().filter(there::contains).toList();
      curves.add(run.curves(had, axis, from, to, buckets));
    }
    return curves;
  }

  /**
   * Returns the same as {@link #in}, and what the metrics of each run amount to; none for a folder
   * that cannot be read.
   *
   * @throws StorageException if {@code root} itself cannot be read
   */
  public static List<RunSummary> summaries(Path root) {
    return RunFolders.runsIn(root).parallelStream()
        .map(run -> look(run, true))
        .filter(Objects::nonNull)
        .sorted(Comparator.comparing(RunSummary::info, OLDEST_FIRST))
        .toList();
  }

  /**
   * Puts runs side by side.
   *
   * @throws StorageException if one of them cannot be read
   */
  public static RunComparison compare(Path... runs) {
    return RunComparison.of(Arrays.stream(runs).map(Runs::summary).toList());
  }

  private static RunSummary summary(Path run) {
    try {
      return read(run, true);
    } catch (IOException e) {
      throw RunReader.failed(new RunLayout(run), e);
    }
  }

  /** Returns what is known of a run, damaged or not; null where it was deleted meanwhile. */
  private static @Nullable RunSummary look(Path run, boolean metrics) {
    try {
      return read(run, metrics);
    } catch (IOException | RuntimeException e) { // whatever is in there, the others are listed
      if (!Files.exists(run)) {
        return null;
      }
      StorageException error =
          e instanceof StorageException said ? said : RunReader.failed(new RunLayout(run), e);
      return new RunSummary(RunInfo.damaged(run, String.valueOf(error.getMessage())), Map.of());
    }
  }

  private static RunSummary read(Path run, boolean metrics) throws IOException {
    RunMoment moment = RunMoment.take(new RunLayout(run));
    try {
      if (!moment.isSealed() && !RunFolders.isRun(run)) {
        throw RunFolders.notARun(run);
      }
      RunInfo info = RunInfo.of(moment);
      if (info.status() == RunStatus.CRASHED) {
        moment = moment.refresh(RunMoment.NOBODY); // it may have ended between the two looks
        info = RunInfo.of(moment);
      }
      return metrics ? RunSummary.of(moment, info) : new RunSummary(info, Map.of());
    } finally {
      moment.close();
    }
  }
}
