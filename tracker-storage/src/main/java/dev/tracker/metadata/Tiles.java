package dev.tracker.metadata;

import dev.tracker.format.Kind;
import dev.tracker.format.Tile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Neighbouring full tiles of one level of a series, as they stand in the database.
 *
 * <p>Level 0 has a tile for every {@link Tile#ROWS} rows, level 1 one for every {@link #FANOUT}
 * tiles of level 0. Safe for use by several threads.
 */
public final class Tiles {
  /** How many tiles of a level make one of the level above. */
  public static final int FANOUT = 1024;

  /** How many levels there are. */
  public static final int LEVELS = 2;

  private final Kind kind;
  private final long first;
  private final ByteBuffer bytes;

  /**
   * The same in words: a hundred thousand tiles are decoded in a JVM that has just been started.
   */
  private final long[] words;

  Tiles(Kind kind, long first, ByteBuffer bytes) {
    this.kind = kind;
    this.first = first;
    this.bytes = bytes;
    words = new long[bytes.limit() / Long.BYTES];
    bytes().asLongBuffer().get(words);
  }

  /** Returns how many rows a tile of a level covers. */
  public static long rows(int level) {
    return level == 0 ? Tile.ROWS : (long) Tile.ROWS * FANOUT;
  }

  /** Returns the number, within its level, of the first tile. */
  public long first() {
    return first;
  }

  /** Returns how many tiles there are. */
  public int size() {
    return bytes.limit() / Tile.BYTES;
  }

  /** Returns the tile number {@code first() + i}. */
  public Tile get(int i) {
    return Tile.decode(kind, words, i * Tile.WORDS);
  }

  /**
   * Returns all tiles as {@link Tile#encode} wrote them, one after the other; read-only, little
   * endian, at 0.
   */
  public ByteBuffer bytes() {
    return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }
}
