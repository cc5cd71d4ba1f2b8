package dev.tracker.journal;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Appends records to a run's journal. (Signatures; the implementation follows.) */
public final class JournalWriter implements AutoCloseable {
  private JournalWriter() {}

  /** Opens the journal of a run that nobody else writes. */
  public static JournalWriter open(Path folder, Counters start, FileLayer files) throws IOException {
    throw new IOException("not yet");
  }

  public void series(int id, Kind kind, String name) {}

  public void beginRow(long micros, int values) {}

  public void beginRowKeeping(long micros, int values) {}

  public void beginRowAt(long step, long micros, int values) {}

  public void value(int series, long bits) {}

  public void bool(int series, boolean value) {}

  public void text(int series, String value) {}

  /** Takes back a row that was begun and lacks values. */
  public void cancelRow() {}

  public void globalStep(long value) {}

  public void addGlobalStep(long n) {}

  public void gap(long rows, long fromMicros, long toMicros) {}

  public void run(byte[] json) {}

  public int pendingBytes() {
    return 0;
  }

  public int pendingRows() {
    return 0;
  }

  public void write() throws IOException {}

  public long written() {
    return 0;
  }

  public long durable() {
    return 0;
  }

  public long writtenRows() {
    return 0;
  }

  public long durableRows() {
    return 0;
  }

  /** Rows that a failed force destroyed and a GAP record now states, since open. */
  public long lostRows() {
    return 0;
  }

  public void awaitDurable(long position) throws IOException {}

  public void force() throws IOException {}

  /** What made the latest force fail, until one succeeds. */
  public Optional<IOException> trouble() {
    return Optional.empty();
  }

  public long bytes() {
    return 0;
  }

  public Counters counters() {
    return Counters.START;
  }

  public void release(long checkpoint) throws IOException {}

  /** The same for a run that nobody writes; also deletes the last segment if it lies before the checkpoint. */
  public static void release(Path folder, long checkpoint, FileLayer files) throws IOException {}

  @Override
  public void close() throws IOException {}
}
