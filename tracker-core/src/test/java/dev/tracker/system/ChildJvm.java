package dev.tracker.system;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A second JVM as a user would start it: plain {@code java} with this JVM's class path and a heap
 * limit, no flags. It is talked to line by line over its standard input and output, really killed
 * by {@link #kill}, and gone after {@link #close} whatever happened.
 *
 * <p>Every wait has a deadline; what fails shows all that the child has said.
 */
public final class ChildJvm implements AutoCloseable {
  /** Longer than children themselves wait for something, who know better what did not come. */
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(300);

  private static final int MAX_SHOWN = 400;

  /** How children begin a line that says that something did not go as it should. */
  private static final List<String> NO = List.of("refused", "failed", "wrong");

  /** Variables that would slip flags or settings of this JVM's starter into the child. */
  private static final List<String> UNWANTED =
      List.of(
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "_JAVA_OPTIONS",
          "CLASSPATH",
          "TRACKER_DIR",
          "TRACKER_ENABLED",
          "TRACKER_NATIVE");

  private final String name;
  private final Process process;
  private final BufferedWriter in;
  private final Lines out;
  private final Lines err;

  private ChildJvm(String name, Process process) {
    this.name = name;
    this.process = process;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    this.out = new Lines(process.getInputStream(), name + "-out");
    this.err = new Lines(process.getErrorStream(), name + "-err");
  }

  /** Prepares a child that will run {@code main}. */
  public static Starter of(Class<?> main) {
    return new Starter(main);
  }

  /** What a child is started with. */
  public static final class Starter {
    private final Class<?> main;
    private final List<String> flags = new ArrayList<>();
    private final List<String[]> environment = new ArrayList<>();
    private String heap = "512m";
    private Path folder;

    private Starter(Class<?> main) {
      this.main = main;
    }

    public Starter heap(String limit) {
      heap = limit;
      return this;
    }

    public Starter property(String key, String value) {
      return flag("-D" + key + "=" + value);
    }

    /** Starts the JVM with a flag, which no user needs to. */
    public Starter flag(String flag) {
      flags.add(flag);
      return this;
    }

    public Starter environment(String key, String value) {
      environment.add(new String[] {key, value});
      return this;
    }

    public Starter folder(Path workingFolder) {
      folder = workingFolder;
      return this;
    }

    public ChildJvm start(String... arguments) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("-Xmx" + heap);
      command.addAll(flags);
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add(main.getName());
      command.addAll(List.of(arguments));
      ProcessBuilder builder = new ProcessBuilder(command);
      UNWANTED.forEach(builder.environment()::remove);
      environment.forEach(pair -> builder.environment().put(pair[0], pair[1]));
      if (folder != null) {
        builder.directory(folder.toFile());
      }
      return new ChildJvm(main.getSimpleName(), builder.start());
    }
  }

  /** Sends a line. */
  public void say(String line) {
    try {
      in.write(line);
      in.newLine();
      in.flush();
    } catch (IOException e) {
      throw new AssertionError(story("does not listen to '" + line + "': " + e), e);
    }
  }

  /** Returns the next line that passes the test, and passes over those that do not. */
  public String hear(Predicate<String> wanted) {
    return hear(wanted, "a line");
  }

  /**
   * Returns what follows {@code word} in the next line that begins with it; fails when the child
   * says no.
   */
  public String hear(String word) {
    String line =
        hear(said -> begins(said, word) || NO.stream().anyMatch(no -> begins(said, no)), word);
    if (!begins(line, word)) {
      throw new AssertionError(story("was to say " + word + " and says " + line));
    }
    return line.substring(word.length()).trim();
  }

  private static boolean begins(String line, String word) {
    return line.equals(word) || line.startsWith(word + " ");
  }

  private String hear(Predicate<String> wanted, String what) {
    String line = out.next(wanted, System.nanoTime() + DEADLINE_NANOS);
    if (line == null) {
      throw new AssertionError(story("was to say " + what + " and did not"));
    }
    return line;
  }

  /** Sends a line and returns what follows {@code word} in the next line that begins with it. */
  public String ask(String line, String word) {
    say(line);
    return hear(word);
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Kills the child as {@code kill -9} does, and waits until it is gone and all it has said has
   * arrived.
   */
  public void kill() {
    // Not Process.destroyForcibly, which also throws away what the child has said and nobody has
    // heard yet.
    process.toHandle().destroyForcibly();
    awaitEnd();
  }

  /** Sends the child a signal, {@code TERM} say. */
  public void signal(String name) {
    try {
      String pid = Long.toString(process.pid());
      int exit = new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
      if (exit != 0) {
        throw new AssertionError(story("could not be sent SIG" + name + ": exit=" + exit));
      }
    } catch (IOException e) {
      throw new AssertionError(story("could not be sent SIG" + name), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(story("was to be sent SIG" + name), e);
    }
  }

  /** Waits until the child has ended by itself and returns its exit code. */
  public int exit() {
    awaitEnd();
    return process.exitValue();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(DEADLINE_NANOS, TimeUnit.NANOSECONDS)) {
        sayWhereThreadsAre();
        throw new AssertionError(story("was to end and did not"));
      }
      out.join();
      err.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(story("was waited for and then not"), e);
    }
  }

  /** Has the child print the stacks of its threads, so that the story tells what it waits for. */
  private void sayWhereThreadsAre() throws InterruptedException {
    try {
      new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start().waitFor();
      process.waitFor(2, TimeUnit.SECONDS);
    } catch (IOException e) {
      // No such command here: then the story is without them.
    }
  }

  /** Returns all that the child has said so far. */
  public List<String> out() {
    return out.all();
  }

  /** Returns all that the child has complained of so far. */
  public List<String> err() {
    return err.all();
  }

  /** Returns what went wrong together with what the child has said. */
  public String story(String what) {
    return "child "
        + name
        + " (pid "
        + process.pid()
        + ") "
        + what
        + "\n"
        + out.shown()
        + "\n"
        + err.shown();
  }

  /** Ends the child, by force if it has not ended by itself. */
  @Override
  public void close() {
    kill();
  }

  /** The lines of one stream, gathered by a thread of their own. */
  private static final class Lines {
    private final String name;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;
    private int heard;
    private boolean ended;

    Lines(InputStream stream, String name) {
      this.name = name;
      reader = new Thread(() -> gather(stream), name);
      reader.setDaemon(true);
      reader.start();
    }

    private void gather(InputStream stream) {
      try (BufferedReader text =
          new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
        for (String line = text.readLine(); line != null; line = text.readLine()) {
          add(line);
        }
      } catch (IOException e) {
        add("(" + name + " broke off: " + e + ")");
      } finally {
        end();
      }
    }

    private synchronized void add(String line) {
      lines.add(line);
      notifyAll();
    }

    private synchronized void end() {
      ended = true;
      notifyAll();
    }

    synchronized String next(Predicate<String> wanted, long deadline) {
      while (true) {
        while (heard < lines.size()) {
          String line = lines.get(heard++);
          if (wanted.test(line)) {
            return line;
          }
        }
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (ended || millis <= 0) {
          return null;
        }
        try {
          wait(millis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return null;
        }
      }
    }

    void join() throws InterruptedException {
      reader.join(DEADLINE_NANOS / 1_000_000);
    }

    synchronized List<String> all() {
      return List.copyOf(lines);
    }

    synchronized String shown() {
      int from = Math.max(0, lines.size() - MAX_SHOWN);
      return "--- "
          + name
          + ", "
          + lines.size()
          + " lines\n"
          + String.join("\n", lines.subList(from, lines.size()));
    }
  }
}
