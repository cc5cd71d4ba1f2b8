package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.read.Axis;
import dev.tracker.read.Curve;
import dev.tracker.read.RunReader;
import dev.tracker.read.ScalarCursor;
import dev.tracker.read.Scalars;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;

/**
 * Writes series of numbers of every kind in every order of steps, seals and rewinds now and then,
 * and compares what a reader makes of them with what the rows say one by one.
 */
final class CurveScript implements AutoCloseable {
  private static final Kind[] KINDS = {Kind.FLOAT64, Kind.INT64, Kind.BOOL};
  private static final long CREATED = 1_700_000_000_000_000L;

  private record Row(long step, long globalStep, long micros, long bits) {}

  /** How steps follow one another. */
  enum Order {
    ASCENDING,
    REPEATED,
    WITH_GAPS,
    NEARLY_ASCENDING,
    ANYHOW,
    WITH_OUTLIERS
  }

  private final RunLayout layout;
  private final Random random;
  private final JournalWriter journal;
  private final List<List<Row>> series = new ArrayList<>();

  /** The least and greatest place on each axis of any row there ever was. */
  private final Map<Axis, long[]> utmost = new EnumMap<>(Axis.class);

  private long step;
  private long globalStep;
  private long time = CREATED + 12_345;

  CurveScript(RunLayout layout, Random random) throws IOException {
    this.layout = layout;
    this.random = random;
    Files.createDirectories(layout.journal());
    journal = JournalWriter.open(layout.journal(), Counters.START, FileLayer.real());
    journal.run("{\"created\":\"2023-11-14T22:13:20Z\"}".getBytes(StandardCharsets.UTF_8));
    for (int id = 0; id < KINDS.length; id++) {
      journal.series(id, KINDS[id], name(id));
      series.add(new ArrayList<>());
    }
    journal.write();
    for (Axis axis : Axis.values()) {
      utmost.put(axis, new long[] {Long.MAX_VALUE, Long.MIN_VALUE});
    }
  }

  static String name(int id) {
    return "series/" + KINDS[id];
  }

  static int count() {
    return KINDS.length;
  }

  void log(int rows, Order order) throws IOException {
    boolean broken = random.nextInt(12) == 0; // nothing but NaN
    for (int i = 0; i < rows; i++) {
      if (random.nextInt(700) == 0) {
        globalStep = random.nextInt(10) == 0 ? random.nextInt(20) : globalStep + 1;
        journal.globalStep(globalStep);
      }
      time += random.nextInt(3) == 0 ? 0 : random.nextInt(50);
      boolean all = random.nextInt(3) == 0;
      long taken = next(order);
      journal.beginRowAt(taken, time, all ? count() : 1);
      for (int id = 0; id < (all ? count() : 1); id++) {
        value(id, taken, broken);
      }
      if (random.nextInt(500) == 0) {
        journal.write();
      }
    }
    journal.write();
  }

  private long next(Order order) {
    return switch (order) {
      case ASCENDING -> step++;
      case REPEATED -> random.nextInt(10) == 0 ? ++step : step;
      case WITH_GAPS -> step += 1 + (random.nextInt(100) == 0 ? random.nextInt(5_000) : 0);
      case NEARLY_ASCENDING -> Math.max(0, ++step + random.nextInt(40) - 20);
      case ANYHOW -> random.nextLong(++step);
      case WITH_OUTLIERS ->
          random.nextInt(1_000) == 0 ? random.nextLong(-1_000_000, 1_000_000) : ++step;
    };
  }

  private void value(int id, long taken, boolean broken) {
    long bits =
        switch (KINDS[id]) {
          case FLOAT64 -> Double.doubleToRawLongBits(broken ? Double.NaN : number());
          case INT64 -> random.nextInt(100) == 0 ? random.nextLong() : random.nextInt(1_000);
          default -> random.nextInt(2);
        };
    if (KINDS[id] == Kind.BOOL) {
      journal.bool(id, bits != 0);
    } else {
      journal.value(id, bits);
    }
    Row row = new Row(taken, globalStep, time, bits);
    series.get(id).add(row);
    for (Axis axis : Axis.values()) {
      long[] ends = utmost.get(axis);
      ends[0] = Math.min(ends[0], place(axis).applyAsLong(row));
      ends[1] = Math.max(ends[1], place(axis).applyAsLong(row));
    }
  }

