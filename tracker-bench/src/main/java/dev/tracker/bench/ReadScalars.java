package dev.tracker.bench;

import dev.tracker.export.Export;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;

/**
 * How long does it take to read a long series, or a part of it?
 *
 * <p>Workload: a finished run of one series of so many rows (step, global step, time, value), read
 * whole into arrays and row by row with a cursor, and in its middle a thousandth of it by steps.
 * Every value that was read is compared with what was logged. Beside it, the same rows read by
 * Lance alone into its own batches, and from a Parquet file (that {@code tracker-export} wrote, by
 * parquet-java's column readers), a table of SQLite and a CSV file into arrays; the last three up
 * to 10 M rows.
 *
 * <p>All are read in one JVM, in turn, so that whatever else the machine does meets each of them:
 * medians over the rounds, and the median of the ratios of ours to Lance's in the same round;
 * SQLite and CSV in every fifth round. Its heap is fixed and touched beforehand (128 bytes a row,
 * 512 MB at least), the files are in the page cache. "Heap that grows" is the same in a JVM that
 * sizes its heap itself, from its first read on: 32 bytes a row are made anew in each, and until
 * the heap has its size they lie in memory that the system has yet to give. "Fresh" is the first
 * time in a JVM in which Lance has been loaded by reading another series.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar ReadScalars [rows = 10000000] [rounds =
 * 15]}. The machine is printed with the results.
 */
final class ReadScalars {
  private static final int DEFAULT_ROWS = 10_000_000;
  private static final int DEFAULT_ROUNDS = 15;
  private static final int WARM_UP = 4;

  /** What takes seconds is read in one round of so many. */
  private static final int SLOW = 5;

  private static final int FRESH = 7;
  private static final int MOST_FOR_PEERS = 10_000_000;
  private static final double GOAL = 150e6;
  private static final int GOAL_ROWS = 10_000_000;
  private static final long HEAP_BYTES_PER_ROW = 128;
  private static final long LEAST_HEAP_MB = 512;

  private final Table table = new Table();
  private final Path root;
  private final Path run;
  private final int rows;
  private final int rounds;
  private final String prefix;

  private ReadScalars(Path root, Path run, int rows, int rounds) {
    this.root = root;
    this.run = run;
    this.rows = rows;
    this.rounds = rounds;
    prefix = Unit.COUNT.format(rows) + " rows, ";
  }

  public static void main(String[] arguments)
      throws IOException, SQLException, InterruptedException {
    int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROWS;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : DEFAULT_ROUNDS;
    int exitCode;
    try (Scratch scratch = new Scratch()) {
      Path run = LongSeries.write(scratch, rows);
      ReadScalars measurement = new ReadScalars(scratch.root(), run, rows, rounds);
      exitCode = measurement.measure();
      measurement.table.print();
    }
    System.exit(exitCode);
  }

  private int measure() throws IOException, SQLException, InterruptedException {
    if (rows <= MOST_FOR_PEERS) {
      writeSqlite(sqlite());
      writeCsv(csv());
      try (RunReader reader = RunReader.open(run)) {
        Export.of(reader).only(LongSeries.METRIC).to(parquet());
      }
    }
    int exitCode = child(fixedHeap(rows), FixedHeap.class);
    exitCode = Math.max(exitCode, child(List.of(), GrowingHeap.class));
    fresh();
    return exitCode;
  }

  /** Returns the options of a JVM that has the heap for so many rows from the start. */
  static List<String> fixedHeap(long rows) {
    long heap = Math.max(LEAST_HEAP_MB, (rows * HEAP_BYTES_PER_ROW) >> 20);
    return List.of("-Xms" + heap + "m", "-Xmx" + heap + "m", "-XX:+AlwaysPreTouch");
  }

  private Path sqlite() {
    return root.resolve("rows.db");
  }

  private Path csv() {
    return root.resolve("rows.csv");
  }

  private Path parquet() {
    return root.resolve("rows.parquet");
  }

  /** Has another JVM measure, and takes its figures over. */
  private int child(List<String> options, Class<?> program)
      throws IOException, InterruptedException {
    List<String> arguments = List.of(root.toString(), run.toString(), "" + rows, "" + rounds);
    List<String> printed = new ArrayList<>();
    try (Child child = Child.start(options, program, arguments)) {
      for (String line = child.line(); line != null; line = child.line()) {
        printed.add(line);
      }
      table.add(Table.parse(printed));
      return child.end();
    }
  }

  private static ReadScalars of(String... arguments) {
    return new ReadScalars(
        Path.of(arguments[0]),
        Path.of(arguments[1]),
        Integer.parseInt(arguments[2]),
        Integer.parseInt(arguments[3]));
  }

  /** Reads with everything that there is. */
  static final class FixedHeap {
    private FixedHeap() {}

    public static void main(String[] arguments) throws IOException, SQLException {
      ReadScalars measurement = of(arguments);
      measurement.check();
      measurement.inTurn();
      measurement.table.print();
      System.exit(measurement.table.exitCode());
    }
  }

  /** Reads with Lance and with us, in a JVM as it comes. */
  static final class GrowingHeap {
    private GrowingHeap() {}

