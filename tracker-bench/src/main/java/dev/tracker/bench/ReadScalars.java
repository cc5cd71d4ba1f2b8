package dev.tracker.bench;

import dev.tracker.read.RunReader;
import dev.tracker.read.ScalarCursor;
import dev.tracker.read.Scalars;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.lance.file.LanceFileReader;

/**
 * How long does it take to read a long series, or a part of it?
 *
 * <p>Workload: a finished run of one series of so many rows (step, global step, time, value), read
 * whole into arrays and row by row with a cursor, and in its middle a thousandth of it by steps.
 * Every value that was read is compared with what was logged. Beside it, the same rows read by
 * Lance alone into its own batches, from a table of SQLite and from a CSV file into arrays; those
 * two up to 10 M rows. The median of several times, with the files in the page cache; the first
 * ones are left out, in which the heap grows into memory that the system has yet to give; "fresh"
 * is the first time in a JVM in which Lance has been loaded by reading another series.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar ReadScalars [rows = 10000000] [times =
 * 7]}. The machine is printed with the results.
 */
final class ReadScalars {
  private static final int DEFAULT_ROWS = 10_000_000;
  private static final int DEFAULT_TIMES = 7;
  private static final int WARM_UP = 3;

  /** Until the heap has stopped growing: reading 10 M rows allocates 320 MB. */
  private static final int WHOLE_WARM_UP = 25;

  private static final int MOST_FOR_PEERS = 10_000_000;
  private static final double GOAL = 150e6;
  private static final int GOAL_ROWS = 10_000_000;
  private static final int BATCH_ROWS = 1 << 16;

  private final Table table = new Table();
  private final int rows;
  private final int times;
  private final String prefix;

  private ReadScalars(String... arguments) {
    rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROWS;
    times = arguments.length > 1 ? Integer.parseInt(arguments[1]) : DEFAULT_TIMES;
    prefix = Unit.COUNT.format(rows) + " rows, ";
  }

  public static void main(String[] arguments) throws IOException, SQLException {
    ReadScalars measurement = new ReadScalars(arguments);
    try (Scratch scratch = new Scratch()) {
      measurement.run(scratch);
    }
    measurement.table.print();
    System.exit(measurement.table.exitCode());
  }

  private void run(Scratch scratch) throws IOException, SQLException {
    Path run = LongSeries.write(scratch, rows);
    Path[] files = dataFiles(run);
    median("Lance alone, into its own batches", () -> scan(files));
    ours(run);
    fresh(run);
    if (rows <= MOST_FOR_PEERS) {
      Path database = scratch.root().resolve("rows.db");
      writeSqlite(database);
      median("SQLite, into arrays", () -> readSqlite(database));
      Path csv = scratch.root().resolve("rows.csv");
      writeCsv(csv);
      median("CSV, into arrays", () -> readCsv(csv));
    }
  }

  /** What is measured; returns how many rows it read. */
  private interface Read {
    long rows() throws IOException, SQLException;
  }

  private double median(String what, Read read) throws IOException, SQLException {
    double median = measure(WARM_UP, read);
    table.show(prefix + what, median, Unit.NANOS);
    return median;
  }

  private double measure(int warmUp, Read read) throws IOException, SQLException {
    long[] nanos = new long[times];
    for (int i = -warmUp; i < times; i++) {
      long start = System.nanoTime();
      long found = read.rows();
      if (i >= 0) {
        nanos[i] = System.nanoTime() - start;
      }
      if (found != rows) {
        throw new IllegalStateException("rows are missing: expected=" + rows + " found=" + found);
      }
    }
    return new Samples(nanos).median();
  }

  private void ours(Path run) throws IOException, SQLException {
    try (RunReader reader = RunReader.open(run)) {
      Scalars all = reader.scalars(LongSeries.METRIC);
      table.bound(prefix + "rows that read back wrong", wrong(all, 0, rows), 0);
      long first = rows / 2;
      long last = first + rows / 1000 - 1;
      Scalars part = reader.scalars(LongSeries.METRIC, first, last);
      table.bound(prefix + "rows of a part that read back wrong", wrong(part, first, last + 1), 0);
    }
    try (RunReader reader = RunReader.open(run)) {
      double whole = measure(WHOLE_WARM_UP, () -> reader.scalars(LongSeries.METRIC).size());
      if (rows == GOAL_ROWS) {
        table.atMost(prefix + "whole, into arrays", whole, GOAL, Unit.NANOS);
      } else {
        table.show(prefix + "whole, into arrays", whole, Unit.NANOS);
      }
      median("whole, row by row", () -> rowByRow(reader));
      long first = rows / 2;
      long last = first + rows / 1000 - 1;
      median(
          "a thousandth by steps",
          () -> reader.scalars(LongSeries.METRIC, first, last).size() * 1000L);
    }
  }

