package dev.tracker.metadata;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM that commits without end and says so on its standard output, to be killed. */
final class CommittingProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;

  private CommittingProcess(Process process) {
    this.process = process;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Goes on from the last commit of a database. */
  static CommittingProcess start(Path file) throws IOException {
    return start(file, List.of());
  }

  /** The same with more options for the JVM. */
  static CommittingProcess start(Path file, List<String> options) throws IOException {
    return start(List.of(), file, options);
  }

  /** The same under another program, which runs what comes after its own arguments. */
  static CommittingProcess start(List<String> before, Path file, List<String> options)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(options);
    command.addAll(List.of(CommittingProcess.class.getName(), file.toString()));
    return new CommittingProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  public static void main(String[] args) throws IOException {
    try (MetadataWriter writer = MetadataWriter.open(Path.of(args[0]))) {
      long commit = writer.snapshot().checkpoint().position();
      while (true) {
        writer.commit(Commits.change(++commit));
        System.out.println(commit);
      }
    } catch (MetadataException e) {
      System.out.println(e.reason() + " " + e.getMessage());
    }
  }

  /** Waits for the next thing it says; the number of a commit, or why it ended. */
  String next() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the process ended: exit=" + process.onExit().join().exitValue());
    }
    return line;
  }

  /** Kills it as {@code kill -9} does, and waits until it is gone. */
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
