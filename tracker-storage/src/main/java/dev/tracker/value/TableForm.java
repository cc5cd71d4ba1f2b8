package dev.tracker.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a row of a table, whose columns are known from elsewhere ({@link TableSchema}).
 *
 * <pre>
 *   0         1           3               3+(n+7)/8
 *   +---------+-----------+---------------+---------------------------------------+
 *   | version | columns n | which is null | the cells that are not null, in order |
 *   +---------+-----------+---------------+---------------------------------------+
 *   version:       1
 *   columns:       uint16
 *   which is null: a bit for each column, from the least significant one of the first byte on
 *   NUMBER         8 bytes, IEEE 754
 *   INTEGER, TIME  8 bytes; times in microseconds since 1970, UTC
 *   BOOLEAN        1 byte, 0 or 1
 *   TEXT, MEDIA    int32 length, then so many bytes of UTF-8; of media, the SHA-256 as 64 hexadecimal digits
 *   all little endian
 * </pre>
 *
 * A cell is a {@link Double}, {@link Long}, {@link Instant}, {@link Boolean}, {@link String} or
 * null here. Immutable.
 */
public final class TableForm {
  private static final byte VERSION = 1;
  private static final int NULLS = 3;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final Column.Type[] types;

  /** Makes the form of rows with such columns. */
  public TableForm(List<Column.Type> types) {
    this.types = types.toArray(Column.Type[]::new);
  }

  /** Puts rows into bytes, cell by cell. One thread. */
  public static final class Writer {
    private byte[] bytes = new byte[256];
    private int end;
    private int column;

    /** Begins a row, and forgets the one before. */
    public void begin(int columns) {
      end = cells(columns);
      column = 0;
      ensure(0);
      Arrays.fill(bytes, 0, end, (byte) 0);
      bytes[0] = VERSION;
      bytes[1] = (byte) columns;
      bytes[2] = (byte) (columns >> 8);
    }

    /** Adds a null. */
    public void putNull() {
      bytes[NULLS + (column >> 3)] |= (byte) (1 << (column & 7));
      column++;
    }

    /** Adds a number, by its raw bits, an integer, or a time in microseconds. */
    public void putLong(long value) {
      ensure(Long.BYTES);
      LONGS.set(bytes, end, value);
      end += Long.BYTES;
      column++;
    }

    /** Adds a boolean. */
    public void putBoolean(boolean value) {
      ensure(1);
      bytes[end++] = (byte) (value ? 1 : 0);
      column++;
    }

    /**
     * Adds a text, whose bytes the caller puts into {@link #bytes}.
     *
     * @return where they go
     */
    public int putText(int length) {
      ensure(Integer.BYTES + length);
      INTS.set(bytes, end, length);
      int at = end + Integer.BYTES;
      end = at + length;
      column++;
      return at;
    }

    private void ensure(int more) {
      if (end + more > bytes.length) {
        long wanted = Math.max((long) end + more, 2L * bytes.length);
        bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
      }
    }

    /** Returns the bytes, valid up to {@link #length} and until the next change. */
    public byte[] bytes() {
      return bytes;
    }

    /** Returns how many bytes the row has so far. */
    public int length() {
      return end;
    }
  }

  /** Returns the bytes of a row. */
  public byte[] encode(@Nullable Object[] cells) {
    if (cells.length != types.length) {
      throw new IllegalArgumentException(
          "not a row of this table: cells=" + cells.length + " columns=" + types.length);
    }
    Writer writer = new Writer();
    writer.begin(types.length);
    for (int i = 0; i < types.length; i++) {
      Object cell = cells[i];
      if (cell == null) {
        writer.putNull();
        continue;
      }
      switch (types[i]) {
        case NUMBER -> writer.putLong(Double.doubleToRawLongBits((Double) cell));
        case INTEGER -> writer.putLong((Long) cell);
        case TIME -> writer.putLong(Cells.micros((Instant) cell));
        case BOOLEAN -> writer.putBoolean((Boolean) cell);
        case TEXT, MEDIA -> {
          byte[] utf8 = ((String) cell).getBytes(StandardCharsets.UTF_8);
          int at = writer.putText(utf8.length);
          System.arraycopy(utf8, 0, writer.bytes(), at, utf8.length);
        }
      }
    }
    return Arrays.copyOf(writer.bytes(), writer.length());
  }