  private long wrong(Scalars read, long from, long to) {
    long wrong = Math.abs(to - from - read.size());
    for (int i = 0; i < Math.min(to - from, read.size()); i++) {
      boolean right = read.steps()[i] == from + i && read.values()[i] == Noise.at(from + i);
      wrong += right ? 0 : 1;
    }
    return wrong;
  }

  private long rowByRow(RunReader reader) {
    long count = 0;
    for (ScalarCursor row = reader.cursor(LongSeries.METRIC); row.next(); ) {
      count += row.value() >= 0 ? 1 : 0;
    }
    return count;
  }

  private void fresh(Path run) throws IOException {
    long[] nanos = new long[times];
    for (int i = 0; i < times; i++) {
      try (Child child = Child.start(List.of(), First.class, List.of(run.toString()))) {
        nanos[i] = Long.parseLong(child.value("nanos"));
      }
    }
    table.show(prefix + "whole, into arrays, fresh", new Samples(nanos).median(), Unit.NANOS);
  }

  /** Reads a series once. */
  static final class First {
    private First() {}

    public static void main(String[] arguments) {
      try (RunReader reader = RunReader.open(Path.of(arguments[0]))) {
        LongSeries.loadLance(reader);
        long start = System.nanoTime();
        Scalars read = reader.scalars(LongSeries.METRIC);
        Table.say("nanos " + (System.nanoTime() - start));
        Table.say("rows " + read.size());
      }
    }
  }

  private static Path[] dataFiles(Path run) throws IOException {
    try (Stream<Path> files = Files.list(LongSeries.dataFiles(run))) {
      return files.toArray(Path[]::new);
    }
  }

  private static long scan(Path... files) throws IOException {
    long count = 0;
    try (BufferAllocator memory = new RootAllocator()) {
      for (Path file : files) {
        LanceFileReader reader = LanceFileReader.open(file.toString(), memory);
        try (ArrowReader batches = reader.readAll(null, null, BATCH_ROWS)) {
          while (batches.loadNextBatch()) {
            count += batches.getVectorSchemaRoot().getRowCount();
          }
        } finally {
          close(reader, file);
        }
      }
    }
    return count;
  }

  private static void close(LanceFileReader reader, Path file) throws IOException {
    try {
      reader.close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("data file could not be closed: file=" + file, e);
    }
  }

  private void writeSqlite(Path file) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "CREATE TABLE scalar (step INTEGER, global INTEGER, time INTEGER, value REAL)");
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO scalar VALUES (?, ?, ?, ?)")) {
        for (int i = 0; i < rows; i++) {
          insert.setLong(1, i);
          insert.setLong(2, 1 + i / 100_000);
          insert.setLong(3, 1_700_000_000_000_000L + i);
          insert.setDouble(4, Noise.at(i));
          insert.executeUpdate();
        }
      }
      connection.commit();
    }
  }

  private long readSqlite(Path file) throws SQLException {
    long[][] columns = new long[3][rows];
    double[] values = new double[rows];
    int count = 0;
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT step, global, time, value FROM scalar")) {
      while (row.next()) {
        for (int column = 0; column < columns.length; column++) {
          columns[column][count] = row.getLong(column + 1);
        }
        values[count++] = row.getDouble(4);
      }
    }
    return count;
  }

  private void writeCsv(Path file) throws IOException {
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      for (int i = 0; i < rows; i++) {
        writer.write(i + "," + (1 + i / 100_000) + "," + (1_700_000_000_000_000L + i) + ",");
        writer.write(Noise.at(i) + "\n");
      }
    }
  }

  private long readCsv(Path file) throws IOException {
    long[][] columns = new long[3][rows];
    double[] values = new double[rows];
    int count = 0;
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        int begin = 0;
        for (long[] column : columns) {
          int end = line.indexOf(',', begin);
          column[count] = Long.parseLong(line, begin, end, 10);
          begin = end + 1;
        }
        values[count++] = Double.parseDouble(line.substring(begin));
      }
    }
    return count;
  }
}
