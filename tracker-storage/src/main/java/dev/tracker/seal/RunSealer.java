package dev.tracker.seal;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tracker.format.Counters;
import dev.tracker.format.FolderNames;
import dev.tracker.format.Kind;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalReader;
import dev.tracker.journal.JournalSummary;
import dev.tracker.media.DurableFiles;
import dev.tracker.media.MediaNames;
import dev.tracker.metadata.Change;
import dev.tracker.metadata.CutRanges;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.Gap;
import dev.tracker.metadata.MediaQuery;
import dev.tracker.metadata.MetadataWriter;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Snapshot;
import dev.tracker.metadata.StepRange;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset;
import dev.tracker.series.SeriesDataset.Committed;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Seals one run: takes a window of its journal at a time, appends it to the series, and commits the
 * window.
 *
 * <p>Assumes that its process holds the run's lock. Guarantees that metadata never names what is
 * not on stable storage: data files, manifests and folders are forced before the commit, and the
 * journal is deleted only after it.
 *
 * <h2>The size of a window</h2>
 *
 * Memory holds {@link #BUDGET_BYTES} of columns. An append to a series costs milliseconds however
 * few its rows, and a pass over the journal costs nanoseconds a record. With few series a window is
 * what fits into memory: one pass. With many, a window of <i>p</i> times as much, in <i>p</i>
 * passes over as many groups of series, saves appends at the price of passes; the sum of both is
 * least where <i>p</i> grows with the square root of the number of series. No one series may take
 * more than the budget, for it cannot be divided.
 *
 * <p>For one thread. After an exception the object is spent: close it and begin anew from what is
 * on disk.
 */
final class RunSealer implements AutoCloseable {
  /** The columns held in memory at a time. */
  private static final long BUDGET_BYTES =
      Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 8);

  /** How many series make two passes worth their while, four times as many three, and so on. */
  private static final double SERIES_PER_PASS = 4;

  /** A window ends when it has come by this many stretches of one global step. */
  private static final int MAX_RANGES = 1 << 18;

  /** A dataset of this many fragments is compacted before it gets more. */
  private static final int MAX_FRAGMENTS = 64;

  /** To so many: with fewer, large ones are written again and again; with more, it is soon full. */
  private static final int FRAGMENTS_LEFT = 16;

  /** After the end of the run a dataset of more fragments than this is compacted to so many. */
  private static final int MAX_FINAL_FRAGMENTS = 6;

  /** Of a series that is written anew a fragment has so many rows, or a part of all if more. */
  private static final long REWRITTEN_ROWS = 1 << 20;

  private static final int REWRITTEN_PARTS = 4;

  /**
   * So many series are appended to one after the other where there is no hurry: helpers would only
   * take the processors away from the program that logs. With more of them the waiting adds up.
   */
  private static final int FEW_SERIES = 32;

  private final RunLayout layout;
  private final FileLayer files;
  private final MetadataWriter metadata;
  private final RunDocument document;
  private final List<@Nullable SeriesState> series = new ArrayList<>();
  private final Set<String> folders = new HashSet<>();
  private final OutputLog output;
  private final long attemptStart;
  private Counters checkpoint;

  /** How many rows of the window that is surveyed an earlier attempt had logged. */
  private long earlierRows;

  private RunSealer(
      RunLayout layout,
      FileLayer files,
      MetadataWriter metadata,
      Snapshot snapshot,
      OutputLog output,
      long attemptStart) {
    this.layout = layout;
    this.files = files;
    this.metadata = metadata;
    this.output = output;
    this.attemptStart = attemptStart;
    this.document = snapshot.run();
    this.checkpoint = snapshot.checkpoint();
    snapshot.series().forEach(entry -> put(new SeriesState(entry)));
  }

  /** Goes on from the last commit of a run. */
  static RunSealer open(RunLayout layout, FileLayer files) throws IOException {
    return open(layout, files, 0);
  }

  /**
   * Goes on from the last commit of a run that is being written.
   *
   * @param attemptStart the journal position at which the present attempt began
   */
  static RunSealer open(RunLayout layout, FileLayer files, long attemptStart) throws IOException {
    PlainFiles.makeFolder(layout.data());
    DurableFiles.forceFolder(layout.data());
    DurableFiles.forceFolder(layout.root());
    MetadataWriter metadata = MetadataWriter.open(layout.metadata());
    try {
      Snapshot snapshot = metadata.snapshot();
      Set<Path> datasets = new HashSet<>();
      for (SeriesEntry entry : snapshot.series()) {
        if (entry.kind() != Kind.MEDIA) {
          requireSound(layout, entry, datasets);
        }
      }
      OutputLog output = OutputLog.open(layout, metadata);
      RunSealer sealer = new RunSealer(layout, files, metadata, snapshot, output, attemptStart);
      sealer.removeOtherGenerations();
      return sealer;
    } catch (IOException | RuntimeException e) {
      metadata.close();
      throw e;
    }
  }

  /**
   * Throws where what metadata says of a series would have a dataset removed: as one that is to be
   * made, which has no version, as what is in the way of the next generation, or as the older one
   * of another series.
   *
   * @param others the datasets of other series, to which this one's is added
   */
  private static void requireSound(RunLayout layout, SeriesEntry entry, Set<Path> others)
      throws IOException {
    if (entry.version() == 0 && entry.rows() > 0) {
      throw damaged(layout, entry, "a series has rows and no version");
    }
    if (!FolderNames.ofGeneration(entry.folder(), entry.generation()).equals(entry.folder())) {
      throw damaged(layout, entry, "a series' folder is not that of its generation");
    }
    if (!others.add(layout.series(entry.kind(), entry.folder()))) {
      throw damaged(layout, entry, "a series is in the folder of another one");
    }
  }

  private static IOException damaged(RunLayout layout, SeriesEntry entry, String what) {
    return new IOException(
        "%s: file=%s series=%s folder=%s generation=%d version=%d rows=%d (metadata.db damaged? 'tracker repair' saves what is whole into a new folder)"
            .formatted(
                what,
                layout.series(entry.kind(), entry.folder()),
                entry.name(),
                entry.folder(),
                entry.generation(),
                entry.version(),
                entry.rows()));
  }

  /** Returns where the last commit stands. */
  Counters checkpoint() {
    return checkpoint;
  }

  /**
   * What a window came to.
   *
   * @param earlierRows how many of the rows an earlier attempt had logged
   * @param lost how many rows and lines its gaps stand for
   * @param rewindStep where the run went back to; null where it did not
   */
  record Window(
      long rows, long earlierRows, long values, int series, long lost, @Nullable Long rewindStep) {}

  /** Seals one window; null where the journal holds nothing beyond the checkpoint. */
  @Nullable Window sealWindow() throws IOException {
    return sealWindow(true);
  }

  /**
   * The same.
   *
   * @param hurry whether it is worth taking processors away from the program that logs
   */
  @Nullable Window sealWindow(boolean hurry) throws IOException {
    try (JournalReader journal =
        JournalReader.open(layout.journal(), checkpoint.position(), files)) {
      JournalSummary summary = new JournalSummary();
      Counters end = survey(journal, summary);
      if (end.position() == checkpoint.position()) {
        return null;
      }
      if (summary.rewound() && end.position() == journal.position()) {
        return goBack(summary, end);
      }
      apply(summary);
      Work work = new Work(end.position(), hurry);
      for (List<SeriesState> group : groups(summary)) {
        append(collect(journal, group, summary, end.position()), group, work);
      }
      if (summary.lines() > 0) {
        print(journal, work);
      }
      work.media = sealMedia(journal, summary, work);
      commit(end, summary, work);
      return new Window(
          summary.rows(), earlierRows, summary.values(), work.touched.size(), lost(summary), null);
    }
  }

  private static long lost(JournalSummary summary) {
    return summary.gaps().stream().mapToLong(JournalSummary.Dropped::rows).sum();
  }

  /**
   * Reads ahead until the window is full or the journal ends; a rewind is a window of its own, with
   * the damage right before it.
   */
  private Counters survey(JournalReader journal, JournalSummary summary) throws IOException {
    Counters end = checkpoint;
    long limit = BUDGET_BYTES * passes(series.size());
    earlierRows = 0;
    while (summary.bytes() < limit
        && summary.mostBytes() < BUDGET_BYTES
        && summary.ranges() < MAX_RANGES
        && journal.nextFrame()) {
      int gaps = summary.gaps().size();
      journal.decode(summary);
      if (summary.rewound()) {
        if (end.position() == checkpoint.position()) {
          return journal.after();
        }
        summary.keepGaps(gaps); // those that come with the rewind are of its window
        return end;
      }
      end = journal.after();
      if (end.position() <= attemptStart) {
        earlierRows = summary.rows();
      }
      limit = BUDGET_BYTES * passes(series.size() + summary.series().size());
    }
    return end;
  }

  /** Carries out a rewind: one commit after which no row of a greater step is left. */
  private Window goBack(JournalSummary summary, Counters end) throws IOException {
    long step = summary.rewindStep();
    CutRanges cut = new CutRanges(step, metadata.stepsAcross(step));
    List<Parallel.Task<Rewritten>> rewrites = new ArrayList<>();
    List<Parallel.Task<Rewritten>> looks = new ArrayList<>();
    List<SeriesState> cutMedia = new ArrayList<>();
    for (SeriesState state : series) {
      if (state != null && state.kind == Kind.MEDIA) {
        goBackMedia(state, step, end.position(), cut).ifPresent(cutMedia::add);
      } else if (state != null && state.reachesBeyond(step)) {
        String manifest = manifestDigest(state);
        rewrites.add(() -> rewrite(state, manifest, step, end.position(), cut));
      } else if (state != null && state.rows() > 0 && !cut.isEmpty()) {
        looks.add(() -> look(state, cut));
      }
    }
    List<Rewritten> done = Parallel.run(rewrites);
    Parallel.run(looks);
    Change change = new Change(end).stepsBack(step, cut.left());
    describeGaps(summary, change);
    for (Rewritten rewritten : done) {
      change.folderGone(relative(folder(rewritten.before)));
      rewritten.files.forEach(change::file);
      rewritten.after.describe(change);
    }
    List<String> orphans = cutMedia.isEmpty() ? List.of() : metadata.mediaOnlyAfter(step);
    orphans.forEach(change::fileGone);
    stageAgain(cutMedia, step, Set.copyOf(orphans));
    cutMedia.forEach(state -> state.describe(change));
    metadata.commit(change);
    checkpoint = end;
    cutMedia.forEach(this::put);
    orphans.forEach(orphan -> removeFile(layout.root().resolve(orphan)));
    for (Rewritten rewritten : done) {
      rewritten.after.committed();
      put(rewritten.after);
      remove(folder(rewritten.before));
    }
    return new Window(0, 0, 0, done.size() + cutMedia.size(), lost(summary), step);
  }

  /**
   * Gives files that no entry will name any more the names back under which they were staged: the
   * same content may have been logged again meanwhile, and found to be staged already. What nobody
   * needs is removed when the run ends.
   */
  private void stageAgain(List<SeriesState> cutMedia, long step, Set<String> orphans)
      throws IOException {
    if (orphans.isEmpty()) {
      return;
    }
    Map<Path, Path> names = new HashMap<>();
    for (SeriesState state : cutMedia) {
      metadata.media(
          MediaQuery.beyond(state.id, step),
          entry -> {
            String path = entry.path();
            if (path != null && orphans.contains(path)) {
              names.put(
                  layout.staged(entry.form().digest(), entry.form().extension()),
                  layout.root().resolve(path));
            }
          });
    }
    PlainFiles.makeFolder(layout.staged());
    for (Map.Entry<Path, Path> name : names.entrySet()) {
      MediaSealing.link(name.getValue(), name.getKey());
    }
    DurableFiles.forceFolder(layout.staged());
    DurableFiles.forceFolder(layout.media());
  }

  private record Rewritten(SeriesState before, SeriesState after, List<FileEntry> files) {}

  private Rewritten rewrite(
      SeriesState state, String manifest, long step, long position, CutRanges cut)
      throws IOException {
    SeriesDataset.requireManifest(folder(state), state.version(), manifest);
    SeriesState next = state.nextGeneration(position);
    Path folder = folder(next);
    Committed written =
        SeriesDataset.rewrite(
            folder(state),
            state.kind,
            state.version(),
            step,
            folder,
            Math.max(REWRITTEN_ROWS, state.rows() / REWRITTEN_PARTS + 1),
            rows -> {
              next.add(rows, position);
              add(rows, cut);
            });
    next.version(written.version());
    return new Rewritten(state, next, settle(folder, List.of(written)));
  }

  /**
   * Takes a series of media back, if it reaches beyond a step, and finds out what it holds of the
   * global steps that are cut through.
   */
  private Optional<SeriesState> goBackMedia(
      SeriesState state, long step, long position, CutRanges cut) throws IOException {
    if (!state.reachesBeyond(step) && (cut.isEmpty() || state.rows() == 0)) {
      return Optional.empty();
    }
    Rows left = new Rows(Kind.MEDIA, 0);
    metadata.media(
        MediaQuery.upTo(state.id, step),
        entry -> left.addText(entry.step(), entry.globalStep(), entry.micros(), new byte[0], 0, 0));
    add(left, cut);
    if (!state.reachesBeyond(step)) {
      return Optional.empty();
    }
    LongSummaryStatistics steps = Arrays.stream(left.steps(), 0, left.size()).summaryStatistics();
    return Optional.of(state.withEntries(left.size(), steps.getMin(), steps.getMax(), position));
  }

  /** Finds out what a series that stays as it is holds of the global steps that are cut through. */
  private Rewritten look(SeriesState state, CutRanges cut) throws IOException {
    SeriesDataset.scan(folder(state), state.kind, state.version(), rows -> add(rows, cut));
    return new Rewritten(state, state, List.of());
  }

  private static void add(Rows rows, CutRanges cut) {
    cut.add(rows.steps(), rows.globalSteps(), rows.micros(), rows.size());
  }

  /** Removes what a rewind left that died before its commit, or right after it. */
  private void removeOtherGenerations() throws IOException {
    Set<Path> named = new HashSet<>();
    Map<String, SeriesState> known = new HashMap<>();
    for (SeriesState state : series) {
      if (state != null && state.kind != Kind.MEDIA) {
        named.add(folder(state));
        known.put(FolderNames.first(state.folder), state);
      }
    }
    for (Path datasets : layout.datasets()) {
      for (Path found : datasetsIn(datasets)) {
        String name = found.getFileName().toString();
        String folder = name.substring(0, name.length() - RunLayout.SERIES_SUFFIX.length());
        SeriesState state = known.get(FolderNames.first(folder));
        if (state != null && !named.contains(found)) {
          requireCommitted(state, found);
          remove(found);
        }
      }
    }
  }

  /**
   * Throws where a series is not in the folder that metadata names, so that another generation may
   * be all there is of it.
   */
  private void requireCommitted(SeriesState state, Path other) throws IOException {
    if (state.version() == 0) {
      return; // it has no rows, either
    }
    Path manifest = SeriesDataset.manifest(folder(state), state.version());
    if (!Files.exists(manifest) || metadata.file(relative(manifest)).isEmpty()) {
      throw damaged(layout, state.entry(), "a series is not where metadata says, but in " + other);
    }
  }

  private static List<Path> datasetsIn(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> entry.getFileName().toString().endsWith(RunLayout.SERIES_SUFFIX))
          .toList();
    }
  }

  private Path folder(SeriesState state) {
    return layout.series(state.kind, state.folder);
  }

  /** Removes a dataset that metadata does not name. */
  private static void remove(Path dataset) {
    try {
      SeriesDataset.rollBack(dataset, 0);
    } catch (IOException e) {
      // It is in nobody's way; whoever opens the run next tries again.
      return;
    }
  }

  /** Removes a file that metadata does not name. */
  private static void removeFile(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // It is in nobody's way, and what is committed stands; the end of the run tries again.
      return;
    }
  }

  /** Removes what the version of a series that was committed does not need. */
  private void clean(SeriesState state) {
    try {
      SeriesDataset.clean(folder(state), state.version());
    } catch (IOException e) {
      // It is in nobody's way, and what is committed stands; the end of the run tries again.
      return;
    }
  }

  private static long passes(int series) {
    return Math.max(1, Math.round(Math.sqrt(series / SERIES_PER_PASS)));
  }

  /** Takes in what the window says of the run itself. */
  private void apply(JournalSummary summary) throws IOException {
    for (JournalSummary.NewSeries fresh : summary.series()) {
      if (fresh.id() >= series.size() || series.get(fresh.id()) == null) {
        String folder = FolderNames.of(fresh.name(), fresh.kind(), folders);
        put(new SeriesState(fresh.id(), fresh.name(), fresh.kind(), folder));
      }
    }
    for (byte[] patch : summary.patches()) {
      document.patch(patch);
    }
  }

  private void put(SeriesState state) {
    while (series.size() <= state.id) {
      series.add(null);
    }
    series.set(state.id, state);
    folders.add(FolderNames.first(state.folder));
  }

  /** Divides the series that have rows in the window into groups that fit into memory. */
  private List<List<SeriesState>> groups(JournalSummary summary) throws IOException {
    List<List<SeriesState>> groups = new ArrayList<>();
    List<SeriesState> group = new ArrayList<>();
    long bytes = 0;
    for (int id = 0; id <= summary.highestId(); id++) {
      if (summary.rowsOf(id) == 0) {
        continue;
      }
      SeriesState state = state(id);
      if (state == null) {
        throw new IOException(
            "the journal holds values of a series that nothing defines: run="
                + layout.root()
                + " series="
                + id
                + " checkpoint="
                + checkpoint.position()
                + " (damaged? 'tracker repair' keeps them under another name)");
      }
      if (state.kind == Kind.MEDIA) {
        continue;
      }
      if (bytes > 0 && bytes + summary.bytesOf(id) > BUDGET_BYTES) {
        groups.add(group);
        group = new ArrayList<>();
        bytes = 0;
      }
      group.add(state);
      bytes += summary.bytesOf(id);
    }
    if (!group.isEmpty()) {
      groups.add(group);
    }
    return groups;
  }

  private @Nullable SeriesState state(int id) {
    return id < series.size() ? series.get(id) : null;
  }

  /** Brings the window's media to where they belong; null where there are none. */
  private @Nullable MediaSealing sealMedia(JournalReader journal, JournalSummary summary, Work work)
      throws IOException {
    boolean any = false;
    for (int id = 0; id <= summary.highestId() && !any; id++) {
      SeriesState state = state(id);
      any = state != null && state.kind == Kind.MEDIA && summary.rowsOf(id) > 0;
    }
    if (!any) {
      return null;
    }
    if (!Files.isDirectory(layout.media())) {
      PlainFiles.makeFolder(layout.media());
      DurableFiles.forceFolder(layout.root());
    }
    MediaSealing media = new MediaSealing(layout, metadata, this::mediaState, work.position);
    journal.seek(checkpoint.position());
    try {
      while (journal.position() < work.position && journal.nextFrame()) {
        journal.decode(media);
      }
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
    requireWhole(journal, work.position);
    work.touched.addAll(media.touched());
    return media;
  }

  private @Nullable SeriesState mediaState(int id) {
    SeriesState state = state(id);
    return state != null && state.kind == Kind.MEDIA ? state : null;
  }

  private @Nullable Rows[] collect(
      JournalReader journal, List<SeriesState> group, JournalSummary summary, long end)
      throws IOException {
    @Nullable Rows[] wanted = new Rows[summary.highestId() + 1];
    for (SeriesState state : group) {
      wanted[state.id] = emptyRows(state, (int) summary.rowsOf(state.id));
    }
    Collector collector = new Collector(wanted);
    journal.seek(checkpoint.position());
    while (journal.position() < end && journal.nextFrame()) {
      journal.decode(collector);
    }
    requireWhole(journal, end);
    return wanted;
  }

  private Rows emptyRows(SeriesState state, int capacity) throws IOException {
    Rows rows = new Rows(state.kind, capacity);
    if (state.kind == Kind.TABLE) {
      JsonNode columns = document.fields().get(RunDocument.TABLE + state.name);
      rows.columns(TableSchema.ofJson(state.name, columns).stored());
    }
    return rows;
  }

  /** Appends the window's console lines to the log. */
  private void print(JournalReader journal, Work work) throws IOException {
    journal.seek(checkpoint.position());
    try (OutputLog.Appending lines = output.append()) {
      while (journal.position() < work.position && journal.nextFrame()) {
        journal.decode(lines);
        lines.drain();
      }
      requireWhole(journal, work.position);
      FileEntry log = lines.finish();
      work.files.put(log.path(), log);
    }
  }

  /**
   * A pass that ends before its window does must not be committed: what it missed would be lost.
   */
  private void requireWhole(JournalReader journal, long end) throws IOException {
    if (journal.position() != end) {
      throw new IOException(
          "a pass over the journal did not reach its window's end: run="
              + layout.root()
              + " expected="
              + end
              + " found="
              + journal.position()
              + " (was the journal changed by another program?)");
    }
  }

  /** What a window has done to the files of the run, to be committed with it. */
  private static final class Work {
    final long position;
    final boolean hurry;
    final Set<SeriesState> touched = new LinkedHashSet<>();
    final Map<String, FileEntry> files = new LinkedHashMap<>();
    final Set<String> gone = new LinkedHashSet<>();
    final List<SeriesState> compacted = new ArrayList<>();
    @Nullable MediaSealing media;

    Work(long position, boolean hurry) {
      this.position = position;
      this.hurry = hurry;
    }
  }

  private void append(@Nullable Rows[] columns, List<SeriesState> group, Work work)
      throws IOException {
    List<Parallel.Task<Appended>> tasks = new ArrayList<>(group.size());
    for (SeriesState state : group) {
      Rows rows = columns[state.id];
      if (rows != null && rows.size() > 0) {
        String manifest = manifestDigest(state);
        if (state.version() == 0) {
          makeFolder(state.kind);
        }
        tasks.add(() -> append(state, rows, work.position, manifest));
        columns[state.id] = null;
      }
    }
    boolean helped = work.hurry || tasks.size() > FEW_SERIES;
    for (Appended done : Parallel.run(tasks, helped)) {
      work.touched.add(done.state);
      done.files.forEach(file -> work.files.put(file.path(), file));
      work.gone.addAll(done.gone);
      work.files.keySet().removeAll(done.gone);
      if (done.compacted) {
        work.compacted.add(done.state);
      }
    }
  }

  /** Makes the folder that the datasets of a kind are in. */
  private void makeFolder(Kind kind) throws IOException {
    if (!Files.isDirectory(layout.datasets(kind))) {
      PlainFiles.makeFolder(layout.datasets(kind));
      DurableFiles.forceFolder(layout.data());
    }
  }

  private record Appended(
      SeriesState state, List<FileEntry> files, List<String> gone, boolean compacted) {}

  private Appended append(SeriesState state, Rows rows, long position, String manifest)
      throws IOException {
    Path folder = folder(state);
    if (state.version() > 0) {
      SeriesDataset.requireManifest(folder, state.version(), manifest);
    }
    if (state.takeRollBack()) {
      SeriesDataset.rollBack(folder, state.version());
    }
    Committed appended = SeriesDataset.append(folder, state.kind, state.version(), rows);
    if (appended.rows() - rows.size() != state.rows()) {
      long found = appended.rows() - rows.size();
      throw damaged(
          layout, state.entry(), "a series has other rows than metadata says, found=" + found);
    }
    List<Committed> steps = new ArrayList<>(List.of(appended));
    boolean compact = appended.fragments() >= MAX_FRAGMENTS;
    if (compact) {
      steps.add(SeriesDataset.compact(folder, appended.version(), FRAGMENTS_LEFT));
    }
    state.version(steps.get(steps.size() - 1).version());
    state.add(rows, position);
    return new Appended(state, settle(folder, steps), gone(steps), compact);
  }

  /** Returns what metadata says of a series' manifest; empty where it has none. */
  private String manifestDigest(SeriesState state) throws IOException {
    if (state.version() == 0) {
      return "";
    }
    Path manifest = SeriesDataset.manifest(folder(state), state.version());
    return metadata.file(relative(manifest)).map(FileEntry::digest).orElse("not in metadata");
  }

  /** Forces what a version consists of and describes its files. */
  private List<FileEntry> settle(Path folder, List<Committed> steps) throws IOException {
    Set<Path> created = new LinkedHashSet<>();
    Set<Path> force = new LinkedHashSet<>();
    for (Committed step : steps) {
      created.removeAll(step.obsolete());
      created.addAll(step.created());
      force.addAll(SeriesDataset.toForce(folder, step));
    }
    for (Path path : force) {
      if (Files.isDirectory(path)) {
        DurableFiles.forceFolder(path);
      } else if (created.contains(path)) {
        DurableFiles.forceFile(path);
      }
    }
    List<FileEntry> entries = new ArrayList<>(created.size());
    for (Path path : created) {
      entries.add(new FileEntry(relative(path), Files.size(path), DurableFiles.crc32c(path)));
    }
    return entries;
  }

  private List<String> gone(List<Committed> steps) {
    return steps.stream().flatMap(step -> step.obsolete().stream()).map(this::relative).toList();
  }

  private String relative(Path path) {
    return layout.root().relativize(path).toString().replace('\\', '/');
  }

  private void commit(Counters end, JournalSummary summary, Work work) throws IOException {
    Change change = new Change(end);
    if (!summary.patches().isEmpty()) {
      change.run(document);
    }
    describeSeries(summary, work, change);
    describeSteps(summary, change);
    describeGaps(summary, change);
    MediaSealing media = work.media;
    if (media != null) {
      media.finish(change);
    }
    metadata.commit(change);
    checkpoint = end;
    work.touched.forEach(SeriesState::committed);
    if (media != null) {
      media.staged().forEach(RunSealer::removeFile);
    }
    work.compacted.forEach(this::clean);
  }

  private void describeSeries(JournalSummary summary, Work work, Change change) {
    work.gone.forEach(change::fileGone);
    work.files.values().forEach(change::file);
    work.touched.forEach(state -> state.describe(change));
    for (JournalSummary.NewSeries fresh : summary.series()) {
      SeriesState state = series.get(fresh.id());
      if (state != null && !work.touched.contains(state)) {
        state.describe(change);
      }
    }
  }

  private static void describeGaps(JournalSummary summary, Change change) {
    summary
        .gaps()
        .forEach(gap -> change.gap(new Gap(gap.rows(), gap.fromMicros(), gap.toMicros())));
  }

  private static void describeSteps(JournalSummary summary, Change change) {
    Map<Long, StepRange> joined = new TreeMap<>();
    summary.forEachRange((globalStep, firstStep, lastStep, firstMicros, lastMicros, rows) ->
        joined.merge(
            globalStep,
            new StepRange(globalStep, firstStep, lastStep, firstMicros, lastMicros, rows),
            RunSealer::join));
    joined.values().forEach(change::steps);
  }

  private static StepRange join(StepRange a, StepRange b) {
    return new StepRange(
        a.globalStep(),
        Math.min(a.firstStep(), b.firstStep()),
        Math.max(a.lastStep(), b.lastStep()),
        Math.min(a.firstMicros(), b.firstMicros()),
        Math.max(a.lastMicros(), b.lastMicros()),
        a.rows() + b.rows());
  }

  /**
   * Brings the files of a run that nobody will write for now into their final form: few fragments,
   * nothing superseded, one database file. Everything must be sealed.
   */
  void finish() throws IOException {
    List<Parallel.Task<Appended>> tasks = new ArrayList<>();
    for (SeriesState state : series) {
      if (state != null && state.version() > 0 && fragments(state) > MAX_FINAL_FRAGMENTS) {
        String manifest = manifestDigest(state);
        tasks.add(() -> compactFinally(state, manifest));
      }
    }
    if (!tasks.isEmpty()) {
      Change change = new Change(checkpoint);
      for (Appended done : Parallel.run(tasks)) {
        done.gone.forEach(change::fileGone);
        done.files.forEach(change::file);
        done.state.describe(change);
      }
      metadata.commit(change);
    }
    for (SeriesState state : series) {
      if (state != null && state.version() > 0) {
        SeriesDataset.tidy(folder(state), state.version(), state.rows());
      }
    }
    removeUnnamedMedia();
    metadata.finish();
  }

  /**
   * Removes what a process left that died before its entry was written: neither an entry nor the
   * table of files names it.
   */
  private void removeUnnamedMedia() throws IOException {
    if (!Files.isDirectory(layout.media())) {
      return;
    }
    Set<String> named = new HashSet<>(metadata.mediaPaths());
    try (Stream<Path> walk = Files.walk(layout.media())) {
      for (Path file : walk.filter(path -> !Files.isDirectory(path)).toList()) {
        boolean isOurs = file.startsWith(layout.staged()) || MediaNames.isFileName(file);
        if (isOurs && !named.contains(relative(file))) {
          Files.deleteIfExists(file);
        }
      }
    }
    Files.deleteIfExists(layout.staged());
  }

  private long fragments(SeriesState state) throws IOException {
    Path data = folder(state).resolve("data");
    try (Stream<Path> entries = Files.list(data)) {
      return entries.count();
    }
  }

  private Appended compactFinally(SeriesState state, String manifest) throws IOException {
    Path folder = folder(state);
    SeriesDataset.requireManifest(folder, state.version(), manifest);
    if (state.takeRollBack()) {
      SeriesDataset.rollBack(folder, state.version());
    }
    Committed done = SeriesDataset.compact(folder, state.version(), MAX_FINAL_FRAGMENTS);
    state.version(done.version());
    state.changedAt(checkpoint.position());
    return new Appended(state, settle(folder, List.of(done)), gone(List.of(done)), true);
  }

  @Override
  public void close() throws IOException {
    metadata.close();
  }
}
