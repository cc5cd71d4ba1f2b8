package dev.tracker.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A JVM that runs one of our programs, as a user would start it but for a smaller heap. Its lines
 * go to whoever wants them as they come; it does not outlive {@link #close}.
 */
final class Child implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 120;
  private static final int SHOWN = 60;

  // A small heap and quick code: what is tested is how it ends, not how fast it runs. What the JVM
  // has to say belongs into the standard error.
  private static final List<String> FLAGS =
      List.of(
          "-Xmx192m",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Xlog:disable",
          "-Xlog:all=error:stderr",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

  private final Process process;
  private final List<Thread> readers = new ArrayList<>();

  /** What it said last, and complained of. Guarded by itself. */
  private final Deque<String> latest = new ArrayDeque<>();

  private Child(Process process, Consumer<String> lines) {
    this.process = process;
    gather(process.getInputStream(), lines);
    gather(process.getErrorStream(), line -> {});
  }

  /**
   * Starts a program.
   *
   * @param flags for the JVM
   */
  static Child start(
      Class<?> program, List<String> flags, List<String> arguments, Consumer<String> lines)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(arguments);
    return new Child(new ProcessBuilder(command).start(), lines);
  }

  private void gather(InputStream stream, Consumer<String> lines) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader text =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = text.readLine(); line != null; line = text.readLine()) {
                  lines.accept(line);
                  remember(line);
                }
              } catch (IOException e) {
                remember("(broke off: " + e + ")");
              }
            },
            "child-" + process.pid());
    reader.setDaemon(true);
    readers.add(reader);
    reader.start();
  }

  private void remember(String line) {
    synchronized (latest) {
      latest.add(line);
      if (latest.size() > SHOWN) {
        latest.remove();
      }
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Kills it as {@code kill -9} does, and waits until all that it has said has arrived. */
  void kill() throws InterruptedException {
    // Not Process.destroyForcibly, which also throws away what nobody has read yet.
    process.toHandle().destroyForcibly();
    awaitEnd();
  }

  /** Waits until it has ended, and all that it has said has arrived. */
  void awaitEnd() throws InterruptedException {
    if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(story("does not end"));
    }
    for (Thread reader : readers) {
      reader.join();
    }
  }

  /** Returns what went wrong together with what it said last. */
  String story(String what) {
    synchronized (latest) {
      return "child " + process.pid() + " " + what + "\n" + String.join("\n", latest);
    }
  }

  @Override
  public void close() {
    process.toHandle().destroyForcibly();
  }
}
