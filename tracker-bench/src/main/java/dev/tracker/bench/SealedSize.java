package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.Row;
import dev.tracker.SeriesKind;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * How many bytes does a scalar take once it is sealed, which column are they in, and would another
 * encoding of Lance make them fewer?
 *
 * <p>Workload: one row of nine series a step, of values that are logged in practice, with a global
 * step every 1,000. First through a board, as fast as it takes them, and again through one that is
 * given a row every 2-8 ms, for some seconds only; both finished. Then each column of the first
 * (with the times that the board took), and times of a row every 2-8 ms that are made up, goes
 * through Lance alone into a file of its own, in each encoding of {@link Encoding}. Every file is
 * read back and compared. The times to write (filling Arrow's vectors included) and to read are the
 * least of some turns, in which the encodings follow each other. At last whole rows, in encodings
 * that made a column smaller.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar SealedSize [rows = 1000000] [paced rows =
 * 2000] [short]}; the short form has boards only. The machine is printed with the results.
 */
final class SealedSize {
  private static final int DEFAULT_ROWS = 1_000_000;
  private static final int DEFAULT_PACED_ROWS = 2000;
  private static final double SIZE_GOAL = 20;
  private static final int EPOCH = 1000;
  private static final int TURNS = 5;

  /** Of how many series whole rows are measured, and in how many turns: they decide. */
  private static final int WHOLE_ROWS = 3;

  private static final int MORE_TURNS = 15;
  private static final long PACE_NANOS = 2_000_000;

  private final Table table = new Table();
  private final Scratch scratch;
  private final List<BareColumn> values;
  private long wrong;

  private SealedSize(Scratch scratch, int rows) {
    this.scratch = scratch;
    values = values(rows);
  }

  public static void main(String[] arguments) throws IOException {
    int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROWS;
    int paced = arguments.length > 1 ? Integer.parseInt(arguments[1]) : DEFAULT_PACED_ROWS;
    Table table;
    try (Scratch scratch = new Scratch()) {
      SealedSize size = new SealedSize(scratch, rows);
      Path run = size.boards(rows, paced);
      if (arguments.length < 3) {
        size.columns(run, rows);
      }
      table = size.table;
    }
    table.print();
    System.exit(table.exitCode());
  }

  /** Measures through boards, and returns the folder of the longer run. */
  private Path boards(int rows, int paced) throws IOException {
    Path run = log(rows, 0);
    double flood = size("flood, ", run, rows);
    table.atMost("flood, all: sealed bytes a scalar", flood, SIZE_GOAL, Unit.BYTES);
    String prefix = Unit.COUNT.format(paced) + " rows, one every 2-8 ms, ";
    double all = size(prefix, log(paced, PACE_NANOS), paced);
    table.show(prefix + "all: sealed bytes a scalar", all, Unit.BYTES);
    return run;
  }

  /** Measures each column of a run by itself, and whole rows, through Lance alone. */
  private void columns(Path run, int rows) throws IOException {
    Scalars flood;
    try (RunReader reader = RunReader.open(run)) {
      flood = reader.scalars("noise");
    }
    BareColumn steps = BareColumn.longs("step", rows, i -> flood.steps()[i]);
    BareColumn globalSteps = BareColumn.longs("global_step", rows, i -> flood.globalSteps()[i]);
    long[] micros = pacedMicros(rows, flood.timestamps()[0]);
    BareColumn times = BareColumn.times("timestamp, a row every 2-8 ms", rows, i -> micros[i]);
    List<BareColumn> columns = new ArrayList<>();
    columns.add(steps);
    columns.add(globalSteps);
    columns.add(BareColumn.times("timestamp, flood", rows, i -> flood.timestamps()[i]));
    columns.add(times);
    columns.add(BareColumn.longs("micros since the first row", rows, i -> micros[i] - micros[0]));
    columns.addAll(values);
    for (BareColumn column : columns) {
      encode(column);
    }
    for (BareColumn value : values.subList(0, WHOLE_ROWS)) {
      rows(List.of(steps, globalSteps, times, value));
    }
    table.bound("rows that read back wrong", wrong, 0);
  }

  /** Logs rows, and returns the run's folder when all of them are sealed. */
  private Path log(int rows, long paceNanos) {
    Board board =
        scratch
            .board("sealed size")
            .systemMetrics(Duration.ZERO)
            .closeTimeout(Duration.ofDays(1))
            .open();
    board.metric("longs", SeriesKind.INT64);
    Row row = board.row();
    for (int i = 0; i < rows; i++) {
      if (i % EPOCH == 0) {
        board.step();
      }
      for (BareColumn value : values) {
        value.put(row, i);
      }
      row.log();
      if (paceNanos > 0) {
        LockSupport.parkNanos((long) (paceNanos * (1 + 3 * Noise.at(i))));
      }
    }
    board.finish();
    return board.directory();
  }

  /** Shows what each series of a finished run takes, and returns what a scalar does in all. */
  private double size(String prefix, Path run, int rows) throws IOException {
    Path data = run.resolve("data");
    for (BareColumn value : values) {
      Path folder = data.resolve("metrics").resolve(value.name() + ".lance");
      table.show(
          prefix + value.name() + ": sealed bytes a scalar",
          (double) Scratch.size(folder) / rows,
          Unit.BYTES);
    }
    double scalars = (double) rows * values.size();
    table.show(
        prefix + "metadata: bytes a scalar",
        Files.size(data.resolve("metadata.db")) / scalars,
        Unit.BYTES);
    return Scratch.size(data) / scalars;
  }

