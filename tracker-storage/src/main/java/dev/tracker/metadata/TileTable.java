package dev.tracker.metadata;

import dev.tracker.format.Kind;
import dev.tracker.format.Tile;
import dev.tracker.metadata.Change.FullTiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code tile}: many tiles to a row, so that a long series is read in few pieces.
 *
 * <p>A group is {@link Tiles#FANOUT} tiles, from a multiple of that on. While it grows it is kept
 * in rows of at most {@link #GROWING} tiles, from a multiple of that on, so that a new tile costs 4
 * KB at most and not 128 KB. When it is complete they are replaced with one row, and the tile of
 * all of it goes to the level above.
 */
final class TileTable {
  /** How many tiles a row of a growing group takes. */
  static final int GROWING = 32;

  private final PreparedStatement select;
  private final PreparedStatement put;
  private final PreparedStatement deleteGroup;
  private final PreparedStatement deleteSeries;
  private final ByteBuffer group =
      ByteBuffer.allocate(Tiles.FANOUT * Tile.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  TileTable(Connection connection) throws SQLException {
    select =
        connection.prepareStatement(
            "SELECT first, count, tiles FROM tile WHERE series = ? AND level = ? AND first >= ? AND first < ?"
                + " ORDER BY first");
    put =
        connection.prepareStatement(
            "INSERT OR REPLACE INTO tile (series, level, first, count, tiles) VALUES (?, ?, ?, ?, ?)");
    deleteGroup =
        connection.prepareStatement(
            "DELETE FROM tile WHERE series = ? AND level = ? AND first >= ? AND first < ?");
    deleteSeries = connection.prepareStatement("DELETE FROM tile WHERE series = ?");
  }

  /** Takes out all tiles of a series. */
  void clear(int series) throws SQLException {
    deleteSeries.setInt(1, series);
    deleteSeries.executeUpdate();
  }

  /** Adds full tiles right after those that are there. */
  void append(FullTiles added) throws SQLException {
    append(added.series(), added.tiles().get(0).kind(), 0, added.first(), added.tiles());
  }

  private void append(int series, Kind kind, int level, long first, List<Tile> tiles)
      throws SQLException {
    long next = first;
    long end = first + tiles.size();
    while (next < end) {
      long groupStart = next - next % Tiles.FANOUT;
      long stop = Math.min(end, groupStart + Tiles.FANOUT);
      List<Tile> part = tiles.subList((int) (next - first), (int) (stop - first));
      if (stop == groupStart + Tiles.FANOUT) {
        complete(series, kind, level, next, part);
      } else {
        grow(series, level, next, part);
      }
      next = stop;
    }
  }

  private void grow(int series, int level, long first, List<Tile> tiles) throws SQLException {
    long next = first;
    long end = first + tiles.size();
    while (next < end) {
      long start = next - next % GROWING;
      long stop = Math.min(end, start + GROWING);
      group.clear();
      load(series, level, start, next);
      encode(tiles.subList((int) (next - first), (int) (stop - first)));
      put(series, level, start);
      next = stop;
    }
  }

  private void complete(int series, Kind kind, int level, long first, List<Tile> tiles)
      throws SQLException {
    long start = first - first % Tiles.FANOUT;
    group.clear();
    load(series, level, start, first);
    encode(tiles);
    bind(deleteGroup, series, level, start, start + Tiles.FANOUT);
    deleteGroup.executeUpdate();
    put(series, level, start);
    if (level + 1 < Tiles.LEVELS) {
      append(series, kind, level + 1, start / Tiles.FANOUT, List.of(merged(kind)));
    }
  }

  /** Puts the tiles {@code from} to {@code to - 1} that are there into {@link #group}. */
  private void load(int series, int level, long from, long to) throws SQLException {
    if (from == to) {
      return;
    }
    bind(select, series, level, from, to);
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        group.put(row.getBytes(3));
      }
    }
    if (group.position() != (to - from) * Tile.BYTES) {
      throw new SQLDataException(
          "tiles do not follow those that are there: series=%d level=%d first=%d group=%d there=%d"
              .formatted(series, level, to, from, group.position() / Tile.BYTES));
    }
  }

  private void encode(List<Tile> tiles) {
    for (Tile tile : tiles) {
      tile.encode(group);
    }
  }

  private void put(int series, int level, long first) throws SQLException {
    byte[] bytes = new byte[group.flip().limit()];
    group.get(bytes);
    put.setInt(1, series);
    put.setInt(2, level);
    put.setLong(3, first);
    put.setInt(4, bytes.length / Tile.BYTES);
    put.setBytes(5, bytes);
    put.executeUpdate();
  }

  private Tile merged(Kind kind) {
    group.rewind();
    Tile all = new Tile(kind);
    while (group.hasRemaining()) {
      all.merge(Tile.decode(kind, group));
    }
    return all;
  }

  private static void bind(PreparedStatement statement, int series, int level, long from, long to)
      throws SQLException {
    statement.setInt(1, series);
    statement.setInt(2, level);
    statement.setLong(3, from);
    statement.setLong(4, to);
  }

  /** Reads tiles {@code first} to {@code first + count - 1} of a level, as far as there are any. */
  static ByteBuffer read(Connection connection, int series, int level, long first, int count)
      throws SQLException {
    ByteBuffer bytes = ByteBuffer.allocate(count * Tile.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT first, count, tiles FROM tile WHERE series = ? AND level = ? AND first >= ? AND first < ?"
                + " ORDER BY first")) {
      bind(query, series, level, first - first % Tiles.FANOUT, first + count);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          take(bytes, first, row.getLong(1), row.getInt(2), row.getBytes(3));
        }
      }
    }
    return bytes.flip();
  }

  /** Takes of a row what comes next. */
  private static void take(
      ByteBuffer bytes, long first, long rowFirst, int rowCount, byte @Nullable [] tiles)
      throws SQLException {
    long next = first + bytes.position() / Tile.BYTES;
    if (tiles == null) {
      throw new SQLDataException("tiles are NULL: first=" + rowFirst + " count=" + rowCount);
    }
    if (tiles.length != rowCount * Tile.BYTES || rowFirst > next) {
      throw new SQLDataException(
          "tiles are missing: first=%d count=%d bytes=%d expected first=%d"
              .formatted(rowFirst, rowCount, tiles.length, next));
    }
    long skipped = Math.min(next - rowFirst, rowCount);
    int wanted = (int) Math.min((rowCount - skipped) * Tile.BYTES, bytes.remaining());
    bytes.put(tiles, (int) skipped * Tile.BYTES, wanted);
  }
}