    public static void main(String[] arguments) throws IOException, SQLException {
      ReadScalars measurement = of(arguments);
      try (RunReader reader = RunReader.open(measurement.run)) {
        Column first = measurement.new Column("whole, into arrays, heap that grows, first", 1);
        Column rest =
            measurement.new Column("whole, into arrays, heap that grows, all but first", 1);
        LongSeries.loadLance(reader);
        first.read(0, () -> reader.scalars(LongSeries.METRIC).size());
        for (int round = 1; round < measurement.rounds; round++) {
          rest.read(round, () -> reader.scalars(LongSeries.METRIC).size());
        }
        first.show();
        rest.show();
      }
      measurement.table.print();
    }
  }

  /** What is measured; returns how many rows it read. */
  private interface Read {
    long rows() throws IOException, SQLException;
  }

  /** The times that one way of reading took. */
  private final class Column {
    final String what;
    private final int every;
    private final List<Long> nanos = new ArrayList<>();

    /** Makes one that takes part in one round of so many. */
    Column(String what, int every) {
      this.what = what;
      this.every = every;
    }

    /** Reads; the rounds below 0 do not count. */
    void read(int round, Read read) throws IOException, SQLException {
      if (round % every != 0 || (round < 0 && every > 1)) {
        return;
      }
      long start = System.nanoTime();
      long found = read.rows();
      long taken = System.nanoTime() - start;
      if (found != rows) {
        throw new IllegalStateException(
            "rows are missing: what=" + what + " expected=" + rows + " found=" + found);
      }
      if (round >= 0) {
        nanos.add(taken);
      }
    }

    double median() {
      return new Samples(nanos.stream().mapToLong(Long::longValue).toArray()).median();
    }

    /** Returns the median of what this took in a round by what the other one took in it. */
    double ratioTo(Column other) {
      double[] ratios = new double[nanos.size()];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = (double) nanos.get(i) / other.nanos.get(i);
      }
      Arrays.sort(ratios);
      return ratios[ratios.length / 2];
    }

    void show() {
      table.show(prefix + what, median(), Unit.NANOS);
    }
  }

  private void check() {
    try (RunReader reader = RunReader.open(run)) {
      Scalars all = reader.scalars(LongSeries.METRIC);
      table.bound(prefix + "rows that read back wrong", wrong(all, 0, rows), 0);
      long first = rows / 2;
      long last = first + rows / 1000 - 1;
      Scalars part = reader.scalars(LongSeries.METRIC, first, last);
      table.bound(prefix + "rows of a part that read back wrong", wrong(part, first, last + 1), 0);
    }
  }

  private void inTurn() throws IOException, SQLException {
    Path[] files = dataFiles(run);
    long first = rows / 2;
    long last = first + rows / 1000 - 1;
    boolean peers = rows <= MOST_FOR_PEERS;
    Column lance = new Column("Lance alone, into its own batches", 1);
    Column whole = new Column("whole, into arrays", 1);
    Column cursor = new Column("whole, row by row", 1);
    Column part = new Column("a thousandth by steps", 1);
    Column parquet = new Column("Parquet, into arrays", 1);
    Column sqlite = new Column("SQLite, into arrays", SLOW);
    Column csv = new Column("CSV, into arrays", SLOW);
    try (RunReader reader = RunReader.open(run)) {
      for (int round = -WARM_UP; round < rounds; round++) {
        lance.read(round, () -> BareLance.scan(files));
        whole.read(round, () -> reader.scalars(LongSeries.METRIC).size());
        cursor.read(round, () -> rowByRow(reader));
        part.read(round, () -> reader.scalars(LongSeries.METRIC, first, last).size() * 1000L);
        if (peers) {
          parquet.read(round, () -> readParquet(parquet()));
          sqlite.read(round, () -> readSqlite(sqlite()));
          csv.read(round, () -> readCsv(csv()));
        }
      }
    }
    lance.show();
    if (rows == GOAL_ROWS) {
      table.atMost(prefix + whole.what, whole.median(), GOAL, Unit.NANOS);
    } else {
      whole.show();
    }
    table.show(prefix + "whole, by Lance alone", whole.ratioTo(lance), Unit.RATIO);
    cursor.show();
    part.show();
    if (peers) {
      parquet.show();
      sqlite.show();
      csv.show();
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

  private void fresh() throws IOException {
    long[] nanos = new long[FRESH];
    for (int i = 0; i < FRESH; i++) {
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

  private long readParquet(Path file) throws IOException {
    long[][] columns = new long[3][rows];
    double[] values = new double[rows];
    int count = 0;
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file), options)) {
      MessageType schema = reader.getFileMetaData().getSchema();
      String writer = reader.getFileMetaData().getCreatedBy();
      for (PageReadStore group = reader.readNextRowGroup();
          group != null;
          group = reader.readNextRowGroup()) {
        ColumnReadStoreImpl store =
            new ColumnReadStoreImpl(
                group, new GroupRecordConverter(schema).getRootConverter(), schema, writer);
        int end = count + (int) group.getRowCount();
        for (int column = 0; column < columns.length; column++) {
          ColumnReader from = store.getColumnReader(schema.getColumns().get(column));
          for (int i = count; i < end; i++) {
            columns[column][i] = from.getLong();
            from.consume();
          }
        }
        ColumnReader from = store.getColumnReader(schema.getColumns().get(columns.length));
        for (int i = count; i < end; i++) {
          values[i] = from.getDouble();
          from.consume();
        }
        count = end;
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
