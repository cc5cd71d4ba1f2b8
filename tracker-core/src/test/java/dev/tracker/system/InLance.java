package dev.tracker.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tracker.format.RunLayout;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.series.NativeLibrary;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lance.Dataset;

/** What of a run is in Lance, told by Lance itself and not by our reader. */
public final class InLance {
  private InLance() {}

  /** Returns the series that metadata knows. */
  public static List<SeriesEntry> series(Path run) throws IOException {
    return MetadataReader.read(new RunLayout(run).metadata()).orElseThrow().series();
  }

  /**
   * Counts the rows of all datasets, as Lance reports them, after checking each against metadata.
   */
  public static long rows(Path run) throws IOException {
    assertEquals(Optional.empty(), NativeLibrary.whyUnavailable());
    RunLayout layout = new RunLayout(run);
    long rows = 0;
    for (SeriesEntry entry : series(run)) {
      if (entry.rows() == 0) {
        continue;
      }
      Path folder = layout.series(entry.kind(), entry.folder());
      try (Dataset dataset = Dataset.open().uri(folder.toString()).build()) {
        assertEquals(entry.version(), dataset.version(), entry.name());
        assertEquals(entry.rows(), dataset.countRows(), entry.name());
      }
      Rows read = new Rows(entry.kind(), 0);
      SeriesDataset.read(folder, entry.kind(), entry.version(), 0, entry.rows() + 1, read);
      assertEquals(entry.rows(), read.size(), entry.name());
      rows += entry.rows();
    }
    return rows;
  }

  /** Returns the files that a run's journal still has. */
  public static List<Path> segments(Path run) throws IOException {
    try (Stream<Path> files = Files.list(new RunLayout(run).journal())) {
      return files.filter(file -> file.toString().endsWith(".seg")).sorted().toList();
    }
  }

  /** Counts the data files of all datasets there are, whether or not metadata knows them. */
  public static long dataFiles(Path run) {
    try (Stream<Path> files = Files.walk(new RunLayout(run).metrics(), 3)) {
      return files.filter(file -> file.getParent().endsWith("data")).count();
    } catch (IOException | UncheckedIOException e) {
      return 0; // not there yet, or going away while we look
    }
  }
}
