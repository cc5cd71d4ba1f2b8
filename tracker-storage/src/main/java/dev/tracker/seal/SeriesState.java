package dev.tracker.seal;

import dev.tracker.format.FolderNames;
import dev.tracker.format.Kind;
import dev.tracker.format.Tile;
import dev.tracker.metadata.Change;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.SeriesStats;
import dev.tracker.series.Rows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One series as the sealer knows it: what metadata says, and what the rows since then add to it.
 *
 * <p>Used by one thread at a time. When a cycle fails it is thrown away with all it has gathered.
 */
public final class SeriesState {
  final int id;
  final String name;
  final Kind kind;
  final String folder;

  private final int generation;
  private long version;
  private long rows;
  private long changed;
  private long firstStep = Long.MAX_VALUE;
  private long lastStep = Long.MIN_VALUE;

  private long last;
  private @Nullable String lastText;
  private long stepOfLast;
  private long min;
  private long stepOfMin;
  private long max;
  private long stepOfMax;
  private double sum;
  private long nans;
  private long infinities;

  /** The last {@code rows % Tile.ROWS} rows. */
  private Tile tail;

  /** Tiles that became full since the last commit, and which one the first of them is. */
  private List<Tile> full = new ArrayList<>();

  private long firstFull;

  /** Whether leftovers of a cycle that was never committed have been removed from the dataset. */
  private boolean rolledBack;

  /** Makes a series without rows. */
  public SeriesState(int id, String name, Kind kind, String folder) {
    this(id, name, kind, folder, 1);
  }

  private SeriesState(int id, String name, Kind kind, String folder, int generation) {
    this.id = id;
    this.name = name;
    this.kind = kind;
    this.folder = folder;
    this.generation = generation;
    tail = new Tile(kind);
    min = tail.min();
    max = tail.max();
  }

  /** A series that metadata knows. */
  SeriesState(SeriesEntry entry) {
    id = entry.id();
    name = entry.name();
    kind = entry.kind();
    folder = entry.folder();
    generation = entry.generation();
    version = entry.version();
    rows = entry.rows();
    changed = entry.checkpoint();
    firstStep = entry.firstStep();
    lastStep = entry.lastStep();
    SeriesStats stats = entry.stats();
    last = stats.last();
    lastText = stats.lastText();
    stepOfLast = stats.stepOfLast();
    min = stats.min();
    stepOfMin = stats.stepOfMin();
    max = stats.max();
    stepOfMax = stats.stepOfMax();
    sum = stats.sum();
    nans = stats.nans();
    infinities = stats.infinities();
    Tile known = entry.tail();
    tail = known != null ? known : new Tile(kind);
    firstFull = rows / Tile.ROWS;
  }

  /**
   * Returns the series as it is to be written anew: without rows, in another folder.
   *
   * @param position the journal position of the commit that will hold it
   */
  SeriesState nextGeneration(long position) {
    int next = generation + 1;
    SeriesState state =
        new SeriesState(id, name, kind, FolderNames.ofGeneration(folder, next), next);
    state.changed = position;
    return state;
  }

  /**
   * Returns the series of media with the entries that a rewind leaves.
   *
   * @param position the journal position of the commit that will hold it
   */
  SeriesState withEntries(long count, long first, long last, long position) {
    SeriesState state = new SeriesState(id, name, kind, folder, generation + 1);
    state.rows = count;
    state.firstStep = first;
    state.lastStep = last;
    state.changed = position;
    return state;
  }

  /** Whether it has rows of a greater step. */
  boolean reachesBeyond(long step) {
    return rows > 0 && lastStep > step;
  }

  /** Returns the number of the series. */
  public int id() {
    return id;
  }

  /** Returns its name. */
  public String name() {
    return name;
  }

  /** Returns what it holds. */
  public Kind kind() {
    return kind;
  }

  /** Returns how many rows there are. */
  public long rows() {
    return rows;
  }

  /** Returns the version of the dataset that holds them. */
  public long version() {
    return version;
  }

