package dev.tracker.bench;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import dev.tracker.read.Runs;
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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Does in Java what {@code peers/peer.py} does with each peer: with our board, and with the plain
 * files that are its floors. Takes the same arguments, and prints the same lines.
 */
final class PeerWork {
  private static final int PACE_HERTZ = 1_000;
  private static final int PACED_CALLS = 5_000;
  private static final int WIDE_HERTZ = 20;
  private static final int WIDE_CALLS = 100;
  private static final int WIDTH = 100;
  private static final int SERIES = 16;
  private static final int FLUSHES = 20;

  private static final String[] NAMES = Noise.names(WIDTH);

  private final Peer peer;
  private final Path folder;
  private final int count;

  private PeerWork(Peer peer, Path folder, int count) {
    this.peer = peer;
    this.folder = folder;
    this.count = count;
  }

  /** What every one of them can do. */
  private interface Peer {
    void open(Path folder) throws IOException, SQLException;

    void log(String name, double value, long step) throws IOException, SQLException;

    void logMany(Map<String, Double> values, long step) throws IOException, SQLException;

    void flush() throws IOException, SQLException;

    void finish() throws IOException, SQLException;

    /** Returns how many rows of some names there are. */
    long read(Path folder, List<String> names) throws IOException, SQLException;
  }

  private static Peer peer(String name) {
    return switch (name) {
      case "tracker" -> new Ours();
      case "plain SQLite" -> new PlainSqlite();
      case "plain CSV" -> new PlainCsv();
      default -> throw new IllegalArgumentException("no such peer: name=" + name);
    };
  }

  /** Takes the peer, the folder, the work and a count. */
  public static void main(String[] arguments) throws IOException, SQLException {
    Path folder = Files.createDirectories(Path.of(arguments[1]));
    PeerWork work = new PeerWork(peer(arguments[0]), folder, Integer.parseInt(arguments[3]));
    switch (arguments[2]) {
      case "small" -> work.small();
      case "calls" -> work.calls();
      case "flood" -> work.flood();
      case "series" -> work.series();
      case "kill" -> work.kill();
      case "count" ->
          figure("values that can be read after kill -9", Unit.COUNT, work.read(SERIES));
      default -> throw new IllegalArgumentException("no such work: name=" + arguments[2]);
    }
  }

  private void small() throws IOException, SQLException {
    long start = System.nanoTime();
    peer.open(folder);
    long opened = System.nanoTime();
    log(10, 1, null);
    long logged = System.nanoTime();
    peer.finish();
    figure("first open of a process", Unit.NANOS, opened - start);
    figure("finish of a small run", Unit.NANOS, System.nanoTime() - logged);
  }

  private void calls() throws IOException, SQLException {
    peer.open(folder);
    log(1_000, SERIES, null);
    long[] nanos =
        pace(PACED_CALLS, PACE_HERTZ, i -> peer.log(NAMES[i % SERIES], i * 0.001, 1_000 + i));
    percentiles("one value at 1,000/s", nanos, 50, 99, 99.9);
    Map<String, Double> row = new LinkedHashMap<>();
    for (int i = 0; i < WIDTH; i++) {
      row.put(NAMES[i], i * 0.001);
    }
    nanos = pace(WIDE_CALLS, WIDE_HERTZ, i -> peer.logMany(row, 10_000 + i));
    percentiles("100 values in a call", nanos, 50, 99);
    nanos = new long[FLUSHES];
    for (int i = 0; i < FLUSHES; i++) {
      log(WIDTH, SERIES, null);
      long start = System.nanoTime();
      peer.flush();
      nanos[i] = System.nanoTime() - start;
    }
    figure("flush, p50", Unit.NANOS, new Samples(nanos).median());
    peer.finish();
  }

  private void flood() throws IOException, SQLException {
    peer.open(folder);
    long[] nanos = new long[count];
    long start = System.nanoTime();
    log(count, SERIES, nanos);
    peer.finish();
    long taken = System.nanoTime() - start;
    percentiles("one value, flood", nanos, 50, 99, 99.9);
    long found = read(SERIES);
    figure("values logged", Unit.COUNT, count);
    figure("values that can be read", Unit.COUNT, found);
    figure("end to end", Unit.PER_SECOND, found / (taken / 1e9));
    figure("bytes a scalar", Unit.BYTES, (double) Scratch.size(folder) / found);
  }

  private void series() throws IOException, SQLException {
    peer.open(folder);
    log(count, 1, null);
    peer.log(NAMES[1], 0, count);
    peer.finish();
    peer.read(folder, List.of(NAMES[1])); // loads what reading needs
    long start = System.nanoTime();
    long found = read(1);
    long taken = System.nanoTime() - start;
    figure("rows logged into one series", Unit.COUNT, count);
    figure("rows of it that can be read", Unit.COUNT, found);
    figure("reading it", Unit.NANOS, taken);
    figure("rows read a second", Unit.PER_SECOND, found / (taken / 1e9));
  }

  private void kill() throws IOException, SQLException {
    peer.open(folder);
    log(count, SERIES, null);
    figure("values logged before kill -9", Unit.COUNT, count);
    Table.say("ready");
    while (true) {
      LockSupport.park();
    }
  }

  private long read(int series) throws IOException, SQLException {
    return peer.read(folder, List.of(NAMES).subList(0, series));
  }