  private double number() {
    return switch (random.nextInt(2_000)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      case 2 -> Double.NEGATIVE_INFINITY;
      case 3 -> -0.0;
      case 4 -> 1e9; // a spike
      default -> random.nextGaussian();
    };
  }

  void seal() throws IOException {
    try (RunSealer sealer = RunSealer.open(layout, FileLayer.real())) {
      while (sealer.sealWindow() != null) {
        journal.release(sealer.checkpoint().position());
      }
    }
  }

  void rewind() throws IOException {
    long to = step <= 0 ? -1 : random.nextLong(-1, step + 1);
    List<Row> all = series.get(0); // every row has a value of it
    series.forEach(rows -> rows.removeIf(row -> row.step > to));
    globalStep = all.isEmpty() ? 0 : all.get(all.size() - 1).globalStep;
    step = Math.min(step, to + 1);
    journal.rewind(to, globalStep);
    journal.write();
  }

  private static ToLongFunction<Row> place(Axis axis) {
    return switch (axis) {
      case STEP -> Row::step;
      case GLOBAL_STEP -> Row::globalStep;
      case TIME -> Row::micros;
      case RELATIVE_TIME -> row -> row.micros - CREATED;
    };
  }

  /** Compares curves, ranges and cursors on every axis. */
  void check() {
    try (RunReader reader = RunReader.open(layout.root())) {
      for (int id = 0; id < count(); id++) {
        for (Axis axis : Axis.values()) {
          check(reader, id, axis, Long.MIN_VALUE, Long.MAX_VALUE);
          long[] ends = utmost.get(axis);
          if (ends[0] <= ends[1]) {
            long from = random.nextLong(ends[0] - 2, ends[1] + 2);
            check(reader, id, axis, from, random.nextLong(from, ends[1] + 3));
          }
        }
      }
    }
  }

  private void check(RunReader reader, int id, Axis axis, long from, long to) {
    ToLongFunction<Row> place = place(axis);
    List<Row> rows =
        series.get(id).stream()
            .filter(row -> place.applyAsLong(row) >= from && place.applyAsLong(row) <= to)
            .toList();
    String what = name(id) + " " + axis + " " + from + ".." + to;
    checkRows(reader.scalars(name(id), axis, from, to), rows, what);
    checkCursor(reader.cursor(name(id), axis, from, to), rows, what);
    for (int buckets : new int[] {1, 1 + random.nextInt(4), 1 + random.nextInt(60), 3_000}) {
      Curve curve = reader.curve(name(id), axis, from, to, buckets);
      check(curve, id, rows, axis, what + " into " + buckets);
      assertTrue(curve.size() <= buckets, what);
      long[] ends = utmost.get(axis);
      double width = (double) (Math.min(to, ends[1]) - Math.max(from, ends[0]) + 1) / buckets;
      for (int i = 0; i < curve.size(); i++) {
        assertTrue(curve.to(i) - curve.from(i) <= 1.5 * width + 1, what + " into " + buckets);
      }
    }
  }

  private static void checkRows(Scalars found, List<Row> rows, String what) {
    assertArrayEquals(rows.stream().mapToLong(Row::step).toArray(), found.steps(), what);
    assertArrayEquals(
        rows.stream().mapToLong(Row::globalStep).toArray(), found.globalSteps(), what);
    assertArrayEquals(rows.stream().mapToLong(Row::micros).toArray(), found.timestamps(), what);
  }

  private static void checkCursor(ScalarCursor cursor, List<Row> rows, String what) {
    for (Row row : rows) {
      assertTrue(cursor.next(), what);
      assertEquals(row.step, cursor.step(), what);
      assertEquals(row.globalStep, cursor.globalStep(), what);
      assertEquals(row.micros, cursor.timestamp(), what);
    }
    assertTrue(!cursor.next(), what);
  }

  private void check(Curve curve, int id, List<Row> rows, Axis axis, String what) {
    ToLongFunction<Row> place = place(axis);
    long seen = 0;
    List<List<Row>> buckets = new ArrayList<>();
    for (int i = 0; i < curve.size(); i++) {
      buckets.add(new ArrayList<>());
      assertTrue(i == 0 || curve.to(i - 1) < curve.from(i), what + ": buckets overlap");
    }
    for (Row row : rows) {
      int i = find(curve, place.applyAsLong(row));
      if (i >= 0) {
        buckets.get(i).add(row);
        seen++;
      }
    }
    assertEquals(rows.size(), seen, what + ": rows in buckets");
    for (int i = 0; i < curve.size(); i++) {
      check(curve, i, KINDS[id], buckets.get(i), place, what + " bucket " + i);
    }
  }

