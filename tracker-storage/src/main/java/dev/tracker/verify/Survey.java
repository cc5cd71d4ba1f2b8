package dev.tracker.verify;

import dev.tracker.format.ConsoleLog;
import dev.tracker.format.Counters;
import dev.tracker.format.FolderNames;
import dev.tracker.format.Kind;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.MediaEntry;
import dev.tracker.metadata.MetadataCheck;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.StepRange;
import dev.tracker.series.NativeLibrary;
import dev.tracker.series.SeriesDataset;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One walk through a run: what is wrong goes to whoever asked, and what is whole is kept for the
 * repair.
 */
final class Survey implements AutoCloseable {
  private static final String REPAIR = "tracker repair saves the rest into a new folder";

  /** Ranges of global steps that rows are held against; there is a limit to memory. */
  private static final int MAX_STEPS = 1 << 20;

  private final RunLayout layout;
  private final Consumer<Finding> findings;
  private final VerifyListener listener;
  private final @Nullable SeriesSink sink;
  private final Path scratch;
  private @Nullable MetadataCheck metadata;
  private @Nullable JournalSurvey journal;
  private boolean metadataIsLost;
  private boolean checkpointIsLost;
  private boolean filesAreLost;

  Counters checkpoint = Counters.START;
  RunDocument document = RunDocument.empty();
  boolean documentIsLost;
  List<SeriesEntry> series = List.of();
  final Map<String, FileEntry> files = new LinkedHashMap<>();

  /** Of the files that metadata names: those that are as it says. */
  private final Map<String, Boolean> compared = new HashMap<>();

  private StepCover steps = new StepCover(List.of());
  private long rows;
  private long records;
  private long bytesDone;
  private long bytesAll;

  /** Receives the series one by one, as far as they are whole. */
  interface SeriesSink {
    /**
     * A series.
     *
     * @param entry what metadata says
     * @param whole its data files that are whole, in row order
     * @param isIntact whether that is all of it, and metadata says the truth
     */
    void series(SeriesEntry entry, List<SeriesDataset.DataFile> whole, boolean isIntact)
        throws IOException;
  }

  Survey(
      RunLayout layout,
      Consumer<Finding> findings,
      VerifyListener listener,
      @Nullable SeriesSink sink)
      throws IOException {
    this.layout = layout;
    this.findings = findings;
    this.listener = listener;
    this.sink = sink;
    scratch = Files.createTempDirectory("tracker-verify");
  }

  void make() throws IOException {
    lookForLinks();
    openMetadata();
    Set<String> committed =
        files.values().stream().map(FileEntry::digest).collect(Collectors.toSet());
    journal = new JournalSurvey(layout, findings, series, committed, checkpoint.position());
    records = journal.make(document);
    lookForLostMetadata(journal);
    compareFiles();
    for (SeriesEntry entry : series) {
      if (entry.kind() != Kind.MEDIA) {
        surveySeries(entry);
      }
    }
    steps.tell(findings);
    lookForUnnamed();
  }

  // ---- the folder