  private void log(int values, int series, long @Nullable [] nanos)
      throws IOException, SQLException {
    for (int i = 0; i < values; i++) {
      long start = System.nanoTime();
      peer.log(NAMES[i % series], i * 0.001, i);
      if (nanos != null) {
        nanos[i] = System.nanoTime() - start;
      }
    }
  }

  /** A call of the kind that is measured. */
  private interface Call {
    void at(int index) throws IOException, SQLException;
  }

  private static long[] pace(int calls, int hertz, Call call) throws IOException, SQLException {
    long[] nanos = new long[calls];
    long due = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left); // as peer.py sleeps
      }
      long start = System.nanoTime();
      call.at(i);
      nanos[i] = System.nanoTime() - start;
      due += 1_000_000_000L / hertz;
    }
    return nanos;
  }

  private static void percentiles(String what, long[] nanos, double... percents) {
    Samples samples = new Samples(nanos);
    for (double percent : percents) {
      String name = "p" + Double.toString(percent).replace(".0", "");
      figure(what + ", " + name, Unit.NANOS, samples.percentile(percent));
    }
  }

  private static void figure(String name, Unit unit, double value) {
    Table.say("figure " + unit + " " + value + " " + name);
  }

  /** Our board, as it comes. */
  private static final class Ours implements Peer {
    private @Nullable Board board;

    @Override
    public void open(Path folder) {
      board = Board.builder("bench").root(folder).open();
    }

    @Override
    public void log(String name, double value, long step) {
      board.log(name, value);
    }

    @Override
    public void logMany(Map<String, Double> values, long step) {
      board.log(values);
    }

    @Override
    public void flush() {
      board.flush();
    }

    @Override
    public void finish() {
      board.finish();
    }

    @Override
    public long read(Path folder, List<String> names) {
      long rows = 0;
      try (RunReader run = RunReader.open(Runs.in(folder).get(0).directory())) {
        List<String> known = run.metrics();
        for (String name : names) {
          rows += known.contains(name) ? run.scalars(name).size() : 0;
        }
      }
      return rows;
    }
  }

  /** A table of SQLite in WAL mode, committed every thousand rows. */
  private static final class PlainSqlite implements Peer {
    private static final int BATCH = 1_000;

    private @Nullable Connection connection;
    private @Nullable PreparedStatement insert;
    private int waiting;

    private static Connection connect(Path folder) throws SQLException {
      return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("rows.db"));
    }

    @Override
    public void open(Path folder) throws SQLException {
      connection = connect(folder);
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA journal_mode=WAL");
        statement.execute(
            "CREATE TABLE scalar (name TEXT, step INTEGER, time INTEGER, value REAL)");
      }
      connection.setAutoCommit(false);
      insert = connection.prepareStatement("INSERT INTO scalar VALUES (?, ?, ?, ?)");
    }

    @Override
    public void log(String name, double value, long step) throws SQLException {
      insert.setString(1, name);
      insert.setLong(2, step);
      insert.setLong(3, System.currentTimeMillis());
      insert.setDouble(4, value);
      insert.executeUpdate();
      if (++waiting == BATCH) {
        flush();
      }
    }

    @Override
    public void logMany(Map<String, Double> values, long step) throws SQLException {
      for (Map.Entry<String, Double> value : values.entrySet()) {
        log(value.getKey(), value.getValue(), step);
      }
    }

    @Override
    public void flush() throws SQLException {
      connection.commit();
      waiting = 0;
    }

    @Override
    public void finish() throws SQLException {
      connection.commit();
      connection.close();
    }

    @Override
    public long read(Path folder, List<String> names) throws SQLException {
      double[] values = new double[1];
      int rows = 0;
      try (Connection opened = connect(folder);
          PreparedStatement select =
              opened.prepareStatement("SELECT step, time, value FROM scalar WHERE name = ?")) {
        for (String name : names) {
          select.setString(1, name);
          try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
              values = rows < values.length ? values : Arrays.copyOf(values, rows * 2);
              values[rows++] = row.getDouble(3);
            }
          }
        }
      }
      return rows;
    }
  }

  /** Lines in a buffered text file; the name is last, so that no torn line passes for a row. */
  private static final class PlainCsv implements Peer {
    private @Nullable BufferedWriter writer;

    @Override
    public void open(Path folder) throws IOException {
      writer = Files.newBufferedWriter(folder.resolve("rows.csv"));
    }

    @Override
    public void log(String name, double value, long step) throws IOException {
      writer.write(step + "," + System.currentTimeMillis() + "," + value + "," + name + "\n");
    }

    @Override
    public void logMany(Map<String, Double> values, long step) throws IOException {
      for (Map.Entry<String, Double> value : values.entrySet()) {
        log(value.getKey(), value.getValue(), step);
      }
    }

    @Override
    public void flush() throws IOException {
      writer.flush();
    }

    @Override
    public void finish() throws IOException {
      writer.close();
    }

    @Override
    public long read(Path folder, List<String> names) throws IOException {
      try (Stream<String> lines = Files.lines(folder.resolve("rows.csv"))) {
        return lines
            .map(line -> line.split(",", -1))
            .filter(cells -> cells.length == 4 && names.contains(cells[3]))
            .mapToDouble(cells -> Double.parseDouble(cells[2]))
            .filter(value -> value >= 0)
            .count();
      }
    }
  }
}
