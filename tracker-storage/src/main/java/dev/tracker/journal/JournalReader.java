package dev.tracker.journal;

import dev.tracker.format.Counters;
import java.io.IOException;
import java.nio.file.Path;

/** Reads a run's journal, frame by frame. (Signatures; the implementation follows.) */
public final class JournalReader implements AutoCloseable {
  private JournalReader() {}

  public static JournalReader open(Path folder, long from, FileLayer files) throws IOException {
    throw new IOException("not yet");
  }

  public boolean nextFrame() throws IOException {
    return false;
  }

  public long frameStart() {
    return 0;
  }

  public long frameEnd() {
    return 0;
  }

  public Counters before() {
    return Counters.START;
  }

  public Counters after() throws IOException {
    return Counters.START;
  }

  public void decode(RecordVisitor visitor) throws IOException {}

  public long position() {
    return 0;
  }

  public void seek(long position) throws IOException {}

  @Override
  public void close() throws IOException {}
}
