package dev.tracker.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.Counters;
import dev.tracker.format.FolderNames;
import dev.tracker.format.Kind;
import dev.tracker.format.MediaForm;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalScan;
import dev.tracker.journal.JournalWriter;
import dev.tracker.media.DurableFiles;
import dev.tracker.media.MediaNames;
import dev.tracker.metadata.Change;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.Gap;
import dev.tracker.metadata.MediaEntry;
import dev.tracker.metadata.MetadataCheck;
import dev.tracker.metadata.MetadataWriter;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.StepRange;
import dev.tracker.seal.Sealer;
import dev.tracker.seal.SeriesState;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset;
import dev.tracker.series.SeriesDataset.DataFile;
import dev.tracker.value.Column;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes a new run of what is whole in an old one: first what was sealed, as one commit at the old
 * checkpoint, then the whole frames of the journal as a new journal, which is then sealed as every
 * other.
 */
final class Rebuild implements AutoCloseable {
  /** Rows are gathered up to so many bytes before they are appended. */
  private static final long BATCH_BYTES = 32L << 20;

  private static final String SHA_256 = "sha256:";

  private final RunLayout source;
  private final RunLayout target;
  private final List<String> lost;
  private final Survey survey;
  private final List<SeriesState> states = new ArrayList<>();
  private final List<FileEntry> files = new ArrayList<>();
  private final List<MediaEntry> entries = new ArrayList<>();
  private Counters checkpoint;

  /** The new numbers of series by the old ones. */
  private final Map<Integer, Integer> ids = new HashMap<>();

  private final Map<Integer, Kind> kinds = new HashMap<>();
  private final Map<String, Integer> names = new HashMap<>();
  private final Set<String> folders = new HashSet<>();
  private final Map<Long, StepRange> stepsOfRows = new TreeMap<>();
  private final List<Pending> pending = new ArrayList<>();

  /** The media files that are whole, by digest. */
  private final Map<String, Path> contents = new HashMap<>();

  private record Pending(SeriesEntry entry, List<DataFile> whole, boolean intact) {}

  Rebuild(
      RunLayout source,
      RunLayout target,
      List<Finding> findings,
      List<String> lost,
      VerifyListener listener)
      throws IOException {
    this.source = source;
    this.target = target;
    this.lost = lost;
    survey =
        new Survey(
            source,
            findings::add,
            listener,
            (entry, whole, intact) -> pending.add(new Pending(entry, List.copyOf(whole), intact)));
    survey.make();
    checkpoint = survey.checkpointIsLost() ? firstInJournal(source) : survey.checkpoint;
  }

