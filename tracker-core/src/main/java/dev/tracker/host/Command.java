package dev.tracker.host;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Another program that is asked for something: with a limit on how long it may take and on how much
 * of its answer is taken.
 *
 * @param words the program and its arguments
 * @param folder where it runs
 * @param variables what its environment has besides that of this process
 * @param timeoutNanos how long it may take
 */
record Command(List<String> words, File folder, Map<String, String> variables, long timeoutNanos) {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /**
   * What the program said.
   *
   * @param text the beginning of it, at most as long as was asked for
   * @param whole whether that is all
   */
  record Answer(String text, boolean whole) {}

  /**
   * Runs the program. Empty where it is not there, fails, or takes too long.
   *
   * @param limit the most bytes of the answer; when they are there, the program is ended
   */
  Optional<Answer> ask(int limit) {
    try {
      Process process = start();
      try {
        return read(process, limit);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder);
    builder.environment().putAll(variables);
    Process process = builder.redirectError(Redirect.DISCARD).start();
    try (OutputStream nothing = process.getOutputStream()) {
      nothing.flush();
    }
    return process;
  }

  private Optional<Answer> read(Process process, int limit) throws IOException {
    long deadline = System.nanoTime() + timeoutNanos;
    byte[] bytes = new byte[Math.min(limit + 1, 8192)];
    int length = 0;
    InputStream from = process.getInputStream();
    while (length <= limit) {
      boolean ended = !process.isAlive(); // before looking: then nothing comes after it
      int available = from.available();
      if (available > 0) {
        if (length == bytes.length) {
          bytes = Arrays.copyOf(bytes, Math.min(limit + 1, 2 * length));
        }
        length += from.read(bytes, length, Math.min(available, bytes.length - length));
      } else if (ended) {
        break;
      } else if (System.nanoTime() - deadline > 0) {
        return Optional.empty();
      } else {
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
    boolean whole = length <= limit;
    if (whole && process.exitValue() != 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Answer(new String(bytes, 0, Math.min(length, limit), StandardCharsets.UTF_8), whole));
  }
}
