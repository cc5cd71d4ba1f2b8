package dev.tracker.series;

import dev.tracker.format.Kind;
import dev.tracker.media.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.lance.CommitBuilder;
import org.lance.Dataset;
import org.lance.FragmentMetadata;
import org.lance.ManifestSummary;
import org.lance.Transaction;
import org.lance.operation.Append;
import org.lance.operation.Operation;
import org.lance.operation.Overwrite;
import org.lance.util.Range;

/**
 * Operations on the Lance dataset of one series, each of them whole in itself.
 *
 * <p>A dataset has numbered versions. Which one counts is decided by metadata, not here: every
 * operation is told the version it works on, and none asks for the latest.
 *
 * <ul>
 *   <li>Assumes that {@link #rollBack} came before a writer's first change and after every change
 *       that failed: what a writer left that died may otherwise be taken for part of a new version.
 *   <li>Guarantees that a change gives the version that follows, or throws.
 *   <li>Guarantees that rows keep the order in which they were appended, over all versions.
 *   <li>Forces nothing: {@link #toForce} says what to force before metadata names a version.
 * </ul>
 *
 * <p>Any number of threads; at most one at a time changes the same dataset. A reader may lose a
 * file to {@link #clean}, and gets a {@link NoSuchFileException} when it was the whole version.
 */
public final class SeriesDataset {
  /** Row numbers inside a fragment are ints. */
  private static final long MAX_TARGET_ROWS = 1 << 29;

  private SeriesDataset() {}

  /**
   * What a change left behind.
   *
   * @param version the dataset's new version
   * @param rows how many rows it has
   * @param fragments of how many fragments it consists
   * @param created the files that were written for it: data files, and the manifest at the end
   * @param obsolete files that older versions need and this one does not: the manifest before it,
   *     and the data files that were written together
   */
  public record Committed(
      long version, long rows, int fragments, List<Path> created, List<Path> obsolete) {}

  /**
   * Appends rows, and makes the dataset where there is none.
   *
   * @param folder the dataset, in a folder that is there
   * @param kind what its values are
   * @param version the version to append to; 0 makes the dataset
   * @param rows what to append, one row at least
   * @return the new version
   * @throws IOException when it did not become the version that follows; the dataset is then to be
   *     rolled back
   */
  public static Committed append(Path folder, Kind kind, long version, Rows rows)
      throws IOException {
    if (rows.kind() != kind || rows.size() == 0) {
      throw new IllegalArgumentException(
          "rows do not fit: kind=%s expected=%s rows=%d".formatted(rows.kind(), kind, rows.size()));
    }
    DatasetFiles files = DatasetFiles.of(folder);
    try {
      requireNewest(files, version);
      FragmentMetadata fragment = write(files, version + 1, rows);
      Operation change =
          version == 0
              ? Overwrite.builder().fragments(List.of(fragment)).schema(Lance.schema(rows)).build()
              : Append.builder().fragments(List.of(fragment)).build();
      return commit(files, version, change, List.of(dataFile(files, fragment)), List.of());
    } catch (IOException | RuntimeException e) {
      throw failure("rows could not be appended", files, version, e);
    }
  }

  /** Lance ends the JVM over some torn manifests, and would take a newer version for the base. */
  private static void requireNewest(DatasetFiles files, long version) throws IOException {
    files.requireNewest(version);
    if (version > 0) {
      manifest(files, version);
    }
  }

  private static FragmentMetadata write(DatasetFiles files, long version, Rows rows)
      throws IOException {
    try (DataFileWriter writer = DataFileWriter.create(files, version)) {
      writer.write(rows);
      return writer.finish();
    }
  }

  private static Committed commit(
      DatasetFiles files, long version, Operation change, List<Path> data, List<Path> obsolete)
      throws IOException {
    try (Transaction transaction =
            new Transaction.Builder().readVersion(version).operation(change).build();
        Dataset next = execute(files, version, transaction)) {
      if (next.version() != version + 1) {
        throw new IOException(
            "commit did not give the version that follows: expected=%d found=%d (not rolled back?)"
                .formatted(version + 1, next.version()));
      }
      files.removeTraces(version, transaction.uuid());
      Path manifest = files.manifest(version + 1);
      files.share(manifest);
      List<Path> created = new ArrayList<>(data);
      created.add(manifest);
      List<Path> superseded = new ArrayList<>(obsolete);
      if (version > 0) {
        superseded.add(files.manifest(version));
      }
      ManifestSummary summary = next.getVersion().getManifestSummary();
      return new Committed(
          version + 1,
          summary.getTotalRows(),
          (int) summary.getTotalFragments(),
          List.copyOf(created),
          List.copyOf(superseded));
    }
  }

