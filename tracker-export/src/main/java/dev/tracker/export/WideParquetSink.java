package dev.tracker.export;

import dev.tracker.format.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/** Wide rows as a Parquet file, written as {@link ParquetSink} does; what is not there is null. */
final class WideParquetSink implements WideSink {
  private final ParquetWriter<Row> out;
  private final Row row;

  WideParquetSink(WideColumns columns, OutputStream to) throws IOException {
    Builder builder =
        new Builder(ParquetSink.file(to), columns)
            .withConf(new PlainParquetConfiguration())
            .withWriterVersion(WriterVersion.PARQUET_2_0)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withRowGroupSize(ParquetSink.ROW_GROUP_BYTES)
            .withDictionaryEncoding(false);
    if (columns.hasRuns()) {
      builder.withDictionaryEncoding(Columns.RUN, true);
    }
    out = builder.build();
    row = new Row(columns.metrics().size());
  }

  /** The row being written; used again for the next one. */
  private static final class Row {
    final boolean[] has;
    final long[] bits;
    final @Nullable Binary[] texts;
    int run;
    long step;
    long globalStep;
    long micros;

    Row(int metrics) {
      has = new boolean[metrics];
      bits = new long[metrics];
      texts = new Binary[metrics];
    }
  }

  @Override
  public void begin(int run, long step, long globalStep, long micros) {
    row.run = run;
    row.step = step;
    row.globalStep = globalStep;
    row.micros = micros;
  }

  @Override
  public void number(int metric, long bits) {
    row.has[metric] = true;
    row.bits[metric] = bits;
  }

  @Override
  public void text(int metric, String text) {
    row.has[metric] = true;
    row.texts[metric] = Binary.fromString(text);
  }

  @Override
  public void end() throws IOException {
    out.write(row);
    Arrays.fill(row.has, false);
    Arrays.fill(row.texts, null);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private static MessageType schema(WideColumns columns) {
    Types.MessageTypeBuilder schema = Types.buildMessage();
    if (columns.hasRuns()) {
      schema
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(Columns.RUN);
    }
    schema
        .required(PrimitiveTypeName.INT64)
        .named(Columns.STEP)
        .required(PrimitiveTypeName.INT64)
        .named(Columns.GLOBAL_STEP)
        .required(PrimitiveTypeName.INT64)
        .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS))
        .named(Columns.TIMESTAMP);
    for (WideColumns.Metric metric : columns.metrics()) {
      schema.addField(ParquetSink.field(metric.kind(), Repetition.OPTIONAL, metric.name()));
    }
    return schema.named("rows");
  }

  /** Takes a row apart into columns. */
  private static final class RowSupport extends WriteSupport<Row> {
    private final WideColumns columns;
    private RecordConsumer to;

    @SuppressWarnings("NullAway.Init") // by prepareForWrite
    RowSupport(WideColumns columns) {
      this.columns = columns;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract all the same
    public WriteContext init(Configuration configuration) {
      return new WriteContext(schema(columns), Map.of());
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(schema(columns), Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      to = consumer;
    }

    @Override
    public void write(Row row) {
      to.startMessage();
      int column = 0;
      if (columns.hasRuns()) {
        to.startField(Columns.RUN, column);
        to.addBinary(Binary.fromString(columns.runs().get(row.run)));
        to.endField(Columns.RUN, column++);
      }
      number(Columns.STEP, column++, row.step);
      number(Columns.GLOBAL_STEP, column++, row.globalStep);
      number(Columns.TIMESTAMP, column++, row.micros);
      for (int i = 0; i < row.has.length; i++, column++) {
        if (row.has[i]) {
          metric(row, i, column);
        }
      }
      to.endMessage();
    }

    private void metric(Row row, int metric, int column) {
      String name = columns.metrics().get(metric).name();
      Kind kind = columns.metrics().get(metric).kind();
      Binary text = row.texts[metric];
      to.startField(name, column);
      if (text != null) {
        to.addBinary(text);
      } else if (kind == Kind.FLOAT64) {
        to.addDouble(Double.longBitsToDouble(row.bits[metric]));
      } else if (kind == Kind.INT64) {
        to.addLong(row.bits[metric]);
      } else {
        to.addBoolean(row.bits[metric] != 0);
      }
      to.endField(name, column);
    }

    private void number(String name, int column, long value) {
      to.startField(name, column);
      to.addLong(value);
      to.endField(name, column);
    }
  }

  private static final class Builder extends ParquetWriter.Builder<Row, Builder> {
    private final WideColumns columns;

    Builder(OutputFile file, WideColumns columns) {
      super(file);
      this.columns = columns;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract all the same
    protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
      return new RowSupport(columns);
    }

    @Override
    protected WriteSupport<Row> getWriteSupport(ParquetConfiguration configuration) {
      return new RowSupport(columns);
    }
  }
}
