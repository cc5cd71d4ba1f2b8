package dev.tracker;

import dev.tracker.format.Kind;
import dev.tracker.value.Table;
import dev.tracker.value.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * One series of a board, found once: the fastest way to log. {@link Board#metric(String)} gives it.
 *
 * <p>May be used by any number of threads. Its calls are log calls of one value, with the rules of
 * {@link Board}.
 */
public final class Metric {
  /** The series is not in the journal yet. */
  static final int NO_ID = -1;

  final String name;
  final Kind kind;

  /** The number on the board, see {@link Metrics}: what a slot holds in the series' stead. */
  final int number;

  /** The number in the journal. Of tracker-writer alone, once the board is open. */
  int id;

  /** Of a table: its columns, once it has any; then they stay. Written under this. */
  private volatile @Nullable TableSchema schema;

  private final Board board;

  /**
   * Where doubles go as they are; null where they do not: another kind of series, or a board that
   * is off.
   */
  private final @Nullable Ring doubles;

  Metric(Board board, String name, Kind kind, int number, int id, @Nullable Ring ring) {
    this.board = board;
    this.name = name;
    this.kind = kind;
    this.id = id;
    this.number = number;
    this.doubles = kind == Kind.FLOAT64 ? ring : null;
  }

  /** Returns the series' name. */
  public String name() {
    return name;
  }

  /** Logs a number, at the next step. */
  public void log(double value) {
    Ring ring = doubles;
    if (ring != null) {
      ring.put(this, Double.doubleToRawLongBits(value), Slots.ROW, 0);
    } else {
      board.logNumber(this, value, Slots.ROW, 0);
    }
  }

  /**
   * Logs a number, at a step of the caller's choice; see {@link Board#log(long, java.util.Map)}.
   */
  public void log(long step, double value) {
    Board.checkStep(step);
    Ring ring = doubles;
    if (ring != null) {
      ring.put(this, Double.doubleToRawLongBits(value), Slots.ROW_AT_STEP, step);
    } else {
      board.logNumber(this, value, Slots.ROW_AT_STEP, step);
    }
  }

  /** Logs an integer, at the next step; exact in a series declared as {@link SeriesKind#INT64}. */
  public void log(long value) {
    board.logNumber(this, value, Slots.ROW, 0);
  }

  /**
   * Logs an integer, at a step of the caller's choice; see {@link Board#log(long, java.util.Map)}.
   */
  public void log(long step, long value) {
    board.logNumber(this, value, Slots.ROW_AT_STEP, Board.checkStep(step));
  }

  /** Sets the columns of a table that was there before. */
  synchronized void schema(TableSchema known) {
    schema = known;
  }

  /** Returns the columns of the table; those of the given one, if it is the first. */
  TableSchema schema(Table table) {
    TableSchema known = schema;
    return known != null ? known : fixSchema(table);
  }

  private synchronized TableSchema fixSchema(Table table) {
    TableSchema known = schema; // another thread may have been faster
    if (known == null) {
      known = TableSchema.of(table);
      schema = known;
    }
    return known;
  }

  /** Returns the columns of the table; null where there are none yet. */
  @Nullable TableSchema schema() {
    return schema;
  }

  boolean isNumeric() {
    return kind == Kind.FLOAT64 || kind == Kind.INT64;
  }

  boolean takesDoubles() {
    return doubles != null;
  }

  @Override
  public String toString() {
    return "Metric[name=" + name + ", kind=" + kind + "]";
  }
}
