package dev.tracker.cli;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Java programs as processes of their own, with this JVM's class path and no flags. */
final class Tool {
  private static final long DEADLINE_SECONDS = 90;

  /** What a process said, and how it ended. */
  record Answer(int exit, String out, String err) {}

  private Tool() {}

  /** Runs the command line until it ends, with {@code TRACKER_DIR} set. */
  static Answer tracker(Path root, String... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile("tool", ".out");
    Path err = Files.createTempFile("tool", ".err");
    try {
      Process process =
          builder(root, Main.class, arguments)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("did not end: " + List.of(arguments) + Files.readString(out));
      }
      return new Answer(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** Prepares a process. */
  static ProcessBuilder builder(Path root, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "COLUMNS", "LINES")
        .forEach(builder.environment()::remove);
    builder.environment().put("TRACKER_DIR", root.toString());
    return builder;
  }

  /** Reads lines of a process until one has a word in it, and keeps them all. */
  static void hear(Said from, String word, List<String> kept) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    for (String line = from.next(deadline); line != null; line = from.next(deadline)) {
      kept.add(line);
      if (line.contains(word)) {
        return;
      }
    }
    throw new AssertionError("ended, or was ended, without saying " + word + ": " + kept);
  }

  static Said reader(Process process) {
    return new Said(process, process.inputReader(StandardCharsets.UTF_8));
  }

  /** What a process says. One that is silent for too long is ended, which ends its lines. */
  record Said(Process process, BufferedReader lines) implements Closeable {
    List<String> rest() {
      return lines.lines().toList();
    }

    private String next(long deadline) throws IOException {
      CompletableFuture<Void> watch =
          CompletableFuture.runAsync(
              process::destroyForcibly,
              CompletableFuture.delayedExecutor(
                  Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
      try {
        return lines.readLine();
      } finally {
        watch.cancel(false);
      }
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