  private static Dataset execute(DatasetFiles files, long version, Transaction transaction)
      throws IOException {
    if (version == 0) {
      String folder = files.folder().toString();
      return prepared(new CommitBuilder(folder, Lance.memory())).execute(transaction);
    }
    try (Dataset base = Lance.open(files.folder(), version)) {
      return prepared(new CommitBuilder(base)).execute(transaction);
    }
  }

  /** No second try, which would put the rows on top of somebody else's; no cleaning on the side. */
  private static CommitBuilder prepared(CommitBuilder commit) {
    return commit.maxRetries(0).skipAutoCleanup(true);
  }

  /**
   * Writes neighbouring fragments together until few are left, and as few rows as it takes. The
   * rows stay as they are, in the same order.
   *
   * @param folder the dataset
   * @param version the version to compact
   * @param most how many fragments there shall be, unless one would have more rows than fit
   * @return the new version; the same version where there was nothing to do
   * @throws IOException when it could not be done; the dataset is then to be rolled back
   */
  public static Committed compact(Path folder, long version, int most) throws IOException {
    DatasetFiles files = DatasetFiles.of(folder);
    try {
      requireNewest(files, version);
      Manifest manifest = manifest(files, version);
      Schema schema = schema(files, version);
      List<FragmentMetadata> fragments = new ArrayList<>();
      List<Path> created = new ArrayList<>();
      List<Path> obsolete = new ArrayList<>();
      for (List<Manifest.Part> run : Compaction.plan(manifest.fragments(), most)) {
        if (run.size() == 1) {
          fragments.add(DataFileWriter.describe(run.get(0), schema));
        } else {
          FragmentMetadata merged = merge(files, run, version + 1);
          fragments.add(merged);
          created.add(dataFile(files, merged));
          run.forEach(part -> obsolete.add(files.data().resolve(part.file())));
        }
      }
      if (created.isEmpty()) {
        return new Committed(version, manifest.rows(), fragments.size(), List.of(), List.of());
      }
      // Not a Rewrite: Lance puts what is rewritten behind what is not, and rows change places.
      Operation change = Overwrite.builder().fragments(fragments).schema(schema).build();
      return commit(files, version, change, created, obsolete);
    } catch (IOException | RuntimeException e) {
      throw failure("fragments could not be compacted", files, version, e);
    }
  }

  /** Takes rows that were written, in their order; they are valid during the call only. */
  @FunctionalInterface
  public interface RowsConsumer {
    /** Takes the rows that come next. */
    void accept(Rows rows) throws IOException;
  }

