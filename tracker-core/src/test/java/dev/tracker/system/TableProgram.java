package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import dev.tracker.read.TableRow;
import dev.tracker.read.TableRows;
import dev.tracker.value.Table;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program that appends a million rows to one table over many steps, and reads them by page,
 * column, range and condition, while the run is written and after it: it says {@code live right}
 * and {@code finished right}.
 *
 * <p>Argument: root.
 */
public final class TableProgram {
  public static final int ROWS = 1_000_000;
  private static final int PER_STEP = 2_000;

  private TableProgram() {}

  public static void main(String[] args) {
    Board.Builder builder = Board.builder("tables").root(Path.of(args[0])).id("run");
    Path run;
    try (Board board = builder.queueBytes(8 << 20).closeTimeout(Duration.ofMinutes(4)).open()) {
      run = board.directory();
      for (int first = 0; first < ROWS; first += PER_STEP) {
        board.log("t", table(first));
      }
      board.flush();
      check(run);
      System.out.println("live right");
    }
    check(run);
    System.out.println("finished right");
  }

  private static Table table(int first) {
    double[] numbers = new double[PER_STEP];
    String[] texts = new String[PER_STEP];
    for (int i = 0; i < PER_STEP; i++) {
      numbers[i] = first + i;
      texts[i] = text(first + i);
    }
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put("number", numbers);
    columns.put("text", texts);
    columns.put("nothing", Collections.nCopies(PER_STEP, null));
    return Table.ofColumns(columns);
  }

  /** With what stands around it the rows take more than the heap has. */
  private static String text(long i) {
    return "row " + i + " of a table that is larger than the heap of the program which reads it";
  }

  private static void check(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      TableRows rows = reader.tables("t");
      same(ROWS, rows.rows());
      long next = 0;
      for (TableRow row : rows) {
        same((double) next, row.get("number"));
        same(text(next), row.get("text"));
        same(null, row.get("nothing"));
        same(next / PER_STEP, row.step());
        next++;
      }
      same(ROWS, next);
      same(text(777_777), rows.page(777_777, 1).get(0).get("text"));
      TableRows odd = rows.select("text").where("number", n -> n != null && (double) n % 2 == 1);
      same(ROWS / 2, odd.rows());
      same(text(800_001), odd.page(400_000, 1).get(0).get("text"));
      same(3L * PER_STEP, rows.steps(100, 102).rows());
      same(text(200_000), rows.steps(100, 102).page(0, 1).get(0).get("text"));
    }
  }

  private static void same(long expected, long found) {
    same((Long) expected, (Object) found);
  }

  private static void same(@Nullable Object expected, @Nullable Object found) {
    if (expected == null ? found != null : !expected.equals(found)) {
      throw new AssertionError("wrong: expected=" + expected + " found=" + found);
    }
  }
}
