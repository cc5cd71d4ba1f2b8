package dev.tracker.verify;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.MediaForm;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalReader;
import dev.tracker.journal.JournalScan;
import dev.tracker.journal.JournalWriter;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.metadata.Gap;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records of whole frames into a new journal. Positions follow each other there; what is
 * missing in between becomes a gap. Values that do not fit what is known of their series are left
 * out, those of unknown series go to new ones.
 */
final class Replay implements JournalScan.Sink, RecordVisitor {
  private static final int MAX_PENDING_BYTES = 4 << 20;
  private static final byte[] NO_BYTES = {};

  private final RunLayout source;
  private final RunLayout target;
  private final JournalWriter writer;
  private final Map<Integer, Integer> ids;
  private final Map<Integer, Kind> kinds;
  private final Map<String, Integer> names;
  private final RunDocument document;
  private final Map<String, Path> contents;
  private final List<String> lost;
  private final List<Gap> gaps = new ArrayList<>();
  private long missing;
  private long lastMicros;

  // The row that is being put together.
  private long step;
  private long globalStep;
  private long micros;
  private int left;
  private final List<Value> values = new ArrayList<>();
  private long misfits;

  /** Tables whose rows nobody can read. */
  private final Set<Integer> withoutColumns = new HashSet<>();

  private record Value(int series, Kind kind, long bits, String text) {}

  /**
   * Makes one for a journal.
   *
   * @param contents the media files that have their names already, by digest
   */
  Replay(
      RunLayout source,
      RunLayout target,
      JournalWriter writer,
      Map<Integer, Integer> ids,
      Map<Integer, Kind> kinds,
      Map<String, Integer> names,
      RunDocument document,
      Map<String, Path> contents,
      List<String> lost) {
    this.contents = contents;
    this.document = document;
    this.source = source;
    this.target = target;
    this.writer = writer;
    this.ids = new HashMap<>(ids);
    this.kinds = kinds;
    this.names = names;
    this.lost = lost;
  }

  List<Gap> gaps() {
    return gaps;
  }

