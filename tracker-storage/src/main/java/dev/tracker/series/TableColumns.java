package dev.tracker.series;

import dev.tracker.value.Column;
import dev.tracker.value.TableForm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Rows of a table between their journal form ({@link TableForm}), which {@link Rows} hold, and the
 * columns of a dataset. Cells are moved byte by byte; nothing is looked at.
 */
final class TableColumns {
  static final String STEP = "_step";
  static final String GLOBAL_STEP = "_global_step";
  static final String TIMESTAMP = "_timestamp";

  private static final ArrowType MICROS = new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC");

  private TableColumns() {}

  /** Returns the columns behind the step and the times. */
  static List<Field> fields(List<Column> columns) {
    return columns.stream()
        .map(column -> new Field(column.name(), FieldType.nullable(type(column.type())), null))
        .toList();
  }

  private static ArrowType type(Column.Type type) {
    return switch (type) {
      case TEXT, MEDIA -> ArrowType.Utf8.INSTANCE;
      case NUMBER -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case INTEGER -> new ArrowType.Int(Long.SIZE, true);
      case BOOLEAN -> ArrowType.Bool.INSTANCE;
      case TIME -> MICROS;
    };
  }

  /** Returns the columns that a data file has behind the step and the times; media are texts. */
  static List<Column> columns(Schema schema) throws IOException {
    List<Column> columns = new ArrayList<>();
    for (Field field : schema.getFields()) {
      String name = field.getName();
      if (!name.equals(STEP) && !name.equals(GLOBAL_STEP) && !name.equals(TIMESTAMP)) {
        columns.add(new Column(name, type(field)));
      }
    }
    return columns;
  }

  private static Column.Type type(Field field) throws IOException {
    for (Column.Type type : Column.Type.values()) {
      if (type(type).equals(field.getType())) {
        return type;
      }
    }
    throw new IOException(
        "column of a table has an unknown type: column="
            + field.getName()
            + " type="
            + field.getType()
            + " (written by a newer version?)");
  }

  // ---- writing

  /** Fills in the columns of a batch from the rows {@code from} to {@code to - 1}. */
  static void write(VectorSchemaRoot batch, Rows rows, int from, int to, BufferAllocator memory) {
    List<Column> columns = rows.columns();
    int[] next = new int[to - from];
    for (int i = from; i < to; i++) {
      int form = rows.textEnd(i);
      int found = TableForm.columns(rows.texts(), form);
      if (found != columns.size()) {
        throw new IllegalStateException(
            "a row of a table has another number of columns: expected="
                + columns.size()
                + " found="
                + found);
      }
      next[i - from] = form + TableForm.cells(found);
    }
    for (int column = 0; column < columns.size(); column++) {
      Column.Type type = columns.get(column).type();
      FieldVector vector = batch.getVector(columns.get(column).name());
      new Loading(rows, from, column, type, next, memory).load(vector);
    }
  }

  /** Brings one column to its vector, and on to the next column. */
  private static final class Loading {
    private final Rows rows;
    private final int from;
    private final int column;
    private final Column.Type type;

    /** Where the next cell of each row is, unless it is null. */
    private final int[] next;

    private final BufferAllocator memory;

    Loading(Rows rows, int from, int column, Column.Type type, int[] next, BufferAllocator memory) {
      this.rows = rows;
      this.from = from;
      this.column = column;
      this.type = type;
      this.next = next;
      this.memory = memory;
    }

    void load(FieldVector vector) {
      try (ArrowBuf valid = buffer((next.length + 7L) / 8)) {
        int nulls = 0;
        for (int i = 0; i < next.length; i++) {
          if (isNull(i)) {
            nulls++;
          } else {
            set(valid, i);
          }
        }
        ArrowFieldNode node = new ArrowFieldNode(next.length, nulls);
        switch (type) {
          case NUMBER, INTEGER, TIME -> loadLongs(vector, node, valid);
          case BOOLEAN -> loadBooleans(vector, node, valid);
          case TEXT, MEDIA -> loadTexts(vector, node, valid);
        }
      }
    }

    private boolean isNull(int i) {
      return TableForm.isNull(rows.texts(), rows.textEnd(from + i), column);
    }

