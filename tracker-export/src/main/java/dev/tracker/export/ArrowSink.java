package dev.tracker.export;

import dev.tracker.format.Kind;
import dev.tracker.series.NativeLibrary;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.unsafe.UnsafeAllocationManager;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/** Rows as an Arrow file, in batches; runs and metrics are dictionaries. */
final class ArrowSink implements RowSink {
  private static final int BATCH_ROWS = 1 << 16;

  /** Texts are longer than numbers, so a batch also ends when it holds this much of them. */
  private static final long BATCH_TEXT_BYTES = 16L << 20;

  static final ArrowType LONG = new ArrowType.Int(64, true);
  private static final ArrowType INDEX = new ArrowType.Int(32, true);
  static final ArrowType TEXT = ArrowType.Utf8.INSTANCE;
  static final ArrowType TIME = new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC");

  private final BufferAllocator memory;
  private final List<FieldVector> vectors = new ArrayList<>();
  private final MapDictionaryProvider dictionaries = new MapDictionaryProvider();
  private final List<VarCharVector> words = new ArrayList<>();
  private final @Nullable IntVector runs;
  private final @Nullable IntVector metrics;
  private final BigIntVector steps;
  private final BigIntVector globalSteps;
  private final TimeStampMicroTZVector times;
  private final Map<Kind, FieldVector> values = new EnumMap<>(Kind.class);
  private final VectorSchemaRoot root;
  private final ArrowFileWriter out;
  private int run;
  private int metric;
  private Kind kind = Kind.FLOAT64;
  private int rows;
  private long textBytes;

  ArrowSink(Columns columns, OutputStream to) throws IOException {
    memory = memory();
    runs = columns.isLong() ? words(Columns.RUN, 1, columns.runs()) : null;
    metrics = columns.isLong() ? words(Columns.METRIC, 2, columns.metrics()) : null;
    steps = add(new BigIntVector(Columns.STEP, required(LONG), memory));
    globalSteps = add(new BigIntVector(Columns.GLOBAL_STEP, required(LONG), memory));
    times = add(new TimeStampMicroTZVector(Columns.TIMESTAMP, required(TIME), memory));
    boolean several = columns.values().size() > 1;
    columns.values().forEach((of, name) -> values.put(of, add(vector(of, name, several, memory))));
    root = new VectorSchemaRoot(vectors);
    out = new ArrowFileWriter(root, dictionaries, Channels.newChannel(to));
    out.start();
  }

  static BufferAllocator memory() {
    NativeLibrary.whyUnavailable(); // opens to Arrow what it needs of the JDK
    return new RootAllocator(
        RootAllocator.configBuilder()
            .allocationManagerFactory(UnsafeAllocationManager.FACTORY)
            .build());
  }

  static FieldType required(ArrowType type) {
    return FieldType.notNullable(type);
  }

  private <V extends FieldVector> V add(V vector) {
    vectors.add(vector);
    return vector;
  }

  /** Makes a column whose values are places in a list of words. */
  private IntVector words(String name, long id, List<String> list) {
    VarCharVector vector = new VarCharVector(name, required(TEXT), memory);
    words.add(vector);
    for (int i = 0; i < list.size(); i++) {
      vector.setSafe(i, list.get(i).getBytes(StandardCharsets.UTF_8));
    }
    vector.setValueCount(list.size());
    DictionaryEncoding encoding = new DictionaryEncoding(id, false, (ArrowType.Int) INDEX);
    dictionaries.put(new Dictionary(vector, encoding));
    return add(new IntVector(name, new FieldType(false, INDEX, encoding), memory));
  }

  /** Makes the column of values of a kind. */
  static FieldVector vector(Kind of, String name, boolean nullable, BufferAllocator memory) {
    return switch (of) {
      case FLOAT64 ->
          new Float8Vector(
              name,
              new FieldType(
                  nullable, new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE), null),
              memory);
      case INT64 -> new BigIntVector(name, new FieldType(nullable, LONG, null), memory);
      case BOOL ->
          new BitVector(name, new FieldType(nullable, ArrowType.Bool.INSTANCE, null), memory);
      case STRING -> new VarCharVector(name, new FieldType(nullable, TEXT, null), memory);
      default -> throw new IllegalArgumentException("no metric: kind=" + of);
    };
  }

  @Override
  public void begin(int nextRun, int nextMetric, Kind nextKind) {
    run = nextRun;
    metric = nextMetric;
    kind = nextKind;
  }

  @Override
  public void number(long step, long globalStep, long micros, long bits) throws IOException {
    FieldVector value = value();
    if (value instanceof Float8Vector doubles) {
      doubles.setSafe(rows, Double.longBitsToDouble(bits));
    } else if (value instanceof BigIntVector longs) {
      longs.setSafe(rows, bits);
    } else {
      ((BitVector) value).setSafe(rows, bits == 0 ? 0 : 1);
    }
    endRow(step, globalStep, micros);
  }

  @Override
  public void text(long step, long globalStep, long micros, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    ((VarCharVector) value()).setSafe(rows, utf8);
    textBytes += utf8.length;
    endRow(step, globalStep, micros);
  }

  private FieldVector value() {
    FieldVector value = values.get(kind);
    if (value == null) {
      throw new IllegalStateException("no column for this kind: kind=" + kind);
    }
    return value;
  }

  private void endRow(long step, long globalStep, long micros) throws IOException {
    if (runs != null && metrics != null) {
      runs.setSafe(rows, run);
      metrics.setSafe(rows, metric);
    }
    steps.setSafe(rows, step);
    globalSteps.setSafe(rows, globalStep);
    times.setSafe(rows, micros);
    rows++;
    if (rows == BATCH_ROWS || textBytes >= BATCH_TEXT_BYTES) {
      writeBatch();
    }
  }

  private void writeBatch() throws IOException {
    root.setRowCount(rows);
    out.writeBatch();
    vectors.forEach(FieldVector::reset);
    rows = 0;
    textBytes = 0;
  }

  /** Completes the file and gives back the memory, whatever happens. */
  @Override
  public void close() throws IOException {
    try (memory) {
      try {
        if (rows > 0) {
          writeBatch();
        }
        out.end();
      } finally {
        root.close();
        words.forEach(VarCharVector::close);
      }
    }
  }
}
