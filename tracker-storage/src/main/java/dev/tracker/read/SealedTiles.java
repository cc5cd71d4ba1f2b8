package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.format.Tile;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Tiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The tiles of a series as of a snapshot: they tell where rows are without reading them.
 *
 * <p>Full tiles never change within a generation, so it does no harm that each call reads the
 * database anew.
 */
final class SealedTiles {
  /** How many tiles are read at once: 16 MB. */
  private static final int AT_ONCE = 128 * Tiles.FANOUT;

  private final RunLayout layout;
  private final SeriesEntry entry;

  SealedTiles(RunLayout layout, SeriesEntry entry) {
    this.layout = layout;
    this.entry = entry;
  }

  /** Returns the coarsest pieces that there are, in the order of the rows: some hundred at most. */
  List<Piece> coarse() throws IOException {
    List<Piece> pieces = new ArrayList<>();
    long fine = entry.rows() / Tile.ROWS;
    long coarse = fine / Tiles.FANOUT;
    add(1, 0, coarse, pieces);
    add(0, coarse * Tiles.FANOUT, fine, pieces);
    Tile tail = entry.tail();
    if (tail != null) {
      pieces.add(new Piece(fine * Tile.ROWS, tail));
    }
    return pieces;
  }

  /** Returns the finest pieces that other ones consist of, in the same order. */
  List<Piece> fine(List<Piece> pieces) throws IOException {
    List<Piece> fine = new ArrayList<>();
    for (int i = 0; i < pieces.size(); ) {
      Piece piece = pieces.get(i);
      if (!piece.isCoarse()) {
        fine.add(piece);
        i++;
        continue;
      }
      int after = i + 1;
      while (after < pieces.size()
          && pieces.get(after).isCoarse()
          && pieces.get(after).first() == pieces.get(after - 1).end()) {
        after++;
      }
      add(0, piece.first() / Tile.ROWS, pieces.get(after - 1).end() / Tile.ROWS, fine);
      i = after;
    }
    return fine;
  }

  private void add(int level, long from, long to, List<Piece> pieces) throws IOException {
    for (long first = from; first < to; first += AT_ONCE) {
      int count = (int) Math.min(AT_ONCE, to - first);
      Tiles tiles =
          MetadataReader.tiles(layout.metadata(), entry, level, first, count)
              .orElseThrow(() -> GoneException.of(layout, entry));
      if (tiles.size() != count) {
        throw new IOException(
            "tiles are missing: run=%s metric='%s' level=%d first=%d expected=%d found=%d"
                .formatted(layout.root(), entry.name(), level, first, count, tiles.size()));
      }
      for (int i = 0; i < count; i++) {
        pieces.add(new Piece((first + i) * Tiles.rows(level), tiles.get(i)));
      }
    }
  }
}
