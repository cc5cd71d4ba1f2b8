package dev.tracker.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How often the library's own threads of a process called the system, by call.
 *
 * <p>They are the threads whose names begin with {@code tracker-}; {@code strace -c} is attached to
 * each of them and to no other, so that neither the collector nor the compiler counts, and the
 * program's own threads are not slowed down.
 *
 * @param counts how often, by the name of the call
 * @param since when counting began, as {@link System#nanoTime} tells it
 * @param until when it ended
 */
record SystemCalls(Map<String, Long> counts, long since, long until) {
  static final String ALL = "all";

  private static final int CALLS = 3;

  /** Counts for some seconds; nothing is counted where there is no {@code strace}. */
  static SystemCalls of(String pid, int seconds) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("timeout", "-s", "INT", "" + seconds, "strace", "-c"));
    for (String thread : threads(pid)) {
      command.add("-p");
      command.add(thread);
    }
    Map<String, Long> counts = new TreeMap<>();
    long since = System.nanoTime();
    Process strace;
    try {
      strace = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return new SystemCalls(counts, since, since); // not installed
    }
    try (BufferedReader lines = strace.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.strip().split(" +", -1);
        if (words.length > CALLS + 1 && words[CALLS].matches("[0-9]+")) {
          String name = words[words.length - 1];
          counts.put(name.equals("total") ? ALL : name, Long.parseLong(words[CALLS]));
        }
      }
    }
    strace.waitFor();
    return new SystemCalls(counts, since, System.nanoTime());
  }

  private static List<String> threads(String pid) throws IOException {
    List<String> threads = new ArrayList<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc", pid, "task"))) {
      for (Path task : tasks.toList()) {
        if (name(task).startsWith("tracker-")) {
          threads.add(String.valueOf(task.getFileName()));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of(); // no Linux
    }
    return threads;
  }

  private static String name(Path task) throws IOException {
    try {
      return Files.readString(task.resolve("comm"));
    } catch (NoSuchFileException e) {
      return ""; // it has ended
    }
  }
}
