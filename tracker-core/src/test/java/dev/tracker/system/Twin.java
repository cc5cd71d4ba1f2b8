package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.Row;
import dev.tracker.SeriesKind;
import java.util.LinkedHashMap;
import java.util.Map;

/** A board and its model: every call goes to both. For one thread. */
public final class Twin {
  private final Board board;
  private final Model model;

  public Twin(Board board, Model model) {
    this.board = board;
    this.model = model;
  }

  public void log(String name, double value) {
    board.log(name, value);
    model.row(Map.of(name, value));
  }

  public void log(String name, long value) {
    board.log(name, value);
    model.row(Map.of(name, value));
  }

  public void log(String name, Object value) {
    board.log(name, value);
    model.row(values(name, value));
  }

  public void log(String a, double x, String b, double y) {
    board.log(a, x, b, y);
    model.row(values(a, x, b, y));
  }

  public void log(String a, double x, String b, double y, String c, double z) {
    board.log(a, x, b, y, c, z);
    model.row(values(a, x, b, y, c, z));
  }

  public void log(Map<String, ?> values) {
    board.log(values);
    model.row(values);
  }

  public void log(long step, Map<String, ?> values) {
    board.log(step, values);
    model.rowAt(step, values);
  }

  public void logByHandle(String name, double value) {
    board.metric(name).log(value);
    model.row(Map.of(name, value));
  }

  public void logByHandle(String name, long step, double value) {
    board.metric(name).log(step, value);
    model.rowAt(step, Map.of(name, value));
  }

  public void logRow(boolean autoStep, Map<String, Object> values) {
    Row row = board.row().autoStep(autoStep);
    values.forEach(row::put);
    row.log();
    if (autoStep) {
      model.row(values);
    } else {
      model.rowKeepingStep(values);
    }
  }

  public void declare(String name, SeriesKind kind) {
    board.metric(name, kind);
    model.declare(name, kind);
  }

  public void step() {
    board.step();
    model.step();
  }

  public void globalStep(long value) {
    board.globalStep(value);
    model.globalStep(value);
  }

  /** Returns names and values as a map that keeps their order and may hold null. */
  public static Map<String, Object> values(Object... pairs) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      values.put((String) pairs[i], pairs[i + 1]);
    }
    return values;
  }
}
