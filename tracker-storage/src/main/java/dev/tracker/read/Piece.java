package dev.tracker.read;

import dev.tracker.format.Tile;

/**
 * Neighbouring sealed rows of a series, known by their tile.
 *
 * @param first the number of the first row
 * @param tile what the rows amount to
 */
record Piece(long first, Tile tile) {
  /** Returns the number of the row after the last. */
  long end() {
    return first + tile.count();
  }

  /** Whether there are finer tiles of it. */
  boolean isCoarse() {
    return tile.count() > Tile.ROWS;
  }
}
