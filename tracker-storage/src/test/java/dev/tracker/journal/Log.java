package dev.tracker.journal;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The records of a journal as lines of text, for comparing what was written with what is read. */
final class Log implements RecordVisitor {
  final List<String> lines = new ArrayList<>();

  /** Reads all that a journal holds from a position on. */
  static Log of(java.nio.file.Path folder, long from, FileLayer files) throws java.io.IOException {
    Log log = new Log();
    try (JournalReader reader = JournalReader.open(folder, from, files)) {
      log.read(reader);
    }
    return log;
  }

  /** Reads on to the end; returns the counters there, or null if there was nothing. */
  Counters read(JournalReader reader) throws java.io.IOException {
    Counters end = null;
    while (reader.nextFrame()) {
      reader.decode(this);
      end = reader.after();
    }
    return end;
  }

  @Override
  public void series(int id, Kind kind, String name) {
    lines.add("series " + id + " " + kind + " " + name);
  }

  @Override
  public void row(long step, long globalStep, long micros, int values) {
    lines.add("row " + step + " " + globalStep + " " + micros + " " + values);
  }

  @Override
  public void value(int series, long bits) {
    lines.add("value " + series + " " + bits);
  }

  @Override
  public void text(int series, byte[] bytes, int offset, int length) {
    lines.add("text " + series + " " + new String(bytes, offset, length, StandardCharsets.UTF_8));
  }

  @Override
  public void globalStep(long value) {
    lines.add("global step " + value);
  }

  @Override
  public void gap(long rows, long fromMicros, long toMicros) {
    lines.add("gap " + rows + " " + fromMicros + " " + toMicros);
  }

  @Override
  public void rewind(long step, long globalStep) {
    lines.add("rewind " + step + " " + globalStep);
  }

  @Override
  public void console(ConsoleStream stream, long micros, byte[] utf8, int offset, int length) {
    lines.add(
        "console "
            + stream
            + " "
            + micros
            + " "
            + new String(utf8, offset, length, StandardCharsets.UTF_8));
  }

  @Override
  public void entry(
      int series, long step, long globalStep, long micros, byte[] bytes, int offset, int length) {
    lines.add(
        "entry %d %d %d %d %s"
            .formatted(
                series,
                step,
                globalStep,
                micros,
                HexFormat.of().formatHex(bytes, offset, offset + length)));
  }

  @Override
  public void run(byte[] json) {
    lines.add(
        "run " + json.length + " " + HexFormat.of().formatHex(json, 0, Math.min(40, json.length)));
  }
}
