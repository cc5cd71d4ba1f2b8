package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.format.Tile;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.StepRange;
import dev.tracker.metadata.Tiles;
import dev.tracker.read.MetricSummary;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunState;
import dev.tracker.read.Scalars;
import dev.tracker.read.StepHistory;
import dev.tracker.read.Strings;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Writes a run's journal, going back now and then, and remembers in lists what the run must hold.
 *
 * <p>Rows have values of some of the series; steps are automatic, kept, or given; global steps move
 * up and down.
 */
final class RewindScript implements AutoCloseable {
  /** A log call; {@code values[id]} is null for a series without a value in it. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares calls
  private record Call(long step, long globalStep, long micros, Long[] values) {}

  private final RunLayout layout;
  private final Random random;
  private final List<Kind> kinds = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private JournalWriter journal;
  private boolean declared;
  private long step;
  private long globalStep;
  private long time = 1_700_000_000_000_000L;

  RewindScript(RunLayout layout, Random random) throws IOException {
    this(layout, random, 1, scalars());
  }

  RewindScript(RunLayout layout, Random random, int width, Kind... kindsOfSeries)
      throws IOException {
    this.layout = layout;
    this.random = random;
    for (Kind kind : kindsOfSeries) {
      for (int i = 0; i < width; i++) {
        kinds.add(kind);
      }
    }
    Files.createDirectories(layout.journal());
    journal = JournalWriter.open(layout.journal(), Counters.START, FileLayer.real());
  }

  JournalWriter journal() {
    return journal;
  }

  int width() {
    return kinds.size();
  }

  String name(int id) {
    return "series/" + id;
  }

  /** The step that the next automatic row takes. */
  long step() {
    return step;
  }

  void log(int count) throws IOException {
    if (!declared) {
      declared = true;
      for (int id = 0; id < kinds.size(); id++) {
        journal.series(id, kinds.get(id), name(id));
      }
    }
    for (int i = 0; i < count; i++) {
      call();
      if (random.nextInt(100) == 0) {
        journal.write();
      }
    }
    journal.write();
  }

  /** Prints a line to the console. */
  void print(String line) throws IOException {
    journal.console(ConsoleStream.OUT, time, line);
    journal.write();
  }

  private void call() {
    if (random.nextInt(40) == 0) {
      globalStep = random.nextInt(10) == 0 ? random.nextInt(20) : globalStep + 1;
      journal.globalStep(globalStep);
    }
    Long[] values = new Long[kinds.size()];
    int count = 0;
    for (int id = 0; id < values.length; id++) {
      if (id == 0 || random.nextInt(4) > 0) {
        values[id] = value(kinds.get(id));
        count++;
      }
    }
    time += 1 + random.nextInt(2_000);
    long taken = begin(count);
    for (int id = 0; id < values.length; id++) {
      if (values[id] != null) {
        write(id, values[id]);
      }
    }
    calls.add(new Call(taken, globalStep, time, values));
  }

  private long begin(int count) {
    int how = random.nextInt(40);
    if (how == 0) {
      long taken = random.nextLong(Math.max(1, step));
      journal.beginRowAt(taken, time, count);
      step = Math.max(step, taken + 1);
      return taken;
    }
    if (how == 1) {
      journal.beginRowKeeping(time, count);
      return step;
    }
    journal.beginRow(time, count);
    return step++;
  }

  private static Kind[] scalars() {
    return Arrays.stream(Kind.values()).filter(Kind::isScalar).toArray(Kind[]::new);
  }

  private Long value(Kind kind) {
    return switch (kind) {
      case FLOAT64 ->
          Double.doubleToRawLongBits(random.nextInt(20) == 0 ? Double.NaN : random.nextGaussian());
      case INT64 -> random.nextLong();
      case BOOL -> (long) random.nextInt(2);
      case STRING -> (long) random.nextInt(1_000);
      default -> throw new AssertionError(kind);
    };
  }

  private void write(int id, long value) {
    switch (kinds.get(id)) {
      case FLOAT64, INT64 -> journal.value(id, value);
      case BOOL -> journal.bool(id, value != 0);
      case STRING -> journal.text(id, text(value));
      default -> throw new AssertionError(kinds.get(id));
    }
  }

  private static String text(long value) {
    return "é".repeat((int) (value % 3)) + value;
  }

  /** Goes back as a board does. */
  void rewind(long to) throws IOException {
    long found = StepHistory.globalStepAt(layout, to);
    calls.removeIf(call -> call.step() > to);
    long expected = calls.isEmpty() ? 0 : calls.get(calls.size() - 1).globalStep();
    assertEquals(expected, found, "global step at " + to);
    step = Math.min(step, to + 1);
    globalStep = expected;
    journal.rewind(to, expected);
    journal.write();
  }

