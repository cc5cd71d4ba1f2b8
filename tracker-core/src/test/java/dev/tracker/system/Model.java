package dev.tracker.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tracker.SeriesKind;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.read.Strings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a run must hold after a sequence of calls by one thread, by the rules of the design and
 * nothing else.
 */
public final class Model {
  private record Entry(long step, long globalStep, Object value) {}

  private static final class Series {
    final SeriesKind kind;
    final List<Entry> rows = new ArrayList<>();

    Series(SeriesKind kind) {
      this.kind = kind;
    }
  }

  private final Map<String, Series> series = new LinkedHashMap<>();
  private final Set<String> used = new LinkedHashSet<>();
  private long nextStep;
  private long globalStep;
  private long calls;

  /** A call that takes the next step. */
  public void row(Map<String, ?> values) {
    if (add(nextStep, values)) {
      nextStep++;
    }
  }

  /** A call that takes the current step. */
  public void rowKeepingStep(Map<String, ?> values) {
    add(nextStep, values);
  }

  /** A call with a step of its own. */
  public void rowAt(long step, Map<String, ?> values) {
    if (add(step, values)) {
      nextStep = Math.max(nextStep, step + 1);
    }
  }

  public void step() {
    globalStep++;
  }

  public void globalStep(long value) {
    globalStep = value;
  }

  /** A series that is made to hold something before its first value. */
  public void declare(String name, SeriesKind kind) {
    series.putIfAbsent(name, new Series(kind));
  }

  /** Returns how many calls had at least one value that fits. */
  public long calls() {
    return calls;
  }

  private boolean add(long step, Map<String, ?> values) {
    boolean any = false;
    for (Map.Entry<String, ?> each : values.entrySet()) {
      Object value = each.getValue();
      if (value == null) {
        continue;
      }
      Series target = series.get(each.getKey());
      if (target == null) {
        target = new Series(kindOf(value));
        series.put(each.getKey(), target);
      }
      Object fitting = fit(target.kind, value);
      if (fitting != null) {
        target.rows.add(new Entry(step, globalStep, fitting));
        used.add(each.getKey());
        any = true;
      }
    }
    calls += any ? 1 : 0;
    return any;
  }

  private static SeriesKind kindOf(Object value) {
    if (value instanceof Boolean) {
      return SeriesKind.BOOL;
    }
    return value instanceof String ? SeriesKind.STRING : SeriesKind.FLOAT64;
  }

  /** Returns what a series keeps of a value: bits, or a text; null where it does not fit. */
  private static Object fit(SeriesKind kind, Object value) {
    return switch (kind) {
      case FLOAT64 ->
          value instanceof Number number ? Double.doubleToRawLongBits(number.doubleValue()) : null;
      case INT64 ->
          value instanceof Number number && isIntegral(number) ? number.longValue() : null;
      case BOOL -> value instanceof Boolean bool ? (bool ? 1L : 0L) : null;
      case STRING -> value instanceof String text ? wellFormed(text) : null;
    };
  }

  /** Text is kept as UTF-8, which has no halves of surrogate pairs. */
  private static String wellFormed(String text) {
    return text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isIntegral(Number value) {
    return value instanceof Double real
        ? real == Math.rint(real) && real >= Long.MIN_VALUE && real < 0x1p63
        : value instanceof Long || value instanceof Integer;
  }

  /** Checks that a reader shows this and nothing else. */
  public void check(RunReader reader) {
    assertEquals(List.copyOf(used), reader.metrics(), "metrics in order of first use");
    for (String name : used) {
      check(reader, name);
    }
  }

  private void check(RunReader reader, String name) {
    Series expected = series.get(name);
    if (expected.kind == SeriesKind.STRING) {
      checkTexts(name, expected.rows, reader.strings(name));
      return;
    }
    check(name, expected, expected.rows, reader.scalars(name));
    for (long[] range :
        new long[][] {
          {0, 0}, {0, nextStep / 2}, {nextStep / 3, nextStep / 2}, {-5, Long.MAX_VALUE}
        }) {
      List<Entry> within =
          expected.rows.stream()
              .filter(row -> row.step >= range[0] && row.step <= range[1])
              .toList();
      check(
          name + " " + range[0] + ".." + range[1],
          expected,
          within,
          reader.scalars(name, range[0], range[1]));
    }
  }

  private static void check(String what, Series series, List<Entry> rows, Scalars found) {
    assertEquals(rows.size(), found.size(), what);
    checkSteps(what, rows, found.steps(), found.globalSteps());
    long[] bits = rows.stream().mapToLong(row -> (Long) row.value).toArray();
    if (series.kind == SeriesKind.FLOAT64) {
      long[] values = new long[found.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = Double.doubleToRawLongBits(found.values()[i]);
      }
      assertArrayEquals(bits, values, what + " values, bit for bit");
    } else {
      assertArrayEquals(bits, found.longs(), what + " values");
    }
  }

  private static void checkTexts(String name, List<Entry> rows, Strings found) {
    assertEquals(rows.size(), found.size(), name);
    checkSteps(name, rows, found.steps(), found.globalSteps());
    assertArrayEquals(rows.stream().map(Entry::value).toArray(), found.values(), name + " values");
  }

  private static void checkSteps(String what, List<Entry> rows, long[] steps, long[] globalSteps) {
    assertArrayEquals(rows.stream().mapToLong(Entry::step).toArray(), steps, what + " steps");
    assertArrayEquals(
        rows.stream().mapToLong(Entry::globalStep).toArray(), globalSteps, what + " global steps");
  }
}
