package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.format.Tile;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.series.Rows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sorts the rows of a series into buckets: whole tiles where a tile is in one bucket, and row by
 * row where it lies across an edge. Which rows are read is a question of cost alone; what a bucket
 * holds is exact in any case.
 *
 * <p>Rows are taken in the order in which they were logged, so that the first and the last of a
 * bucket are.
 *
 * <p>For one thread and one curve.
 */
final class CurveBuilder {
  /** The place of a piece that must be read row by row. */
  private static final int CUT = -1;

  /**
   * To read so many rows along costs less than to begin reading anew behind them: 10 to 15 ns each,
   * against 65 µs.
   */
  private static final int CHEAP_ROWS = 2 * Tile.ROWS;

  /** The place of a piece of which nothing is wanted. */
  private static final int NONE = -2;

  private final Kind kind;
  private final Wanted wanted;
  private final @Nullable SealedRows sealed;
  private final @Nullable SealedTiles tiles;
  private final Rows tail;

  /**
   * Begins a curve.
   *
   * @param wanted which rows
   * @param sealed the series as metadata knows it; null where it does not
   * @param lastSealed the greatest step of a sealed row that counts
   * @param tail the rows beyond metadata
   */
  CurveBuilder(
      RunLayout layout,
      Kind kind,
      Wanted wanted,
      @Nullable SeriesEntry sealed,
      long lastSealed,
      Rows tail) {
    this.kind = kind;
    this.wanted = wanted.upTo(lastSealed);
    boolean any = sealed != null && sealed.rows() > 0;
    this.sealed = any ? new SealedRows(layout, Objects.requireNonNull(sealed)) : null;
    this.tiles = any ? new SealedTiles(layout, Objects.requireNonNull(sealed)) : null;
    this.tail = tail;
  }

  /** Returns what each bucket holds, in their order; empty ones are left out. */
  List<Tile> build(int buckets) throws IOException {
    List<Piece> pieces = tiles == null ? List.of() : SealedRows.touched(wanted, tiles.coarse());
    long low = Long.MAX_VALUE;
    long high = Long.MIN_VALUE;
    for (Piece piece : pieces) {
      low = Math.min(low, wanted.axis().low(piece.tile()));
      high = Math.max(high, wanted.axis().high(piece.tile()));
    }
    if (wanted.axis() == Axis.STEP) {
      high = Math.min(high, wanted.lastStep());
    }
    Tile all = new Tile(kind);
    all.add(tail.steps(), tail.globalSteps(), tail.micros(), tail.bits(), 0, tail.size());
    low = Math.min(low, wanted.axis().low(all));
    high = Math.max(high, wanted.axis().high(all));
    Wanted seen = wanted.within(low, high);
    return seen.from() > seen.to() ? List.of() : fill(seen, pieces, buckets);
  }

  private List<Tile> fill(Wanted seen, List<Piece> coarse, int buckets) throws IOException {
    Edges edges = new Edges(seen.axis(), seen.from(), seen.to(), buckets);
    Filler filler = new Filler(seen, edges);
    if (tiles != null && sealed != null) {
      List<Piece> pieces = coarse;
      long few = (long) edges.size() * Edges.MANY_TILES;
      if (coarse.stream().filter(Piece::isCoarse).count() <= few) {
        pieces = SealedRows.touched(seen, tiles.fine(coarse));
      }
      edges.snap(pieces);
      filler.takeSealed(refine(pieces, filler), sealed);
    }
    filler.takeRows(tail, 0, tail.size(), Long.MAX_VALUE);
    return filler.filled();
  }

  /** Replaces the coarse pieces that are not in one bucket with finer ones. */
  private List<Piece> refine(List<Piece> pieces, Filler filler) throws IOException {
    List<Piece> refined = new ArrayList<>();
    for (Piece piece : pieces) {
      if (piece.isCoarse() && filler.placeOf(piece) == CUT) {
        refined.addAll(Objects.requireNonNull(tiles).fine(List.of(piece)));
      } else {
        refined.add(piece);
      }
    }
    return refined;
  }

