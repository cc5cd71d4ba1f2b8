package dev.tracker.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.jspecify.annotations.Nullable;

/** Wide rows as an Arrow file, in batches; what is not there is null. */
final class WideArrowSink implements WideSink {
  /** A batch ends when it has so many places for values, or so many rows. */
  private static final int BATCH_VALUES = 1 << 20;

  private static final int BATCH_ROWS = 1 << 16;
  private static final long BATCH_TEXT_BYTES = 16L << 20;

  private final WideColumns columns;
  private final BufferAllocator memory = ArrowSink.memory();
  private final List<FieldVector> vectors = new ArrayList<>();
  private final List<FieldVector> metrics = new ArrayList<>();
  private final @Nullable VarCharVector runs;
  private final BigIntVector steps;
  private final BigIntVector globalSteps;
  private final TimeStampMicroTZVector times;
  private final VectorSchemaRoot root;
  private final ArrowFileWriter out;
  private final int batchRows;
  private int row;
  private long textBytes;

  WideArrowSink(WideColumns columns, OutputStream to) throws IOException {
    this.columns = columns;
    runs =
        columns.hasRuns()
            ? add(new VarCharVector(Columns.RUN, ArrowSink.required(ArrowSink.TEXT), memory))
            : null;
    steps = add(new BigIntVector(Columns.STEP, ArrowSink.required(ArrowSink.LONG), memory));
    globalSteps =
        add(new BigIntVector(Columns.GLOBAL_STEP, ArrowSink.required(ArrowSink.LONG), memory));
    times =
        add(
            new TimeStampMicroTZVector(
                Columns.TIMESTAMP, ArrowSink.required(ArrowSink.TIME), memory));
    for (WideColumns.Metric metric : columns.metrics()) {
      metrics.add(add(ArrowSink.vector(metric.kind(), metric.name(), true, memory)));
    }
    batchRows = Math.max(1, Math.min(BATCH_ROWS, BATCH_VALUES / vectors.size()));
    root = new VectorSchemaRoot(vectors);
    out = new ArrowFileWriter(root, null, Channels.newChannel(to));
    out.start();
  }

  private <V extends FieldVector> V add(V vector) {
    vectors.add(vector);
    return vector;
  }

  @Override
  public void begin(int run, long step, long globalStep, long micros) {
    if (runs != null) {
      runs.setSafe(row, columns.runs().get(run).getBytes(StandardCharsets.UTF_8));
    }
    steps.setSafe(row, step);
    globalSteps.setSafe(row, globalStep);
    times.setSafe(row, micros);
  }

  @Override
  public void number(int metric, long bits) {
    FieldVector vector = metrics.get(metric);
    if (vector instanceof Float8Vector doubles) {
      doubles.setSafe(row, Double.longBitsToDouble(bits));
    } else if (vector instanceof BigIntVector longs) {
      longs.setSafe(row, bits);
    } else {
      ((BitVector) vector).setSafe(row, bits == 0 ? 0 : 1);
    }
  }

  @Override
  public void text(int metric, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    ((VarCharVector) metrics.get(metric)).setSafe(row, utf8);
    textBytes += utf8.length;
  }

  @Override
  public void end() throws IOException {
    row++;
    if (row == batchRows || textBytes >= BATCH_TEXT_BYTES) {
      writeBatch();
    }
  }

  private void writeBatch() throws IOException {
    root.setRowCount(row);
    out.writeBatch();
    vectors.forEach(FieldVector::reset);
    row = 0;
    textBytes = 0;
  }

  /** Completes the file and gives back the memory, whatever happens. */
  @Override
  public void close() throws IOException {
    try (memory) {
      try {
        if (row > 0) {
          writeBatch();
        }
        out.end();
      } finally {
        root.close();
      }
    }
  }
}
