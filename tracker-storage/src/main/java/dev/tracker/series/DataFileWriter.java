package dev.tracker.series;

import dev.tracker.format.Kind;
import dev.tracker.format.PlainFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.lance.FragmentMetadata;
import org.lance.file.LanceFileWriter;
import org.lance.fragment.DataFile;

/**
 * Writes one data file, which becomes one fragment.
 *
 * <p>Rows go over in batches of at most 4 MB; Lance itself gathers up to 8 MB of each column before
 * it writes a page.
 */
final class DataFileWriter implements AutoCloseable {
  private static final int BATCH_ROWS = 1 << 17;
  private static final int BATCH_TEXT_BYTES = 4 << 20;

  private final DatasetFiles files;
  private final long version;
  private final Path unfinished;
  private final BufferAllocator memory;
  private @Nullable LanceFileWriter writer;
  private int[] fields = {};
  private long rows;

  private DataFileWriter(
      DatasetFiles files,
      long version,
      Path unfinished,
      BufferAllocator memory,
      LanceFileWriter writer) {
    this.files = files;
    this.version = version;
    this.unfinished = unfinished;
    this.memory = memory;
    this.writer = writer;
  }

  /** Begins a data file that is to come with a version. */
  static DataFileWriter create(DatasetFiles files, long version) throws IOException {
    BufferAllocator memory = Lance.memory();
    PlainFiles.makeFolder(files.data().resolveSibling("")); // Lance would make all that is missing
    PlainFiles.makeFolder(files.data());
    Path unfinished = files.unfinishedData(version);
    return new DataFileWriter(
        files,
        version,
        unfinished,
        memory,
        LanceFileWriter.open(
            unfinished.toString(), memory, null, Optional.of(Lance.FILE_VERSION), Map.of()));
  }

  /** Writes all rows. */
  void write(Rows rows) throws IOException {
    Schema schema = Lance.schema(rows);
    for (int from = 0; from < rows.size(); ) {
      int to = batchEnd(rows, from);
      try (VectorSchemaRoot batch = batch(schema, rows, from, to)) {
        write(batch);
      }
      from = to;
    }
  }

  /** Writes a batch. */
  void write(VectorSchemaRoot batch) throws IOException {
    LanceFileWriter open = writer;
    if (open == null) {
      throw new IOException("data file is closed: file=" + unfinished);
    }
    open.write(batch);
    fields = Lance.columnFields(batch.getSchema());
    rows += batch.getRowCount();
  }

  /** Completes the file and returns what the manifest says of it. */
  FragmentMetadata finish() throws IOException {
    closeFile();
    Path file = files.finishData(unfinished, version);
    return describe(file.getFileName().toString(), Files.size(file), rows, fields);
  }

  /** Returns what a manifest says of a fragment that is there already. */
  static FragmentMetadata describe(Manifest.Part fragment, Schema schema) {
    return describe(fragment.file(), fragment.bytes(), fragment.rows(), Lance.columnFields(schema));
  }

  private static FragmentMetadata describe(String name, long bytes, long rows, int[] fields) {
    int[] columns = IntStream.range(0, fields.length).toArray();
    DataFile data =
        new DataFile(name, fields, columns, Lance.FILE_MAJOR, Lance.FILE_MINOR, bytes, null);
    return new FragmentMetadata(0, List.of(data), rows, null, null);
  }

  /** Gives up a file that is not finished. */
  @Override
  public void close() throws IOException {
    try {
      closeFile();
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private void closeFile() throws IOException {
    LanceFileWriter open = writer;
    writer = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException("data file could not be closed: file=" + unfinished, e);
      }
    }
  }

  /** Where the batch that begins with a row ends. */
  static int batchEnd(Rows rows, int from) {
    int end = Math.min(rows.size(), from + BATCH_ROWS);
    if (!rows.kind().isFixed()) {
      int[] ends = rows.textEnds();
      long limit = (long) rows.textEnd(from) + BATCH_TEXT_BYTES;
      int to = from + 1;
      while (to < end && ends[to] <= limit) {
        to++;
      }
      return to;
    }
    return end;
  }

  private VectorSchemaRoot batch(Schema schema, Rows rows, int from, int to) {
    VectorSchemaRoot root = VectorSchemaRoot.create(schema, memory);
    try {
      load(root.getVector(0), longs(rows.steps(), from, to), to - from);
      load(root.getVector(1), longs(rows.globalSteps(), from, to), to - from);
      load(root.getVector(2), longs(rows.micros(), from, to), to - from);
      if (rows.kind() == Kind.TABLE) {
        TableColumns.write(root, rows, from, to, memory);
      } else if (rows.kind().isScalar()) {
        load(root.getVector(Lance.VALUE), values(rows, from, to), to - from);
      } else {
        HistogramColumns.write(root, rows, from, to, memory);
      }
      root.setRowCount(to - from);
      return root;
    } catch (RuntimeException | Error e) {
      root.close();
      throw e;
    }
  }

  /** Gives a vector its buffers, and gives up what was ours in them. */
  private static void load(FieldVector vector, List<ArrowBuf> buffers, int rows) {
    try {
      List<@Nullable ArrowBuf> all = new ArrayList<>();
      all.add(null); // no row is null
      all.addAll(buffers);
      vector.loadFieldBuffers(new ArrowFieldNode(rows, 0), all);
    } finally {
      buffers.forEach(ArrowBuf::close);
    }
  }

  private List<ArrowBuf> values(Rows rows, int from, int to) {
    return switch (rows.kind()) {
      case FLOAT64, INT64 -> longs(rows.bits(), from, to);
      case BOOL -> List.of(booleans(rows.bits(), from, to));
      case STRING -> texts(rows, from, to);
      default ->
          throw new IllegalArgumentException("no dataset of such a kind: kind=" + rows.kind());
    };
  }

  private List<ArrowBuf> longs(long[] values, int from, int to) {
    ArrowBuf buffer = buffer((long) (to - from) * Long.BYTES);
    bytes(buffer).asLongBuffer().put(values, from, to - from);
    return List.of(buffer);
  }

  private ArrowBuf booleans(long[] values, int from, int to) {
    ArrowBuf buffer = buffer((to - from + 7L) / 8);
    for (int at = from; at < to; at += 8) {
      int packed = 0;
      for (int i = at; i < Math.min(to, at + 8); i++) {
        packed |= (int) (values[i] & 1) << (i - at);
      }
      buffer.setByte((at - from) >> 3, packed);
    }
    return buffer;
  }

  private List<ArrowBuf> texts(Rows rows, int from, int to) {
    int begin = rows.textEnd(from);
    int length = rows.textEnd(to) - begin;
    ArrowBuf offsets = buffer((to - from + 1L) * Integer.BYTES);
    ByteBuffer out = bytes(offsets);
    for (int i = from; i <= to; i++) {
      out.putInt(rows.textEnd(i) - begin);
    }
    try {
      ArrowBuf texts = buffer(length);
      texts.setBytes(0, rows.texts(), begin, length);
      return List.of(offsets, texts);
    } catch (RuntimeException | Error e) {
      offsets.close();
      throw e;
    }
  }

  private ArrowBuf buffer(long length) {
    ArrowBuf buffer = memory.buffer(length);
    buffer.writerIndex(length);
    return buffer;
  }

  private static ByteBuffer bytes(ArrowBuf buffer) {
    return buffer.nioBuffer(0, (int) buffer.writerIndex()).order(ByteOrder.LITTLE_ENDIAN);
  }
}