  /** What has been put into the buckets. */
  private final class Filler {
    private final Wanted seen;
    private final Edges edges;
    private final @Nullable Tile[] filled;

    Filler(Wanted seen, Edges edges) {
      this.seen = seen;
      this.edges = edges;
      filled = new Tile[edges.size()];
    }

    /** Returns the bucket of all rows of a piece, {@link #CUT}, or {@link #NONE}. */
    int placeOf(Piece piece) {
      Tile tile = piece.tile();
      if (!seen.touches(tile)) {
        return NONE;
      }
      int bucket = edges.bucketOf(seen.axis().low(tile));
      return seen.covers(tile) && bucket == edges.bucketOf(seen.axis().high(tile)) ? bucket : CUT;
    }

    /** Takes sealed rows: those of pieces that are in one bucket by their tile. */
    void takeSealed(List<Piece> pieces, SealedRows rows) throws IOException {
      int[] places = pieces.stream().mapToInt(this::placeOf).toArray();
      cutBetween(pieces, places);
      List<Piece> cut = new ArrayList<>();
      for (int i = 0; i < places.length; i++) {
        if (places[i] == CUT) {
          cut.add(pieces.get(i));
        }
      }
      PieceByPiece taking = new PieceByPiece(pieces, places);
      if (!cut.isEmpty()) {
        rows.read(SealedRows.stretches(cut), taking::take);
      }
      taking.takeTiles();
    }

    /** Has pieces read that lie between ones that are read anyway. */
    private void cutBetween(List<Piece> pieces, int... places) {
      int last = -1;
      for (int i = 0; i < places.length; i++) {
        if (places[i] == CUT) {
          if (last >= 0 && pieces.get(i).first() - pieces.get(last).end() <= CHEAP_ROWS) {
            Arrays.fill(places, last + 1, i, CUT);
          }
          last = i;
        }
      }
    }

    /** Takes the rows that are wanted, all neighbours of one bucket at once. */
    void takeRows(Rows rows, int from, int to, long lastStep) {
      long[] places = seen.axis().column(rows);
      long[] steps = rows.steps();
      int begin = from;
      int current = -1;
      for (int i = from; i < to; i++) {
        int bucket = steps[i] <= lastStep ? edges.bucketOf(places[i]) : -1;
        if (bucket != current) {
          add(rows, begin, i, current);
          begin = i;
          current = bucket;
        }
      }
      add(rows, begin, to, current);
    }

    private void add(Rows rows, int from, int to, int bucket) {
      if (bucket >= 0 && from < to) {
        bucket(bucket).add(rows.steps(), rows.globalSteps(), rows.micros(), rows.bits(), from, to);
      }
    }

    private Tile bucket(int i) {
      Tile tile = filled[i];
      if (tile == null) {
        tile = new Tile(kind);
        filled[i] = tile;
      }
      return tile;
    }

    List<Tile> filled() {
      return Arrays.stream(filled).filter(Objects::nonNull).map(Objects::requireNonNull).toList();
    }

    /** Goes through pieces in their order: by tiles, and by rows where they were read. */
    private final class PieceByPiece {
      private final List<Piece> pieces;
      private final int[] places;
      private int next;

      /** How many rows of the next piece have been taken. */
      private int taken;

      PieceByPiece(List<Piece> pieces, int... places) {
        this.pieces = pieces;
        this.places = places;
      }

      /** Takes rows of the pieces that are cut, which come in their order. */
      void take(Rows rows) {
        for (int from = 0; from < rows.size(); ) {
          takeTiles();
          long count = pieces.get(next).tile().count();
          int to = (int) Math.min(rows.size(), from + count - taken);
          takeRows(rows, from, to, seen.lastStep());
          taken += to - from;
          from = to;
          if (taken == count) {
            taken = 0;
            next++;
          }
        }
      }

      /** Takes what comes before the next piece that is cut. */
      void takeTiles() {
        for (; next < places.length && places[next] != CUT; next++) {
          if (places[next] != NONE) {
            bucket(places[next]).merge(pieces.get(next).tile());
          }
        }
      }
    }
  }
}