  /** Goes on as another process does. */
  void reopen() throws IOException {
    journal.close();
    journal =
        JournalWriter.open(layout.journal(), RunState.load(layout).counters(), FileLayer.real());
  }

  int sizeOf(int id) {
    return rows(id).size();
  }

  long seriesWithRows() {
    return IntStream.range(0, kinds.size()).filter(id -> sizeOf(id) > 0).count();
  }

  private List<Call> rows(int id) {
    return calls.stream().filter(call -> call.values()[id] != null).toList();
  }

  // ---- checking

  void check() throws IOException {
    check(layout);
    RunState state = RunState.load(layout);
    assertEquals(step, state.counters().step());
    assertEquals(globalStep, state.counters().globalStep());
  }

  void check(RunLayout where) {
    try (RunReader reader = RunReader.open(where.root())) {
      check(reader);
    }
  }

  /** Checks what a reader says whose moment is the present one. */
  void check(RunReader reader) {
    long from = random.nextLong(-2, step + 3);
    long to = random.nextLong(from, step + 5);
    assertEquals(declared ? kinds.size() : 0, reader.metrics().size());
    for (int id = 0; declared && id < kinds.size(); id++) {
      List<Call> expected = rows(id);
      check(reader, id, expected);
      checkSummary(reader, id, expected);
      if (kinds.get(id) != Kind.STRING) {
        Scalars part = reader.scalars(name(id), from, to);
        long[] steps =
            expected.stream().mapToLong(Call::step).filter(s -> s >= from && s <= to).toArray();
        assertArrayEquals(steps, part.steps(), name(id) + " " + from + ".." + to);
      }
    }
  }

  private void checkSummary(RunReader reader, int id, List<Call> expected) {
    MetricSummary found = reader.summary(name(id));
    assertEquals(expected.size(), found.rows(), name(id));
    Call last = expected.isEmpty() ? null : expected.get(expected.size() - 1);
    assertEquals(last == null ? -1 : last.step(), found.stepOfLast(), name(id));
    long high = expected.stream().mapToLong(Call::step).max().orElse(-1);
    long low = expected.stream().mapToLong(Call::step).min().orElse(-1);
    assertEquals(low + ".." + high, found.firstStep() + ".." + found.lastStep(), name(id));
    if (kinds.get(id) == Kind.STRING) {
      String text = last == null ? null : text(last.values()[id]);
      assertEquals(Optional.ofNullable(text), found.lastText());
      return;
    }
    Call least = null;
    Call greatest = null;
    Call nan = null;
    long nans = 0;
    double sum = 0;
    for (Call call : expected) {
      double value = number(id, call);
      if (Double.isNaN(value)) {
        nan = nan == null ? call : nan;
        nans++;
        continue;
      }
      sum += value;
      least = least == null || less(id, call, least) ? call : least;
      greatest = greatest == null || less(id, greatest, call) ? call : greatest;
    }
    assertEquals(nans, found.nans(), name(id));
    assertEquals(nan == null ? -1 : nan.step(), reader.firstNan(name(id)).orElse(-1), name(id));
    assertEquals(least == null ? Double.NaN : number(id, least), found.min(), name(id));
    assertEquals(least == null ? -1 : least.step(), found.stepOfMin(), name(id));
    assertEquals(greatest == null ? Double.NaN : number(id, greatest), found.max(), name(id));
    assertEquals(greatest == null ? -1 : greatest.step(), found.stepOfMax(), name(id));
    double mean = sum / (expected.size() - nans);
    double tolerance = kinds.get(id) == Kind.FLOAT64 ? 1e-9 : 1e4 + Math.abs(mean) * 1e-9;
    assertTrue(
        Double.isNaN(mean)
            ? Double.isNaN(found.mean())
            : Math.abs(mean - found.mean()) <= tolerance,
        () -> name(id) + " mean expected " + mean + " and is " + found.mean());
  }

  private boolean less(int id, Call a, Call b) {
    return kinds.get(id) == Kind.FLOAT64
        ? number(id, a) < number(id, b)
        : a.values()[id] < b.values()[id];
  }

  private double number(int id, Call call) {
    return kinds.get(id) == Kind.FLOAT64
        ? Double.longBitsToDouble(call.values()[id])
        : call.values()[id];
  }

  /** Returns the rows of a series as somebody who followed it should know them. */
  List<String> told(int id) {
    return rows(id).stream().map(call -> call.step() + " " + number(id, call)).toList();
  }

  /** Checks the ranges of global steps; nothing that goes back may be waiting for the sealer. */
  void checkSteps(RunReader reader) {
    assertEquals(ranges(), reader.steps());
  }

