package dev.tracker.value;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableFormTest {
  /** A row and the types of its columns. */
  static final class TypedRow {
    final List<Column.Type> types;
    final @Nullable Object[] cells;

    TypedRow(List<Column.Type> types, @Nullable Object[] cells) {
      this.types = types;
      this.cells = cells;
    }

    @Override
    public String toString() {
      return types + " " + Arrays.toString(cells);
    }
  }

  private record TypedCell(Column.Type type, @Nullable Object cell) {}

  @Provide
  Arbitrary<TypedRow> rows() {
    return Arbitraries.of(Column.Type.class)
        .flatMap(type -> cells(type).injectNull(0.2).map(cell -> new TypedCell(type, cell)))
        .list()
        .ofMaxSize(40)
        .map(cells ->
            new TypedRow(
                cells.stream().map(TypedCell::type).toList(),
                cells.stream().map(TypedCell::cell).toArray()));
  }

  private static Arbitrary<Object> cells(Column.Type type) {
    return switch (type) {
      case NUMBER -> Arbitraries.longs().map(Double::longBitsToDouble).map(x -> (Object) x);
      case INTEGER -> Arbitraries.longs().map(x -> (Object) x);
      case BOOLEAN -> Arbitraries.of(true, false).map(x -> (Object) x);
      case TIME -> Arbitraries.longs().map(micros -> (Object) Cells.instant(micros));
      case TEXT -> Arbitraries.strings().filter(TableFormTest::isText).map(x -> (Object) x);
      case MEDIA ->
          Arbitraries.strings().withChars("0123456789abcdef").ofLength(64).map(x -> (Object) x);
    };
  }

  private static boolean isText(String text) {
    return java.nio.charset.StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  @Property(tries = 500)
  void whatIsDecodedIsWhatWasEncoded(@ForAll("rows") TypedRow row) {
    TableForm form = new TableForm(row.types);
    byte[] bytes = form.encode(row.cells);
    byte[] amid = new byte[bytes.length + 7];
    System.arraycopy(bytes, 0, amid, 3, bytes.length);
    @Nullable Object[] decoded = form.decode(amid, 3, bytes.length);
    assertArrayEquals(raw(row.cells), raw(decoded));
  }

  /** Doubles by their bits: those of a NaN count. */
  private static @Nullable Object[] raw(@Nullable Object[] cells) {
    return Arrays.stream(cells)
        .map(cell -> cell instanceof Double x ? (Object) Double.doubleToRawLongBits(x) : cell)
        .toArray();
  }

  @Property(tries = 500)
  void bytesThatAreDamagedAreAnExceptionOrAnotherRow(
      @ForAll("rows") TypedRow row, @ForAll Random random) {
    TableForm form = new TableForm(row.types);
    byte[] bytes = form.encode(row.cells);
    for (int cut = 0; cut < bytes.length; cut++) {
      byte[] part = Arrays.copyOf(bytes, cut);
      assertThrows(IllegalArgumentException.class, () -> form.decode(part, 0, part.length));
    }
    for (int i = 0; i < 50; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      try {
        assertEquals(row.types.size(), form.decode(damaged, 0, damaged.length).length);
      } catch (IllegalArgumentException e) {
        assertTrue(e.getMessage().startsWith("bytes are not a row of this table"), e.toString());
      }
    }
  }

  @Test
  void layout_is_what_the_contract_draws() {
    List<Column.Type> types =
        List.of(
            Column.Type.NUMBER,
            Column.Type.TEXT,
            Column.Type.INTEGER,
            Column.Type.BOOLEAN,
            Column.Type.TIME,
            Column.Type.MEDIA,
            Column.Type.TEXT);
    byte[] bytes =
        new TableForm(types)
            .encode(
                new Object[] {
                  1.0, "\u00e4", -2L, true, Instant.ofEpochSecond(0, 3_000), "0a", null
                });
    assertEquals(
        "01070040" // version, columns, which is null
            + "000000000000f03f" // 1.0
            + "02000000c3a4" // a text
            + "feffffffffffffff" // -2
            + "01" // true
            + "0300000000000000" // 3 microseconds
            + "020000003061", // a digest, cut short
        HexFormat.of().formatHex(bytes));
  }

  @Test
  void aLengthBeyondTheEndTakesNoMemory() {
    byte[] bytes = new TableForm(List.of(Column.Type.TEXT)).encode(new Object[] {"abc"});
    TableForm form = new TableForm(List.of(Column.Type.TEXT));
    for (int length : new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE - 4, -1, -5, 4}) {
      for (int i = 0; i < 4; i++) {
        bytes[4 + i] = (byte) (length >> (8 * i));
      }
      assertThrows(IllegalArgumentException.class, () -> form.decode(bytes, 0, bytes.length));
    }
  }

  @Test
  void schemas_keepTheirFields() throws IOException {
    List<Column> columns = new ArrayList<>();
    for (String name : List.of("a.b", "a_b", "A.B", "_step_", "_rowid", " ", "\uD83D\uDE00", "x")) {
      columns.add(new Column(name, columns.isEmpty() ? Column.Type.MEDIA : Column.Type.TEXT));
    }
    columns.add(new Column("x".repeat(1_000), Column.Type.TIME));
    columns.add(new Column("x".repeat(999), Column.Type.TIME));
    TableSchema schema = TableSchema.of(columns);
    assertEquals(
        List.of("a_b", "a_b_2", "A_B_3", "_step_", "_rowid_2", "_", "__2", "x"),
        schema.fields().subList(0, 8));
    assertEquals("x".repeat(100) + "_2", schema.fields().get(9));
    assertEquals(schema, TableSchema.ofJson("table", schema.toJson()));
  }
}
