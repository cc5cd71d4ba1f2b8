package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tracker.format.FolderNames;
import dev.tracker.format.Kind;
import dev.tracker.format.Tile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.sqlite.JDBC;

/** Tiles and entries to test with, and how they are compared. */
final class Samples {
  private static final double[] DOUBLES = {
    0.0,
    -0.0,
    1.5,
    -2.75,
    1e300,
    -1e300,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    3,
    1L << 60,
  };

  private static final long[] LONGS = {
    0, 1, -1, (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE, 4_711, 1_763_671_234_567_890L,
  };

  private Samples() {}

  /** A tile of values that the seed decides. */
  static Tile tile(Kind kind, int rows, long seed) {
    long[] steps = new long[rows];
    long[] bits = new long[rows];
    for (int i = 0; i < rows; i++) {
      steps[i] = seed * Tile.ROWS + i;
      long value = (seed * 31 + i) % 97;
      bits[i] = kind == Kind.FLOAT64 ? Double.doubleToRawLongBits((double) value) : value;
    }
    Tile tile = new Tile(kind);
    tile.add(steps, steps, steps, bits, 0, rows);
    return tile;
  }

  static List<Tile> fullTiles(Kind kind, long first, int count) {
    List<Tile> tiles = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tiles.add(tile(kind, Tile.ROWS, first + i));
    }
    return tiles;
  }

  static byte[] bytes(Tile tile) {
    ByteBuffer bytes = ByteBuffer.allocate(Tile.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    tile.encode(bytes);
    return bytes.array();
  }

  /** An entry without rows, as a series has before its first are sealed. */
  static SeriesEntry empty(int id, String name, Kind kind) {
    Tile none = new Tile(kind);
    SeriesStats stats =
        new SeriesStats(none.last(), null, 0, none.min(), 0, none.max(), 0, 0, 0, 0);
    if (kind == Kind.FLOAT64) {
      stats = withLast(stats, Double.doubleToRawLongBits(Double.NaN));
    }
    return new SeriesEntry(
        id, name, kind, "s" + id, 0, 0, 0, 0, Long.MAX_VALUE, Long.MIN_VALUE, stats, null);
  }

  private static SeriesStats withLast(SeriesStats s, long last) {
    return new SeriesStats(
        last,
        s.lastText(),
        s.stepOfLast(),
        s.min(),
        s.stepOfMin(),
        s.max(),
        s.stepOfMax(),
        s.sum(),
        s.nans(),
        s.infinities());
  }

  /** An entry whose every field is drawn, within what its contract allows. */
  static SeriesEntry entry(Random random, int id, String name, Kind kind, long rows) {
    if (rows == 0) {
      return empty(id, name, kind);
    }
    long nans = kind == Kind.FLOAT64 ? random.nextLong(rows + 1) : 0;
    boolean values = kind != Kind.STRING && nans < rows;
    Tile none = new Tile(kind);
    SeriesStats stats =
        new SeriesStats(
            kind == Kind.STRING ? 0 : bits(random, kind, nans > 0),
            kind == Kind.STRING ? text(random) : null,
            number(random),
            values ? bits(random, kind, false) : none.min(),
            values ? number(random) : 0,
            values ? bits(random, kind, false) : none.max(),
            values ? number(random) : 0,
            kind == Kind.STRING ? 0 : DOUBLES[random.nextInt(DOUBLES.length)],
            nans,
            kind == Kind.FLOAT64 ? random.nextLong(rows - nans + 1) : 0);
    int rest = (int) (rows % Tile.ROWS);
    return new SeriesEntry(
        id,
        name,
        kind,
        FolderNames.of(text(random)),
        random.nextInt(1_000),
        Math.max(0, number(random)),
        rows,
        number(random),
        number(random),
        number(random),
        stats,
        rest == 0 || random.nextInt(8) == 0 ? null : tile(kind, rest, id));
  }

  static long number(Random random) {
    return LONGS[random.nextInt(LONGS.length)];
  }

  private static long bits(Random random, Kind kind, boolean nan) {
    return switch (kind) {
      case FLOAT64 ->
          Double.doubleToRawLongBits(
              nan && random.nextBoolean() ? Double.NaN : DOUBLES[random.nextInt(DOUBLES.length)]);
      case BOOL -> random.nextInt(2);
      default -> number(random);
    };
  }

  static String text(Random random) {
    String[] texts = {
      "", "loss", "a/b", "A'\"%?#;--", "ünïcödé 🎉", "nul\0inside", "x".repeat(3_000)
    };
    return texts[random.nextInt(texts.length)] + random.nextInt(100);
  }

  /** Compares all that is in them; tiles by their bytes. */
  static void assertSame(SeriesEntry expected, SeriesEntry actual) {
    assertEquals(withoutTail(expected), withoutTail(actual));
    assertArrayEquals(
        expected.tail() == null ? null : bytes(expected.tail()),
        actual.tail() == null ? null : bytes(actual.tail()),
        "tail of " + expected.name());
  }

  static void assertSame(List<SeriesEntry> expected, List<SeriesEntry> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertSame(expected.get(i), actual.get(i));
    }
  }

  private static SeriesEntry withoutTail(SeriesEntry e) {
    return new SeriesEntry(
        e.id(),
        e.name(),
        e.kind(),
        e.folder(),
        e.generation(),
        e.version(),
        e.rows(),
        e.checkpoint(),
        e.firstStep(),
        e.lastStep(),
        e.stats(),
        null);
  }

  /** A connection of another program. */
  static Connection foreign(java.nio.file.Path file) throws SQLException {
    return new JDBC().connect("jdbc:sqlite:" + file, new Properties());
  }

  /** Runs statements in another program's connection. */
  static void run(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  /** Returns a query's rows, columns joined with '|'. */
  static List<String> query(Connection connection, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      int columns = row.getMetaData().getColumnCount();
      while (row.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          cells.add(String.valueOf(row.getString(i)));
        }
        rows.add(String.join("|", cells));
      }
    }
    return rows;
  }
}
