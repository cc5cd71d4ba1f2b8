package dev.tracker.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JVM of its own that runs one of our programs: cold, and with nothing in it that others left. It
 * is ended when this one ends.
 */
final class Child implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private Child(Process process) {
    this.process = process;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "bench-child-end"));
    output = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts a program with this JVM's class path and all its properties of {@code bench}.
   *
   * @param options what the JVM gets besides, its heap for instance
   */
  static Child start(List<String> options, Class<?> program, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-Dbench.dir=" + Scratch.parent());
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("bench."))
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    command.addAll(arguments);
    return new Child(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Returns the next line that it prints; null when it has ended. */
  @Nullable String line() throws IOException {
    return output.readLine();
  }

  /**
   * Returns the value of the next line, which must be {@code name value}; other lines before it are
   * passed over.
   */
  String value(String name) throws IOException {
    for (String line = line(); line != null; line = line()) {
      if (line.startsWith(name + " ")) {
        return line.substring(name.length() + 1);
      }
    }
    throw new IOException("child ended without saying: name=" + name + " pid=" + process.pid());
  }

  /** Waits for its end and returns its exit code. */
  int end() throws InterruptedException {
    return process.waitFor();
  }

  /** Ends it at once if it has not ended by itself, and waits until it is gone. */
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