  /** A row every 2-8 ms. */
  private static long[] pacedMicros(int rows, long first) {
    long[] micros = new long[rows];
    micros[0] = first;
    for (int i = 1; i < rows; i++) {
      micros[i] = micros[i - 1] + (long) (PACE_NANOS / 1000 * (1 + 3 * Noise.at(i)));
    }
    return micros;
  }

  /** Measures a column in every encoding. */
  private void encode(BareColumn column) throws IOException {
    List<Layout> layouts = new ArrayList<>();
    for (Encoding encoding : Encoding.ALL) {
      layouts.add(new Layout(encoding.name(), List.of(column), List.of(encoding)));
    }
    measure(column.name(), layouts, TURNS);
  }

  /** Measures whole rows in encodings that made a column smaller. */
  private void rows(List<BareColumn> columns) throws IOException {
    Encoding ours = Encoding.OURS;
    Encoding lz4 = Encoding.of("2.1", "compression", "lz4", "bss", "on");
    measure(
        "row of " + columns.get(3).name(),
        List.of(
            new Layout("2.1", columns, List.of(ours, ours, ours, ours)),
            new Layout("timestamp lz4 bss", columns, List.of(ours, ours, lz4, ours)),
            new Layout("step, timestamp lz4 bss", columns, List.of(lz4, ours, lz4, ours)),
            new Layout("value lz4 bss", columns, List.of(ours, ours, ours, lz4)),
            new Layout("timestamp, value lz4 bss", columns, List.of(ours, ours, lz4, lz4)),
            new Layout("all lz4 bss", columns, List.of(lz4, lz4, lz4, lz4))),
        MORE_TURNS);
  }

  private void measure(String what, List<Layout> layouts, int turns) throws IOException {
    for (int turn = 0; turn < turns; turn++) {
      for (Layout layout : layouts) {
        layout.measure(scratch.root().resolve("column"));
      }
    }
    for (Layout layout : layouts) {
      wrong += layout.wrong;
      table.show(what + ", " + layout.name, layout.figures());
    }
  }

  /** Columns in encodings, what they take, and the least times so far. */
  private static final class Layout {
    private final String name;
    private final List<BareColumn> columns;
    private final List<Encoding> encodings;
    private long bytes;
    private long wrong;
    private long writeNanos = Long.MAX_VALUE;
    private long scanNanos = Long.MAX_VALUE;

    Layout(String name, List<BareColumn> columns, List<Encoding> encodings) {
      this.name = name;
      this.columns = columns;
      this.encodings = encodings;
    }

    void measure(Path file) throws IOException {
      long start = System.nanoTime();
      BareColumn.write(columns, encodings, file);
      long written = System.nanoTime();
      long rows = BareLance.scan(file);
      long scanned = System.nanoTime();
      writeNanos = Math.min(writeNanos, written - start);
      scanNanos = Math.min(scanNanos, scanned - written);
      if (bytes == 0) {
        bytes = Files.size(file);
        wrong = Math.abs(columns.get(0).rows() - rows) + BareColumn.wrong(columns, file);
      }
      Files.delete(file);
    }

    /** Bytes, and times to write and to scan, of a row. */
    String figures() {
      double rows = columns.get(0).rows();
      return "%s, written in %s, scanned in %s"
          .formatted(
              Unit.BYTES.format(bytes / rows),
              Unit.NANOS.format(writeNanos / rows),
              Unit.NANOS.format(scanNanos / rows));
    }
  }

  /** What is logged: row {@code i} of each series. */
  private static List<BareColumn> values(int rows) {
    return List.of(
        BareColumn.doubles("noise", rows, Noise::at),
        BareColumn.doubles("loss", rows, i -> loss(i, rows)),
        BareColumn.doubles("floats", rows, i -> (float) loss(i, rows)),
        BareColumn.doubles("rate", rows, i -> rate(i, rows)),
        BareColumn.doubles("constant", rows, i -> 0.9),
        BareColumn.doubles("counts", rows, i -> 64.0 * i),
        BareColumn.longs("longs", rows, i -> 64L * i),
        BareColumn.booleans("booleans", rows, i -> Noise.at(i) < 0.1 ? 1 : 0),
        BareColumn.texts("texts", rows, i -> "shard " + i / EPOCH + ", batch " + i % EPOCH));
  }

  /** Falls from 2.4 to 0.1, and jitters. */
  private static double loss(int row, int rows) {
    double jitter = Noise.at(2L * row) + Noise.at(2L * row + 1) - 1;
    return (2.3 * Math.exp(-5.0 * row / rows) + 0.1) * (1 + 0.1 * jitter);
  }

  /** Rises for a hundredth of the rows, and then falls like a cosine. */
  private static double rate(int row, int rows) {
    double part = (double) row / rows;
    return part < 0.01 ? 0.1 * part : 5e-4 * (1 + Math.cos(Math.PI * part));
  }
}
