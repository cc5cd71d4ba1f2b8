package dev.tracker.read;

import dev.tracker.value.Column;
import dev.tracker.value.TableSchema;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table, in the order in which they were logged: all of them, or those that {@link
 * #steps} and {@link #where} leave, with the columns that {@link #select} names.
 *
 * <p>Nothing is read until rows are asked for, and then a few thousand at a time, whatever the
 * table holds. What is asked is answered as of the reader's present moment. An iteration lasts
 * until the reader is refreshed or closed.
 *
 * <p>Immutable; may be used from any thread.
 */
public final class TableRows implements Iterable<TableRow> {
  /** A column and what its cell must be. */
  private record Condition(int column, Predicate<@Nullable Object> holds) {}

  private final RunReader reader;
  private final String table;
  private final TableSchema schema;

  /** The numbers of the columns selected. */
  private final List<Integer> selected;

  private final List<Condition> conditions;
  private final long fromStep;
  private final long toStep;

  private TableRows(
      RunReader reader,
      String table,
      TableSchema schema,
      List<Integer> selected,
      List<Condition> conditions,
      long fromStep,
      long toStep) {
    this.reader = reader;
    this.table = table;
    this.schema = schema;
    this.selected = selected;
    this.conditions = conditions;
    this.fromStep = fromStep;
    this.toStep = toStep;
  }

  static TableRows all(RunReader reader, String table, TableSchema schema) {
    List<Integer> columns = new ArrayList<>();
    for (int i = 0; i < schema.columns().size(); i++) {
      columns.add(i);
    }
    return new TableRows(reader, table, schema, columns, List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
  }

  // ---- what

  /** Returns the columns that are selected. */
  public List<Column> columns() {
    return selected.stream().map(schema.columns()::get).toList();
  }

  /**
   * Returns the same rows with some of their columns: the others are not read.
   *
   * @throws IllegalArgumentException if there is no such column
   */
  public TableRows select(String... columns) {
    Set<Integer> places = new LinkedHashSet<>();
    for (String column : columns) {
      places.add(TablePages.Shape.index(schema, table, column));
    }
    return new TableRows(reader, table, schema, List.copyOf(places), conditions, fromStep, toStep);
  }

  /**
   * Returns the rows of these in which a cell is as wanted.
   *
   * @param column which one, selected or not
   * @param holds is given what {@link TableRow#get} returns, null included
   * @throws IllegalArgumentException if there is no such column
   */
  public TableRows where(String column, Predicate<@Nullable Object> holds) {
    List<Condition> more = new ArrayList<>(conditions);
    more.add(new Condition(TablePages.Shape.index(schema, table, column), holds));
    return new TableRows(reader, table, schema, selected, List.copyOf(more), fromStep, toStep);
  }

  /**
   * Returns the rows of these whose step is within a range.
   *
   * @param from the least step, included
   * @param to the greatest step, included
   */
  public TableRows steps(long from, long to) {
    return new TableRows(
        reader,
        table,
        schema,
        selected,
        conditions,
        Math.max(fromStep, from),
        Math.min(toStep, to));
  }

  // ---- rows

  /** Returns the number of rows. Where there are conditions or a range, they are read for it. */
  public long rows() {
    if (conditions.isEmpty() && isWhole()) {
      long known = reader.tableRows(table);
      if (known >= 0) {
        return known;
      }
    }
    long rows = 0;
    for (Pages pages = new Pages(List.of(), 0); pages.hasNext(); pages.next()) {
      rows++;
    }
    return rows;
  }

  private boolean isWhole() {
    return fromStep == Long.MIN_VALUE && toStep == Long.MAX_VALUE;
  }

  /**
   * Returns some rows.
   *
   * @param offset how many to pass over
   * @param limit how many to return at most
   * @throws IllegalArgumentException if there is no such page
   */
  public List<TableRow> page(long offset, int limit) {
    if (offset < 0 || limit < 0) {
      throw new IllegalArgumentException("no such page: offset=" + offset + " limit=" + limit);
    }
    List<TableRow> page = new ArrayList<>();
    long skip = conditions.isEmpty() ? 0 : offset;
    Pages pages = new Pages(selected, offset - skip);
    while (page.size() < limit && pages.hasNext()) {
      TableRow row = pages.next();
      if (skip > 0) {
        skip--;
      } else {
        page.add(row);
      }
    }
    return page;
  }

  /** Returns the rows one after the other, in the memory of a page. */
  @Override
  public Iterator<TableRow> iterator() {
    return new Pages(selected, 0);
  }

  private final class Pages implements Iterator<TableRow> {
    private final TablePages pages;

    /** Where the cells of the conditions are. */
    private final List<Integer> places = new ArrayList<>();

    private Iterator<TableRow> page = List.<TableRow>of().iterator();
    private @Nullable TableRow next;

    Pages(List<Integer> columns, long offset) {
      Set<Integer> read = new LinkedHashSet<>(columns);
      conditions.forEach(condition -> read.add(condition.column));
      TablePages.Shape shape = new TablePages.Shape(table, schema, List.copyOf(read));
      conditions.forEach(condition -> places.add(shape.places().indexOf(condition.column)));
      pages = reader.tablePages(shape, fromStep, toStep, offset);
    }

    private @Nullable TableRow find() {
      while (true) {
        while (page.hasNext()) {
          TableRow row = page.next();
          if (isWanted(row)) {
            return row;
          }
        }
        List<TableRow> more = reader.page(pages);
        if (more == null) {
          return null;
        }
        page = more.iterator();
      }
    }

    private boolean isWanted(TableRow row) {
      for (int i = 0; i < places.size(); i++) {
        if (!conditions.get(i).holds.test(row.cell(places.get(i)))) {
          return false;
        }
      }
      return true;
    }

    @Override
    public boolean hasNext() {
      if (next == null) {
        next = find();
      }
      return next != null;
    }

    @Override
    public TableRow next() {
      TableRow row = hasNext() ? next : null;
      if (row == null) {
        throw new NoSuchElementException("no further row: table='" + table + "'");
      }
      next = null;
      return row;
    }
  }
}
