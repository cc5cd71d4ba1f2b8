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
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Snapshot;
import dev.tracker.series.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a run holds at one moment: all that metadata says as of its last commit, and the journal
 * beyond it up to a position that stays where it is.
 *
 * <p>The two come from different files while a writer moves on, so they are taken together: when a
 * commit comes between them (the journal then begins beyond the checkpoint that was read) both are
 * taken again. From then on the segments stay open and cannot go away.
 *
 * <p>For one thread at a time.
 */
final class RunMoment implements AutoCloseable {
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

  private final RunLayout layout;
  private final @Nullable Snapshot snapshot;
  private final @Nullable JournalReader journal;
  private final Rewinds rewinds = new Rewinds();
  private JournalSummary tail = new JournalSummary();
  private final RunDocument document;
  private final Map<String, View> views = new LinkedHashMap<>();
  private int patchesApplied;
  private Counters end;

  /** Rows of the journal that were gathered along with others and not asked for yet, by series. */
  private final Map<Integer, Rows> ahead = new HashMap<>();

  private int lastCollected = -1;

  private RunMoment(RunLayout layout, @Nullable Snapshot snapshot, @Nullable JournalReader journal)
      throws IOException {
    this.layout = layout;
    this.snapshot = snapshot;
    this.journal = journal;
    this.document = snapshot == null ? RunDocument.empty() : snapshot.run().copy();
    this.end = checkpoint(snapshot);
    advance();
  }

  private static Counters checkpoint(@Nullable Snapshot snapshot) {
    return snapshot == null ? Counters.START : snapshot.checkpoint();
  }

  /** Takes the present moment of a run. */
  static RunMoment take(RunLayout layout) throws IOException {
    IOException cause = null;
    long lastCheckpoint = -1;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Snapshot snapshot = snapshot(layout);
      long position = checkpoint(snapshot).position();
      if (cause != null && position == lastCheckpoint) {
        throw cause;
      }
      lastCheckpoint = position;
      try {
        RunMoment moment = at(layout, snapshot);
        if (moment != null) {
          return moment;
        }
      } catch (JournalHoleException e) {
        cause = e;
      }
    }
    throw new IOException(
        "a run changes faster than it can be looked at: run=" + layout.root(), cause);
  }

  /**
   * Returns the moment that begins with a snapshot; null where what lay beyond it has been sealed
   * since, so that the journal is empty for another reason than that there is nothing.
   */
  private static @Nullable RunMoment at(RunLayout layout, @Nullable Snapshot snapshot)
      throws IOException {
    JournalReader journal = openJournal(layout, checkpoint(snapshot).position());
    try {
      RunMoment moment = new RunMoment(layout, snapshot, journal);
      boolean empty = moment.end.position() == checkpoint(snapshot).position();
      if (!empty || !moment.isOutdated()) {
        journal = null;
        return moment;
      }
      return null;
    } finally {
      if (journal != null) {
        journal.close();
      }
    }
  }

  private static @Nullable Snapshot snapshot(RunLayout layout) throws IOException {
    Optional<Snapshot> read =
        Files.exists(layout.metadata()) ? MetadataReader.read(layout.metadata()) : Optional.empty();
    return read.orElse(null);
  }

  private static @Nullable JournalReader openJournal(RunLayout layout, long from)
      throws IOException {
    return Files.isDirectory(layout.journal())
        ? JournalReader.open(layout.journal(), from, FileLayer.real())
        : null;
  }

  /** Whether metadata has moved on, so that only a new moment can show what is there now. */
  boolean isOutdated() throws IOException {
    return checkpoint(snapshot(layout)).position() != checkpoint(snapshot).position();
  }

  /** Moves the moment on to what the journal holds now. */
  void advance() throws IOException {
    ahead.clear();
    if (journal != null) {
      journal.seek(end.position());
      int before = rewinds.size();
      while (journal.nextFrame()) {
        journal.decode(tail);
        end = journal.after();
        if (tail.rewound()) {
          rewinds.add(journal.frameStart(), tail.rewindStep());
          tail.resetRewind();
        }
      }
      if (rewinds.size() > before) {
        tail = new JournalSummary();
        decodeTail(tail);
      }
    }
    for (; patchesApplied < tail.patches().size(); patchesApplied++) {
      document.patch(tail.patches().get(patchesApplied));
    }
    views.clear();
    if (snapshot != null) {
      for (SeriesEntry entry : snapshot.series()) {
        put(entry.id(), entry.name(), entry.kind(), entry);
      }
    }
    for (JournalSummary.NewSeries fresh : tail.series()) {
      if (!views.containsKey(fresh.name())) {
        put(fresh.id(), fresh.name(), fresh.kind(), null);
      }
    }
  }

  private void put(int id, String name, Kind kind, @Nullable SeriesEntry sealed) {
    views.put(name, new View(id, name, kind, sealed, lastSealed(), tail.rowsOf(id)));
  }

  /** Returns the greatest step of a sealed row that counts. */
  long lastSealed() {
    return rewinds.limit(checkpoint(snapshot).position());
  }

  /** Returns the series by name, in the order of their first use. */
  Map<String, View> views() {
    return views;
  }

  RunDocument document() {
    return document;
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
    journal.seek(Math.min(from, journal.position()));
    while (journal.position() < until && into.size() < enough && journal.nextFrame()) {
      if (journal.frameStart() >= from) {
        counting.limit(rewinds.limit(journal.frameStart()));
        journal.decode(counting);
      }
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
    for (View other : views.values()) {
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
    if (journal == null) {
      return;
    }
    Rewinds.Filter counting = new Rewinds.Filter(visitor);
    journal.seek(checkpoint(snapshot).position());
    while (journal.position() < end.position() && journal.nextFrame()) {
      counting.limit(rewinds.limit(journal.frameStart()));
      journal.decode(rewinds.size() == 0 ? visitor : counting);
    }
  }

  /** Returns the last console lines, or all if there are fewer. */
  List<ConsoleLine> console(long last) throws IOException {
    long sealed = last == Long.MAX_VALUE ? last : Math.max(0, last - tail.lines());
    long bytes = snapshot == null ? 0 : snapshot.outputBytes();
    List<ConsoleLine> lines =
        new ArrayList<>(new SealedConsole(layout.output(), bytes).last(sealed));
    if (journal != null && tail.lines() > 0 && last > 0) {
      TailLines visitor = new TailLines(Math.max(0, tail.lines() - last), lines);
      journal.seek(checkpoint(snapshot).position());
      while (journal.position() < end.position() && journal.nextFrame()) {
        journal.decode(visitor);
      }
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
  }

  @Override
  public void close() throws IOException {
    if (journal != null) {
      journal.close();
    }
  }
}