  @Override
  public void frame(
      String file, long offset, Counters before, long end, JournalScan.Records records)
      throws IOException {
    if (missing > 0) {
      Gap gap = new Gap(missing, lastMicros, Math.max(lastMicros, before.micros()));
      gaps.add(gap);
      writer.gap(gap.rows(), gap.fromMicros(), gap.toMicros());
      missing = 0;
    }
    lastMicros = Math.max(lastMicros, before.micros());
    try {
      Counters after = records.to(this);
      lastMicros = Math.max(lastMicros, after.micros());
      flushRow();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (IOException e) {
      values.clear();
      left = 0;
      writer.cancelRow();
      lost.add(
          "records of a frame: file=%s offset=%d positions=%d..%d cause=%s"
              .formatted(file, offset, before.position(), end - 1, e.getMessage()));
    }
    if (writer.pendingBytes() > MAX_PENDING_BYTES) {
      writer.write();
    }
  }

  @Override
  public void missing(String file, long expected, long found) {
    missing += found - expected;
  }

  @Override
  public void fault(String file, long offset, JournalScan.Cause least, String what) {}

  @Override
  public void leftOver(String file) {}

  @Override
  public void end(long stable) {}

  void finish() throws IOException {
    if (missing > 0) {
      gaps.add(new Gap(missing, lastMicros, lastMicros));
      writer.gap(missing, lastMicros, lastMicros);
    }
    if (misfits > 0) {
      lost.add("journal values that do not fit their series: count=" + misfits);
    }
  }

  // ---- records

  @Override
  public void series(int id, Kind kind, String name) {
    Integer there = names.get(name);
    if (kind == Kind.TABLE && there == null && !hasColumns(name)) {
      lost.add("a table whose columns nothing tells: table='" + name + "'");
      withoutColumns.add(id);
    } else if (there != null && kinds.get(there) == kind) {
      ids.put(id, there);
    } else {
      define(id, kind, Rebuild.freshName(name, id, names));
    }
  }

  private boolean hasColumns(String table) {
    try {
      TableSchema.ofJson(table, document.fields().get(RunDocument.TABLE + table));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private int define(int id, Kind kind, String name) {
    int fresh = kinds.size();
    ids.put(id, fresh);
    kinds.put(fresh, kind);
    names.put(name, fresh);
    writer.series(fresh, kind, name);
    return fresh;
  }

  /** Returns the new number of a series; one that nothing defines is made. */
  private int known(int id, Kind guess) {
    Integer fresh = ids.get(id);
    if (fresh != null) {
      return fresh;
    }
    String name = Rebuild.freshName("", id, names);
    lost.add("the name of a series: its values are in " + name);
    return define(id, guess, name);
  }

  @Override
  public void row(long rowStep, long rowGlobalStep, long rowMicros, int count) {
    flushRow();
    step = rowStep;
    globalStep = rowGlobalStep;
    micros = rowMicros;
    left = count;
    if (count == 0) {
      writeRow();
    }
  }

  @Override
  public void value(int series, long bits) {
    int id = known(series, Kind.FLOAT64);
    Kind kind = kinds.getOrDefault(id, Kind.FLOAT64);
    took(kind.isFixed() ? new Value(id, kind, bits, "") : null);
  }

  @Override
  public void text(int series, byte[] bytes, int offset, int length) {
    int id = known(series, Kind.STRING);
    boolean fits = kinds.get(id) == Kind.STRING;
    took(
        fits
            ? new Value(
                id, Kind.STRING, 0, new String(bytes, offset, length, StandardCharsets.UTF_8))
            : null);
  }

  private void took(@Nullable Value value) {
    if (value == null) {
      misfits++;
    } else {
      values.add(value);
    }
    if (--left == 0) {
      writeRow();
    }
  }

  private void flushRow() {
    if (left > 0) {
      writeRow();
    }
    left = 0;
  }

  private void writeRow() {
    if (writer.globalStep() != globalStep) {
      writer.globalStep(globalStep);
    }
    if (writer.nextStep() == step) {
      writer.beginRow(micros, values.size());
    } else {
      writer.beginRowAt(step, micros, values.size());
    }
    for (Value value : values) {
      switch (value.kind) {
        case BOOL -> writer.bool(value.series, value.bits != 0);
        case STRING -> writer.text(value.series, value.text);
        default -> writer.value(value.series, value.bits);
      }
    }
    values.clear();
    left = 0;
  }

  @Override
  public void globalStep(long value) {
    writer.globalStep(value);
  }

  @Override
  public void gap(long rows, long fromMicros, long toMicros) {
    writer.gap(rows, fromMicros, toMicros);
  }

  /** A rewind shares no frame with others. */
  @Override
  public void rewind(long to, long toGlobalStep) {
    flushRow();
    write();
    writer.rewind(to, toGlobalStep);
    write();
  }

  private void write() {
    try {
      writer.write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void console(ConsoleStream stream, long at, byte[] utf8, int offset, int length) {
    writer.console(stream, at, new String(utf8, offset, length, StandardCharsets.UTF_8));
  }

  @Override
  public void run(byte[] json) {
    try {
      document.patch(json);
      writer.run(json);
    } catch (IOException e) {
      lost.add("a change of the run's document: cause=" + e.getMessage());
    }
  }

  @Override
  public void entry(
      int series, long at, long global, long when, byte[] bytes, int offset, int length) {
    Integer fresh = ids.get(series);
    Kind kind =
        fresh == null ? guess(bytes, offset, length) : kinds.getOrDefault(fresh, Kind.FLOAT64);
    if (kind == null
        || withoutColumns.contains(series)
        || JournalSurvey.wrongEntry(kind, bytes, offset, length) != null
        || (kind == Kind.TABLE && !isRow(fresh, bytes, offset, length))) {
      misfits++;
      return;
    }
    byte[] value = Arrays.copyOfRange(bytes, offset, offset + length);
    writer.entry(
        known(series, kind), at, global, when, kind == Kind.MEDIA ? withFile(value) : value);
  }

  /** Whether a row of a table fits the columns that the document gives it. */
  private boolean isRow(@Nullable Integer id, byte[] bytes, int offset, int length) {
    for (Map.Entry<String, Integer> named : names.entrySet()) {
      if (named.getValue().equals(id)) {
        return JournalSurvey.wrongRow(document, named.getKey(), bytes, offset, length) == null;
      }
    }
    return false;
  }

  private static @Nullable Kind guess(byte[] bytes, int offset, int length) {
    for (Kind kind : List.of(Kind.MEDIA, Kind.HISTOGRAM_I32)) {
      if (JournalSurvey.wrongEntry(kind, bytes, offset, length) == null) {
        return kind;
      }
    }
    return null;
  }

  /**
   * Brings the file of an entry along, which was staged when the entry was written; where it is
   * damaged the entry says so.
   */
  private byte[] withFile(byte[] value) {
    try {
      MediaForm form = MediaForm.decode(value, 0, value.length);
      if (!form.staged()) {
        return value;
      }
      Path staged = source.staged(form.digest(), form.extension());
      Path from = contents.getOrDefault(form.digest(), staged);
      Path to = target.staged(form.digest(), form.extension());
      Optional<String> wrong = JournalSurvey.wrongContent(source, from, form);
      if (wrong.isPresent()) {
        lost.add("media: file=" + from.getFileName() + " " + wrong.get());
        return Rebuild.without(form, wrong.get()).encode(NO_BYTES);
      }
      if (!Files.exists(to)) {
        Rebuild.copy(from, to);
      }
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a patch of the document behind all else. */
  static void append(RunLayout layout, String patch) throws IOException {
    Counters end = Counters.START;
    if (Files.exists(layout.metadata())) {
      end = MetadataReader.read(layout.metadata()).orElseThrow().checkpoint();
    }
    try (JournalReader reader =
        JournalReader.open(layout.journal(), end.position(), FileLayer.real())) {
      while (reader.nextFrame()) {
        end = reader.after();
      }
    }
    try (JournalWriter writer = JournalWriter.open(layout.journal(), end, FileLayer.real())) {
      writer.run(patch.getBytes(StandardCharsets.UTF_8));
      writer.write();
      writer.force();
    }
  }
}
