package dev.tracker.bench;

import dev.tracker.read.Scalars;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
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

/** Lance alone, past everything of ours: the least that a series' rows can cost. */
final class BareLance {
  private static final String FILE_VERSION = "2.1";
  private static final int WRITTEN_ROWS = 1 << 17;
  private static final int READ_ROWS = 1 << 16;

  private static final ArrowType LONG = new ArrowType.Int(64, true);

  private static final Schema SCALARS =
      new Schema(
          List.of(
              column("step", LONG),
              column("global_step", LONG),
              column("timestamp", new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC")),
              column("value", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE))));

  private BareLance() {}

  private static Field column(String name, ArrowType type) {
    return new Field(name, FieldType.notNullable(type), null);
  }

  /** Writes a series into one data file. */
  static void write(Scalars rows, Path file) throws IOException {
    try (BufferAllocator memory = new RootAllocator();
        VectorSchemaRoot batch = VectorSchemaRoot.create(SCALARS, memory)) {
      LanceFileWriter writer =
          LanceFileWriter.open(file.toString(), memory, null, Optional.of(FILE_VERSION), Map.of());
      try {
        for (int from = 0; from < rows.size(); from += WRITTEN_ROWS) {
          fill(batch, rows, from, Math.min(rows.size(), from + WRITTEN_ROWS));
          writer.write(batch);
        }
      } finally {
        close(writer, file);
      }
    }
  }

  private static void fill(VectorSchemaRoot batch, Scalars rows, int from, int to) {
    BigIntVector steps = (BigIntVector) batch.getVector(0);
    BigIntVector globalSteps = (BigIntVector) batch.getVector(1);
    TimeStampMicroTZVector times = (TimeStampMicroTZVector) batch.getVector(2);
    Float8Vector values = (Float8Vector) batch.getVector(3);
    batch.getFieldVectors().forEach(vector -> vector.setInitialCapacity(to - from));
    batch.allocateNew();
    for (int i = from; i < to; i++) {
      steps.set(i - from, rows.steps()[i]);
      globalSteps.set(i - from, rows.globalSteps()[i]);
      times.set(i - from, rows.timestamps()[i]);
      values.set(i - from, rows.values()[i]);
    }
    batch.setRowCount(to - from);
  }

  /** Reads data files into Lance's own batches, and returns how many rows they have. */
  static long scan(Path... files) throws IOException {
    long count = 0;
    try (BufferAllocator memory = new RootAllocator()) {
      for (Path file : files) {
        LanceFileReader reader = LanceFileReader.open(file.toString(), memory);
        try (ArrowReader batches = reader.readAll(null, null, READ_ROWS)) {
          while (batches.loadNextBatch()) {
            count += batches.getVectorSchemaRoot().getRowCount();
          }
        } finally {
          close(reader, file);
        }
      }
    }
    return count;
  }

  static void close(AutoCloseable open, Path file) throws IOException {
    try {
      open.close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("data file could not be closed: file=" + file, e);
    }
  }
}