  /** The dataset has a new version with the same rows and those that were added. */
  public void version(long committed) {
    version = committed;
  }

  /**
   * A commit changes the series without adding rows.
   *
   * @param position the journal position of that commit
   */
  void changedAt(long position) {
    changed = position;
  }

  /** Says once whether the dataset must be rolled back before its first change. */
  boolean takeRollBack() {
    boolean needed = !rolledBack;
    rolledBack = true;
    return needed;
  }

  /**
   * Takes in the rows that follow.
   *
   * @param position the journal position of the commit that will hold them
   */
  public void add(Rows added, long position) {
    changed = position;
    for (int from = 0, to; from < added.size(); from = to) {
      to = (int) Math.min(added.size(), from + Tile.ROWS - tail.count());
      addWithinTile(added, from, to);
    }
    int end = added.size() - 1;
    stepOfLast = added.steps()[end];
    if (kind.isFixed()) {
      last = added.bits()[end];
    } else if (kind == Kind.STRING) {
      lastText = added.text(end);
    }
  }

  /**
   * Takes in an entry of media, which has a row in metadata and none in a dataset.
   *
   * @param position the journal position of the commit that will hold it
   */
  public void addEntry(long step, long position) {
    changed = position;
    rows++;
    firstStep = Math.min(firstStep, step);
    lastStep = Math.max(lastStep, step);
    stepOfLast = step;
  }

  private void addWithinTile(Rows added, int from, int to) {
    Tile chunk = new Tile(kind);
    chunk.add(added.steps(), added.globalSteps(), added.micros(), added.bits(), from, to);
    firstStep = Math.min(firstStep, chunk.stepLow());
    lastStep = Math.max(lastStep, chunk.stepHigh());
    if (kind.isFixed() && chunk.count() > chunk.nans()) {
      boolean first = rows == nans;
      if (first || less(chunk.min(), min)) {
        min = chunk.min();
        stepOfMin = stepOf(min, added, from, to);
      }
      if (first || less(max, chunk.max())) {
        max = chunk.max();
        stepOfMax = stepOf(max, added, from, to);
      }
    }
    rows += chunk.count();
    sum += chunk.sum();
    nans += chunk.nans();
    infinities += chunk.positiveInfinities() + chunk.negativeInfinities();
    tail.merge(chunk);
    if (tail.count() == Tile.ROWS) {
      full.add(tail);
      tail = new Tile(kind);
    }
  }

  private boolean less(long a, long b) {
    return kind == Kind.FLOAT64 ? Double.longBitsToDouble(a) < Double.longBitsToDouble(b) : a < b;
  }

  private long stepOf(long value, Rows added, int from, int to) {
    long[] bits = added.bits();
    int i = from;
    while (i < to - 1 && (less(bits[i], value) || less(value, bits[i]) || isNaN(bits[i]))) {
      i++;
    }
    return added.steps()[i];
  }

  private boolean isNaN(long bits) {
    return kind == Kind.FLOAT64 && Double.isNaN(Double.longBitsToDouble(bits));
  }

  /** Puts what has changed since the last commit into a change. */
  public void describe(Change change) {
    change.series(entry());
    change.tiles(id, firstFull, full);
  }

  /** Returns what metadata is to say of it. */
  public SeriesEntry entry() {
    SeriesStats stats =
        new SeriesStats(
            last, lastText, stepOfLast, min, stepOfMin, max, stepOfMax, sum, nans, infinities);
    return new SeriesEntry(
        id,
        name,
        kind,
        folder,
        generation,
        version,
        rows,
        changed,
        firstStep,
        lastStep,
        stats,
        tail.count() == 0 ? null : tail);
  }

  /** Returns the tiles that became full since the last commit. */
  public List<Tile> full() {
    return List.copyOf(full);
  }

  /** What {@link #describe} told has been committed. */
  public void committed() {
    firstFull += full.size();
    full = new ArrayList<>();
  }
}
