package dev.tracker.verify;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.lock.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks through a whole run that nobody writes: journal, metadata, every series, media, the
 * console.
 *
 * <p>Changes nothing in the run's folder and makes no file there. Needs the memory of some batches
 * of rows, however many there are, and room for a copy of {@code metadata.db} in the folder for
 * temporary files. Safe for use by several threads.
 */
public final class Verifier {
  private Verifier() {}

  /** Verifies a run without telling anybody how far it has come. */
  public static Verification verify(Path run) {
    return verify(run, VerifyListener.NOBODY);
  }

  /**
   * Verifies a run.
   *
   * @throws StorageException if it is no run, is being written (copy it first), or cannot be read
   *     at all
   */
  public static Verification verify(Path run, VerifyListener listener) {
    RunLayout layout = new RunLayout(run);
    requireIdle(layout);
    List<Finding> findings = new ArrayList<>();
    try (Survey survey = new Survey(layout, findings::add, listener, null)) {
      survey.make();
      return new Verification(
          run,
          List.copyOf(findings),
          survey.seriesSeen(),
          survey.rowsRead(),
          survey.records(),
          survey.filesCompared());
    } catch (IOException e) {
      throw new StorageException(
          "the run could not be verified: run=" + run + " cause=" + e.getMessage(), e);
    }
  }

  static void requireIdle(RunLayout layout) {
    if (!Files.isDirectory(layout.journal()) && !Files.exists(layout.data())) {
      throw new StorageException(
          "not a run folder: run=" + layout.root() + " (it has neither journal nor data)");
    }
    try {
      if (Files.exists(layout.lock()) && RunLock.isHeld(layout)) {
        throw new StorageException(
            "the run is being written: run="
                + layout.root()
                + " (what is whole changes meanwhile; copy it with tracker copy and verify the copy)");
      }
    } catch (IOException e) {
      throw new StorageException(
          "it cannot be told whether the run is being written: run="
              + layout.root()
              + " cause="
              + e.getMessage(),
          e);
    }
  }
}
