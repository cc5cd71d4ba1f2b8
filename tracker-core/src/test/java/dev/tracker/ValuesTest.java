package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.metadata.SeriesEntry;
import dev.tracker.read.RunReader;
import dev.tracker.read.Runs;
import dev.tracker.system.InLance;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values and names at their edges, through the journal and through Lance. */
class ValuesTest {
  private static final long[] DOUBLES = {
    0x0000000000000000L, // 0.0
    0x8000000000000000L, // -0.0
    0x0000000000000001L, // the least denormal
    0x800fffffffffffffL, // the greatest negative denormal
    0x0010000000000000L, // the least normal
    0x7fefffffffffffffL, // MAX_VALUE
    0x7ff0000000000000L, // Infinity
    0xfff0000000000000L, // -Infinity
    0x7ff8000000000000L, // NaN
    0xfff8000000000000L, // NaN with its sign set
    0x7ff80000deadbeefL, // NaN that carries something
    0xffffffffffffffffL, // NaN with all bits set
    0x7ff0000000000001L, // signalling NaN
    0x3ff0000000000001L // 1.0 and a bit
  };

  @TempDir Path root;

  /** Logs, then checks what a reader shows before and after the run is sealed. */
  private void logAndCheck(Consumer<Board> log, Consumer<RunReader> check) {
    FaultyFiles files = new FaultyFiles();
    files.keepsSealerOut = true;
    try (Board board = Board.builder("values").root(root).files(files).open()) {
      log.accept(board);
      board.flush();
      try (RunReader journal = RunReader.open(board.directory())) {
        check.accept(journal);
        assertEquals(0, board.health().sealed(), "so far all came from the journal");
      }
      files.keepsSealerOut = false;
      board.finish();
      assertEquals(0, board.health().rejected());
      assertEquals(0, board.health().rounded());
      try (RunReader lance = RunReader.open(board.directory())) {
        check.accept(lance);
      }
    }
  }

  @Test
  void doublesKeepEveryBit() {
    logAndCheck(
        board -> {
          Metric handle = board.metric("handle");
          for (long bits : DOUBLES) {
            double value = Double.longBitsToDouble(bits);
            board.log("call", value);
            board.log("one", value, "two", value);
            board.log(Map.of("map", value));
            board.log("object", (Object) value);
            handle.log(value);
            board.row().put("row", value).log();
          }
        },
        reader -> {
          for (String name : List.of("call", "one", "two", "map", "object", "handle", "row")) {
            double[] values = reader.scalars(name).values();
            assertArrayEquals(
                DOUBLES,
                Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray(),
                name);
          }
        });
  }

  @Test
  void longsAreExactWhereDeclared() {
    long[] longs = {
      0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE + 1, (1L << 53) + 1, -(1L << 53) - 1
    };
    logAndCheck(
        board -> {
          board.metric("exact", SeriesKind.INT64);
          for (long value : longs) {
            board.log("exact", value);
          }
        },
        reader -> assertArrayEquals(longs, reader.scalars("exact").longs()));
  }

  @Test
  void longsWithin53BitsAreExactInDoubles() {
    long[] longs = {0, -1, 1L << 53, -(1L << 53), Long.MIN_VALUE, 1L << 62};
    logAndCheck(
        board -> {
          for (long value : longs) {
            board.log("double", value);
          }
        },
        reader ->
            assertArrayEquals(
                Arrays.stream(longs).asDoubleStream().toArray(),
                reader.scalars("double").values()));
  }

  @Test
  void booleansAreZeroAndOne() {
    int rows = 1000;
    logAndCheck(
        board -> {
          for (int i = 0; i < rows; i++) {
            board.log("bool", i % 3 == 0);
          }
        },
        reader -> {
          long[] expected = new long[rows];
          Arrays.setAll(expected, i -> i % 3 == 0 ? 1 : 0);
          assertArrayEquals(expected, reader.scalars("bool").longs());
        });
  }

  @Test
  void textsAreKeptWhateverTheyHoldAndHoweverLong() {
    String[] texts = {
      "",
      "plain",
      "\0",
      "line\nline\r\n\ttab \u2028 \uFEFF",
      "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67 \u4F60\u597D \u0627\u0644",
      "\u00e9 is not e\u0301",
      "x".repeat(5 << 20),
      "\uD83D\uDE80".repeat(1 << 20),
      ""
    };
    logAndCheck(
        board -> {
          for (String text : texts) {
            board.log("text", text);
          }
        },
        reader -> assertArrayEquals(texts, reader.strings("text").values()));
  }

  @Test
  void namesOfAnyUnicodeAreSeriesOfTheirOwn() throws Exception {
    List<String> names =
        List.of(
            "a/b",
            "a__b",
            "A/B",
            "a_b",
            "a//b",
            "/a/b",
            "a/b/",
            "a\\b",
            "a:b",
            "a b",
            " a",
            "a ",
            ".",
            "..",
            "...",
            ".hidden",
            "a.",
            "a.b",
            "a..b",
            "CON",
            "con",
            "nul.txt",
            "-rf",
            "~",
            "a~b",
            "%2f",
            "a*?\"<>|b",
            "\n",
            "\0",
            "\uD83D\uDE80",
            "\uD83D\uDE80/\u8BAD\u7EC3/\u640D\u5931",
            "\u8BAD\u7EC3",
            "\u00e9",
            "e\u0301",
            "\u00df",
            "ss",
            "SS",
            "\u0130",
            "i",
            "I",
            "\u0131",
            "n".repeat(10_000),
            "n".repeat(9_999),
            "N".repeat(10_000),
            "\u5B57".repeat(10_000));
    Map<String, Double> values = new LinkedHashMap<>();
    names.forEach(name -> values.put(name, (double) values.size()));
    logAndCheck(
        board -> {
          board.log(values);
          values.forEach((name, value) -> board.log(name, -value));
        },
        reader -> {
          assertEquals(names, reader.metrics());
          values.forEach((name, value) ->
              assertArrayEquals(new double[] {value, -value}, reader.scalars(name).values(), name));
        });
    Path run = Runs.in(root).get(0).directory();
    TreeSet<String> folders = new TreeSet<>();
    for (SeriesEntry entry : InLance.series(run)) {
      assertTrue(
          folders.add(entry.folder().toLowerCase(Locale.ROOT)),
          "a folder of its own on any file system: " + entry);
    }
    assertEquals(2L * names.size(), InLance.rows(run));
  }
}