  private void check(RunReader reader, int id, List<Call> expected) {
    String name = name(id);
    if (kinds.get(id) == Kind.STRING) {
      Strings found = reader.strings(name);
      assertArrayEquals(expected.stream().mapToLong(Call::step).toArray(), found.steps(), name);
      assertArrayEquals(
          expected.stream().map(call -> text(call.values()[id])).toArray(), found.values(), name);
      return;
    }
    Scalars found = reader.scalars(name);
    assertArrayEquals(expected.stream().mapToLong(Call::step).toArray(), found.steps(), name);
    assertArrayEquals(
        expected.stream().mapToLong(Call::globalStep).toArray(), found.globalSteps(), name);
    assertArrayEquals(
        expected.stream().mapToLong(Call::micros).toArray(), found.timestamps(), name);
    for (int i = 0; i < found.size(); i++) {
      long bits =
          kinds.get(id) == Kind.FLOAT64
              ? Double.doubleToRawLongBits(found.values()[i])
              : found.longs()[i];
      assertEquals(expected.get(i).values()[id], bits, name);
    }
  }

  /** Checks tiles, statistics and ranges of global steps; everything must be sealed. */
  void checkMetadata() throws IOException {
    for (SeriesEntry entry : MetadataReader.read(layout.metadata()).orElseThrow().series()) {
      List<Call> expected = rows(entry.id());
      assertEquals(expected.size(), entry.rows(), entry.name());
      checkTiles(entry, expected);
    }
    List<StepRange> expected = ranges();
    List<StepRange> found = MetadataReader.steps(layout.metadata(), Long.MIN_VALUE, Long.MAX_VALUE);
    for (int i = 0; i < Math.min(expected.size(), found.size()); i++) {
      assertEquals(expected.get(i), found.get(i));
    }
    assertEquals(expected.size(), found.size());
  }

  private void checkTiles(SeriesEntry entry, List<Call> expected) throws IOException {
    int full = expected.size() / Tile.ROWS;
    Tiles tiles = MetadataReader.tiles(layout.metadata(), entry, 0, 0, full + 1).orElseThrow();
    assertEquals(full, tiles.size(), entry.name());
    for (int i = 0; i < full; i++) {
      same(tile(entry, expected.subList(i * Tile.ROWS, (i + 1) * Tile.ROWS)), tiles.get(i));
    }
    List<Call> rest = expected.subList(full * Tile.ROWS, expected.size());
    if (rest.isEmpty()) {
      assertNull(entry.tail());
    } else {
      same(tile(entry, rest), entry.tail());
    }
    Tile all = tile(entry, expected);
    assertEquals(all.nans(), entry.stats().nans());
    if (entry.kind() != Kind.STRING && !expected.isEmpty()) {
      assertEquals(all.min(), entry.stats().min(), entry.name());
      assertEquals(all.max(), entry.stats().max(), entry.name());
      assertEquals(all.stepLow(), entry.firstStep());
      assertEquals(all.stepHigh(), entry.lastStep());
    }
  }

  private Tile tile(SeriesEntry entry, List<Call> rows) {
    Tile tile = new Tile(entry.kind());
    tile.add(
        rows.stream().mapToLong(Call::step).toArray(),
        rows.stream().mapToLong(Call::globalStep).toArray(),
        rows.stream().mapToLong(Call::micros).toArray(),
        rows.stream()
            .mapToLong(call -> entry.kind() == Kind.STRING ? 0 : call.values()[entry.id()])
            .toArray(),
        0,
        rows.size());
    return tile;
  }

  private static void same(Tile expected, Tile actual) {
    assertEquals(expected.count(), actual.count());
    assertEquals(expected.stepLow(), actual.stepLow());
    assertEquals(expected.stepHigh(), actual.stepHigh());
    assertEquals(expected.globalLow(), actual.globalLow());
    assertEquals(expected.globalHigh(), actual.globalHigh());
    assertEquals(expected.microsLow(), actual.microsLow());
    assertEquals(expected.microsHigh(), actual.microsHigh());
    assertEquals(expected.min(), actual.min());
    assertEquals(expected.max(), actual.max());
    assertEquals(expected.first(), actual.first());
    assertEquals(expected.last(), actual.last());
    assertEquals(expected.nans(), actual.nans());
  }

  private List<StepRange> ranges() {
    Map<Long, StepRange> ranges = new TreeMap<>();
    for (Call call : calls) {
      ranges.merge(
          call.globalStep(),
          new StepRange(
              call.globalStep(), call.step(), call.step(), call.micros(), call.micros(), 1),
          (a, b) ->
              new StepRange(
                  a.globalStep(),
                  Math.min(a.firstStep(), b.firstStep()),
                  Math.max(a.lastStep(), b.lastStep()),
                  Math.min(a.firstMicros(), b.firstMicros()),
                  Math.max(a.lastMicros(), b.lastMicros()),
                  a.rows() + b.rows()));
    }
    return List.copyOf(ranges.values());
  }

  void end() throws IOException {
    journal.close();
  }

  @Override
  public void close() throws IOException {
    end();
  }
}
