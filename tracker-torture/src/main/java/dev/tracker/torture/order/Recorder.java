package dev.tracker.torture.order;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs the victim under {@code strace}. */
final class Recorder {
  private static final List<String> STRACE =
      List.of("strace", "-f", "-q", "-y", "-s", "" + (64 << 20));

  private Recorder() {}

  /** Returns why nothing can be recorded here; empty where it can. */
  static Optional<String> whyNot() throws InterruptedException {
    List<String> command = new ArrayList<>(STRACE);
    command.addAll(List.of("-o", File.separator + "dev/null", "true"));
    try {
      Process strace = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(strace.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = strace.waitFor();
      return code == 0 ? Optional.empty() : Optional.of("strace is refused: " + said.strip());
    } catch (IOException e) {
      return Optional.of("no strace: " + e.getMessage());
    }
  }

  /**
   * When a process is killed.
   *
   * @param forces at the call that forces something so many times; 0 for never
   * @param lines after so many lines of output; 0 for never
   */
  record Death(int forces, int lines) {
    static final Death NEVER = new Death(0, 0);
  }

  /**
   * Records one process.
   *
   * @return whether it ended by itself
   */
  static boolean record(Path trace, Path root, Path marks, String phase, Death death)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(STRACE);
    command.addAll(List.of("-e", "trace=" + Trace.CALLS, "-o", trace.toString()));
    if (death.forces == 0) {
      command.add("--seccomp-bpf"); // quicker, but nothing can be injected
    } else {
      command.addAll(List.of("-e", "inject=fsync,fdatasync:signal=KILL:when=" + death.forces));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(OrderVictim.class.getName());
    command.addAll(List.of(root.toString(), marks.toString(), phase));
    Process strace = new ProcessBuilder(command).redirectErrorStream(true).start();
    StringBuilder said = new StringBuilder();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(strace.getInputStream(), StandardCharsets.UTF_8))) {
      int seen = 0;
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.append(line).append('\n');
        if (line.startsWith("step ") && ++seen == death.lines) {
          strace.children().forEach(ProcessHandle::destroyForcibly);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      strace.descendants().forEach(ProcessHandle::destroyForcibly);
    }
    int code = strace.waitFor();
    if (code != 0 && death.equals(Death.NEVER)) {
      throw new IOException("the victim failed: phase=" + phase + " code=" + code + "\n" + said);
    }
    return code == 0;
  }
}
