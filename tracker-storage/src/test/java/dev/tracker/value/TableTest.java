package dev.tracker.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.media.Text;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TableTest {
  private record Sample(String label, double score, DayOfWeek day) {}

  @AfterEach
  void forgetLimits() {
    System.clearProperty(TableLimits.MAX_BYTES_PROPERTY);
    System.clearProperty(TableLimits.MAX_CELL_BYTES_PROPERTY);
  }

  private static List<Column> columns(Object... namesAndTypes) {
    return java.util.stream.IntStream.range(0, namesAndTypes.length / 2)
        .mapToObj(
            i -> new Column((String) namesAndTypes[2 * i], (Column.Type) namesAndTypes[2 * i + 1]))
        .toList();
  }

  private static void refused(Executable call, String... parts) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void recordsAndMapsGiveTheirComponentsAndKeys() {
    Table table =
        Table.of(
            List.of(
                new Sample("a", 0.5, DayOfWeek.MONDAY),
                Map.of("score", 1L, "more", 'c'),
                new Sample(null, 2, null)));
    assertEquals(
        columns(
            "label",
            Column.Type.TEXT,
            "score",
            Column.Type.NUMBER,
            "day",
            Column.Type.TEXT,
            "more",
            Column.Type.TEXT),
        table.columns());
    assertEquals(3, table.rows());
    assertEquals("MONDAY", table.get(0, 2));
    assertNull(table.get(0, 3));
    assertEquals(1.0, table.get(1, 1));
    assertEquals("c", table.get(1, 3));
    assertNull(table.get(2, 0));
  }

  @Test
  void arraysListsAndColumnsGiveTheSameTable() {
    List<List<Object>> expected = List.of(List.of(1.0, "x", true), List.of(2.0, "y", false));
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put("n", new float[] {1, 2});
    columns.put("t", List.of("x", "y"));
    columns.put("b", new boolean[] {true, false});
    List<String> names = List.of("n", "t", "b");
    List<Table> tables =
        List.of(
            Table.ofColumns(columns),
            Table.of(names, List.of(new Object[] {1, "x", true}, List.of((byte) 2, "y", false))),
            Table.builder()
                .column("n", Column.Type.NUMBER)
                .column("t", Column.Type.TEXT)
                .column("b", Column.Type.BOOLEAN)
                .row(1, "x", true)
                .row(new AtomicLong(2), java.nio.CharBuffer.wrap("y"), new AtomicBoolean())
                .build());
    for (Table table : tables) {
      for (int row = 0; row < 2; row++) {
        for (int column = 0; column < 3; column++) {
          assertEquals(expected.get(row).get(column), table.get(row, column));
        }
      }
    }
  }

  @Test
  @SuppressWarnings("JavaUtilDate")
  void timesAreOfOneKindAndMediaStay() {
    Instant time = Instant.parse("1969-12-31T23:59:59.123456789Z");
    Text text = Text.markdown("x");
    Table table =
        Table.ofColumns(
            Map.of(
                "t",
                Arrays.asList(
                    null,
                    time,
                    new Date(5),
                    time.atZone(ZoneOffset.UTC),
                    OffsetDateTime.ofInstant(time, ZoneOffset.ofHours(2)),
                    new java.sql.Date(7))));
    Instant micros = Instant.parse("1969-12-31T23:59:59.123456Z");
    List<Instant> expected =
        Arrays.asList(
            null, micros, Instant.ofEpochMilli(5), micros, micros, Instant.ofEpochMilli(7));
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i), table.get(i, 0));
    }
    assertSame(text, Table.of(List.of(Map.of("m", text))).get(0, 0));
    refused(() -> Table.of(List.of(Map.of("t", Instant.MAX))), "row=0", "column='t'");
  }

  @Test
  void integersAreExactOrRefused() {
    long beyond = (1L << 53) + 1;
    assertEquals(0x1p53, Table.of(List.of(Map.of("n", 1L << 53))).get(0, 0));
    refused(
        () -> Table.ofColumns(Map.of("n", new long[] {1, beyond})),
        "row=1",
        "column='n'",
        "Column.Type.INTEGER");
    refused(() -> Table.of(List.of(Map.of("n", BigInteger.TWO.pow(80)))), "row=0", "column='n'");
    Table.Builder builder = Table.builder().column("n", Column.Type.INTEGER);
    Table table = builder.row(beyond).row(BigInteger.ONE).row(3.0).row(BigDecimal.TEN).build();
    assertEquals(beyond, table.get(0, 0));
    assertEquals(3L, table.get(2, 0));
    refused(() -> builder.row(0.5), "row=4", "column='n'", "INTEGER");
    refused(() -> builder.row(BigInteger.TWO.pow(80)), "row=4", "column='n'");
  }

  @Test
  void everyMistakeNamesItsPlace() {
    refused(
        () -> Table.of(List.of(Map.of("a", 1), Map.of("a", "x"))),
        "row=1",
        "column='a'",
        "NUMBER",
        "value=x");
    refused(() -> Table.of(List.of(Map.of("a", new Object()))), "row=0", "column='a'");
    refused(
        () -> Table.of(List.of(Map.of("a", 1), List.of(1))), "row=1", "Table.of(columns, rows)");
    refused(() -> Table.of(List.of(Map.of(3, 1))), "row=0", "column=3");
    refused(() -> Table.of(List.of("a", "b"), List.of(List.of(1))), "row=0", "missing='b'");
    refused(() -> Table.of(List.of("a"), List.of(3)), "row=0", "java.lang.Integer");
    refused(() -> Table.of(List.of("a", "a"), List.of()), "column='a'");
    refused(() -> Table.ofColumns(Map.of("a", 3)), "column='a'");
    refused(
        () -> Table.ofColumns(Map.of("a", new int[2], "b", new int[3])), "column='a'", "length=2");
    refused(() -> Table.of(List.of(Map.of("", 1))), "column=''");
    refused(() -> Table.of(List.of(Map.of("_step", 1))), "_step");
    refused(() -> Table.builder().column("x".repeat(1_001), Column.Type.TEXT), "limit=1000");
    assertThrows(
        IllegalStateException.class, () -> Table.builder().row().column("late", Column.Type.TEXT));
  }

  @Test
  void tooMuchIsRefusedWithTheLimit() {
    System.setProperty(TableLimits.MAX_CELL_BYTES_PROPERTY, "10");
    System.setProperty(TableLimits.MAX_BYTES_PROPERTY, "1000");
    assertEquals(1, Table.of(List.of(Map.of("a", "\u00e4".repeat(5)))).rows());
    refused(
        () -> Table.of(List.of(Map.of("a", "\u00e4".repeat(6)))),
        "row=0",
        "column='a'",
        "bytes=12",
        "limit=10",
        TableLimits.MAX_CELL_BYTES_PROPERTY);
    refused(
        () -> Table.ofColumns(Map.of("a", new double[100])),
        "row=",
        "limit=1000",
        TableLimits.MAX_BYTES_PROPERTY);
    CharSequence endless =
        new CharSequence() {
          @Override
          public int length() {
            return 1 << 30;
          }

          @Override
          public char charAt(int index) {
            throw new AssertionError("nobody reads it");
          }

          @Override
          public CharSequence subSequence(int start, int end) {
            throw new AssertionError("nobody reads it");
          }
        };
    refused(() -> Table.of(List.of(Map.of("a", endless))), "bytes=1073741824", "limit=10");
  }

  @Test
  void aTableOfNothingIsOne() {
    assertEquals(List.of(), Table.of(List.of()).columns());
    assertEquals(0, Table.ofColumns(Map.of("a", new int[0])).rows());
    assertEquals(
        columns("a", Column.Type.TEXT), Table.ofColumns(Map.of("a", new Object[1])).columns());
  }
}
