package dev.tracker.export;

import dev.tracker.format.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;

/**
 * Rows as a Parquet file.
 *
 * <p>Not compressed: version 2 of the format stores steps and times as differences and runs and
 * metrics as dictionaries, so that a row takes little more than its value; the values themselves
 * are what compression shortens least, and codecs are native libraries.
 */
final class ParquetSink implements RowSink {
  /** What is held in memory until it is written. */
  static final long ROW_GROUP_BYTES = 32L << 20;

  private final Row row = new Row();
  private final ParquetWriter<Row> out;
  private final Columns columns;

  ParquetSink(Columns columns, OutputStream to) throws IOException {
    this.columns = columns;
    Builder builder =
        new Builder(file(to), columns)
            .withConf(new PlainParquetConfiguration())
            .withWriterVersion(WriterVersion.PARQUET_2_0)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .withDictionaryEncoding(false);
    if (columns.isLong()) {
      builder
          .withDictionaryEncoding(Columns.RUN, true)
          .withDictionaryEncoding(Columns.METRIC, true);
    }
    out = builder.build();
  }

  @Override
  public void begin(int run, int metric, Kind kind) {
    if (columns.isLong()) {
      row.run = Binary.fromString(columns.runs().get(run));
      row.metric = Binary.fromString(columns.metrics().get(metric));
    }
    row.kind = kind;
    row.column = columns.names().indexOf(columns.value(kind));
    row.name = columns.value(kind);
  }

  @Override
  public void number(long step, long globalStep, long micros, long bits) throws IOException {
    row.bits = bits;
    write(step, globalStep, micros);
  }

  @Override
  public void text(long step, long globalStep, long micros, String text) throws IOException {
    row.text = Binary.fromString(text);
    write(step, globalStep, micros);
  }

  private void write(long step, long globalStep, long micros) throws IOException {
    row.step = step;
    row.globalStep = globalStep;
    row.micros = micros;
    out.write(row);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /** The row being written; used again for the next one. */
  private static final class Row {
    Binary run = Binary.EMPTY;
    Binary metric = Binary.EMPTY;
    long step;
    long globalStep;
    long micros;
    Kind kind = Kind.FLOAT64;
    String name = Columns.VALUE;
    int column;
    long bits;
    Binary text = Binary.EMPTY;
  }

  /** Returns the column of values of a kind. */
  static PrimitiveType field(Kind kind, Repetition repetition, String name) {
    return switch (kind) {
      case FLOAT64 -> Types.primitive(PrimitiveTypeName.DOUBLE, repetition).named(name);
      case INT64 -> Types.primitive(PrimitiveTypeName.INT64, repetition).named(name);
      case BOOL -> Types.primitive(PrimitiveTypeName.BOOLEAN, repetition).named(name);
      case STRING ->
          Types.primitive(PrimitiveTypeName.BINARY, repetition)
              .as(LogicalTypeAnnotation.stringType())
              .named(name);
      default -> throw new IllegalArgumentException("no metric: kind=" + kind);
    };
  }

  /** Returns a stream, which stays open, as what the library calls a file. */
  static OutputFile file(OutputStream to) {
    return new Stream(to);
  }

  private static MessageType schema(Columns columns) {
    Types.MessageTypeBuilder schema = Types.buildMessage();
    if (columns.isLong()) {
      schema
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(Columns.RUN)
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(Columns.METRIC);
    }
    schema
        .required(PrimitiveTypeName.INT64)
        .named(Columns.STEP)
        .required(PrimitiveTypeName.INT64)
        .named(Columns.GLOBAL_STEP)
        .required(PrimitiveTypeName.INT64)
        .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS))
        .named(Columns.TIMESTAMP);
    Repetition repetition = columns.values().size() > 1 ? Repetition.OPTIONAL : Repetition.REQUIRED;
    for (Map.Entry<Kind, String> value : columns.values().entrySet()) {
      schema.addField(field(value.getKey(), repetition, value.getValue()));
    }
    return schema.named("rows");
  }

  /** Takes a row apart into columns. */
  private static final class RowSupport extends WriteSupport<Row> {
    private final Columns columns;
    private RecordConsumer to;

    @SuppressWarnings("NullAway.Init") // by prepareForWrite
    RowSupport(Columns columns) {
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
      if (columns.isLong()) {
        text(Columns.RUN, column++, row.run);
        text(Columns.METRIC, column++, row.metric);
      }
      number(Columns.STEP, column++, row.step);
      number(Columns.GLOBAL_STEP, column++, row.globalStep);
      number(Columns.TIMESTAMP, column, row.micros);
      to.startField(row.name, row.column);
      switch (row.kind) {
        case FLOAT64 -> to.addDouble(Double.longBitsToDouble(row.bits));
        case INT64 -> to.addLong(row.bits);
        case BOOL -> to.addBoolean(row.bits != 0);
        case STRING -> to.addBinary(row.text);
        default -> throw new IllegalStateException("no metric: kind=" + row.kind);
      }
      to.endField(row.name, row.column);
      to.endMessage();
    }

    private void text(String name, int column, Binary value) {
      to.startField(name, column);
      to.addBinary(value);
      to.endField(name, column);
    }

    private void number(String name, int column, long value) {
      to.startField(name, column);
      to.addLong(value);
      to.endField(name, column);
    }
  }

  private static final class Builder extends ParquetWriter.Builder<Row, Builder> {
    private final Columns columns;

    Builder(OutputFile file, Columns columns) {
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

  /** A stream as what the library calls a file. */
  private record Stream(OutputStream to) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new Counted(to);
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      return new Counted(to);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }

  private static final class Counted extends PositionOutputStream {
    private final OutputStream to;
    private long position;

    Counted(OutputStream to) {
      this.to = to;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void write(int b) throws IOException {
      to.write(b);
      position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      to.write(bytes, offset, length);
      position += length;
    }

    @Override
    public void flush() throws IOException {
      to.flush();
    }

    /** Leaves the stream open, as {@link RowSink#close} says. */
    @Override
    public void close() throws IOException {
      to.flush();
    }
  }
}
