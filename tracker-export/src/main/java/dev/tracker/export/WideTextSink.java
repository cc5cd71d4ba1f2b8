package dev.tracker.export;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.OutputStream;

/** Wide rows as text: CSV, or an object of JSON a line; see {@link TextSink}. */
final class WideTextSink implements WideSink {
  private final WideColumns columns;
  private final JsonGenerator out;
  private final boolean lines;

  private WideTextSink(WideColumns columns, JsonGenerator out, boolean lines) {
    this.columns = columns;
    this.out = out;
    this.lines = lines;
    out.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
  }

  /** Makes one that writes CSV, and writes the header. */
  static WideTextSink csv(WideColumns columns, OutputStream to) throws IOException {
    CsvSchema.Builder schema = CsvSchema.builder();
    columns.names().forEach(schema::addColumn);
    CsvFactory factory = new CsvFactory();
    try (CsvGenerator header = factory.createGenerator(to, JsonEncoding.UTF8)) {
      header.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      header.enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING);
      header.setSchema(schema.build());
      header.writeStartArray();
      for (String name : columns.names()) {
        header.writeString(name); // a metric's name may need quotes
      }
      header.writeEndArray();
    }
    CsvGenerator out = factory.createGenerator(to, JsonEncoding.UTF8);
    out.setSchema(schema.build());
    out.enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING);
    return new WideTextSink(columns, out, false);
  }

  /** Makes one that writes JSON lines. */
  static WideTextSink jsonLines(WideColumns columns, OutputStream to) throws IOException {
    JsonGenerator out = new JsonFactory().createGenerator(to, JsonEncoding.UTF8);
    return new WideTextSink(columns, out.setRootValueSeparator(null), true);
  }

  @Override
  public void begin(int run, long step, long globalStep, long micros) throws IOException {
    out.writeStartObject();
    if (columns.hasRuns()) {
      out.writeStringField(Columns.RUN, columns.runs().get(run));
    }
    out.writeNumberField(Columns.STEP, step);
    out.writeNumberField(Columns.GLOBAL_STEP, globalStep);
    out.writeStringField(Columns.TIMESTAMP, TextSink.time(micros));
  }

  @Override
  public void number(int metric, long bits) throws IOException {
    WideColumns.Metric column = columns.metrics().get(metric);
    out.writeFieldName(column.name());
    switch (column.kind()) {
      case FLOAT64 -> out.writeNumber(Double.longBitsToDouble(bits));
      case INT64 -> out.writeNumber(bits);
      case BOOL -> out.writeBoolean(bits != 0);
      default -> throw new IllegalStateException("a number for texts: column=" + column.name());
    }
  }

  @Override
  public void text(int metric, String text) throws IOException {
    out.writeFieldName(columns.metrics().get(metric).name());
    if (text.isEmpty() && !lines) {
      out.writeRawValue("\"\""); // what is not there is empty without quotes
    } else {
      out.writeString(text);
    }
  }

  @Override
  public void end() throws IOException {
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
