package dev.tracker;

import dev.tracker.format.Kind;
import dev.tracker.format.RunNames;
import dev.tracker.media.Media;
import dev.tracker.read.RunState;
import dev.tracker.value.Column;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import dev.tracker.value.TableSchema;
import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What callers give, turned into values of series: it knows the board's series, fixes their kinds
 * at first use, and counts what does not fit. Any thread.
 *
 * <p>Rules: numbers make a FLOAT64 series, booleans a BOOL series, texts a STRING series; INT64 has
 * to be declared. A FLOAT64 series takes every number, rounding longs beyond 2^53. An INT64 series
 * takes every number that is integral and within 64 bits.
 */
final class Intake {
  private static final long EXACT = 1L << 53;
  private static final double TWO_TO_63 = 0x1p63;

  private final Board board;
  private final @Nullable Ring ring;
  private final Reports reports;
  private final Metrics metrics;
  private final AtomicLong rejected = new AtomicLong();
  private final AtomicLong nulls = new AtomicLong();
  private final AtomicLong rounded = new AtomicLong();

  Intake(Board board, @Nullable Ring ring, Metrics metrics, Reports reports) {
    this.board = board;
    this.ring = ring;
    this.metrics = metrics;
    this.reports = reports;
  }

  // ---- series

  /** Returns the series of a name; null where there is none yet. */
  @Nullable Metric find(@Nullable String name) {
    if (name == null) {
      throw new IllegalArgumentException("a metric's name is null");
    }
    return metrics.find(name);
  }

  /** Returns the series of a name, whatever its kind; makes it where there is none. */
  Metric findOrAdd(String name, Kind kind) {
    Metric known = find(name);
    return known != null ? known : add(checkName(name), kind, Metric.NO_ID);
  }

  /** Adds a series unless another thread was faster. */
  Metric add(String name, Kind kind, int id) {
    return metrics.add(name, number -> new Metric(board, name, kind, number, id, ring));
  }

  /** Adds what a run holds that is gone on with. */
  void addAll(RunState state, Map<String, TableSchema> tables) {
    for (RunState.SeriesName series : state.series()) {
      Metric metric = add(series.name(), series.kind(), series.id());
      TableSchema schema = tables.get(series.name());
      if (schema != null) {
        metric.schema(schema);
      }
    }
  }

  /** Returns a name that may name a series; another is an {@link IllegalArgumentException}. */
  String checkName(String name) {
    return find(name) == null ? RunNames.checkSeries(name) : name;
  }

  // ---- values

  void add(Draft draft, String name, double value) {
    add(draft, findOrAdd(name, Kind.FLOAT64), value);
  }

  void add(Draft draft, String name, long value) {
    add(draft, findOrAdd(name, Kind.FLOAT64), value);
  }

  void add(Draft draft, Metric metric, double value) {
    if (metric.kind == Kind.FLOAT64) {
      draft.add(metric, Double.doubleToRawLongBits(value));
    } else if (metric.kind == Kind.INT64 && isLong(value)) {
      draft.add(metric, (long) value);
    } else {
      reject(metric, value);
    }
  }

  void add(Draft draft, Metric metric, long value) {
    if (metric.kind == Kind.INT64) {
      draft.add(metric, value);
    } else if (metric.kind == Kind.FLOAT64) {
      double nearest = value;
      if (!isExact(value)) {
        round(metric, value);
      }
      draft.add(metric, Double.doubleToRawLongBits(nearest));
    } else {
      reject(metric, value);
    }
  }

  void add(Draft draft, String name, @Nullable Object value) {
    if (value instanceof Number number) {
      addNumber(draft, name, number);
    } else if (value instanceof CharSequence || value instanceof Character) {
      addText(draft, name, value.toString());
    } else if (value instanceof Boolean truth) {
      addTruth(draft, name, truth);
    } else if (value instanceof Enum<?> constant) {
      addText(draft, name, constant.name());
    } else if (value instanceof AtomicBoolean truth) {
      addTruth(draft, name, truth.get());
    } else if (value instanceof Histogram histogram) {
      addHistogram(draft, name, histogram);
    } else if (value instanceof Media media) {
      addMedia(draft, name, media);
    } else if (value instanceof Table table) {
      addTable(draft, name, table);
    } else if (value == null) {
      passOverNull(checkName(name));
    } else {
      rejectType(checkName(name), value);
    }
  }

