package dev.tracker.torture;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * How far each thread of a {@link Victim} has come, in memory that outlives it: a mapped file that
 * a log call costs a few nanoseconds and no system call.
 *
 * <p>For each thread 64 bytes: the life, how many log calls have returned in it, when the last one
 * did, and when the first one began, in microseconds since the epoch. One thread writes each, any
 * may read.
 */
final class Marks {
  private static final int STRIDE = 64;
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer memory;

  private Marks(ByteBuffer memory) {
    this.memory = memory;
  }

  static Marks open(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Marks(
          channel.map(FileChannel.MapMode.READ_WRITE, 0, STRIDE * (long) Call.MAX_THREADS));
    }
  }

  private long get(int thread, int place) {
    return (long) LONG.getAcquire(memory, thread * STRIDE + place * Long.BYTES);
  }

  private void set(int thread, int place, long value) {
    LONG.setRelease(memory, thread * STRIDE + place * Long.BYTES, value);
  }

  void begin(int life, int thread) {
    set(thread, 1, 0);
    set(thread, 2, 0);
    set(thread, 3, now());
    set(thread, 0, life);
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }

  /** Says that so many log calls have returned. */
  void returned(int thread, long calls) {
    set(thread, 2, now());
    set(thread, 1, calls);
  }

  /** Returns how many calls of a thread have returned in a life. */
  long calls(int life, int thread) {
    return get(thread, 0) == life ? get(thread, 1) : 0;
  }

  /** Returns when the thread began to log. */
  long begun(int thread) {
    return get(thread, 3);
  }

  /** Returns when the last of them did; 0 where none has. */
  long micros(int thread) {
    return get(thread, 2);
  }
}
