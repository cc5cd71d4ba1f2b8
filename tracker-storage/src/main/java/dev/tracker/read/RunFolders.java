package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which folders are runs, projects of runs, or roots of projects; and what a path is that is none.
 */
final class RunFolders {
  /** How many entries of a folder are looked at to say what it is. */
  private static final int LOOKED_AT = 1_000;

  private RunFolders() {}

  /** Whether a folder is a run: it has a journal or a database. */
  static boolean isRun(Path folder) {
    RunLayout layout = new RunLayout(folder);
    return Files.isDirectory(layout.journal()) || Files.exists(layout.metadata());
  }

  /** Whether a run is being made there, under a name that no run can have. */
  private static boolean isHidden(Path folder) {
    return String.valueOf(folder.getFileName()).startsWith(".");
  }

  /**
   * Returns the runs of a root, of a project, or the one run that the folder itself is. Projects
   * that cannot be listed are among them: whoever reads them is told why.
   *
   * @throws StorageException if the folder itself cannot be listed
   */
  static List<Path> runsIn(Path folder) {
    if (isRun(folder)) {
      return List.of(folder);
    }
    List<Path> runs = new ArrayList<>();
    for (Path child : listed(folder)) {
      if (isRun(child)) {
        runs.add(child);
      } else {
        addRunsOf(child, runs);
      }
    }
    return runs;
  }

  private static void addRunsOf(Path project, List<Path> runs) {
    try {
      runs.addAll(foldersIn(project).parallelStream().filter(RunFolders::isRun).toList());
    } catch (NoSuchFileException e) {
      return; // deleted meanwhile
    } catch (IOException e) {
      runs.add(project);
    }
  }

  private static List<Path> listed(Path folder) {
    try {
      return foldersIn(folder);
    } catch (IOException e) {
      throw new StorageException(
          "a folder of runs cannot be listed: folder="
              + folder
              + " cause="
              + e
              + (Files.exists(folder) ? "" : " (nothing was logged there yet, or a wrong folder?)"),
          e);
    }
  }

  private static List<Path> foldersIn(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !isHidden(entry) && Files.isDirectory(entry))
          .sorted()
          .toList();
    }
  }

  /** Says of a path that it is no run, what it is, and what to do. */
  static StorageException notARun(Path path) {
    return new StorageException("not a run folder: run=" + path + " (" + explain(path) + ")");
  }

  private static String explain(Path path) {
    if (!Files.exists(path)) {
      return explainMissing(path);
    }
    Path around = runAround(path);
    if (around != null) {
      return "it is a part of the run " + around + ": open that";
    }
    try {
      return Files.isDirectory(path)
          ? explainFolder(path)
          : "it is a file; a run is a folder that holds data/metadata.db or a journal folder";
    } catch (IOException e) {
      return "it cannot be looked into: cause=" + e;
    }
  }

  private static @Nullable Path runAround(Path path) {
    for (Path up = path.toAbsolutePath().getParent(); up != null; up = up.getParent()) {
      if (isRun(up)) {
        return up;
      }
    }
    return null;
  }

  private static String explainMissing(Path path) {
    Path up = path.toAbsolutePath().getParent();
    while (up != null && !Files.exists(up)) {
      up = up.getParent();
    }
    if (up == null) {
      return "there is no such folder";
    }
    try {
      List<String> names = foldersIn(up).stream().limit(LOOKED_AT).map(RunFolders::nameOf).toList();
      String asked = nameOf(up.relativize(path.toAbsolutePath()).getName(0));
      return "there is no such folder; "
          + (names.isEmpty()
              ? up + " is empty"
              : "in " + up + " there is " + first(CloseNames.sorted(asked, names)));
    } catch (NotDirectoryException e) {
      return "there is no such folder; " + up + " is a file";
    } catch (IOException e) {
      return "there is no such folder; " + up + " cannot be listed: cause=" + e;
    }
  }

  private static String explainFolder(Path folder) throws IOException {
    List<Path> children = foldersIn(folder);
    List<String> runs =
        children.stream().filter(RunFolders::isRun).map(RunFolders::nameOf).toList();
    if (!runs.isEmpty()) {
      return "it is a project of "
          + runs.size()
          + " runs: open one, the latest is "
          + folder.resolve(runs.get(runs.size() - 1))
          + ", or list them with Runs.in";
    }
    for (Path child : children.stream().limit(LOOKED_AT).toList()) {
      List<Path> below = new ArrayList<>();
      addRunsOf(child, below);
      if (!below.isEmpty()) {
        return "it is a root with projects of runs: open one, "
            + below.get(below.size() - 1)
            + " for instance, or list them with Runs.in";
      }
    }
    return children.isEmpty()
        ? "it has no folders in it; a run holds data/metadata.db or a journal folder"
        : "it holds neither data/metadata.db nor a journal folder, but "
            + first(children.stream().map(RunFolders::nameOf).toList());
  }

  private static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static String first(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(5, names.size())))
        + (names.size() > 5 ? ", ..." : "");
  }
}
