package dev.tracker.metadata;

import dev.tracker.format.Counters;
import dev.tracker.format.RunDocument;
import dev.tracker.format.Tile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that follows from sealing a stretch of the journal; {@link MetadataWriter#commit}
 * makes it true at once.
 *
 * <p>Not safe for use by several threads. It keeps what it is given, so entries, tiles and the
 * document must not change until it is committed.
 */
public final class Change {
  private final Counters checkpoint;
  private final Map<Integer, SeriesEntry> series = new LinkedHashMap<>();
  private final List<FullTiles> tiles = new ArrayList<>();
  private final List<FileEntry> files = new ArrayList<>();
  private final List<String> gone = new ArrayList<>();
  private final List<StepRange> steps = new ArrayList<>();
  private final List<MediaEntry> media = new ArrayList<>();
  private final List<Gap> gaps = new ArrayList<>();
  private final List<String> foldersGone = new ArrayList<>();
  private @Nullable StepsBack stepsBack;
  private @Nullable RunDocument run;

  /** Begins a change that moves the checkpoint to the given counters. */
  public Change(Counters checkpoint) {
    this.checkpoint = checkpoint;
  }

  /** How far the ranges of global steps go back, and what is left of those that reach beyond. */
  record StepsBack(long step, List<StepRange> cut) {}

  /** Full tiles of a series, from {@code first} on. */
  record FullTiles(int series, long first, List<Tile> tiles) {}

  /** Replaces the run's document. */
  public Change run(RunDocument document) {
    run = document;
    return this;
  }

  /** Adds a series or replaces the entry of its id. */
  public Change series(SeriesEntry entry) {
    series.put(entry.id(), entry);
    return this;
  }

  /**
   * Adds tiles that became full: each of {@link Tile#ROWS} rows, in order, the first of them number
   * {@code first} (rows {@code first * Tile.ROWS} and up). The half-full one after them stands in
   * the series' entry.
   */
  public Change tiles(int series, long first, List<Tile> full) {
    for (Tile tile : full) {
      if (tile.count() != Tile.ROWS) {
        throw new IllegalArgumentException(
            "tile is not full: series=%d first=%d rows=%d".formatted(series, first, tile.count()));
      }
    }
    if (!full.isEmpty()) {
      tiles.add(new FullTiles(series, first, full));
    }
    return this;
  }

  /** Adds a file or replaces the entry of its path. */
  public Change file(FileEntry file) {
    files.add(file);
    return this;
  }

  /**
   * Takes a file out, which need not be known; within one change, takings-out come before
   * additions.
   */
  public Change fileGone(String path) {
    gone.add(path);
    return this;
  }

  /** Takes out all files below a folder, which need not be known, as {@link #fileGone} does one. */
  public Change folderGone(String path) {
    foldersGone.add(path);
    return this;
  }

  /**
   * Takes the ranges of global steps and the entries of media back to a step, before any is added:
   * those that begin after it go, ranges that reach beyond it are replaced.
   *
   * @param step the greatest step that stays
   * @param cut what the ranges that {@link MetadataWriter#stepsAcross} gave come down to
   */
  public Change stepsBack(long step, List<StepRange> cut) {
    stepsBack = new StepsBack(step, List.copyOf(cut));
    return this;
  }

  /**
   * Adds rows to the range of a global step: ranges of the same one are joined and their rows added
   * up.
   */
  public Change steps(StepRange range) {
    steps.add(range);
    return this;
  }

  /** Adds an entry of media. */
  public Change media(MediaEntry entry) {
    media.add(entry);
    return this;
  }

  /** Adds a gap. */
  public Change gap(Gap gap) {
    gaps.add(gap);
    return this;
  }

  /** Returns the counters that the checkpoint moves to. */
  public Counters checkpoint() {
    return checkpoint;
  }

  @Nullable RunDocument run() {
    return run;
  }

  Collection<SeriesEntry> series() {
    return series.values();
  }

  List<FullTiles> tiles() {
    return tiles;
  }

  List<FileEntry> files() {
    return files;
  }

  List<String> gone() {
    return gone;
  }

  List<String> foldersGone() {
    return foldersGone;
  }

  @Nullable StepsBack stepsBack() {
    return stepsBack;
  }

  List<StepRange> steps() {
    return steps;
  }

  List<MediaEntry> media() {
    return media;
  }

  List<Gap> gaps() {
    return gaps;
  }
}
