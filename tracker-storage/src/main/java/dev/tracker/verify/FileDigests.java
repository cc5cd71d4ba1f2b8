package dev.tracker.verify;

import dev.tracker.format.ConsoleLog;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunLayout;
import dev.tracker.media.ContentHash;
import dev.tracker.media.DurableFiles;
import dev.tracker.metadata.FileEntry;
import dev.tracker.series.SeriesDataset;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares files with what metadata says of them. */
final class FileDigests {
  private static final int BUFFER_BYTES = 1 << 16;

  private FileDigests() {}

  /** Returns what is wrong with a file of a run; empty where it is as it was committed. */
  static Optional<String> compare(Path run, FileEntry entry) {
    try {
      Path file = run.resolve(entry.path());
      if (!PlainFiles.requireFile(run, file)) {
        return Optional.of("is missing");
      }
      long length = Files.size(file);
      boolean mayBeLonger =
          entry.path().equals(ConsoleLog.PATH); // not committed, and cut off later
      if (mayBeLonger ? length < entry.length() : length != entry.length()) {
        return Optional.of("has another length: bytes=" + length + " expected=" + entry.length());
      }
      String found = digest(file, entry.length(), entry.digest());
      return found.equals(entry.digest())
          ? Optional.empty()
          : Optional.of("has another digest: digest=" + found + " expected=" + entry.digest());
    } catch (IOException | InvalidPathException e) {
      return Optional.of("cannot be read: cause=" + e);
    }
  }

  /** Hashes the first bytes of a file as another digest was made. */
  static String digest(Path file, long length, String like) throws IOException {
    if (!like.startsWith("sha256:")) {
      return DurableFiles.crc32c(file, length);
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
      return "sha256:" + ContentHash.of(in).hex();
    }
  }

  /**
   * Returns the data files of a series whose manifest is damaged: those that metadata names and
   * that are whole, in the order of the versions they came with, which is that of rows as long as
   * nothing was compacted.
   */
  static List<SeriesDataset.DataFile> wholeByName(
      Path folder, RunLayout layout, Map<String, FileEntry> files, Map<String, Boolean> compared) {
    String data = layout.root().relativize(folder).toString().replace('\\', '/') + "/data/";
    List<SeriesDataset.DataFile> whole = new ArrayList<>();
    files.values().stream()
        .filter(file -> file.path().startsWith(data) && compared.getOrDefault(file.path(), false))
        .sorted(java.util.Comparator.comparing(FileEntry::path))
        .forEach(file -> whole.add(unsized(layout, file)));
    return whole;
  }

  private static SeriesDataset.DataFile unsized(RunLayout layout, FileEntry file) {
    return new SeriesDataset.DataFile(
        layout.root().resolve(file.path()), file.length(), SeriesDataset.ALL_ROWS);
  }
}
