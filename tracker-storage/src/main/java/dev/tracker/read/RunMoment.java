package dev.tracker.read;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalHoleException;
import dev.tracker.journal.JournalReader;
import dev.tracker.journal.JournalSummary;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.MetadataStamp;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Snapshot;
import dev.tracker.series.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run holds at one moment: all that metadata says as of its last commit, and the journal
 * beyond it up to a position that stays where it is.
 *
 * <p>The two come from different files while a writer moves on, so they are taken together: when a
 * commit comes between them (the journal then begins beyond the checkpoint that was read) both are
 * taken again. From then on the segments stay open and cannot go away.
 *
 * <p>A moment can be moved on. That costs what is new: the frames that were written since, and
 * where metadata shows from outside that it changed, the series that were.
 *
 * <p>For one thread at a time.
 */
final class RunMoment implements AutoCloseable {
  /** For those who want no news. */
  static final @Nullable RecordVisitor NOBODY = null;

  /** A commit comes every few seconds at most; this many between two looks are no coincidence. */
  private static final int ATTEMPTS = 20;

  /** What of the journal is held in memory for series that may be asked for next. */
  private static final long AHEAD_BYTES = 64L << 20;

  /**
   * A series as of the moment.
   *
   * @param id its number in the run
   * @param sealed what metadata says of it; null for one that is in the journal alone
   * @param lastSealed the greatest step of a sealed row that counts: a rewind may not have been
   *     carried out yet
   * @param tailRows how many more rows the journal holds
   */
  record View(
      int id,
      String name,
      Kind kind,
      @Nullable SeriesEntry sealed,
      long lastSealed,
      long tailRows) {
    /** Whether some sealed rows may not count any more. */
    boolean isCut() {
      return sealed != null && sealed.rows() > 0 && sealed.lastStep() > lastSealed;
    }

    /** Returns how many sealed rows there are; where the series is cut, at most. */
    long sealedRows() {
      return sealed == null || (isCut() && sealed.firstStep() > lastSealed) ? 0 : sealed.rows();
    }

    /** Returns how many rows there are; where the series is cut, at most. */
    long rows() {
      return sealedRows() + tailRows;
    }
  }

  /** A series as far as it is known: what of it is sealed changes with commits. */
  private static final class Known {
    final int id;
    final String name;
    final Kind kind;
    @Nullable SeriesEntry sealed;

    Known(int id, String name, Kind kind) {
      this.id = id;
      this.name = name;
      this.kind = kind;
    }
  }

  private final RunLayout layout;

  /** Of the last commit; its series are those that had changed when it was read. */
  private @Nullable Snapshot snapshot;

  /** How metadata looked before it was read. */
  private MetadataStamp stamp;

  private @Nullable JournalReader journal;
  private final Rewinds rewinds = new Rewinds();
  private final Tail tail = new Tail();
  private RunDocument document = RunDocument.empty();

  /** Every series by name, in the order of first use. */
  private final Map<String, Known> series = new LinkedHashMap<>();

  private final Map<Integer, Kind> kinds = new HashMap<>();

  /** The highest id of a series in metadata. */
  private int highestSealed = -1;

  /** All views, once somebody has asked for all of them; null when something has changed since. */
  private @Nullable Map<String, View> views;

  private Counters end;

  /** Whether reading on failed half-way, so that only a new moment can be right. */
  private boolean isSpoiled;

  /** Rows of the journal that were gathered along with others and not asked for yet, by series. */
  private final Map<Integer, Rows> ahead = new HashMap<>();

  private int lastCollected = -1;

  /** What the tail amounts to, as far as it was asked for. */
  private TailStats tailStats = new TailStats(-1, this::kindOf);

  private RunMoment(RunLayout layout, MetadataStamp stamp, @Nullable Snapshot snapshot)
      throws IOException {
    this.layout = layout;
    this.stamp = stamp;
    this.end = checkpoint(snapshot);
    if (snapshot != null) {
      takeIn(snapshot);
    }
  }

  private static Counters checkpoint(@Nullable Snapshot snapshot) {
    return snapshot == null ? Counters.START : snapshot.checkpoint();
  }