    private void loadLongs(FieldVector vector, ArrowFieldNode node, ArrowBuf valid) {
      try (ArrowBuf values = buffer((long) next.length * Long.BYTES)) {
        for (int i = 0; i < next.length; i++) {
          if (!isNull(i)) {
            values.setBytes((long) i * Long.BYTES, rows.texts(), next[i], Long.BYTES);
            next[i] += Long.BYTES;
          }
        }
        vector.loadFieldBuffers(node, List.of(valid, values));
      }
    }

    private void loadBooleans(FieldVector vector, ArrowFieldNode node, ArrowBuf valid) {
      try (ArrowBuf values = buffer((next.length + 7L) / 8)) {
        for (int i = 0; i < next.length; i++) {
          if (!isNull(i) && rows.texts()[next[i]++] != 0) {
            set(values, i);
          }
        }
        vector.loadFieldBuffers(node, List.of(valid, values));
      }
    }

    private void loadTexts(FieldVector vector, ArrowFieldNode node, ArrowBuf valid) {
      long length = 0;
      for (int i = 0; i < next.length; i++) {
        length += isNull(i) ? 0 : length(i);
      }
      try (ArrowBuf ends = buffer((next.length + 1L) * Integer.BYTES);
          ArrowBuf texts = buffer(length)) {
        int end = 0;
        ends.setInt(0, 0);
        for (int i = 0; i < next.length; i++) {
          if (!isNull(i)) {
            int bytes = length(i);
            texts.setBytes(end, rows.texts(), next[i] + Integer.BYTES, bytes);
            next[i] += Integer.BYTES + bytes;
            end += bytes;
          }
          ends.setInt((i + 1L) * Integer.BYTES, end);
        }
        vector.loadFieldBuffers(node, List.of(valid, ends, texts));
      }
    }

    private int length(int i) {
      return TableForm.length(type, rows.texts(), next[i]) - Integer.BYTES;
    }

    /** Returns memory that is all zeros. */
    private ArrowBuf buffer(long length) {
      ArrowBuf buffer = memory.buffer(length);
      buffer.setZero(0, length);
      buffer.writerIndex(length);
      return buffer;
    }

    private static void set(ArrowBuf bits, int i) {
      bits.setByte(i >> 3, bits.getByte(i >> 3) | 1 << (i & 7));
    }
  }

  // ---- reading

  /** Adds all rows of a batch, with those columns that the rows have. */
  static void read(VectorSchemaRoot batch, Rows rows) {
    List<Column> columns = rows.columns();
    ArrowBuf steps = batch.getVector(STEP).getDataBuffer();
    ArrowBuf globalSteps = batch.getVector(GLOBAL_STEP).getDataBuffer();
    ArrowBuf micros = batch.getVector(TIMESTAMP).getDataBuffer();
    FieldVector[] vectors = new FieldVector[columns.size()];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = batch.getVector(columns.get(i).name());
    }
    TableForm.Writer form = new TableForm.Writer();
    for (int row = 0; row < batch.getRowCount(); row++) {
      form.begin(vectors.length);
      for (int i = 0; i < vectors.length; i++) {
        put(vectors[i], row, columns.get(i).type(), form);
      }
      long at = (long) row * Long.BYTES;
      rows.addText(
          steps.getLong(at),
          globalSteps.getLong(at),
          micros.getLong(at),
          form.bytes(),
          0,
          form.length());
    }
  }

  private static void put(FieldVector vector, int row, Column.Type type, TableForm.Writer form) {
    if (vector.isNull(row)) {
      form.putNull();
      return;
    }
    ArrowBuf values = vector.getDataBuffer();
    switch (type) {
      case NUMBER, INTEGER, TIME -> form.putLong(values.getLong((long) row * Long.BYTES));
      case BOOLEAN -> form.putBoolean((values.getByte(row >> 3) >> (row & 7) & 1) != 0);
      case TEXT, MEDIA -> {
        ByteBuffer ends =
            vector
                .getOffsetBuffer()
                .nioBuffer((long) row * Integer.BYTES, 2 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        int begin = ends.getInt(0);
        int length = ends.getInt(Integer.BYTES) - begin;
        int to = form.putText(length);
        values.getBytes(begin, form.bytes(), to, length);
      }
    }
  }
}
