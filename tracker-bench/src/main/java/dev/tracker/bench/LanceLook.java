package dev.tracker.bench;

import dev.tracker.series.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.lance.Dataset;

/**
 * What Lance itself says of the series of a run, past everything of ours but the loading of the
 * native library. May be taken while the run is written.
 *
 * @param series how many datasets were looked at
 * @param rows how many rows they hold together
 * @param leastRows the rows of the dataset that has fewest
 * @param mostRows the rows of the dataset that has most
 * @param version the highest version of any
 * @param versions the most versions that one keeps
 * @param fragments the most fragments that one consists of
 * @param files the most files in one's folder
 */
record LanceLook(
    int series,
    long rows,
    long leastRows,
    long mostRows,
    long version,
    int versions,
    int fragments,
    int files) {
  /** How often a dataset may change under our eyes. */
  private static final int ATTEMPTS = 5;

  private static final long PAUSE_NANOS = 10_000_000;

  static final LanceLook NOTHING = new LanceLook(0, 0, Long.MAX_VALUE, 0, 0, 0, 0, 0);

  /** Looks at up to {@code limit} series of a run, taken evenly from all that it has. */
  static LanceLook at(Path run, int limit) throws IOException {
    NativeLibrary.whyUnavailable()
        .ifPresent(why -> {
          throw new IllegalStateException("lance cannot be asked: " + why);
        });
    List<Path> datasets = datasets(run);
    int count = Math.min(limit, datasets.size());
    LanceLook look = NOTHING;
    try (BufferAllocator allocator = new RootAllocator()) {
      for (int i = 0; i < count; i++) {
        look = look.with(one(datasets.get((int) ((long) i * datasets.size() / count)), allocator));
      }
    }
    return look;
  }

  private static List<Path> datasets(Path run) throws IOException {
    Path metrics = run.resolve("data").resolve("metrics");
    if (!Files.isDirectory(metrics)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(metrics)) {
      return folders.filter(LanceLook::isDataset).sorted().toList();
    }
  }

  /** A folder that has a version; one that is just being made has none yet. */
  private static boolean isDataset(Path folder) {
    return folder.toString().endsWith(".lance") && Files.isDirectory(folder.resolve("_versions"));
  }

  private static LanceLook one(Path folder, BufferAllocator allocator) throws IOException {
    RuntimeException last = new IllegalStateException("never tried");
    for (int i = 0; i < ATTEMPTS; i++) {
      try (Dataset dataset = Dataset.open().allocator(allocator).uri(folder.toString()).build()) {
        long rows = dataset.countRows();
        return new LanceLook(
            1,
            rows,
            rows,
            rows,
            dataset.version(),
            dataset.listVersions().size(),
            dataset.getFragments().size(),
            files(folder));
      } catch (RuntimeException e) { // it was made or cleaned while we looked
        last = e;
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    throw last;
  }

  private static int files(Path folder) throws IOException {
    int files = 0;
    try (Stream<Path> children = Files.list(folder)) {
      for (Path child : (Iterable<Path>) children::iterator) {
        files += Files.isDirectory(child) ? files(child) : 1;
      }
    }
    return files;
  }

  private LanceLook with(LanceLook other) {
    return new LanceLook(
        series + other.series,
        rows + other.rows,
        Math.min(leastRows, other.leastRows),
        Math.max(mostRows, other.mostRows),
        Math.max(version, other.version),
        Math.max(versions, other.versions),
        Math.max(fragments, other.fragments),
        Math.max(files, other.files));
  }

  /**
   * Returns the greater of each count of two looks at the same run; the rows are those of the later
   * one.
   */
  LanceLook then(LanceLook later) {
    return new LanceLook(
        later.series,
        later.rows,
        later.leastRows,
        later.mostRows,
        Math.max(version, later.version),
        Math.max(versions, later.versions),
        Math.max(fragments, later.fragments),
        Math.max(files, later.files));
  }
}
