package dev.tracker.bench;

import dev.tracker.Row;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.lance.file.LanceFileReader;
import org.lance.file.LanceFileWriter;

/** A column that Lance alone writes and reads, in whatever encoding. No row is null. */
final class BareColumn {
  private static final int WRITTEN_ROWS = 1 << 17;
  private static final int READ_ROWS = 1 << 16;

  private final String name;
  private final ArrowType type;

  /** The rows' 64 bits, or a 0 or 1 for each; unused where they are texts. */
  private final long[] bits;

  private final byte[][] texts;

  private BareColumn(String name, ArrowType type, long[] bits, byte[][] texts) {
    this.name = name;
    this.type = type;
    this.bits = bits;
    this.texts = texts;
  }

  static BareColumn doubles(String name, int rows, IntToDoubleFunction value) {
    ArrowType type = new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
    return of(name, type, rows, i -> Double.doubleToRawLongBits(value.applyAsDouble(i)));
  }

  static BareColumn longs(String name, int rows, IntToLongFunction value) {
    return of(name, new ArrowType.Int(64, true), rows, value);
  }

  static BareColumn times(String name, int rows, IntToLongFunction micros) {
    return of(name, new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC"), rows, micros);
  }

  static BareColumn booleans(String name, int rows, IntToLongFunction zeroOrOne) {
    return of(name, ArrowType.Bool.INSTANCE, rows, zeroOrOne);
  }

  static BareColumn texts(String name, int rows, IntFunction<String> value) {
    byte[][] texts = new byte[rows][];
    Arrays.setAll(texts, i -> value.apply(i).getBytes(StandardCharsets.UTF_8));
    return new BareColumn(name, ArrowType.Utf8.INSTANCE, new long[0], texts);
  }

  private static BareColumn of(String name, ArrowType type, int rows, IntToLongFunction value) {
    long[] bits = IntStream.range(0, rows).mapToLong(value).toArray();
    return new BareColumn(name, type, bits, new byte[0][]);
  }

  String name() {
    return name;
  }

  /** Puts a row's value where it is logged. */
  void put(Row row, int i) {
    if (type instanceof ArrowType.FloatingPoint) {
      row.put(name, Double.longBitsToDouble(bits[i]));
    } else if (type instanceof ArrowType.Int) {
      row.put(name, bits[i]);
    } else if (type instanceof ArrowType.Bool) {
      row.put(name, (Object) (bits[i] == 1));
    } else {
      row.put(name, new String(texts[i], StandardCharsets.UTF_8));
    }
  }

  int rows() {
    return Math.max(bits.length, texts.length);
  }

  /** Writes columns of equal length, each in its encoding; the file's version is the first's. */
  static void write(List<BareColumn> columns, List<Encoding> encodings, Path file)
      throws IOException {
    List<Field> fields =
        IntStream.range(0, columns.size())
            .mapToObj(i -> columns.get(i).field(encodings.get(i).metadata()))
            .toList();
    Optional<String> version = Optional.of(encodings.get(0).fileVersion());
    try (BufferAllocator memory = new RootAllocator();
        VectorSchemaRoot batch = VectorSchemaRoot.create(new Schema(fields), memory)) {
      LanceFileWriter writer =
          LanceFileWriter.open(file.toString(), memory, null, version, Map.of());
      try {
        int rows = columns.get(0).rows();
        for (int from = 0; from < rows; from += WRITTEN_ROWS) {
          int to = Math.min(rows, from + WRITTEN_ROWS);
          for (int i = 0; i < columns.size(); i++) {
            columns.get(i).fill(batch.getVector(i), from, to);
          }
          batch.setRowCount(to - from);
          writer.write(batch);
        }
      } finally {
        BareLance.close(writer, file);
      }
    }
  }

  private Field field(Map<String, String> metadata) {
    return new Field(name, new FieldType(false, type, null, metadata), null);
  }

  private void fill(FieldVector vector, int from, int to) {
    int rows = to - from;
    vector.setInitialCapacity(rows);
    vector.allocateNew();
    if (vector instanceof VarCharVector strings) {
      for (int i = from; i < to; i++) {
        strings.setSafe(i - from, texts[i]);
      }
    } else if (vector instanceof BitVector booleans) {
      for (int i = from; i < to; i++) {
        booleans.set(i - from, (int) bits[i]);
      }
    } else {
      vector.getValidityBuffer().setOne(0L, (rows + 7L) / 8);
      data(vector, rows).asLongBuffer().put(bits, from, rows);
    }
  }

  /** Reads a file of such columns, and returns how many values do not come back. */
  static long wrong(List<BareColumn> columns, Path file) throws IOException {
    long wrong = 0;
    int at = 0;
    try (BufferAllocator memory = new RootAllocator()) {
      LanceFileReader reader = LanceFileReader.open(file.toString(), memory);
      try (ArrowReader batches = reader.readAll(null, null, READ_ROWS)) {
        while (batches.loadNextBatch()) {
          VectorSchemaRoot batch = batches.getVectorSchemaRoot();
          for (int i = 0; i < columns.size(); i++) {
            wrong += columns.get(i).wrong(batch.getVector(i), at, batch.getRowCount());
          }
          at += batch.getRowCount();
        }
      } finally {
        BareLance.close(reader, file);
      }
    }
    return wrong + Math.abs(columns.get(0).rows() - at);
  }

  private long wrong(FieldVector vector, int from, int rows) {
    if (vector instanceof VarCharVector strings) {
      return IntStream.range(0, rows)
          .filter(i -> !Arrays.equals(strings.get(i), texts[from + i]))
          .count();
    } else if (vector instanceof BitVector booleans) {
      return IntStream.range(0, rows).filter(i -> booleans.get(i) != bits[from + i]).count();
    }
    ByteBuffer data = data(vector, rows);
    return IntStream.range(0, rows)
        .filter(i -> data.getLong(i * Long.BYTES) != bits[from + i])
        .count();
  }

  private static ByteBuffer data(FieldVector vector, int rows) {
    return vector.getDataBuffer().nioBuffer(0, rows * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
