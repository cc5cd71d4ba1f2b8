package dev.tracker.verify;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.media.DurableFiles;
import dev.tracker.series.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Saves what can be saved of a damaged run into a new folder, and leaves the old one as it is.
 *
 * <p>The new run is sealed and verifies clean, or there is none. Its document has a field {@code
 * repaired}: when, and what was lost. What is whole but cannot be placed (rows of a series whose
 * name is lost) is kept under {@code recovered/…}. Safe for use by several threads.
 */
public final class Repairer {
  private Repairer() {}

  /** Repairs a run without telling anybody how far it has come. */
  public static RepairReport repair(Path run, Path target) {
    return repair(run, target, VerifyListener.NOBODY);
  }

  /**
   * Repairs a run. When it returns, the new one is on stable storage, and its name.
   *
   * @param target must not exist; its parent is made
   * @throws StorageException if the run is being written, or nothing can be saved
   */
  public static RepairReport repair(Path run, Path target, VerifyListener listener) {
    Verifier.requireIdle(new RunLayout(run));
    Optional<String> missing = NativeLibrary.whyUnavailable();
    if (missing.isPresent()) {
      throw new StorageException(
          "the run cannot be repaired here: run=" + run + " (" + missing.get() + ")");
    }
    Path absolute = target.toAbsolutePath().normalize();
    if (Files.exists(absolute) || absolute.startsWith(run.toAbsolutePath().normalize())) {
      throw new StorageException(
          "a run is repaired into a folder of its own: target="
              + target
              + " (is it there already?)");
    }
    // Hidden, so that nobody takes it for a run before it is one.
    Path making = absolute.resolveSibling("." + absolute.getFileName() + ".repair");
    Path parent = Objects.requireNonNull(absolute.getParent());
    try {
      makeFolders(parent);
      delete(making);
      Files.createDirectory(making);
      RepairReport made = make(run, absolute, making, listener);
      Rebuild.forceFolders(making);
      Files.move(making, absolute, StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.forceFolder(parent);
      return made;
    } catch (IOException | RuntimeException e) {
      try {
        delete(making);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw new StorageException(
          "the run could not be repaired: run=" + run + " cause=" + e.getMessage(), e);
    }
  }

  /** Makes a folder and those above it, as far as they are missing, so that they last. */
  private static void makeFolders(Path folder) throws IOException {
    Path above = folder.getParent();
    if (above != null && !Files.isDirectory(folder)) {
      makeFolders(above);
      Files.createDirectories(folder); // another thread may be faster
      DurableFiles.forceFolder(above);
    }
  }

  private static RepairReport make(Path run, Path target, Path making, VerifyListener listener)
      throws IOException {
    List<Finding> findings = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    try (Rebuild rebuild =
        new Rebuild(new RunLayout(run), new RunLayout(making), findings, lost, listener)) {
      rebuild.make();
    }
    Verification result = Verifier.verify(making, VerifyListener.NOBODY);
    if (!result.isSound()) {
      throw new IOException("the repaired run is not sound: findings=" + result.findings());
    }
    return new RepairReport(
        run,
        target,
        List.copyOf(findings),
        List.copyOf(lost),
        result.rows(),
        new Verification(
            target,
            result.findings(),
            result.series(),
            result.rows(),
            result.records(),
            result.files()));
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
