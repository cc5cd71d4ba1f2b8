package dev.tracker.export;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.tracker.format.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;

/**
 * Rows as text: CSV, or an object of JSON a line.
 *
 * <p>Times are as {@code 2026-11-20T20:47:55.123456Z}. Numbers that JSON does not know are the
 * strings {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}; in CSV they are the same
 * words.
 */
final class TextSink implements RowSink {
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(6).toFormatter();

  private final Columns columns;
  private final JsonGenerator out;
  private final boolean lines;
  private int run;
  private int metric;
  private Kind kind = Kind.FLOAT64;
  private SerializedString value = new SerializedString(Columns.VALUE);

  private TextSink(Columns columns, JsonGenerator out, boolean lines) {
    this.columns = columns;
    this.out = out;
    this.lines = lines;
    out.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
  }

  /** Makes one that writes CSV, and writes the header. */
  static TextSink csv(Columns columns, OutputStream to) throws IOException {
    CsvSchema.Builder schema = CsvSchema.builder();
    columns.names().forEach(schema::addColumn);
    to.write((String.join(",", columns.names()) + "\n").getBytes(StandardCharsets.US_ASCII));
    CsvGenerator out = new CsvFactory().createGenerator(to, JsonEncoding.UTF8);
    out.setSchema(schema.build());
    out.enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING); // or all that is long is quoted
    return new TextSink(columns, out, false);
  }

  /** Makes one that writes JSON lines. */
  static TextSink jsonLines(Columns columns, OutputStream to) throws IOException {
    JsonGenerator out = new JsonFactory().createGenerator(to, JsonEncoding.UTF8);
    return new TextSink(columns, out.setRootValueSeparator(null), true);
  }

  @Override
  public void begin(int nextRun, int nextMetric, Kind nextKind) {
    run = nextRun;
    metric = nextMetric;
    kind = nextKind;
    value = new SerializedString(columns.value(nextKind));
  }

  @Override
  public void number(long step, long globalStep, long micros, long bits) throws IOException {
    beginRow(step, globalStep, micros);
    switch (kind) {
      case FLOAT64 -> out.writeNumber(Double.longBitsToDouble(bits));
      case INT64 -> out.writeNumber(bits);
      case BOOL -> out.writeBoolean(bits != 0);
      default -> throw new IllegalStateException("a number for a metric of another kind: " + kind);
    }
    endRow();
  }

  @Override
  public void text(long step, long globalStep, long micros, String text) throws IOException {
    beginRow(step, globalStep, micros);
    if (text.isEmpty() && !lines) {
      out.writeRawValue("\"\""); // what is not there is empty without quotes
    } else {
      out.writeString(text);
    }
    endRow();
  }

  private void beginRow(long step, long globalStep, long micros) throws IOException {
    out.writeStartObject();
    if (columns.isLong()) {
      out.writeStringField(Columns.RUN, columns.runs().get(run));
      out.writeStringField(Columns.METRIC, columns.metrics().get(metric));
    }
    out.writeNumberField(Columns.STEP, step);
    out.writeNumberField(Columns.GLOBAL_STEP, globalStep);
    out.writeStringField(Columns.TIMESTAMP, time(micros));
    out.writeFieldName(value);
  }

  /** Returns a time as text. */
  static String time(long micros) {
    return TIME.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }

  private void endRow() throws IOException {
    out.writeEndObject();
    if (lines) {
      out.writeRaw('\n');
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
