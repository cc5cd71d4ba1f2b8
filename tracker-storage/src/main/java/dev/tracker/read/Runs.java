package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The runs below a root folder; for what is in one of them see {@link RunReader}. */
public final class Runs {
  private Runs() {}

  /**
   * Returns what is known of every run of every project below {@code root}, the oldest first. A
   * folder that cannot be read is among them as CRASHED, with an error that says why.
   *
   * @throws StorageException if {@code root} itself cannot be read
   */
  public static List<RunInfo> in(Path root) {
    List<RunInfo> runs = new ArrayList<>();
    for (Path project : foldersIn(root)) {
      for (Path run : foldersIn(project)) {
        if (isBeingMade(run)) {
          continue;
        }
        RunLayout layout = new RunLayout(run);
        if (Files.isDirectory(layout.journal()) || Files.exists(layout.metadata())) {
          runs.add(info(run));
        }
      }
    }
    runs.sort(Comparator.comparing(RunInfo::created).thenComparing(RunInfo::id));
    return runs;
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

  /** Whether a run is being made there, under a name that no run can have. */
  private static boolean isBeingMade(Path run) {
    return String.valueOf(run.getFileName()).startsWith(".");
  }

  private static RunInfo info(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      return reader.info();
    } catch (StorageException e) {
      return RunInfo.damaged(run, String.valueOf(e.getMessage()));
    }
  }

  private static List<Path> foldersIn(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new StorageException(
          "a folder of runs cannot be listed: folder=" + folder + " cause=" + e, e);
    }
  }
}