  private void lookForLinks() throws IOException {
    Files.walkFileTree(
        layout.root(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!attributes.isRegularFile()) {
              damage(
                  "folder",
                  relative(file),
                  attributes.isSymbolicLink() ? "a symbolic link" : "no plain file",
                  "it is not followed here; put the file itself there");
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            damage("folder", relative(file), "cannot be looked at: cause=" + e, "look at the disk");
            return FileVisitResult.CONTINUE;
          }
        });
  }

  // ---- metadata

  private void openMetadata() throws IOException {
    Path copy = scratch.resolve("metadata.db");
    if (!Files.exists(layout.metadata())) {
      return;
    }
    MetadataCheck check;
    try {
      for (String ending : List.of("", "-wal", "-journal")) {
        Path part = layout.metadata().resolveSibling("metadata.db" + ending);
        if (PlainFiles.requireFile(layout.root(), part)) {
          Files.copy(part, copy.resolveSibling("metadata.db" + ending));
        }
      }
      check = MetadataCheck.open(copy);
    } catch (IOException e) {
      metadataIsLost = true;
      documentIsLost = true;
      damage("metadata", "data/metadata.db", "cannot be read: cause=" + e.getMessage(), REPAIR);
      return;
    }
    metadata = check;
    check.faults(this::metadataFault);
    series = check.series(this::metadataFault);
    Consumer<String> fileFault =
        what -> {
          filesAreLost = true;
          metadataFault(what);
        };
    for (FileEntry file : check.files(fileFault)) {
      files.put(file.path(), file);
      bytesAll += file.length();
    }
    try {
      Counters read = check.checkpoint();
      checkpointIsLost = read.position() < 0 || read.step() < 0;
      checkpoint = checkpointIsLost ? Counters.START : read;
      steps = new StepCover(check.steps(MAX_STEPS));
    } catch (IOException e) {
      checkpointIsLost = true;
      metadataFault("cannot be read: cause=" + e.getMessage());
    }
    try {
      document = check.document();
    } catch (IOException e) {
      documentIsLost = true;
      metadataFault("the run's document cannot be read: cause=" + e.getMessage());
    }
    series.forEach(this::checkName);
  }

  private void metadataFault(String what) {
    damage("metadata", "data/metadata.db", what, REPAIR);
  }

  private void checkName(SeriesEntry entry) {
    String folder = FolderNames.of(entry.name(), entry.kind(), Set.of());
    if (!FolderNames.first(entry.folder()).equals(folder)
        || (entry.kind() != Kind.MEDIA
            && !FolderNames.ofGeneration(folder, entry.generation()).equals(entry.folder()))) {
      metadataFault(
          "a series' name and folder do not belong together: name=%s folder=%s generation=%d"
              .formatted(entry.name(), entry.folder(), entry.generation()));
    }
  }

  /** Where something was committed, the journal does not begin at 0 any more. */
  private void lookForLostMetadata(JournalSurvey journal) throws IOException {
    MetadataCheck check = metadata;
    if (metadataIsLost || (check != null && !check.isEmpty()) || journal.beginsAtZero()) {
      return;
    }
    List<Path> committed = new ArrayList<>(layout.datasets());
    committed.add(layout.media());
    committed.add(layout.output());
    for (Path path : committed) {
      if (Files.exists(path)) {
        metadataIsLost = true;
        documentIsLost = true;
        damage(
            "metadata",
            "data/metadata.db",
            "is gone or empty, and there is what only it can have named: file=" + relative(path),
            REPAIR);
        return;
      }
    }
    if (journal.segments() == 0) {
      findings.accept(
          new Finding(
              Severity.WARNING,
              "journal",
              "journal",
              "no segment and no metadata: nothing of the run is here (ended while it was opened?)",
              "the next writer begins here"));
    }
  }

  // ---- files that metadata names

  private void compareFiles() {
    Set<String> owned = new HashSet<>();
    for (SeriesEntry entry : series) {
      if (entry.kind() != Kind.MEDIA) {
        owned.add(relative(layout.series(entry.kind(), entry.folder())));
      }
    }
    for (FileEntry file : files.values()) {
      String path = file.path();
      String part =
          path.startsWith("media/") ? "media" : path.equals(ConsoleLog.PATH) ? "console" : "series";
      String dataset = path.replaceFirst("/(data|_versions)/[^/]+$", "");
      if (part.equals("series") && !owned.contains(dataset)) {
        metadataFault("names a file of no series: path=" + path);
      }
      Optional<String> wrong = FileDigests.compare(layout.root(), file);
      compared.put(path, wrong.isEmpty());
      wrong.ifPresent(what ->
          damage(
              part,
              path,
              what,
              part.equals("series") ? "rows of its other data files are whole" : REPAIR));
      bytesDone += file.length();
      listener.checked(path, bytesDone, bytesAll);
    }
  }

  /** Whether a file is as metadata says; not where metadata does not name it. */
  boolean isWhole(String path) {
    return compared.getOrDefault(path, false);
  }

  // ---- series

  private void surveySeries(SeriesEntry entry) throws IOException {
    List<SeriesDataset.DataFile> whole = new ArrayList<>();
    boolean intact = entry.version() == 0 ? entry.rows() == 0 : filesOf(entry, whole);
    if (entry.version() == 0 && entry.rows() > 0) {
      damage("series", entry.name(), "has rows and no version: rows=" + entry.rows(), REPAIR);
    }
    Optional<String> missing = whole.isEmpty() ? Optional.empty() : NativeLibrary.whyUnavailable();
    if (missing.isPresent()) {
      findings.accept(
          new Finding(
              Severity.WARNING,
              "series",
              entry.name(),
              "rows were not read: " + missing.get(),
              "verify it where the native library can be loaded"));
    } else {
      RowCheck check = new RowCheck(layout, entry, document, metadata, steps);
      intact &= check.make(whole, intact, this::seriesFault);
      rows += check.rows();
    }
    if (sink != null) {
      sink.series(entry, whole, intact);
    }
    listener.checked(entry.name(), bytesDone, bytesAll);
  }

  private void seriesFault(SeriesEntry entry, String what) {
    damage("series", entry.name(), what, REPAIR);
  }

  /** Finds the data files of a series that are whole; says whether all are. */
  private boolean filesOf(SeriesEntry entry, List<SeriesDataset.DataFile> whole) {
    Path folder = layout.series(entry.kind(), entry.folder());
    String manifest = relative(SeriesDataset.manifest(folder, entry.version()));
    if (!isWhole(manifest)) {
      if (!files.containsKey(manifest)) {
        seriesFault(entry, "metadata does not name its manifest: file=" + manifest);
      }
      whole.addAll(wholeWithoutManifest(entry, folder));
      return false;
    }
    boolean all = true;
    try {
      Set<String> needed = new HashSet<>();
      for (SeriesDataset.DataFile file : SeriesDataset.dataFiles(folder, entry.version())) {
        String path = relative(file.path());
        needed.add(path);
        FileEntry named = files.get(path);
        if (named != null && isWhole(path) && named.length() == file.bytes()) {
          whole.add(file);
        } else {
          all = false;
          if (!files.containsKey(path)) {
            seriesFault(entry, "metadata does not name its data file: file=" + path);
          }
        }
      }
      for (String path : files.keySet()) {
        if (path.startsWith(relative(folder) + "/data/") && !needed.contains(path)) {
          seriesFault(entry, "metadata names a data file that its version does not: " + path);
        }
      }
    } catch (IOException e) {
      seriesFault(entry, "manifest cannot be read: cause=" + e.getMessage());
      return false;
    }
    return all;
  }

  /** A manifest with a damaged bit may still tell the order of the files that metadata names. */
  private List<SeriesDataset.DataFile> wholeWithoutManifest(SeriesEntry entry, Path folder) {
    List<SeriesDataset.DataFile> named = FileDigests.wholeByName(folder, layout, files, compared);
    try {
      List<SeriesDataset.DataFile> told = SeriesDataset.dataFiles(folder, entry.version());
      long rowsTold = told.stream().mapToLong(SeriesDataset.DataFile::rows).sum();
      boolean same =
          rowsTold == entry.rows()
              && told.size() == named.size()
              && told.stream().allMatch(file -> isWhole(relative(file.path())));
      return same ? told : named;
    } catch (IOException e) {
      return named;
    }
  }

  private void lookForUnnamed() throws IOException {
    if (metadataIsLost) {
      return;
    }
    Set<Path> known = new HashSet<>();
    for (SeriesEntry entry : series) {
      if (entry.kind() != Kind.MEDIA) {
        known.add(layout.series(entry.kind(), entry.folder()));
      }
    }
    for (Path datasets : layout.datasets()) {
      if (Files.isDirectory(datasets)) {
        try (var entries = Files.list(datasets)) {
          entries
              .filter(entry -> !known.contains(entry))
              .forEach(entry -> note("series", relative(entry), "metadata does not name it"));
        }
      }
    }
  }

  // ---- what a repair asks

  /** Returns metadata, null where there is none or it cannot be read. */
  @Nullable MetadataCheck metadata() {
    return metadata;
  }

  boolean metadataIsLost() {
    return metadataIsLost;
  }

  /** Whether metadata may have named files that it does not name any more. */
  boolean filesAreLost() {
    return filesAreLost || metadataIsLost;
  }

  /**
   * Returns what metadata says of the console's log, under its own path; where none is named by it,
   * the content tells which entry is meant.
   */
  Optional<FileEntry> console() {
    FileEntry named = files.get(ConsoleLog.PATH);
    return named != null
        ? Optional.of(named)
        : files.values().stream()
            .filter(file -> !isWhole(file.path()))
            .map(file -> new FileEntry(ConsoleLog.PATH, file.length(), file.digest()))
            .filter(file -> FileDigests.compare(layout.root(), file).isEmpty())
            .findFirst();
  }

  boolean checkpointIsLost() {
    return checkpointIsLost || metadataIsLost;
  }

  List<StepRange> stepRanges() {
    return steps.isRight() ? steps.ranges() : List.of();
  }

  /** Whether an entry in the journal has a content at a step. */
  boolean journalHolds(String digest, long step) {
    JournalSurvey made = journal;
    return made != null && made.holds(digest, step);
  }

  void media(Consumer<MediaEntry> into) {
    MetadataCheck check = metadata;
    if (check != null) {
      check.media(into, fault -> {});
    }
  }

  long seriesSeen() {
    return series.size();
  }

  long rowsRead() {
    return rows;
  }

  long records() {
    return records;
  }

  long filesCompared() {
    return compared.size();
  }

  String relative(Path path) {
    return layout.root().relativize(path).toString().replace('\\', '/');
  }

  private void note(String part, String where, String what) {
    findings.accept(
        new Finding(
            Severity.NOTE, part, where, what, "nothing is lost; the next writer removes it"));
  }

  private void damage(String part, String where, String what, String remedy) {
    findings.accept(new Finding(Severity.DAMAGE, part, where, what, remedy));
  }

  @Override
  public void close() throws IOException {
    MetadataCheck check = metadata;
    metadata = null;
    if (check != null) {
      check.close();
    }
    try (var left = Files.list(scratch)) {
      for (Path file : left.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(scratch);
  }
}
