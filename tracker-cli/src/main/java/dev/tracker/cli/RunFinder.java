package dev.tracker.cli;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the run that somebody means: by its folder, its id, the beginning of its id, or its name;
 * the first of these that fits decides. Only looking for a name opens runs.
 */
final class RunFinder {
  private static final int MAX_SHOWN = 10;

  private final Path root;

  RunFinder(Path root) {
    this.root = root;
  }

  /**
   * Returns the run's folder.
   *
   * @throws Refusal if there is none, or more than one
   */
  Path find(String wanted) {
    Path folder = folder(wanted);
    if (folder != null) {
      return folder;
    }
    if (!Files.isDirectory(root)) {
      refuseIfNoRun(wanted, "");
      throw new Refusal(
          "no folder of runs: root="
              + root.toAbsolutePath().normalize()
              + " (say where runs are with --dir, or set TRACKER_DIR)");
    }
    List<Path> runs = runs();
    List<Path> found = matching(runs, id -> id.equals(wanted));
    if (found.isEmpty()) {
      found = matching(runs, id -> id.startsWith(wanted));
    }
    if (found.isEmpty()) {
      found =
          Runs.in(root).stream()
              .filter(run -> run.name().equals(wanted))
              .map(RunInfo::directory)
              .toList();
    }
    if (found.isEmpty()) {
      refuseIfNoRun(
          wanted,
          "; nor has a run this id or name: root="
              + root.toAbsolutePath().normalize()
              + " runs="
              + runs.size()
              + " (tracker ls shows them)");
      throw new Refusal(
          "no run '"
              + wanted
              + "': root="
              + root.toAbsolutePath().normalize()
              + " runs="
              + runs.size()
              + " (tracker ls shows them)");
    }
    if (found.size() > 1) {
      throw new Refusal(
          found.size()
              + " runs are meant by '"
              + wanted
              + "': "
              + found.stream()
                  .limit(MAX_SHOWN)
                  .map(Path::toString)
                  .collect(Collectors.joining(", "))
              + (found.size() > MAX_SHOWN ? ", ..." : "")
              + " (give more of the id, or the folder)");
    }
    return found.get(0);
  }

  private static @Nullable Path folder(String wanted) {
    try {
      Path path = Path.of(wanted);
      return isRun(path) ? path : null;
    } catch (InvalidPathException e) {
      return null; // a name may be anything
    }
  }

  /** Says of a path that exists what it is instead of a run, in the words of the reader. */
  private static void refuseIfNoRun(String wanted, String more) {
    try {
      Path path = Path.of(wanted);
      if (Files.exists(path)) {
        RunReader.open(path).close();
      }
    } catch (InvalidPathException e) {
      return; // a name may be anything
    } catch (StorageException e) {
      throw new Refusal("'" + wanted + "' exists but is no run: " + e.getMessage() + more);
    }
  }

  static boolean isRun(Path folder) {
    RunLayout layout = new RunLayout(folder);
    return Files.isDirectory(layout.journal()) || Files.exists(layout.metadata());
  }

  private static List<Path> matching(List<Path> runs, Predicate<String> id) {
    return runs.stream().filter(run -> id.test(String.valueOf(run.getFileName()))).toList();
  }

  private List<Path> runs() {
    try (Stream<Path> projects = Files.list(root)) {
      return projects.filter(Files::isDirectory).flatMap(RunFinder::runsIn).sorted().toList();
    } catch (IOException e) {
      throw new Refusal("a folder of runs cannot be listed: root=" + root + " cause=" + e);
    }
  }

  private static Stream<Path> runsIn(Path project) {
    try (Stream<Path> folders = Files.list(project)) {
      return folders
          .filter(folder -> !String.valueOf(folder.getFileName()).startsWith("."))
          .filter(RunFinder::isRun)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new Refusal("a project cannot be listed: folder=" + project + " cause=" + e);
    }
  }
}
