package dev.tracker.series;

import dev.tracker.format.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.lance.file.LanceFileReader;
import org.lance.util.Range;

/** Reads one data file. */
final class DataFileReader implements AutoCloseable {
  /** How many rows Lance fetches and unpacks ahead: 2^20 rows are 16-32 MB outside the heap. */
  private static final int SLICE_ROWS = 1 << 20;

  /** The same where rows are long, by what they take in the file. */
  private static final long SLICE_BYTES = 64 << 20;

  private static final int BATCH_ROWS = 1 << 16;

  /** Texts and lists can be long, and a batch of them holds 2 GB at most. */
  private static final int LONG_BATCH_ROWS = 1 << 10;

  /** A batch of a table's rows takes about so much memory; a cell may be as large as that. */
  private static final long BATCH_BYTES = 16 << 20;

  private final Path file;
  private final LanceFileReader reader;

  /** About how many bytes a row takes in the file. */
  private final long rowBytes;

  private DataFileReader(Path file, LanceFileReader reader, long rowBytes) {
    this.file = file;
    this.reader = reader;
    this.rowBytes = rowBytes;
  }

  private long rowBytes() {
    return Math.max(1, rowBytes);
  }

  /** Opens a file, which must be whole: over some that are not, Lance ends the JVM. */
  static DataFileReader open(DatasetFiles files, Manifest.Part fragment) throws IOException {
    BufferAllocator memory = Lance.memory();
    Path file = files.data().resolve(fragment.file());
    files.check(file, fragment.bytes());
    LanceFileReader reader = LanceFileReader.open(file.toString(), memory);
    DataFileReader opened =
        new DataFileReader(file, reader, fragment.bytes() / Math.max(1, fragment.rows()));
    try {
      if (fragment.rows() != SeriesDataset.ALL_ROWS && reader.numRows() != fragment.rows()) {
        throw new IOException(
            "data file has another number of rows than its manifest says: file=%s rows=%d expected=%d"
                .formatted(file, reader.numRows(), fragment.rows()));
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      try (opened) {
        throw e;
      }
    }
  }

  /** Returns how many rows the file has. */
  int rows() throws IOException {
    return Math.toIntExact(reader.numRows());
  }

  /** Takes batches in row order; they are valid during the call only. */
  interface BatchConsumer {
    void accept(VectorSchemaRoot batch) throws IOException;
  }

  /** Adds stretches of rows to others. */
  void read(List<Range> stretches, Rows into) throws IOException {
    checkColumns(into);
    read(projection(into), stretches, batch -> add(batch, into));
  }

  /** Hands out the first rows, a batch at a time, in rows that are used again for the next one. */
  void read(int to, Rows batchRows, SeriesDataset.RowsConsumer into) throws IOException {
    read(List.of(Range.of(0, to)), batchRows, into);
  }

  /** Hands out stretches of rows, a batch at a time, in rows that are used again. */
  void read(List<Range> stretches, Rows batchRows, SeriesDataset.RowsConsumer into)
      throws IOException {
    checkColumns(batchRows);
    read(
        projection(batchRows),
        stretches,
        batch -> {
          batchRows.clear();
          add(batch, batchRows);
          into.accept(batchRows);
        });
  }

  /** Returns the columns to read; null for all. */
  private static @Nullable List<String> projection(Rows rows) {
    return rows.kind() == Kind.TABLE
        ? Lance.schema(rows).getFields().stream().map(Field::getName).toList()
        : null;
  }

  private void checkColumns(Rows rows) throws IOException {
    if (rows.kind() == Kind.TABLE && !rows.hasColumns()) {
      rows.columns(TableColumns.columns(reader.schema()));
    }
    Schema expected = Lance.schema(rows);
    for (Field column : expected.getFields()) {
      ArrowType found = type(column.getName());
      if (!found.equals(column.getType())) {
        throw new IOException(
            "column has another type: file=%s column=%s expected=%s found=%s"
                .formatted(file, column.getName(), column.getType(), found));
      }
    }
  }

  /** Hands out the rows {@code from} to {@code to}, the latter not included. */
  void read(int from, int to, BatchConsumer into) throws IOException {
    read(null, List.of(Range.of(from, to)), into);
  }

  /** Hands out stretches of rows, which are in ascending order. */
  private void read(@Nullable List<String> columns, List<Range> stretches, BatchConsumer into)
      throws IOException {
    int batchRows =
        hasFixedRows()
            ? BATCH_ROWS
            : (int) Math.max(1, Math.min(LONG_BATCH_ROWS, BATCH_BYTES / rowBytes()));
    List<Range> slice = new ArrayList<>();
    long sliceRows =
        hasFixedRows() ? SLICE_ROWS : Math.max(1, Math.min(SLICE_ROWS, SLICE_BYTES / rowBytes()));
    long room = sliceRows;
    for (Range stretch : stretches) {
      for (int at = stretch.getStart(); at < stretch.getEnd(); ) {
        int end = (int) Math.min(stretch.getEnd(), at + room);
        slice.add(Range.of(at, end));
        room -= end - at;
        at = end;
        if (room == 0) {
          readSlice(columns, slice, batchRows, into);
          slice.clear();
          room = sliceRows;
        }
      }
    }
    if (!slice.isEmpty()) {
      readSlice(columns, slice, batchRows, into);
    }
  }

  private void readSlice(
      @Nullable List<String> columns, List<Range> slice, int batchRows, BatchConsumer into)
      throws IOException {
    long rows = 0;
    try (ArrowReader batches = reader.readAll(columns, slice, batchRows)) {
      while (batches.loadNextBatch()) {
        VectorSchemaRoot batch = batches.getVectorSchemaRoot();
        into.accept(batch);
        rows += batch.getRowCount();
      }
    }
    for (Range stretch : slice) {
      rows -= stretch.getEnd() - stretch.getStart();
    }
    if (rows != 0) {
      throw new IOException(
          "data file gave another number of rows: file=%s from=%d to=%d stretches=%d surplus=%d"
              .formatted(
                  file,
                  slice.get(0).getStart(),
                  slice.get(slice.size() - 1).getEnd(),
                  slice.size(),
                  rows));
    }
  }

  private boolean hasFixedRows() {
    return reader.schema().getFields().stream()
        .map(Field::getType)
        .noneMatch(type -> type instanceof ArrowType.Utf8 || type instanceof ArrowType.List);
  }

  private ArrowType type(String column) throws IOException {
    try {
      return reader.schema().findField(column).getType();
    } catch (IllegalArgumentException e) {
      throw new IOException("column is missing: file=%s column=%s".formatted(file, column), e);
    }
  }

  private static void add(VectorSchemaRoot batch, Rows rows) {
    if (rows.kind() == Kind.TABLE) {
      TableColumns.read(batch, rows);
      return;
    } else if (!rows.kind().isScalar()) {
      HistogramColumns.read(batch, rows);
      return;
    }
    int count = batch.getRowCount();
    int at = rows.size();
    rows.ensureCapacity((long) at + count);
    copyLongs(batch.getVector(Lance.STEP), rows.steps(), at, count);
    copyLongs(batch.getVector(Lance.GLOBAL_STEP), rows.globalSteps(), at, count);
    copyLongs(batch.getVector(Lance.TIMESTAMP), rows.micros(), at, count);
    FieldVector values = batch.getVector(Lance.VALUE);
    switch (rows.kind()) {
      case FLOAT64, INT64 -> copyNumbers(values, rows, at, count);
      case BOOL -> copyBooleans(values, rows.bits(), at, count);
      case STRING -> copyTexts(values, rows, at, count);
      default ->
          throw new IllegalArgumentException("no dataset of such a kind: kind=" + rows.kind());
    }
    rows.grow(count);
  }

  private static void copyNumbers(FieldVector from, Rows into, int at, int count) {
    if (into.hasDoubles()) {
      bytes(from.getDataBuffer(), 0, (long) count * Double.BYTES)
          .asDoubleBuffer()
          .get(into.doubles(), at, count);
    } else {
      copyLongs(from, into.bits(), at, count);
    }
  }

  private static void copyLongs(FieldVector from, long[] into, int at, int count) {
    bytes(from.getDataBuffer(), 0, (long) count * Long.BYTES).asLongBuffer().get(into, at, count);
  }

  private static void copyBooleans(FieldVector from, long[] into, int at, int count) {
    ByteBuffer packed = bytes(from.getDataBuffer(), 0, (count + 7L) / 8);
    for (int i = 0; i < count; i++) {
      into[at + i] = packed.get(i >> 3) >> (i & 7) & 1;
    }
  }

  private static void copyTexts(FieldVector from, Rows rows, int at, int count) {
    ByteBuffer offsets =
        bytes(from.getOffsetBuffer(), 0, (count + 1L) * BaseVariableWidthVector.OFFSET_WIDTH);
    int first = offsets.getInt(0);
    int length = offsets.getInt(count * Integer.BYTES) - first;
    int begin = rows.textEnd(at);
    rows.ensureTextCapacity((long) begin + length);
    from.getDataBuffer().getBytes(first, rows.texts(), begin, length);
    int[] ends = rows.textEnds();
    for (int i = 0; i < count; i++) {
      ends[at + i] = begin + offsets.getInt((i + 1) * Integer.BYTES) - first;
    }
  }

  private static ByteBuffer bytes(ArrowBuf buffer, long from, long length) {
    return buffer.nioBuffer(from, (int) length).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() throws IOException {
    try {
      reader.close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("data file could not be closed: file=" + file, e);
    }
  }
}