  /** Where the journal begins is as far as it was sealed at least. */
  private static Counters firstInJournal(RunLayout layout) throws IOException {
    if (!Files.isDirectory(layout.journal())) {
      return Counters.START;
    }
    try (var found = Files.list(layout.journal())) {
      return found
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.matches("0[0-9]{19}-[0-9]{4,9}\\.seg"))
          .sorted()
          .findFirst()
          .map(name -> new Counters(Long.parseLong(name.substring(1, 20)), 0, 0, 0))
          .orElse(Counters.START);
    }
  }

  void make() throws IOException {
    if (survey.metadataIsLost()) {
      lost.add(
          "metadata.db: config, statistics, gaps and entries of media as far as only it had them");
      findSeries();
    }
    for (Pending found : pending) {
      series(found);
    }
    Files.createDirectories(target.journal());
    if (survey.metadata() != null || survey.metadataIsLost()) {
      media();
      console();
      commit();
    }
    List<Gap> holes = journal();
    holes.forEach(
        hole -> lost.add("journal records: count=" + hole.rows() + " (declared as a gap)"));
    note();
    Sealer.seal(target.root());
  }

  // ---- series

  /** Takes datasets for what their folders say, where metadata is gone. */
  private void findSeries() throws IOException {
    int next = -1; // a number that the journal does not use
    for (Path datasets : source.datasets()) {
      if (!isFolder(source.data()) || !isFolder(datasets)) {
        continue;
      }
      List<Path> found;
      try (var entries = Files.list(datasets)) {
        found = entries.filter(Rebuild::isFolder).sorted().toList();
      }
      for (Path folder : found) {
        String name = String.valueOf(folder.getFileName());
        if (name.endsWith(RunLayout.SERIES_SUFFIX)) {
          String plain = name.substring(0, name.length() - RunLayout.SERIES_SUFFIX.length());
          next -= addFound(next, folder, plain, kindsIn(datasets, plain)) ? 1 : 0;
        }
      }
    }
  }

  private List<Kind> kindsIn(Path datasets, String folder) {
    if (datasets.equals(source.metrics())) {
      return List.of(Kind.FLOAT64, Kind.INT64, Kind.BOOL, Kind.STRING);
    }
    if (datasets.equals(source.tables())) {
      return List.of(Kind.TABLE);
    }
    return List.of(folder.contains("_u8") ? Kind.HISTOGRAM_U8 : Kind.HISTOGRAM_I32);
  }

  private boolean addFound(int id, Path folder, String plain, List<Kind> candidates)
      throws IOException {
    for (long version : SeriesDataset.versions(folder)) {
      try {
        List<DataFile> files = SeriesDataset.dataFiles(folder, version);
        for (Kind kind : candidates) {
          List<DataFile> whole = new ArrayList<>();
          for (DataFile file : files) {
            if (isReadable(folder, kind, file)) {
              whole.add(file);
            }
          }
          if (!whole.isEmpty()) {
            String name =
                FolderNames.first(plain).replaceFirst("_(i32|u8)$", "").replace("__", "/");
            SeriesEntry entry = new SeriesState(id, name, kind, FolderNames.first(plain)).entry();
            pending.add(new Pending(entry, whole, false));
            return true;
          }
        }
      } catch (IOException e) {
        // An older version may be whole.
      }
    }
    lost.add("series: folder=" + plain);
    return false;
  }

  /** Whether a file is the one its name tells, and of a kind: the name holds its checksum. */
  private static boolean isReadable(Path folder, Kind kind, DataFile file) {
    try {
      SeriesDataset.scan(folder, kind, asItIs(file), rows -> {});
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** A damaged manifest may tell another length; whether a file is whole, its name tells. */
  private static DataFile asItIs(DataFile file) throws IOException {
    return new DataFile(file.path(), Files.size(file.path()), file.rows());
  }

  private void series(Pending found) throws IOException {
    SeriesEntry entry = found.entry;
    SeriesState state =
        define(entry.id(), freshName(entry.name(), entry.id(), names), entry.kind());
    Path to = target.series(entry.kind(), state.entry().folder());
    Path from = source.series(entry.kind(), entry.folder());
    if (!found.whole.isEmpty()) {
      Files.createDirectories(to.getParent());
    }
    Writing writing = new Writing(state, to, found.intact);
    for (DataFile file : found.whole) {
      SeriesDataset.scan(
          survey.metadataIsLost() ? origin(file) : from, entry.kind(), asItIs(file), writing::take);
    }
    writing.finish();
    if (found.intact && entry.version() > 0) {
      copyDataset(entry, found.whole, from, to);
      state.version(entry.version());
    } else {
      describeDataset(state, to);
    }
    long missing = entry.rows() - state.rows();
    if (missing > 0) {
      lost.add("rows: series='" + entry.name() + "' count=" + missing + " of=" + entry.rows());
    }
    states.add(state);
  }

  /**
   * Returns a series' name, or one made of its number where it has none, or another series has it.
   */
  static String freshName(String name, int before, Map<String, Integer> taken) {
    if (!name.isEmpty() && !taken.containsKey(name)) {
      return name;
    }
    String recovered = "recovered/" + before;
    String fresh = recovered;
    for (int i = 2; taken.containsKey(fresh); i++) {
      fresh = recovered + "-" + i;
    }
    return fresh;
  }

  /** Makes the series that takes the place of one with another number. */
  private SeriesState define(int before, String name, Kind kind) {
    int id = ids.size();
    ids.put(before, id);
    kinds.put(id, kind);
    names.put(name, id);
    String folder = FolderNames.of(name, kind, folders);
    folders.add(folder);
    return new SeriesState(id, name, kind, folder);
  }

  private static Path origin(DataFile file) {
    Path data = file.path().toAbsolutePath().getParent();
    Path folder = data == null ? null : data.getParent();
    if (folder == null) {
      throw new IllegalArgumentException("not in a dataset: file=" + file.path());
    }
    return folder;
  }

  /** Adds up rows, and writes them anew where their dataset is not whole. */
  private final class Writing {
    private final SeriesState state;
    private final Path to;
    private final boolean isCopied;
    private final Rows rows;

    Writing(SeriesState state, Path to, boolean isCopied) {
      this.state = state;
      this.to = to;
      this.isCopied = isCopied;
      rows = new Rows(state.kind(), 0);
    }

    void take(Rows batch) throws IOException {
      if (batch.size() == 0) {
        return;
      }
      coverSteps(batch);
      state.add(batch, checkpoint.position());
      if (state.kind() == Kind.TABLE && state.rows() == batch.size()) {
        define(batch);
      }
      if (!isCopied) {
        for (int i = 0; i < batch.size(); i++) {
          rows.add(batch, i);
        }
        if (rows.bytes() >= BATCH_BYTES) {
          append();
        }
      }
    }

    /** The columns stand in the run's document; where that is lost, the dataset's own are taken. */
    private void define(Rows batch) {
      rows.columns(batch.columns());
      ObjectNode fields = survey.document.fields();
      String field = RunDocument.TABLE + state.name();
      if (RowCheck.wrongColumns(survey.document, state.name(), batch.columns()) != null) {
        if (!survey.documentIsLost) {
          lost.add("columns of a table: table='" + state.name() + "' (made of its dataset's)");
        }
        fields.set(field, columns(fields.path(field), batch.columns()).toJson());
      }
    }

    /**
     * Gives columns of a dataset the names that the document still tells; media are found by
     * theirs.
     */
    private TableSchema columns(JsonNode told, List<Column> stored) {
      List<Column> columns = new ArrayList<>();
      Set<String> taken = new HashSet<>();
      for (Column column : stored) {
        String name = column.name();
        for (JsonNode one : told) {
          String known = one.path("name").asText();
          if (one.path("field").asText().equals(column.name())
              && !known.isEmpty()
              && known.length() <= Column.MAX_NAME
              && !taken.contains(known)) {
            name = known;
          }
        }
        taken.add(name);
        boolean isMedia = isMedia(state.name() + "/" + name);
        columns.add(new Column(name, isMedia ? Column.Type.MEDIA : column.type()));
      }
      return new TableSchema(columns, stored.stream().map(Column::name).toList());
    }

    private void append() throws IOException {
      state.version(SeriesDataset.append(to, state.kind(), state.version(), rows).version());
      rows.clear();
    }

    void finish() throws IOException {
      if (rows.size() > 0) {
        append();
      }
    }
  }

  private boolean isMedia(String name) {
    return survey.series.stream()
        .anyMatch(entry -> entry.kind() == Kind.MEDIA && entry.name().equals(name));
  }

  private void coverSteps(Rows batch) {
    for (int i = 0; i < batch.size(); i++) {
      long step = batch.steps()[i];
      long micros = batch.micros()[i];
      cover(batch.globalSteps()[i], step, micros);
    }
  }

  private void cover(long globalStep, long step, long micros) {
    StepRange there = stepsOfRows.get(globalStep);
    if (there == null
        || step < there.firstStep()
        || step > there.lastStep()
        || micros < there.firstMicros()
        || micros > there.lastMicros()) {
      stepsOfRows.put(
          globalStep,
          there == null
              ? new StepRange(globalStep, step, step, micros, micros, 1)
              : new StepRange(
                  globalStep,
                  Math.min(there.firstStep(), step),
                  Math.max(there.lastStep(), step),
                  Math.min(there.firstMicros(), micros),
                  Math.max(there.lastMicros(), micros),
                  1));
    }
  }

  private void copyDataset(SeriesEntry entry, List<DataFile> files, Path from, Path to)
      throws IOException {
    copy(
        SeriesDataset.manifest(from, entry.version()), SeriesDataset.manifest(to, entry.version()));
    for (DataFile file : files) {
      copy(file.path(), to.resolve("data").resolve(String.valueOf(file.path().getFileName())));
    }
    describe(to, entry.version());
  }

  private void describeDataset(SeriesState state, Path to) throws IOException {
    if (state.version() > 0) {
      describe(to, state.version());
    }
  }

  private void describe(Path dataset, long version) throws IOException {
    file(SeriesDataset.manifest(dataset, version));
    for (DataFile file : SeriesDataset.dataFiles(dataset, version)) {
      file(file.path());
    }
  }

  private void file(Path file) throws IOException {
    DurableFiles.forceFile(file);
    files.add(new FileEntry(relative(target, file), Files.size(file), DurableFiles.crc32c(file)));
  }

  // ---- what is not a series of rows

  private void media() throws IOException {
    if (survey.metadataIsLost()) {
      findMedia();
      return;
    }
    for (FileEntry file : survey.files.values()) {
      if (file.digest().startsWith(SHA_256) && survey.isWhole(file.path())) {
        contents.put(file.digest().substring(SHA_256.length()), source.root().resolve(file.path()));
      }
    }
    Map<Integer, SeriesState> series = new HashMap<>();
    for (SeriesEntry entry : survey.series) {
      if (entry.kind() == Kind.MEDIA) {
        String name = freshName(entry.name(), entry.id(), names);
        series.put(entry.id(), define(entry.id(), name, Kind.MEDIA));
      }
    }
    Set<String> copied = new HashSet<>();
    survey.media(entry -> {
      SeriesState state = series.get(entry.series());
      if (state == null) {
        lost.add("an entry of media of no series: step=" + entry.step());
        return;
      }
      state.addEntry(entry.step(), checkpoint.position());
      cover(entry.globalStep(), entry.step(), entry.micros());
      entries.add(kept(entry, state, copied));
    });
    states.addAll(series.values());
  }

  /** Gives media files the entries that their names tell, where metadata is gone. */
  private void findMedia() throws IOException {
    Map<String, SeriesState> series = new HashMap<>();
    long found = 0;
    for (FoundMedia media : FoundMedia.in(source.media(), lost)) {
      MediaNames.Told told = media.told();
      if (media.isWhole()) {
        contents.put(media.hash().hex(), media.file());
      }
      if (survey.journalHolds(media.hash().hex(), told.step())) {
        continue; // linked by a seal that was not committed, or committed and still in the journal
      }
      SeriesState state =
          series.computeIfAbsent(
              told.name(),
              name -> {
                int before = -1 - ids.size();
                return define(before, freshName(name, before, names), Kind.MEDIA);
              });
      entries.add(entry(media, state));
      found++;
    }
    if (found > 0) {
      lost.add(
          "media: what their files do not tell, and further entries of the same content;"
              + " given entries by their names: files="
              + found);
    }
    states.addAll(series.values());
  }

  /** A file's name has no time and no global step: those of the nearest rows are taken. */
  private MediaEntry entry(FoundMedia media, SeriesState state) throws IOException {
    long step = media.told().step();
    StepRange near =
        stepsOfRows.values().stream()
            .min(
                Comparator.comparingLong(range ->
                    Math.max(range.firstStep() - step, Math.max(0, step - range.lastStep()))))
            .orElse(new StepRange(0, step, step, checkpoint.micros(), checkpoint.micros(), 1));
    MediaForm form = media.form();
    String path = relative(source, media.file());
    if (media.isWhole()) {
      copy(media.file(), target.root().resolve(path));
      files.add(new FileEntry(path, form.length(), SHA_256 + form.digest()));
    } else {
      String why = "is not what its name tells: digest=" + form.digest();
      lost.add("media: file=" + path + " " + why + " (its entry is kept without it)");
      form = without(form, why);
      path = null;
    }
    state.addEntry(step, checkpoint.position());
    cover(near.globalStep(), step, near.firstMicros());
    return new MediaEntry(state.id(), step, near.globalStep(), near.firstMicros(), form, path);
  }

  private static String relative(RunLayout layout, Path file) {
    return layout.root().relativize(file).toString().replace('\\', '/');
  }

  private MediaEntry kept(MediaEntry entry, SeriesState state, Set<String> copied) {
    String path = entry.path();
    String why = null;
    if (path != null) {
      FileEntry file = new FileEntry(path, entry.form().length(), SHA_256 + entry.form().digest());
      why = FileDigests.compare(source.root(), file).orElse(null);
      if (why == null && copied.add(path)) {
        try {
          copy(source.root().resolve(path), target.root().resolve(path));
          files.add(file);
        } catch (IOException e) {
          why = "could not be copied: cause=" + e;
        }
      }
    }
    if (why == null) {
      return new MediaEntry(
          state.id(), entry.step(), entry.globalStep(), entry.micros(), entry.form(), path);
    }
    lost.add("media: file=" + path + " " + why + " (its entry is kept without it)");
    return new MediaEntry(
        state.id(),
        entry.step(),
        entry.globalStep(),
        entry.micros(),
        without(entry.form(), why),
        null);
  }

  static MediaForm without(MediaForm form, String why) {
    return new MediaForm(
        form.type(),
        form.extension(),
        form.caption(),
        form.name(),
        "",
        0,
        form.width(),
        form.height(),
        form.channels(),
        form.sampleRate(),
        form.seconds(),
        false,
        "lost when the run was repaired: the file " + why);
  }

  private void console() throws IOException {
    Optional<FileEntry> log = survey.console();
    if (log.isEmpty() && !survey.filesAreLost()) {
      return;
    }
    if (!isPlain(source.output())) {
      if (log.isPresent()) {
        lost.add("logs/output.log: all of it");
      }
      return;
    }
    copy(source.output(), target.output());
    if (log.isEmpty()) {
      lost.add("logs/output.log: how much of it was committed; all of it is kept");
    } else {
      try (FileChannel channel = FileChannel.open(target.output(), StandardOpenOption.WRITE)) {
        channel.truncate(log.get().length());
      }
      if (FileDigests.compare(source.root(), log.get()).isPresent()) {
        lost.add("logs/output.log: some of its bytes are not those that were committed");
      }
    }
    file(target.output());
  }

  private List<StepRange> steps() {
    List<StepRange> known = survey.stepRanges();
    boolean right =
        known.stream()
            .allMatch(range ->
                range.firstStep() <= range.lastStep()
                    && range.firstMicros() <= range.lastMicros()
                    && range.rows() > 0);
    if (right && (!known.isEmpty() || stepsOfRows.isEmpty())) {
      return known;
    }
    lost.add("how many log calls each global step had");
    return List.copyOf(stepsOfRows.values());
  }

  private List<Gap> sealedGaps() {
    MetadataCheck metadata = survey.metadata();
    try {
      List<Gap> known = metadata == null ? List.of() : metadata.gaps();
      return known.stream()
          .filter(gap -> gap.rows() > 0 && gap.fromMicros() <= gap.toMicros())
          .toList();
    } catch (IOException e) {
      lost.add("gaps that were sealed");
      return List.of();
    }
  }

  private void commit() throws IOException {
    if (survey.documentIsLost) {
      lost.add("the run's document: name, status, config, tags, notes, environment");
      survey
          .document
          .fields()
          .put("id", String.valueOf(source.root().toAbsolutePath().getFileName()));
    }
    List<StepRange> steps = steps();
    long step = checkpoint.step();
    long micros = checkpoint.micros();
    for (StepRange range : steps) {
      step = Math.max(step, range.lastStep() + 1);
      micros = Math.max(micros, range.lastMicros());
    }
    checkpoint = new Counters(checkpoint.position(), step, checkpoint.globalStep(), micros);
    Change change = new Change(checkpoint).run(survey.document);
    states.forEach(state -> state.describe(change));
    files.forEach(change::file);
    entries.forEach(change::media);
    steps.forEach(change::steps);
    sealedGaps().forEach(change::gap);
    Files.createDirectories(target.data());
    forceFolders(target.root());
    try (MetadataWriter writer = MetadataWriter.open(target.metadata())) {
      writer.commit(change);
    }
  }

  // ---- the journal

  private List<Gap> journal() throws IOException {
    if (!Files.isDirectory(source.journal())) {
      return List.of();
    }
    try (JournalWriter writer =
        JournalWriter.open(target.journal(), checkpoint, FileLayer.real())) {
      Replay replay =
          new Replay(
              source, target, writer, ids, kinds, names, survey.document.copy(), contents, lost);
      JournalScan.scan(source.journal(), checkpoint.position(), replay);
      replay.finish();
      writer.write();
      writer.force();
      return replay.gaps();
    }
  }

  /** Writes into the document what was lost. */
  private void note() throws IOException {
    ObjectNode patch = RunDocument.empty().fields();
    ObjectNode repaired = patch.putObject("repaired");
    repaired.put("time", Instant.now().toString());
    ArrayNode list = repaired.putArray("lost");
    lost.stream().limit(1_000).forEach(list::add);
    Replay.append(target, patch.toString());
  }

  private static boolean isFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  private boolean isPlain(Path file) {
    try {
      return PlainFiles.requireFile(source.root(), file);
    } catch (IOException e) {
      return false; // it is among the findings
    }
  }

  /** Copies a file and forces it, but not its name. */
  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.toAbsolutePath().getParent());
    Files.copy(from, to);
    DurableFiles.forceFile(to);
  }

  /** Forces a folder and all folders below it: the names of what is in them. */
  static void forceFolders(Path top) throws IOException {
    try (Stream<Path> all = Files.walk(top)) {
      for (Path folder : all.filter(Rebuild::isFolder).toList()) {
        DurableFiles.forceFolder(folder);
      }
    }
  }

  @Override
  public void close() throws IOException {
    survey.close();
  }
}