  /** Returns the bucket whose range a place is in; -1 for none. */
  private static int find(Curve curve, long place) {
    int low = 0;
    int high = curve.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (place < curve.from(middle)) {
        high = middle - 1;
      } else if (place > curve.to(middle)) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  private static void check(
      Curve curve, int i, Kind kind, List<Row> rows, ToLongFunction<Row> place, String what) {
    assertEquals(rows.size(), curve.count(i), what);
    assertEquals(rows.stream().mapToLong(place).min().orElseThrow(), curve.from(i), what);
    assertEquals(rows.stream().mapToLong(place).max().orElseThrow(), curve.to(i), what);
    assertEquals(rows.stream().mapToLong(Row::step).min().orElseThrow(), curve.fromStep(i), what);
    assertEquals(rows.stream().mapToLong(Row::step).max().orElseThrow(), curve.toStep(i), what);
    assertEquals(
        rows.stream().mapToLong(Row::globalStep).min().orElseThrow(),
        curve.fromGlobalStep(i),
        what);
    assertEquals(
        rows.stream().mapToLong(Row::globalStep).max().orElseThrow(), curve.toGlobalStep(i), what);
    assertEquals(rows.stream().mapToLong(Row::micros).min().orElseThrow(), curve.fromTime(i), what);
    assertEquals(rows.stream().mapToLong(Row::micros).max().orElseThrow(), curve.toTime(i), what);
    if (kind != Kind.FLOAT64) {
      assertEquals(rows.stream().mapToLong(Row::bits).min().orElseThrow(), curve.minLong(i), what);
      assertEquals(rows.stream().mapToLong(Row::bits).max().orElseThrow(), curve.maxLong(i), what);
      assertEquals(rows.get(0).bits, curve.firstLong(i), what);
      assertEquals(rows.get(rows.size() - 1).bits, curve.lastLong(i), what);
    }
    checkNumbers(
        curve,
        i,
        rows.stream()
            .mapToDouble(
                row -> kind == Kind.FLOAT64 ? Double.longBitsToDouble(row.bits) : (double) row.bits)
            .toArray(),
        what);
  }

  private static void checkNumbers(Curve curve, int i, double[] numbers, String what) {
    double min = Double.NaN;
    double max = Double.NaN;
    double sum = 0;
    double size = 0;
    int finite = 0;
    int nans = 0;
    int high = 0;
    int low = 0;
    for (double number : numbers) {
      if (Double.isNaN(number)) {
        nans++;
        continue;
      }
      min = Double.isNaN(min) ? number : Math.min(min, number);
      max = Double.isNaN(max) ? number : Math.max(max, number);
      high += number == Double.POSITIVE_INFINITY ? 1 : 0;
      low += number == Double.NEGATIVE_INFINITY ? 1 : 0;
      if (Double.isFinite(number)) {
        finite++;
        sum += number;
        size += Math.abs(number);
      }
    }
    assertEquals(min, curve.min(i), what);
    assertEquals(max, curve.max(i), what);
    assertEquals(numbers[0], curve.first(i), what);
    assertEquals(numbers[numbers.length - 1], curve.last(i), what);
    assertEquals(nans, curve.nans(i), what);
    assertEquals(high, curve.positiveInfinities(i), what);
    assertEquals(low, curve.negativeInfinities(i), what);
    if (finite == 0) {
      assertEquals(Double.NaN, curve.mean(i), what);
      assertEquals(Double.NaN, curve.deviation(i), what);
      return;
    }
    double mean = sum / finite;
    assertEquals(mean, curve.mean(i), 1e-12 * size, what);
    double squares = 0;
    for (double number : numbers) {
      squares += Double.isFinite(number) ? (number - mean) * (number - mean) : 0;
    }
    double deviation = Math.sqrt(squares / finite);
    assertEquals(deviation, curve.deviation(i), 1e-6 * (deviation + Math.abs(mean)), what);
  }

  @Override
  public void close() throws IOException {
    journal.close();
  }
}
