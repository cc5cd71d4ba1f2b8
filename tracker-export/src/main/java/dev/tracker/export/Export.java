package dev.tracker.export;

import dev.tracker.format.Kind;
import dev.tracker.format.StorageException;
import dev.tracker.read.RunReader;
import dev.tracker.read.ScalarCursor;
import dev.tracker.read.StringCursor;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes metrics of one run or of many for other tools, row after row, in the order in which they
 * were logged.
 *
 * <pre>{@code
 * Export.of(run).metrics("train/loss", "val/loss").to(Path.of("losses.parquet"));
 * Export.of(run).only("train/loss").to(Path.of("loss.csv"));
 * }</pre>
 *
 * <p>Rows have the columns {@code run, metric, step, global_step, timestamp, value}; {@link #only}
 * leaves out the first two. Where metrics of several kinds are exported together, each kind has a
 * column of its own, {@code value} for doubles, {@code value_int64}, {@code value_bool} and {@code
 * value_string}, and a row fills one of them. NaN and infinities stay what they are; only Arrow
 * keeps the payload of a NaN.
 *
 * <p>{@link #wide} gives one row per step instead, the least step first, with a column for each
 * metric: {@code step, global_step, timestamp} and then the metrics by name; before them {@code
 * run} where there are several. Where a metric has several rows of a step, the one logged last
 * counts; where it has none, its column is empty. Global step and time are those of the row of the
 * step that was logged last. A metric whose name is taken gets {@code metric:} before it, and one
 * that holds something else in another run a column {@code name_int64} or the like.
 *
 * <p>It holds some tens of megabytes, however many rows there are; in the wide form besides them
 * what a live run has not sealed yet. For one thread. What cannot be read or written is a {@link
 * StorageException}.
 */
public final class Export {
  private static final int BUFFER_BYTES = 1 << 16;

  /** How often the listener is told, in rows. */
  private static final int REPORT_ROWS = 1 << 20;

  private final List<RunReader> runs;
  private Set<String> metrics = Set.of();
  private boolean only;
  private boolean wide;
  private ExportListener listener = (rows, done, of) -> {};
  private long rows;
  private int done;

  private Export(List<RunReader> runs) {
    this.runs = runs;
  }

  /** Prepares the export of all metrics of a run, at the reader's moment. */
  public static Export of(RunReader run) {
    return new Export(List.of(run));
  }

  /** Prepares the export of all metrics of several runs. */
  public static Export of(Collection<RunReader> runs) {
    return new Export(List.copyOf(runs));
  }

  /**
   * Exports these metrics instead of all. Of several runs, those that do not have one of them are
   * exported without it.
   */
  public Export metrics(String... names) {
    return metrics(List.of(names));
  }

  /** Exports these metrics instead of all, as {@link #metrics(String...)} does. */
  public Export metrics(Collection<String> names) {
    metrics = new LinkedHashSet<>(names);
    only = false;
    return this;
  }

  /** Exports one metric of one run alone, without saying in each row which. */
  public Export only(String metric) {
    metrics = Set.of(metric);
    only = true;
    return this;
  }

  /** Exports one row per step, with a column for each metric. */
  public Export wide() {
    wide = true;
    return this;
  }

  /** Tells somebody how far the export is. */
  public Export listener(ExportListener who) {
    listener = who;
    return this;
  }

  /**
   * Exports to a file, in the format that its ending stands for; replaces the file if there is one,
   * once all is written.
   *
   * @return the number of rows
   * @throws IllegalArgumentException if no format has this ending, or no run has one of the metrics
   */
  public long to(Path file) {
    return to(file, ExportFormat.of(file));
  }

  /**
   * Exports to a file; replaces the file if there is one, once all is written.
   *
   * @return the number of rows
   * @throws IllegalArgumentException if no run has one of the metrics
   */
  public long to(Path file, ExportFormat format) {
    List<Series> series = series();
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (OutputStream out = Files.newOutputStream(draft)) {
        write(series, out, format);
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(draft);
        throw e;
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      throw new StorageException(
          "a file could not be written: file=" + file + " (does its folder exist?)", e);
    } catch (IOException e) {
      throw new StorageException("a file could not be written: file=" + file + " cause=" + e, e);
    }
    return rows;
  }

  /**
   * Exports to a stream, which stays open.
   *
   * @return the number of rows
   * @throws IllegalArgumentException if no run has one of the metrics
   * @throws IOException if the stream throws it
   */
  public long to(OutputStream out, ExportFormat format) throws IOException {
    write(series(), out, format);
    return rows;
  }

  /** A metric of a run. */
  private record Series(RunReader reader, int run, String metric, Kind kind) {}

  private List<Series> series() {
    if (only && runs.size() != 1) {
      throw new IllegalArgumentException(
          "only one run can be exported without its name: runs=" + runs.size() + " (use metrics)");
    }
    List<Series> series = new ArrayList<>();
    Set<String> missing = new LinkedHashSet<>(metrics);
    for (int run = 0; run < runs.size(); run++) {
      RunReader reader = runs.get(run);
      for (String name : reader.metrics()) {
        if (metrics.isEmpty() || metrics.contains(name)) {
          series.add(new Series(reader, run, name, reader.kind(name)));
          missing.remove(name);
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "no metric '"
              + missing.iterator().next()
              + "' in "
              + (runs.size() == 1 ? "run " + runs.get(0).info().id() : runs.size() + " runs")
              + "; there are "
              + runs.stream().flatMap(run -> run.metrics().stream()).distinct().limit(20).toList());
    }
    return series;
  }

  private void write(List<Series> series, OutputStream to, ExportFormat format) throws IOException {
    rows = 0;
    done = 0;
    OutputStream out = new BufferedOutputStream(new Unclosed(to), BUFFER_BYTES);
    if (wide) {
      writeWide(series, out, format);
    } else {
      writeLong(series, out, format);
    }
    out.flush();
  }

  private void writeLong(List<Series> series, OutputStream out, ExportFormat format)
      throws IOException {
    Map<String, Integer> places = new LinkedHashMap<>();
    EnumSet<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (Series one : series) {
      places.putIfAbsent(one.metric(), places.size());
      kinds.add(one.kind());
    }
    Columns columns =
        Columns.of(
            only ? List.of() : names(), only ? List.of() : List.copyOf(places.keySet()), kinds);
    try (RowSink sink = sink(format, columns, out)) {
      for (Series one : series) {
        sink.begin(one.run(), places.getOrDefault(one.metric(), 0), one.kind());
        write(one, series.size(), sink);
        done++;
        listener.exported(rows, done, series.size());
      }
    }
  }

  private void writeWide(List<Series> series, OutputStream out, ExportFormat format)
      throws IOException {
    WideColumns.Builder builder = new WideColumns.Builder();
    List<List<WideColumn>> byRun = new ArrayList<>();
    runs.forEach(run -> byRun.add(new ArrayList<>()));
    for (Series one : series) {
      int place = builder.place(one.metric(), one.kind());
      byRun.get(one.run()).add(new WideColumn(one.reader(), one.metric(), one.kind(), place));
    }
    WideColumns columns = builder.build(runs.size() > 1 ? names() : List.of());
    try (WideSink sink = wideSink(format, columns, out)) {
      for (int run = 0; run < runs.size(); run++) {
        List<WideColumn> metrics = byRun.get(run);
        metrics.sort(Comparator.comparingInt(WideColumn::place));
        if (!metrics.isEmpty()) {
          new WideRows(runs.get(run), run, metrics, sink, () -> count(series.size())).write();
          done += metrics.size();
          listener.exported(rows, done, series.size());
        }
      }
    }
  }

  private static WideSink wideSink(ExportFormat format, WideColumns columns, OutputStream out)
      throws IOException {
    return switch (format) {
      case CSV -> WideTextSink.csv(columns, out);
      case JSON_LINES -> WideTextSink.jsonLines(columns, out);
      case ARROW -> new WideArrowSink(columns, out);
      case PARQUET -> new WideParquetSink(columns, out);
    };
  }

  /**
   * Returns what the column {@code run} says: the id, with its project where ids are not unique.
   */
  private List<String> names() {
    List<String> ids = runs.stream().map(run -> run.info().id()).toList();
    return Set.copyOf(ids).size() == ids.size()
        ? ids
        : runs.stream().map(run -> run.info().project() + "/" + run.info().id()).toList();
  }

  private static RowSink sink(ExportFormat format, Columns columns, OutputStream out)
      throws IOException {
    return switch (format) {
      case CSV -> TextSink.csv(columns, out);
      case JSON_LINES -> TextSink.jsonLines(columns, out);
      case ARROW -> new ArrowSink(columns, out);
      case PARQUET -> new ParquetSink(columns, out);
    };
  }

  private void write(Series series, int ofMetrics, RowSink sink) throws IOException {
    if (series.kind() == Kind.STRING) {
      for (StringCursor at = series.reader().stringCursor(series.metric()); at.next(); ) {
        sink.text(at.step(), at.globalStep(), at.timestamp(), at.value());
        count(ofMetrics);
      }
      return;
    }
    boolean doubles = series.kind() == Kind.FLOAT64;
    for (ScalarCursor at = series.reader().cursor(series.metric()); at.next(); ) {
      sink.number(
          at.step(),
          at.globalStep(),
          at.timestamp(),
          doubles ? Double.doubleToRawLongBits(at.value()) : at.longValue());
      count(ofMetrics);
    }
  }

  private void count(int ofMetrics) {
    rows++;
    if (rows % REPORT_ROWS == 0) {
      listener.exported(rows, done, ofMetrics);
    }
  }

  /** A stream that is not ours to close. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
