package dev.tracker.series;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tracker.format.Kind;
import dev.tracker.value.Histogram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Makes rows, and compares them. */
final class RowsModel {
  private static final List<String> TEXTS =
      List.of("", "a", "Überblick", "\uD83D\uDE00", "\0", "tab\tnew\nline", "x".repeat(3000));

  private static final long[] EDGES = {
    0,
    1,
    -1,
    Long.MIN_VALUE,
    Long.MAX_VALUE,
    Double.doubleToRawLongBits(-0.0),
    Double.doubleToRawLongBits(Double.MIN_VALUE),
    Double.doubleToRawLongBits(Double.POSITIVE_INFINITY),
    Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY),
    Double.doubleToRawLongBits(Double.NaN),
    0x7ff8_0000_dead_beefL, // a quiet NaN with a payload
    0x7ff0_0000_0000_0001L, // a signalling one
    0xfff8_0000_0000_0000L, // a negative one
  };

  private RowsModel() {}

  /** Rows of any values, edges among them. */
  static Rows random(Kind kind, int size, long seed) {
    Random random = new Random(seed);
    Rows rows = new Rows(kind, size);
    for (int i = 0; i < size; i++) {
      long step = random.nextInt(10) == 0 ? EDGES[random.nextInt(EDGES.length)] : i;
      long micros = 1_790_000_000_000_000L + random.nextInt(1_000_000);
      if (kind == Kind.STRING) {
        String text = TEXTS.get(random.nextInt(TEXTS.size()));
        addText(rows, step, seed, micros, text);
      } else if (!kind.isFixed()) {
        byte[] form = histogram(kind, random);
        rows.addText(step, seed, micros, form, 0, form.length);
      } else {
        long edge = EDGES[random.nextInt(EDGES.length)];
        long bits = random.nextBoolean() ? edge : random.nextLong();
        rows.add(step, seed, micros, kind == Kind.BOOL ? bits & 1 : bits);
      }
    }
    return rows;
  }

  /** Rows whose step is their number, from one on. */
  static Rows counted(Kind kind, int from, int size) {
    Rows rows = new Rows(kind, size);
    IntStream.range(from, from + size)
        .forEach(i -> {
          if (kind == Kind.STRING) {
            addText(rows, i, i / 10, 1000L * i, "row " + i);
          } else if (!kind.isFixed()) {
            byte[] form = histogram(kind, new Random(i));
            rows.addText(i, i / 10, 1000L * i, form, 0, form.length);
          } else {
            rows.add(i, i / 10, 1000L * i, kind == Kind.BOOL ? i % 3 & 1 : i);
          }
        });
    return rows;
  }

  /** A histogram of some values in its journal form. */
  private static byte[] histogram(Kind kind, Random random) {
    double[] values =
        random.doubles(random.nextInt(30)).map(x -> x < 0.05 ? Double.NaN : 1 / x).toArray();
    Histogram exact = Histogram.of(values).bins(1 + random.nextInt(70)).computeBins();
    Histogram histogram = kind == Kind.HISTOGRAM_U8 ? exact.compact() : exact;
    ByteBuffer form = ByteBuffer.allocate(histogram.encodedLength()).order(ByteOrder.LITTLE_ENDIAN);
    histogram.encode(form);
    return form.array();
  }

  static void addText(Rows rows, long step, long globalStep, long micros, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    rows.addText(step, globalStep, micros, utf8, 0, utf8.length);
  }

  static void addAll(Rows from, Rows into) {
    for (int i = 0; i < from.size(); i++) {
      into.add(from, i);
    }
  }

  /** Fails unless {@code found} is {@code expected} from one row on, as many as it has. */
  static void assertSlice(Rows expected, int offset, Rows found) {
    for (int i = 0; i < found.size(); i++) {
      int row = offset + i;
      assertEquals(expected.steps()[row], found.steps()[i], () -> "step of row " + row);
      assertEquals(
          expected.globalSteps()[row], found.globalSteps()[i], () -> "global step of row " + row);
      assertEquals(expected.micros()[row], found.micros()[i], () -> "time of row " + row);
      if (expected.kind().isFixed()) {
        assertEquals(expected.bits()[row], found.bits()[i], () -> "value of row " + row);
      } else {
        assertArrayEquals(expected.bytes(row), found.bytes(i), () -> "bytes of row " + row);
      }
    }
  }

  static void assertSame(Rows expected, Rows found) {
    assertEquals(expected.size(), found.size());
    assertSlice(expected, 0, found);
  }
}
