package dev.tracker.series;

import dev.tracker.format.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.unsafe.UnsafeAllocationManager;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.lance.Dataset;
import org.lance.ReadOptions;

/** What every use of Lance shares: memory, columns, and how a version is opened. */
final class Lance {
  /**
   * The version of the data files' format: 2.1 packs integers, so that a row takes 17 bytes where
   * 2.0 takes 32 (see {@code docs/decisions.md} for 2.2).
   */
  static final String FILE_VERSION = "2.1";

  static final int FILE_MAJOR = 2;
  static final int FILE_MINOR = 1;

  static final String STEP = "step";
  static final String GLOBAL_STEP = "global_step";
  static final String TIMESTAMP = "timestamp";
  static final String VALUE = "value";

  private static final ArrowType LONG = new ArrowType.Int(64, true);

  private Lance() {}

  /** Initialised when it is first used: Arrow needs what {@link NativeLibrary} arranges. */
  private static final class Memory {
    static final BufferAllocator ROOT =
        new RootAllocator(
            RootAllocator.configBuilder()
                .allocationManagerFactory(UnsafeAllocationManager.FACTORY)
                .build());
  }

  /** Returns the memory outside the heap that all threads use. */
  static BufferAllocator memory() throws IOException {
    NativeLibrary.require();
    return Memory.ROOT;
  }

  /** Throws where the JVM does not let Arrow have memory. */
  static void checkMemory() {
    try (ArrowBuf buffer = Memory.ROOT.buffer(Long.BYTES)) {
      buffer.nioBuffer(0, Long.BYTES).putLong(0, 1);
    }
  }

  /** Returns the columns of a dataset that holds such rows. */
  static Schema schema(Rows rows) {
    Kind kind = rows.kind();
    boolean isTable = kind == Kind.TABLE; // users' columns may well be called step
    List<Field> fields = new ArrayList<>();
    fields.add(column(isTable ? TableColumns.STEP : STEP, LONG));
    fields.add(column(isTable ? TableColumns.GLOBAL_STEP : GLOBAL_STEP, LONG));
    fields.add(
        column(
            isTable ? TableColumns.TIMESTAMP : TIMESTAMP,
            new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC")));
    if (isTable) {
      fields.addAll(TableColumns.fields(rows.columns()));
    } else if (kind.isScalar()) {
      fields.add(column(VALUE, valueType(kind)));
    } else {
      fields.addAll(HistogramColumns.fields(kind));
    }
    return new Schema(fields);
  }

  /**
   * Returns the numbers that Lance gives the columns of a schema: a list has one of its own, but
   * only what is in it is a column of the file.
   */
  static int[] columnFields(Schema schema) {
    List<Integer> leaves = new ArrayList<>();
    int next = 0;
    for (Field field : schema.getFields()) {
      next += field.getChildren().size();
      leaves.add(next++);
    }
    return leaves.stream().mapToInt(Integer::intValue).toArray();
  }

  private static ArrowType valueType(Kind kind) {
    return switch (kind) {
      case FLOAT64 -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case INT64 -> LONG;
      case BOOL -> ArrowType.Bool.INSTANCE;
      case STRING -> ArrowType.Utf8.INSTANCE;
      default -> throw new IllegalArgumentException("no dataset of such a kind: kind=" + kind);
    };
  }

  private static Field column(String name, ArrowType type) {
    return new Field(name, FieldType.notNullable(type), null);
  }

  /** Opens one version, never the latest: newer ones may be torn or not committed. */
  static Dataset open(Path folder, long version) throws IOException {
    ReadOptions options = new ReadOptions.Builder().setVersion(version).build();
    return Dataset.open().allocator(memory()).uri(folder.toString()).readOptions(options).build();
  }
}
