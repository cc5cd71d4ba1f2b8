package dev.tracker.system;

import dev.tracker.format.RunLayout;
import dev.tracker.lock.RunLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Waits for conditions, never for time. */
public final class Await {
  /** The sealer rests nineteen times as long as its last cycle took, and a disk may stand still. */
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(280);

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private Await() {}

  /** Returns when the condition holds; fails when it does not hold in time. */
  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("did not come: " + what);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /**
   * Returns when nobody writes the runs of a root any more. The sealer may go on for a while with
   * one that was closed without patience, and then makes files in it and keeps its lock.
   */
  public static void release(Path root) throws IOException {
    List<Path> folders;
    try (Stream<Path> walk = Files.walk(root, 2)) {
      folders = walk.filter(Files::isDirectory).toList();
    }
    for (Path folder : folders) {
      until("nobody writes " + folder, () -> !isWritten(folder));
    }
  }

  private static boolean isWritten(Path run) {
    try {
      return RunLock.isHeld(new RunLayout(run));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
