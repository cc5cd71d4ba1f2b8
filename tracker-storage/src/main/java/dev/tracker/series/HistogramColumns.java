package dev.tracker.series;

import dev.tracker.format.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/**
 * Histograms between their journal form, which {@link Rows} hold, and the columns of a dataset.
 *
 * <p>The journal form is drawn at {@link dev.tracker.value.Histogram#encode}; nothing of it is
 * computed here, every number has a column of its own.
 */
final class HistogramColumns {
  private static final String COUNTS = "counts";

  /** A column of one number, and where the journal form has it. */
  private record Column(String name, int offset, boolean isSingle, boolean isCount) {
    ArrowType type() {
      if (isCount) {
        return new ArrowType.Int(Long.SIZE, true);
      }
      return new ArrowType.FloatingPoint(
          isSingle ? FloatingPointPrecision.SINGLE : FloatingPointPrecision.DOUBLE);
    }

    int bytes() {
      return isSingle ? Float.BYTES : Long.BYTES;
    }
  }

  private static final int PRECISION = 1;
  private static final int BINS = 4;
  private static final int HEADER = 88;
  private static final byte VERSION = 1;

  private static final List<Column> COLUMNS =
      List.of(
          new Column("min", 8, true, false),
          new Column("max", 12, true, false),
          new Column("underflow", 48, false, true),
          new Column("overflow", 56, false, true),
          new Column("nan", 64, false, true),
          new Column("positive_infinity", 72, false, true),
          new Column("negative_infinity", 80, false, true),
          new Column("count", 40, false, true),
          new Column("sum", 32, false, false),
          new Column("minimum", 16, false, false),
          new Column("maximum", 24, false, false));

  private HistogramColumns() {}

  /** Returns the columns behind the step and the times. */
  static List<Field> fields(Kind kind) {
    boolean compact = kind == Kind.HISTOGRAM_U8;
    Field item = field("item", new ArrowType.Int(compact ? Byte.SIZE : Integer.SIZE, !compact));
    List<Field> fields = new ArrayList<>();
    fields.add(new Field(COUNTS, FieldType.notNullable(ArrowType.List.INSTANCE), List.of(item)));
    COLUMNS.forEach(column -> fields.add(field(column.name, column.type())));
    return fields;
  }

  private static Field field(String name, ArrowType type) {
    return new Field(name, FieldType.notNullable(type), List.of());
  }

  private static int countBytes(Kind kind) {
    return kind == Kind.HISTOGRAM_U8 ? Byte.BYTES : Integer.BYTES;
  }

  /** Fills in the columns of a batch from the rows {@code from} to {@code to - 1}. */
  static void write(VectorSchemaRoot batch, Rows rows, int from, int to, BufferAllocator memory) {
    ByteBuffer forms = ByteBuffer.wrap(rows.texts()).order(ByteOrder.LITTLE_ENDIAN);
    for (Column column : COLUMNS) {
      int width = column.bytes();
      try (ArrowBuf numbers = buffer(memory, (long) (to - from) * width)) {
        for (int i = from; i < to; i++) {
          int at = rows.textEnd(i) + column.offset;
          numbers.setBytes((long) (i - from) * width, rows.texts(), at, width);
        }
        load(batch.getVector(column.name), to - from, numbers);
      }
    }
    writeCounts((ListVector) batch.getVector(COUNTS), rows, from, to, forms, memory);
  }

  private static void writeCounts(
      ListVector lists, Rows rows, int from, int to, ByteBuffer forms, BufferAllocator memory) {
    int width = countBytes(rows.kind());
    int bins = 0;
    for (int i = from; i < to; i++) {
      bins += forms.getInt(rows.textEnd(i) + BINS);
    }
    try (ArrowBuf ends = buffer(memory, (to - from + 1L) * Integer.BYTES);
        ArrowBuf counts = buffer(memory, (long) bins * width)) {
      int end = 0;
      ends.setInt(0, 0);
      for (int i = from; i < to; i++) {
        int form = rows.textEnd(i);
        int here = forms.getInt(form + BINS);
        counts.setBytes((long) end * width, rows.texts(), form + HEADER, (long) here * width);
        end += here;
        ends.setInt((i - from + 1L) * Integer.BYTES, end);
      }
      load(lists, to - from, ends);
      load(lists.getDataVector(), bins, counts);
    }
  }

  private static ArrowBuf buffer(BufferAllocator memory, long length) {
    ArrowBuf buffer = memory.buffer(length);
    buffer.writerIndex(length);
    return buffer;
  }

  /** Gives a vector without nulls its buffer. */
  private static void load(FieldVector vector, int values, ArrowBuf buffer) {
    List<@Nullable ArrowBuf> buffers = new ArrayList<>();
    buffers.add(null);
    buffers.add(buffer);
    vector.loadFieldBuffers(new ArrowFieldNode(values, 0), buffers);
  }

  /** Adds all rows of a batch. */
  static void read(VectorSchemaRoot batch, Rows rows) {
    int width = countBytes(rows.kind());
    ListVector lists = (ListVector) batch.getVector(COUNTS);
    ArrowBuf counts = lists.getDataVector().getDataBuffer();
    ArrowBuf steps = batch.getVector(Lance.STEP).getDataBuffer();
    ArrowBuf globalSteps = batch.getVector(Lance.GLOBAL_STEP).getDataBuffer();
    ArrowBuf micros = batch.getVector(Lance.TIMESTAMP).getDataBuffer();
    for (int i = 0; i < batch.getRowCount(); i++) {
      int first = lists.getElementStartIndex(i);
      int bins = lists.getElementEndIndex(i) - first;
      byte[] form = new byte[HEADER + bins * width];
      form[0] = VERSION;
      form[PRECISION] = (byte) (rows.kind() == Kind.HISTOGRAM_U8 ? 1 : 0);
      ByteBuffer.wrap(form).order(ByteOrder.LITTLE_ENDIAN).putInt(BINS, bins);
      for (Column column : COLUMNS) {
        ArrowBuf numbers = batch.getVector(column.name).getDataBuffer();
        numbers.getBytes((long) i * column.bytes(), form, column.offset, column.bytes());
      }
      counts.getBytes((long) first * width, form, HEADER, bins * width);
      long at = (long) i * Long.BYTES;
      rows.addText(
          steps.getLong(at), globalSteps.getLong(at), micros.getLong(at), form, 0, form.length);
    }
  }
}