  /** Takes the present moment of a run. */
  static RunMoment take(RunLayout layout) throws IOException {
    IOException cause = null;
    long lastCheckpoint = -1;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      MetadataStamp stamp = MetadataStamp.of(layout.metadata());
      Snapshot snapshot = snapshot(layout);
      long position = checkpoint(snapshot).position();
      if (cause != null && position == lastCheckpoint) {
        throw cause;
      }
      lastCheckpoint = position;
      RunMoment moment = new RunMoment(layout, stamp, snapshot);
      try {
        moment.advance(NOBODY);
        if (moment.end.position() > position || !moment.isOutdated()) {
          RunMoment taken = moment;
          moment = null;
          return taken;
        }
        // What lay beyond the checkpoint has been sealed since: the journal is empty for another
        // reason than that there is nothing.
      } catch (JournalHoleException e) {
        cause = e;
      } finally {
        if (moment != null) {
          moment.close();
        }
      }
    }
    throw new IOException(
        "a run changes faster than it can be looked at: run=" + layout.root(), cause);
  }

  private static @Nullable Snapshot snapshot(RunLayout layout) throws IOException {
    return MetadataReader.read(layout.metadata()).orElse(null);
  }

  /** Whether a commit has been made since. */
  private boolean isOutdated() throws IOException {
    MetadataStamp now = MetadataStamp.of(layout.metadata());
    return !(stamp.isSettled() && now.isSameAs(stamp))
        && checkpoint(snapshot(layout)).position() != checkpoint().position();
  }

  /** Whether metadata was there, so that the folder is a run. */
  boolean isSealed() {
    return snapshot != null;
  }

  /** Returns how far the run is sealed as of the moment. */
  Counters checkpoint() {
    return checkpoint(snapshot);
  }

  /**
   * Moves on to the present, at the price of what has been added since.
   *
   * @param news receives what the journal holds beyond the moment, rewinds and rows that they take
   *     back included
   * @return this moment; or a new one, where what lies in between is in no journal any more and
   *     {@code news} has not received all of it. This one is closed then.
   */
  RunMoment refresh(@Nullable RecordVisitor news) throws IOException {
    if (!isSpoiled && goOn(news)) {
      return this;
    }
    if (!Files.isDirectory(layout.journal()) && !Files.exists(layout.metadata())) {
      throw new NoSuchFileException(layout.root() + " is no run folder any more (deleted?)");
    }
    RunMoment next = take(layout);
    close();
    return next;
  }

  private boolean goOn(@Nullable RecordVisitor news) throws IOException {
    isSpoiled = true;
    boolean whole;
    try {
      advance(news);
      whole = catchUp(news);
      if (journal != null && end.position() == checkpoint().position()) {
        journal.forget(end.position()); // what is all sealed may be deleted by now
      }
    } catch (JournalHoleException e) {
      whole = false; // what follows the moment was sealed before this reader saw it
    }
    isSpoiled = false;
    return whole;
  }

  /**
   * Takes in what has been committed since the last look; false where that is more than the journal
   * told of, or less.
   */
  private boolean catchUp(@Nullable RecordVisitor news) throws IOException {
    MetadataStamp now = MetadataStamp.of(layout.metadata());
    if (stamp.isSettled() && now.isSameAs(stamp)) {
      return true;
    }
    if (now.isOfAnotherFileThan(stamp)) {
      return false;
    }
    long known = checkpoint().position();
    Snapshot since =
        now.database() == null
            ? null
            : MetadataReader.readSince(layout.metadata(), known, highestSealed).orElse(null);
    if (since == null) {
      stamp = now;
      return snapshot == null;
    }
    long position = since.checkpoint().position();
    if (position > end.position()) {
      advance(news); // committed after this reader had looked into the journal
    }
    if (position < known || position > end.position()) {
      return false;
    }
    if (position > known) {
      forgetSealed(position);
    }
    takeIn(since);
    stamp = now;
    return true;
  }

  /** Lets go of the part of the journal that has been sealed. */
  private void forgetSealed(long position) throws IOException {
    rewinds.forget(position);
    long across = tail.forget(position);
    if (across > position) {
      decode(position, across, tail.recount(position, across));
    }
    if (journal != null) {
      journal.forget(position);
    }
  }

  private void takeIn(Snapshot since) throws IOException {
    snapshot = since;
    views = null;
    for (SeriesEntry entry : since.series()) {
      know(entry.id(), entry.name(), entry.kind()).sealed = entry;
      highestSealed = Math.max(highestSealed, entry.id());
    }
    document = since.run();
    for (byte[] patch : tail.patches()) {
      document.patch(patch);
    }
  }

  private Known know(int id, String name, Kind kind) {
    kinds.put(id, kind);
    return series.computeIfAbsent(name, n -> new Known(id, n, kind));
  }

  /** Moves on to what the journal holds now. */
  private void advance(@Nullable RecordVisitor news) throws IOException {
    ahead.clear();
    if (journal == null && Files.isDirectory(layout.journal())) {
      journal = JournalReader.open(layout.journal(), end.position(), FileLayer.real());
      if (journal.isEmpty()) {
        return; // it has just been looked at
      }
    }
    JournalReader frames = journal;
    if (frames == null) {
      return;
    }
    frames.seek(end.position());
    boolean recount = false;
    while (frames.nextFrame()) {
      views = null;
      JournalSummary summary = tail.at(frames.frameStart());
      int patches = summary.patches().size();
      int names = summary.series().size();
      summary.resetRewind();
      frames.decode(summary);
      if (news != null) {
        frames.decode(news);
      }
      end = frames.after();
      tail.counted(end.position());
      for (JournalSummary.NewSeries fresh :
          summary.series().subList(names, summary.series().size())) {
        know(fresh.id(), fresh.name(), fresh.kind());
      }
      if (frames.sawDamage()) {
        requireNames(summary);
      }
      for (byte[] patch : summary.patches().subList(patches, summary.patches().size())) {
        document.patch(patch);
      }
      if (summary.rewound()) {
        rewinds.add(frames.frameStart(), summary.rewindStep());
        recount = true;
      }
    }
    if (recount) {
      tail.clear();
      tailStats = new TailStats(-1, this::kindOf);
      decode(
          checkpoint().position(),
          end.position(),
          tail.recount(checkpoint().position(), end.position()));
    }
  }

  /**
   * Refuses values of a series whose name was damaged: a writer that goes on would give its number
   * to another series.
   */
  private void requireNames(JournalSummary summary) throws IOException {
    for (int id = 0; id <= summary.highestId(); id++) {
      if (summary.rowsOf(id) > 0 && !kinds.containsKey(id)) {
        throw new IOException(
            "the name of a series is damaged: run="
                + layout.root()
                + " series="
                + id
                + " position="
                + end.position()
                + " ('tracker repair' keeps its values under another name)");
      }
    }
  }

  /** Returns the greatest step of a sealed row that counts. */
  long lastSealed() {
    return rewinds.limit(checkpoint().position());
  }

  /** Returns the greatest step that counts of the rows before a position. */
  long limit(long position) {
    return rewinds.limit(position);
  }

  /** Returns the series by name, in the order of their first use. */
  Map<String, View> views() {
    Map<String, View> all = views;
    if (all == null) {
      all = new LinkedHashMap<>();
      for (Known known : series.values()) {
        all.put(known.name, view(known));
      }
      views = all;
    }
    return all;
  }

  /** Returns one series; null where there is none of that name. */
  @Nullable View view(String name) {
    Known known = series.get(name);
    return known == null ? null : view(known);
  }

  private View view(Known known) {
    return new View(
        known.id, known.name, known.kind, known.sealed, lastSealed(), tail.rowsOf(known.id));
  }

  /** Returns the names of all series, in the order of their first use. */
  Set<String> names() {
    return Collections.unmodifiableSet(series.keySet());
  }

  /**
   * Returns where the run goes back at a position or after it, as far as that is not carried out.
   */
  List<Rewinds.Rewind> rewinds(long position) {
    return rewinds.from(position);
  }

  /** Whether the run goes back at a position or after it, as far as that is not carried out. */
  boolean rewindsFrom(long position) {
    return rewinds.anyFrom(position);
  }

  RunDocument document() {
    return document;
  }

  RunLayout layout() {
    return layout;
  }

  /** Returns the counters at the end of the moment. */
  Counters end() {
    return end;
  }

  /** Adds the rows wanted of those that the journal holds of a series beyond metadata. */
  void readTail(View view, Wanted wanted, Rows into) throws IOException {
    if (view.tailRows() == 0) {
      return;
    }
    Rows rows = ahead.remove(view.id());
    if (rows == null) {
      rows = collect(view);
    }
    lastCollected = view.id();
    for (int i = 0; i < rows.size(); i++) {
      if (wanted.has(rows, i)) {
        into.add(rows, i);
      }
    }
  }

  /** Returns where in the journal begins what metadata does not know. */
  long tailStart() {
    return checkpoint(snapshot).position();
  }

  /**
   * Adds the rows that the journal holds of a series from a position on, until there are enough.
   *
   * @param from {@link #tailStart}, or what was returned before
   * @param until a position that {@link #end} has reached
   * @param enough how many rows are
   * @return the position behind what was read; {@code until} at the end
   */
  long readTail(View view, long from, long until, int enough, Rows into) throws IOException {
    if (journal == null || view.tailRows() == 0) {
      return until;
    }
    Rewinds.Filter counting = new Rewinds.Filter(new TailRows(Map.of(view.id(), into)));
    journal.seek(from);
    while (journal.position() < until && into.size() < enough && journal.nextFrame()) {
      counting.limit(rewinds.limit(journal.frameStart()));
      journal.decode(counting);
    }
    return into.size() < enough ? until : journal.position();
  }

  /**
   * Gathers the rows of a series from the journal. Whoever reads a second series is likely to read
   * them all, and each would cost a pass: so the ones after it are gathered along with it, as far
   * as memory allows.
   */
  private Rows collect(View view) throws IOException {
    boolean alone = lastCollected < 0 || lastCollected == view.id();
    ahead.clear();
    long bytes = 0;
    for (View other : alone ? List.of(view) : views().values()) {
      boolean follows = other.id() > view.id() && other.tailRows() > 0 && !alone;
      if (other.id() == view.id() || (follows && bytes < AHEAD_BYTES)) {
        bytes += tail.bytesOf(other.id());
        ahead.put(other.id(), new Rows(other.kind(), (int) other.tailRows()));
      }
    }
    decodeTail(new TailRows(ahead));
    return Objects.requireNonNull(ahead.remove(view.id()));
  }

  /** Delivers what the journal holds beyond metadata, without rows that do not count any more. */
  void decodeTail(RecordVisitor visitor) throws IOException {
    decode(checkpoint().position(), end.position(), visitor);
  }

  /**
   * Delivers what the journal holds between two frame boundaries, without rows that do not count
   * any more.
   */
  void decode(long from, long to, RecordVisitor visitor) throws IOException {
    JournalReader frames = journal;
    if (frames == null || from == to) {
      return;
    }
    Rewinds.Filter counting = new Rewinds.Filter(visitor);
    frames.seek(from);
    while (frames.position() < to && frames.nextFrame()) {
      counting.limit(rewinds.limit(frames.frameStart()));
      frames.decode(rewinds.isEmpty() ? visitor : counting);
    }
  }

  /**
   * Delivers what the journal holds between two frame boundaries, with the rows that do not count
   * any more.
   */
  void decodeAll(long from, long to, RecordVisitor visitor) throws IOException {
    JournalReader frames = journal;
    if (frames == null || from == to) {
      return;
    }
    frames.seek(from);
    while (frames.position() < to && frames.nextFrame()) {
      frames.decode(visitor);
    }
  }

  private Kind kindOf(int id) {
    Kind kind = kinds.get(id);
    if (kind == null) {
      throw new IllegalStateException("no such series: run=" + layout.root() + " id=" + id);
    }
    return kind;
  }

  /** Returns what the rows of a series that the journal holds amount to; null for none. */
  @Nullable RowStats tailStats(View view) throws IOException {
    long from = checkpoint().position();
    if (tailStats.from() != from) {
      tailStats = new TailStats(from, this::kindOf);
    }
    if (tailStats.to() < end.position()) {
      decode(tailStats.to(), end.position(), tailStats);
      tailStats.counted(end.position());
    }
    return tailStats.of(view.id());
  }

  /** Returns the last console lines, or all if there are fewer. */
  List<ConsoleLine> console(long last) throws IOException {
    long sealed = last == Long.MAX_VALUE ? last : Math.max(0, last - tail.lines());
    long bytes = snapshot == null ? 0 : snapshot.outputBytes();
    List<ConsoleLine> lines =
        new ArrayList<>(new SealedConsole(layout.output(), bytes).last(sealed));
    Tail.Place place = tail.lastLines(last);
    if (place != null) {
      decode(place.position(), end.position(), new TailLines(place.skip(), lines));
    }
    return lines;
  }

  /** Picks the console lines behind the first ones. */
  private static final class TailLines implements RecordVisitor {
    private final List<ConsoleLine> into;
    private long skip;

    TailLines(long skip, List<ConsoleLine> into) {
      this.skip = skip;
      this.into = into;
    }

    @Override
    public void console(ConsoleStream stream, long micros, byte[] utf8, int offset, int length) {
      if (skip > 0) {
        skip--;
      } else {
        into.add(
            new ConsoleLine(
                micros, stream, new String(utf8, offset, length, StandardCharsets.UTF_8)));
      }
    }
  }

  /** Picks the rows of some series. */
  private static final class TailRows implements RecordVisitor {
    private final Map<Integer, Rows> wanted;
    private long step;
    private long globalStep;
    private long micros;

    TailRows(Map<Integer, Rows> wanted) {
      this.wanted = wanted;
    }

    @Override
    public void row(long rowStep, long rowGlobalStep, long rowMicros, int values) {
      step = rowStep;
      globalStep = rowGlobalStep;
      micros = rowMicros;
    }

    @Override
    public void value(int series, long bits) {
      Rows rows = wanted.get(series);
      if (rows != null) {
        rows.add(step, globalStep, micros, bits);
      }
    }

    @Override
    public void text(int series, byte[] bytes, int offset, int length) {
      Rows rows = wanted.get(series);
      if (rows != null) {
        rows.addText(step, globalStep, micros, bytes, offset, length);
      }
    }

    @Override
    public void entry(
        int series,
        long entryStep,
        long entryGlobalStep,
        long entryMicros,
        byte[] bytes,
        int offset,
        int length) {
      Rows rows = wanted.get(series);
      if (rows != null) {
        rows.addText(entryStep, entryGlobalStep, entryMicros, bytes, offset, length);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (journal != null) {
      journal.close();
    }
  }
}
