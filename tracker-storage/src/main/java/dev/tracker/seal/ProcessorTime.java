package dev.tracker.seal;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The processor time that sealing takes: of {@code tracker-sealer}, its helpers and Lance's
 * threads, of which only the system knows. Where it does not tell, as without {@code /proc}, this
 * is 0.
 */
final class ProcessorTime {
  private static final Path THREADS = Path.of("/proc/self/task");

  /** Lance's are those of its runtime, tokio. The system keeps the first 15 bytes of a name. */
  static final List<String> NAMES = List.of("tracker-sealer", "lance", "tokio-rt-worker");

  private ProcessorTime() {}

  /** Returns the nanoseconds that those threads have had that live. */
  static long nanos() {
    long nanos = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        nanos += nanos(thread);
      }
    } catch (IOException | DirectoryIteratorException e) {
      return 0;
    }
    return nanos;
  }

  private static long nanos(Path thread) {
    try {
      String name = Files.readString(thread.resolve("comm"));
      if (NAMES.stream().noneMatch(name::startsWith)) {
        return 0;
      }
      String times = Files.readString(thread.resolve("schedstat"));
      return Long.parseLong(times.substring(0, times.indexOf(' ')));
    } catch (IOException | RuntimeException e) {
      return 0; // it has ended
    }
  }
}