  /**
   * Reads the steps and times of all rows of a version in their order, a batch at a time; their
   * values too, unless they are a table's.
   *
   * @param folder the dataset
   * @param kind what its values are
   * @param version the version to read
   * @param into gets the rows
   */
  public static void scan(Path folder, Kind kind, long version, RowsConsumer into)
      throws IOException {
    DatasetFiles files = DatasetFiles.of(folder);
    Rows rows = new Rows(kind, 0);
    if (kind == Kind.TABLE) {
      rows.columns(List.of());
    }
    try {
      for (Manifest.Part fragment : manifest(files, version).fragments()) {
        try (DataFileReader reader = DataFileReader.open(files, fragment)) {
          reader.read(fragment.rows(), rows, into);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw failure("rows could not be read", files, version, e);
    }
  }

  /**
   * Writes the rows of a version whose step is not greater than a given one into a dataset of their
   * own, in the same order. Takes the memory of a batch, however many rows there are.
   *
   * @param from the dataset to read, which stays as it is
   * @param kind what its values are
   * @param version the version to read
   * @param lastStep the greatest step of a row that is written
   * @param to the dataset to make; whatever is there is removed first
   * @param targetRows a data file is ended when it has so many rows
   * @param written gets the rows that were written
   * @return the first version of the new dataset; version 0 where no row was written, and then
   *     there is none
   */
  public static Committed rewrite(
      Path from,
      Kind kind,
      long version,
      long lastStep,
      Path to,
      long targetRows,
      RowsConsumer written)
      throws IOException {
    DatasetFiles source = DatasetFiles.of(from);
    DatasetFiles target = new DatasetFiles(to);
    target.removeAll();
    Rows batch = new Rows(kind, 0);
    try {
      Rewriter rewriter =
          new Rewriter(kind, lastStep, target, Math.min(targetRows, MAX_TARGET_ROWS), written);
      try (rewriter) {
        for (Manifest.Part fragment : manifest(source, version).fragments()) {
          try (DataFileReader reader = DataFileReader.open(source, fragment)) {
            reader.read(fragment.rows(), batch, rewriter::add);
          }
        }
        rewriter.finishFile();
      }
      if (rewriter.fragments.isEmpty()) {
        return new Committed(0, 0, 0, List.of(), List.of());
      }
      List<Path> data =
          rewriter.fragments.stream().map(fragment -> dataFile(target, fragment)).toList();
      Operation change =
          Overwrite.builder()
              .fragments(rewriter.fragments)
              .schema(Lance.schema(rewriter.kept))
              .build();
      return commit(target, 0, change, data, List.of());
    } catch (IOException | RuntimeException e) {
      throw failure("rows could not be written anew", source, version, e);
    }
  }

  /** Picks rows and writes them to data files of a limited size. */
  private static final class Rewriter implements AutoCloseable {
    final List<FragmentMetadata> fragments = new ArrayList<>();
    private final long lastStep;
    private final DatasetFiles files;
    private final long targetRows;
    private final RowsConsumer written;
    private final Rows kept;
    private @Nullable DataFileWriter writer;
    private long rows;

    Rewriter(Kind kind, long lastStep, DatasetFiles files, long targetRows, RowsConsumer written) {
      this.lastStep = lastStep;
      this.files = files;
      this.targetRows = targetRows;
      this.written = written;
      kept = new Rows(kind, 0);
    }

    void add(Rows batch) throws IOException {
      kept.clear();
      if (batch.hasColumns()) {
        kept.columns(batch.columns());
      }
      long[] steps = batch.steps();
      for (int i = 0; i < batch.size(); i++) {
        if (steps[i] <= lastStep) {
          kept.add(batch, i);
        }
      }
      if (kept.size() > 0) {
        write();
      }
    }

    private void write() throws IOException {
      DataFileWriter open = writer;
      if (open == null) {
        open = DataFileWriter.create(files, 1);
        writer = open;
      }
      open.write(kept);
      rows += kept.size();
      written.accept(kept);
      if (rows >= targetRows) {
        finishFile();
      }
    }

    void finishFile() throws IOException {
      DataFileWriter open = writer;
      writer = null;
      rows = 0;
      if (open != null) {
        try (open) {
          fragments.add(open.finish());
        }
      }
    }

    @Override
    public void close() throws IOException {
      DataFileWriter open = writer;
      writer = null;
      if (open != null) {
        open.close();
      }
    }
  }

  private static FragmentMetadata merge(DatasetFiles files, List<Manifest.Part> run, long version)
      throws IOException {
    try (DataFileWriter writer = DataFileWriter.create(files, version)) {
      for (Manifest.Part fragment : run) {
        try (DataFileReader reader = DataFileReader.open(files, fragment)) {
          reader.read(0, fragment.rows(), writer::write);
        }
      }
      return writer.finish();
    }
  }

  private static Schema schema(DatasetFiles files, long version) throws IOException {
    try (Dataset dataset = Lance.open(files.folder(), version)) {
      return dataset.getSchema();
    }
  }

  /**
   * Throws where a manifest does not hold the bytes that were committed. Lance ends the JVM over
   * some damage of fields that are not read here, so this comes before it works on a version.
   *
   * @param folder the dataset
   * @param version the version to work on
   * @param digest what metadata says of the manifest, {@code crc32c:hex}
   */
  public static void requireManifest(Path folder, long version, String digest) throws IOException {
    Path file = DatasetFiles.of(folder).requireManifest(version);
    String found = DurableFiles.crc32c(file);
    if (!found.equals(digest)) {
      throw new IOException(
          "manifest is damaged: file=%s version=%d digest=%s expected=%s (bytes changed on the disk, or metadata.db damaged? 'tracker repair' saves what is whole into a new folder)"
              .formatted(file, version, found, digest));
    }
  }

  /** Returns where the manifest of a version is. */
  public static Path manifest(Path folder, long version) {
    return new DatasetFiles(folder).manifest(version);
  }

  /** The rows of a {@link DataFile} of which only the file itself knows how many there are. */
  public static final int ALL_ROWS = -1;

  /**
   * A data file of a version.
   *
   * @param path where it is
   * @param bytes how long it is
   * @param rows how many rows it has
   */
  public record DataFile(Path path, long bytes, int rows) {}

  /** Returns the data files of a version in row order, by its manifest alone. */
  public static List<DataFile> dataFiles(Path folder, long version) throws IOException {
    DatasetFiles files = DatasetFiles.of(folder);
    return manifest(files, version).fragments().stream()
        .map(part -> new DataFile(files.data().resolve(part.file()), part.bytes(), part.rows()))
        .toList();
  }

  /** Returns the versions whose manifests are there, the newest first. */
  public static List<Long> versions(Path folder) throws IOException {
    return new DatasetFiles(folder).manifestVersions();
  }

  /**
   * Reads all rows of one data file in their order, a batch at a time.
   *
   * @param folder the dataset
   * @param kind what its values are
   * @param file which file
   * @param into gets the rows
   */
  public static void scan(Path folder, Kind kind, DataFile file, RowsConsumer into)
      throws IOException {
    DatasetFiles files = DatasetFiles.of(folder);
    Manifest.Part part =
        new Manifest.Part(String.valueOf(file.path().getFileName()), file.bytes(), file.rows());
    try (DataFileReader reader = DataFileReader.open(files, part)) {
      reader.read(reader.rows(), new Rows(kind, 0), into);
    } catch (RuntimeException e) {
      throw new IOException("rows could not be read: file=" + file.path(), e);
    }
  }

  /**
   * Removes everything newer than a version, and everything that is not a whole file: a writer does
   * so before its first change.
   *
   * @param folder the dataset
   * @param version the version that counts; 0 removes the dataset
   * @throws IOException when a file could not be removed, or the version is not there
   */
  public static void rollBack(Path folder, long version) throws IOException {
    if (version == 0) {
      new DatasetFiles(folder).removeAll();
      return;
    }
    DatasetFiles files = DatasetFiles.of(folder);
    manifest(files, version);
    files.removeAfter(version);
  }

  /**
   * Removes what only versions before the floor need.
   *
   * @param folder the dataset
   * @param floorVersion the oldest version to keep
   * @throws IOException when it could not be done
   */
  public static void clean(Path folder, long floorVersion) throws IOException {
    DatasetFiles files = DatasetFiles.of(folder);
    try {
      removeBefore(files, manifest(files, floorVersion));
    } catch (IOException | RuntimeException e) {
      throw failure("old versions could not be removed", files, floorVersion, e);
    }
  }

  private static void removeBefore(DatasetFiles files, Manifest floor) throws IOException {
    Set<String> needed = new TreeSet<>();
    floor.fragments().forEach(part -> needed.add(part.file()));
    files.removeBefore(floor.version(), needed);
  }

  /**
   * Leaves nothing but the files of one version: done when nobody will write any more.
   *
   * @param folder the dataset
   * @param version the version to keep
   * @param rows how many rows it is to have; nothing is removed where it has others
   * @throws IOException when a file could not be removed, or the version is not the one meant
   */
  public static void tidy(Path folder, long version, long rows) throws IOException {
    DatasetFiles files = DatasetFiles.of(folder);
    try {
      Manifest manifest = manifest(files, version);
      if (manifest.rows() != rows) {
        throw new IOException(
            "manifest has other rows than metadata says: file=%s rows=%d expected=%d (metadata.db damaged? 'tracker repair' saves what is whole into a new folder)"
                .formatted(files.manifest(version), manifest.rows(), rows));
      }
      removeBefore(files, manifest);
    } catch (IOException | RuntimeException e) {
      throw failure("old versions could not be removed", files, version, e);
    }
    files.removeAfter(version);
    Files.deleteIfExists(files.transactions());
  }

  /**
   * Reads a range of rows.
   *
   * @param folder the dataset
   * @param kind what its values are
   * @param version the version to read
   * @param offset how many rows to pass over
   * @param limit how many to read at most
   * @param into gets them, after the rows it has
   * @throws NoSuchFileException when the version is gone
   * @throws IOException when the rows could not be read; some may have been added
   */
  public static void read(Path folder, Kind kind, long version, long offset, long limit, Rows into)
      throws IOException {
    if (into.kind() != kind || offset < 0 || limit < 0) {
      throw new IllegalArgumentException(
          "not a range of rows: kind=%s expected=%s offset=%d limit=%d"
              .formatted(into.kind(), kind, offset, limit));
    }
    long end = offset + Math.min(limit, Long.MAX_VALUE - offset);
    read(folder, kind, version, List.of(new Stretch(offset, end)), into);
  }

  /**
   * Neighbouring rows of a series.
   *
   * @param from the number of the first
   * @param to the number of the one after the last
   */
  public record Stretch(long from, long to) {
    /** Returns how many rows there are. */
    public long rows() {
      return to - from;
    }
  }

  /**
   * Reads stretches of rows.
   *
   * @param folder the dataset
   * @param kind what its values are
   * @param version the version to read
   * @param stretches what to read, in ascending order, none of which touch; what lies beyond the
   *     version's rows is left out
   * @param into gets the rows, after those it has
   * @throws NoSuchFileException when the version is gone
   * @throws IOException when the rows could not be read; some may have been added
   */
  public static void read(Path folder, Kind kind, long version, List<Stretch> stretches, Rows into)
      throws IOException {
    DatasetFiles files = DatasetFiles.of(folder);
    try {
      List<Part> parts = parts(manifest(files, version), stretches);
      into.ensureCapacity(into.size() + parts.stream().mapToLong(Part::rows).sum());
      for (Part part : parts) {
        try (DataFileReader reader = DataFileReader.open(files, part.fragment)) {
          reader.read(part.ranges, into);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw failure("rows could not be read", files, version, e);
    }
  }

  /**
   * Reads stretches of rows, a batch at a time.
   *
   * @param folder the dataset
   * @param kind what its values are
   * @param version the version to read
   * @param stretches what to read, in ascending order, none of which touch; what lies beyond the
   *     version's rows is left out
   * @param into gets the rows
   * @throws NoSuchFileException when the version is gone
   * @throws IOException when the rows could not be read; some may have been handed over
   */
  public static void read(
      Path folder, Kind kind, long version, List<Stretch> stretches, RowsConsumer into)
      throws IOException {
    DatasetFiles files = DatasetFiles.of(folder);
    Rows batch = new Rows(kind, 0);
    try {
      for (Part part : parts(manifest(files, version), stretches)) {
        try (DataFileReader reader = DataFileReader.open(files, part.fragment)) {
          reader.read(part.ranges, batch, into);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw failure("rows could not be read", files, version, e);
    }
  }

  /** What is read of a fragment. */
  private record Part(Manifest.Part fragment, List<Range> ranges) {
    long rows() {
      return ranges.stream().mapToLong(range -> range.getEnd() - range.getStart()).sum();
    }
  }

  private static List<Part> parts(Manifest manifest, List<Stretch> stretches) {
    List<Part> parts = new ArrayList<>();
    long begin = 0;
    int next = 0;
    for (Manifest.Part fragment : manifest.fragments()) {
      long end = begin + fragment.rows();
      List<Range> ranges = new ArrayList<>();
      for (; next < stretches.size() && stretches.get(next).from() < end; next++) {
        Stretch stretch = stretches.get(next);
        int from = (int) (Math.max(stretch.from(), begin) - begin);
        int to = (int) (Math.min(stretch.to(), end) - begin);
        if (from < to) {
          ranges.add(Range.of(from, to));
        }
        if (stretch.to() > end) {
          break;
        }
      }
      if (!ranges.isEmpty()) {
        parts.add(new Part(fragment, ranges));
      }
      begin = end;
    }
    return parts;
  }

  /**
   * What must be on stable storage before metadata may name a version.
   *
   * @param folder the dataset
   * @param committed what a change left behind
   * @return the files, then the folders they are in; for a first version also the dataset's folder
   *     and the one it is in
   */
  public static List<Path> toForce(Path folder, Committed committed) {
    if (committed.created().isEmpty()) {
      return List.of();
    }
    DatasetFiles files = new DatasetFiles(folder);
    List<Path> all = new ArrayList<>(committed.created());
    all.add(files.data());
    all.add(files.versions());
    if (committed.version() == 1) {
      all.add(folder);
      all.add(folder.toAbsolutePath().getParent());
    }
    return List.copyOf(all);
  }

  private static Manifest manifest(DatasetFiles files, long version) throws IOException {
    return Manifest.read(files.requireManifest(version), version);
  }

  private static Path dataFile(DatasetFiles files, FragmentMetadata fragment) {
    return files.data().resolve(fragment.getFiles().get(0).getPath());
  }

  /** The one place where what Lance throws becomes ours. */
  private static IOException failure(
      String what, DatasetFiles files, long version, Exception cause) {
    if (version > 0 && !Files.exists(files.manifest(version))) {
      NoSuchFileException gone =
          new NoSuchFileException(
              files.manifest(version).toString(),
              null,
              "version of a series is gone: version=" + version);
      gone.initCause(cause);
      return gone;
    }
    return new IOException(
        "%s: series=%s version=%d cause=%s"
            .formatted(what, files.folder(), version, cause.getMessage()),
        cause);
  }
}