  private void addNumber(Draft draft, String name, Number value) {
    if (isIntegral(value)) {
      add(draft, name, value.longValue());
    } else if (value instanceof BigInteger big) {
      addBig(draft, findOrAdd(name, Kind.FLOAT64), big);
    } else if (value instanceof BigDecimal big) {
      addBig(draft, findOrAdd(name, Kind.FLOAT64), big);
    } else {
      add(draft, name, value.doubleValue());
    }
  }

  private static boolean isIntegral(Number value) {
    return value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte
        || value instanceof AtomicInteger
        || value instanceof AtomicLong
        || value instanceof LongAdder;
  }

  private void addBig(Draft draft, Metric metric, BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      add(draft, metric, value.longValue());
    } else if (metric.kind == Kind.FLOAT64) {
      double nearest = value.doubleValue();
      if (Double.isInfinite(nearest) || !new BigDecimal(nearest).toBigInteger().equals(value)) {
        round(metric, value);
      }
      draft.add(metric, Double.doubleToRawLongBits(nearest));
    } else {
      reject(metric, value);
    }
  }

  /**
   * Decimals are rounded to the nearest double without a word, as a literal in the source would be.
   */
  private void addBig(Draft draft, Metric metric, BigDecimal value) {
    if (metric.kind != Kind.INT64) {
      add(draft, metric, value.doubleValue());
      return;
    }
    try {
      draft.add(metric, value.longValueExact());
    } catch (ArithmeticException e) {
      reject(metric, value);
    }
  }

  private void addTruth(Draft draft, String name, boolean value) {
    Metric metric = findOrAdd(name, Kind.BOOL);
    if (metric.kind == Kind.BOOL) {
      draft.add(metric, value ? 1 : 0);
    } else {
      reject(metric, value);
    }
  }

  private void addText(Draft draft, String name, String value) {
    Metric metric = findOrAdd(name, Kind.STRING);
    if (metric.kind == Kind.STRING) {
      draft.add(metric, value);
    } else {
      reject(metric, value);
    }
  }

  /** A series of histograms keeps the precision of its first one. */
  private void addHistogram(Draft draft, String name, Histogram value) {
    Kind kind =
        value.precision() == Histogram.Precision.COMPACT ? Kind.HISTOGRAM_U8 : Kind.HISTOGRAM_I32;
    Metric metric = findOrAdd(name, kind);
    if (metric.kind == Kind.HISTOGRAM_U8) {
      draft.add(HistogramPacking.parcel(metric, value.compact()));
    } else if (metric.kind == Kind.HISTOGRAM_I32 && !value.isScaled()) {
      draft.add(HistogramPacking.parcel(metric, value.exact()));
    } else {
      reject(metric, value);
    }
  }

  private void addMedia(Draft draft, String name, Media value) {
    Metric metric = findOrAdd(name, Kind.MEDIA);
    if (metric.kind == Kind.MEDIA) {
      draft.add(MediaPacking.parcel(metric, value, board.staging()));
    } else {
      reject(metric, value);
    }
  }

  /** A table without columns is nothing. One that does not fit is left out whole. */
  private void addTable(Draft draft, String name, Table table) {
    if (table.columns().isEmpty()) {
      checkName(name);
      return;
    }
    Metric metric = findOrAdd(name, Kind.TABLE);
    if (metric.kind != Kind.TABLE) {
      reject(metric, table);
      return;
    }
    TableSchema schema = metric.schema(table);
    String misfit = schema.misfit(table).orElse(null);
    Map<Integer, Metric> companions = new TreeMap<>();
    for (int i = 0; i < schema.columns().size() && misfit == null; i++) {
      Column column = schema.columns().get(i);
      int row = column.type() == Column.Type.MEDIA ? table.firstNotNull(column.name()) : -1;
      if (row >= 0) {
        Metric companion = findOrAdd(name + '/' + column.name(), Kind.MEDIA);
        companions.put(i, companion);
        misfit = companion.kind == Kind.MEDIA ? null : taken(row, column, companion);
      }
    }
    if (misfit == null) {
      draft.add(TablePacking.parcel(metric, schema, table, companions, board.staging()));
    } else {
      rejectTable(metric, misfit);
    }
  }

  private static String taken(int row, Column column, Metric companion) {
    return "row="
        + row
        + " column='"
        + column.name()
        + "' (its media would be entries of '"
        + companion.name
        + "', which holds "
        + companion.kind
        + ")";
  }

  private void rejectTable(Metric metric, String misfit) {
    rejected.incrementAndGet();
    if (reports.isFirst("rejected", metric.name)) {
      reports.later(
          "a table does not fit the rows before it and was left out, as further ones will be:"
              + " table='"
              + metric.name
              + "' "
              + misfit);
    }
  }

  /** Whether a double is a long. */
  private static boolean isLong(double value) {
    return value == Math.rint(value) && value >= -TWO_TO_63 && value < TWO_TO_63;
  }

  /** Whether a double can hold a long. */
  private static boolean isExact(long value) {
    return (value >= -EXACT && value <= EXACT)
        || (value != Long.MAX_VALUE && (long) (double) value == value);
  }

  // ---- what does not fit

  private void reject(Metric metric, Object value) {
    rejected.incrementAndGet();
    if (reports.isFirst("rejected", metric.name)) {
      reports.later(
          "a value does not fit its series and was left out, as further ones will be: metric='"
              + metric.name
              + "' kind="
              + metric.kind
              + " type="
              + value.getClass().getName()
              + " value="
              + shorten(value)
              + " (a series keeps the kind of its first value)");
    }
  }

  private void rejectType(String name, Object value) {
    rejected.incrementAndGet();
    String type = value.getClass().getName();
    if (reports.isFirst("type", type)) {
      reports.later(
          "a value of this type cannot be logged and was left out, as further ones will be:"
              + " metric='"
              + name
              + "' type="
              + type
              + " ("
              + remedy(value)
              + "numbers, booleans, texts, enum constants, histograms, media, tables can)");
    }
  }

  private static String remedy(Object value) {
    if (value instanceof float[] || value instanceof double[] || value instanceof int[]) {
      return "Histogram.of(array) or Image.of(array, …)? ";
    }
    if (value.getClass().getName().startsWith("java.awt.image.")) {
      return "Image.of(image)? ";
    }
    if (value instanceof Path || value instanceof File) {
      return "Attachment.of(path), Image.of(path)? ";
    }
    return value instanceof Collection || value instanceof Map ? "Table.of(rows)? " : "";
  }

  private void passOverNull(String name) {
    nulls.incrementAndGet();
    if (reports.isFirst("null")) {
      reports.later(
          "a null was logged and left out, as further ones will be: metric='" + name + "'");
    }
  }

  private void round(Metric metric, Object value) {
    rounded.incrementAndGet();
    if (reports.isFirst("rounded")) {
      reports.later(
          "an integer beyond 2^53 was rounded to a double, as further ones will be: metric='"
              + metric.name
              + "' value="
              + shorten(value)
              + (value instanceof Long
                  ? " (declare the series: board.metric(name, SeriesKind.INT64))"
                  : " (no series holds so large an integer: log it as a text)"));
    }
  }

  private static String shorten(Object value) {
    String text = String.valueOf(value);
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  long rejected() {
    return rejected.get();
  }

  long nulls() {
    return nulls.get();
  }

  long rounded() {
    return rounded.get();
  }
}