  /**
   * Returns the cells of a row.
   *
   * @throws IllegalArgumentException if the bytes are none
   */
  public @Nullable Object[] decode(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    int limit = offset + length;
    int at = check(bytes, offset, length);
    @Nullable Object[] cells = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      if (isNull(bytes, offset, i)) {
        continue;
      }
      int end = end(bytes, at, limit, i);
      cells[i] = cell(types[i], bytes, at, end);
      at = end;
    }
    if (at != limit) {
      throw wrong("bytes", length, "surplus=" + (limit - at));
    }
    return cells;
  }

  private int check(byte[] bytes, int offset, int length) {
    if (length < NULLS || length < cells(types.length)) {
      throw wrong("bytes", length, "columns=" + types.length + ", cut off?");
    }
    if (bytes[offset] != VERSION) {
      throw wrong("version", bytes[offset], "written by a newer Tracker?");
    }
    int columns = columns(bytes, offset);
    if (columns != types.length) {
      throw wrong("columns", columns, "expected=" + types.length);
    }
    return offset + cells(columns);
  }

  private int end(byte[] bytes, int at, int limit, int column) {
    boolean isText = types[column] == Column.Type.TEXT || types[column] == Column.Type.MEDIA;
    int left = limit - at;
    int length = isText && left < Integer.BYTES ? Integer.BYTES : length(types[column], bytes, at);
    if (length < 0 || length > left || (isText && length < Integer.BYTES)) {
      throw wrong("cell", length, "column=" + column + " left=" + left + ", cut off?");
    }
    return at + length;
  }

  private static Object cell(Column.Type type, byte[] bytes, int at, int end) {
    return switch (type) {
      case NUMBER -> Double.longBitsToDouble(getLong(bytes, at));
      case INTEGER -> getLong(bytes, at);
      case TIME -> Cells.instant(getLong(bytes, at));
      case BOOLEAN -> bytes[at] != 0;
      case TEXT, MEDIA ->
          new String(bytes, at + Integer.BYTES, end - at - Integer.BYTES, StandardCharsets.UTF_8);
    };
  }

  private static IllegalArgumentException wrong(String name, int value, String more) {
    return new IllegalArgumentException(
        "bytes are not a row of this table: " + name + "=" + value + " " + more);
  }

  // ---- bytes, for who moves cells without looking at them

  /** Returns how many columns the row at an offset has. */
  public static int columns(byte[] bytes, int offset) {
    return (bytes[offset + 1] & 0xFF) | (bytes[offset + 2] & 0xFF) << 8;
  }

  /** Returns how far behind its beginning a row's first cell is. */
  public static int cells(int columns) {
    return NULLS + (columns + 7) / 8;
  }

  /** Whether a cell of the row at an offset is null. */
  public static boolean isNull(byte[] bytes, int offset, int column) {
    return (bytes[offset + NULLS + (column >> 3)] >> (column & 7) & 1) != 0;
  }

  /** Returns how many bytes a cell takes that begins at an offset and is not null. */
  public static int length(Column.Type type, byte[] bytes, int at) {
    return switch (type) {
      case NUMBER, INTEGER, TIME -> Long.BYTES;
      case BOOLEAN -> 1;
      case TEXT, MEDIA -> Integer.BYTES + (int) INTS.get(bytes, at);
    };
  }

  private static long getLong(byte[] bytes, int at) {
    return (long) LONGS.get(bytes, at);
  }
}
