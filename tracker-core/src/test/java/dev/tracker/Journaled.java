package dev.tracker;

import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalReader;
import dev.tracker.journal.RecordVisitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run's journal says, record by record, from its beginning. */
final class Journaled implements RecordVisitor {
  /** A log call, or where there are no values, a gap of as many rows as {@link #lost}. */
  record Row(long step, long globalStep, long micros, Map<String, Object> values, long lost) {}

  record Gap(long rows, long fromMicros, long toMicros, int afterRows) {}

  final List<Row> rows = new ArrayList<>();
  final List<Gap> gaps = new ArrayList<>();
  final Map<String, Kind> kinds = new LinkedHashMap<>();
  final RunDocument document = RunDocument.empty();
  long globalStep;

  private final Map<Integer, String> names = new HashMap<>();

  /** Reads the journal of a board's run; flushes the board first if it is open. */
  static Journaled of(Board board) {
    board.flush();
    return of(board.directory());
  }

  static Journaled of(Path run) {
    Journaled all = new Journaled();
    try (JournalReader reader =
        JournalReader.open(new RunLayout(run).journal(), 0, FileLayer.real())) {
      while (reader.nextFrame()) {
        reader.decode(all);
        all.globalStep = reader.after().globalStep();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** Returns the values of one series in order. */
  List<Object> values(String name) {
    return rows.stream()
        .map(Row::values)
        .filter(values -> values.containsKey(name))
        .map(values -> values.get(name))
        .toList();
  }

  List<Long> steps() {
    return rows.stream().map(Row::step).toList();
  }

  long lost() {
    return gaps.stream().mapToLong(Gap::rows).sum();
  }

  @Override
  public void series(int id, Kind kind, String name) {
    names.put(id, name);
    kinds.put(name, kind);
  }

  @Override
  public void row(long step, long rowGlobalStep, long micros, int values) {
    rows.add(new Row(step, rowGlobalStep, micros, new LinkedHashMap<>(), 0));
  }

  @Override
  public void value(int series, long bits) {
    String name = names.get(series);
    add(
        name,
        switch (kinds.get(name)) {
          case FLOAT64 -> Double.longBitsToDouble(bits);
          case INT64 -> bits;
          case BOOL -> bits != 0;
          default -> throw new AssertionError(name);
        });
  }

  @Override
  public void text(int series, byte[] bytes, int offset, int length) {
    add(names.get(series), new String(bytes, offset, length, StandardCharsets.UTF_8));
  }

  private void add(String name, Object value) {
    rows.get(rows.size() - 1).values().put(name, value);
  }

  @Override
  public void gap(long lost, long fromMicros, long toMicros) {
    gaps.add(new Gap(lost, fromMicros, toMicros, rows.size()));
  }

  @Override
  public void run(byte[] json) {
    try {
      document.patch(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
