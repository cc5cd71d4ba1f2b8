package dev.tracker.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What do others take for the same work?
 *
 * <p>Workload, for each peer in turn and each piece in a process of its own with an end after five
 * minutes: open and finish of a small run; calls of one value 1,000 times a second, of 100 values
 * 20 times a second, and flush; a flood into 16 series until all is on disk and closed, the time of
 * which is "end to end", counted by what can be read then; a series read whole; and {@code kill -9}
 * after a flood without flush. A peer that logs for more than 20 s stops there, and what is then
 * still on its way is waited for. Peers are used as their documentation recommends, in their
 * asynchronous mode where they have one; {@code peers/peer.py} and {@link PeerWork} are all there
 * is. A call's time counts from its begin. Helper processes of a killed peer may go on until what
 * can be read has been the same for ten seconds. A first open includes imports and, for us, the
 * loading of classes.
 *
 * <p>Each peer gets a virtual environment, made with {@code python3 -m venv} and {@code pip} in a
 * scratch folder, or kept in {@code -Dbench.venv=folder} before {@code -jar}.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar Peers [peers = all, by commas] [values =
 * 200000] [rows of the series = 200000]}. The machine is printed with the results.
 */
final class Peers {
  private static final int DEFAULT_VALUES = 200_000;
  private static final int DEFAULT_ROWS = 200_000;
  private static final long MOST_SECONDS = 300;
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final Path ERRORS = Scratch.parent().resolve("tracker-bench-peers.log");

  /** The peers, and the virtual environment of each; none where it runs in Java. */
  private static final Map<String, String> ALL = new LinkedHashMap<>();

  static {
    ALL.put("tracker", "");
    ALL.put("plain SQLite", "");
    ALL.put("plain CSV", "");
    ALL.put("wandb", "wandb");
    ALL.put("mlflow-file", "mlflow");
    ALL.put("mlflow-sqlite", "mlflow");
    ALL.put("tensorboardX", "tensorboard");
    ALL.put("tensorboard", "tensorboard");
    ALL.put("trackio", "trackio");
    ALL.put("aim", "aim");
    ALL.put("kohakuboard", "kohakuboard");
  }

  private final Table table = new Table();
  private final Path root;
  private final Path environments;
  private final int values;
  private final int rows;

  private Peers(Path root, int values, int rows) {
    this.root = root;
    this.values = values;
    this.rows = rows;
    String kept = System.getProperty("bench.venv");
    environments = kept == null ? root : Path.of(kept);
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> names =
        arguments.length == 0 || arguments[0].equals("all")
            ? List.copyOf(ALL.keySet())
            : List.of(arguments[0].split(",", -1));
    int values = arguments.length > 1 ? Integer.parseInt(arguments[1]) : DEFAULT_VALUES;
    int rows = arguments.length > 2 ? Integer.parseInt(arguments[2]) : DEFAULT_ROWS;
    try (Scratch scratch = new Scratch()) {
      Peers measurement = new Peers(scratch.root(), values, rows);
      for (String name : names) {
        if (!ALL.containsKey(name)) {
          throw new IllegalArgumentException("no such peer: name=" + name + " known=" + ALL);
        }
        measurement.measure(name);
      }
      measurement.table.print();
    }
  }

  private void measure(String name) throws IOException, InterruptedException {
    if (!ALL.get(name).isEmpty() && !install(ALL.get(name))) {
      return;
    }
    long start = System.nanoTime();
    work(name, "small", 0);
    work(name, "calls", 0);
    work(name, "flood", values);
    work(name, "series", rows);
    kill(name);
    Table.say(name + " took " + Unit.NANOS.format(System.nanoTime() - start));
  }

  /** Makes a virtual environment, unless it is there, and says whether it can be used. */
  private boolean install(String environment) throws IOException, InterruptedException {
    Path folder = environments.resolve(environment);
    Path done = folder.resolve("installed");
    String wanted = requirements(environment);
    if (Files.exists(done) && Files.readString(done).equals(wanted)) {
      return true;
    }
    List<String> pip = new ArrayList<>(List.of(python(environment), "-m", "pip", "install", "-q"));
    pip.addAll(List.of(wanted.split(" ", -1)));
    if (run("python3", "-m", "venv", folder.toString()) != 0
        || run(pip.toArray(String[]::new)) != 0) {
      Table.say("could not be installed: " + environment);
      return false;
    }
    Files.writeString(done, wanted);
    return true;
  }

  private static String requirements(String environment) throws IOException {
    return new String(resource("peers.txt"), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(environment + " "))
        .findFirst()
        .orElseThrow()
        .substring(environment.length() + 1);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = Peers.class.getResourceAsStream("/peers/" + name)) {
      return in.readAllBytes();
    }
  }

  private String python(String environment) {
    return environments.resolve(environment).resolve("bin").resolve("python").toString();
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
        .waitFor();
  }

  private List<String> command(String name, Path folder, String work, int count)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (ALL.get(name).isEmpty()) {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(PeerWork.class.getName());
    } else {
      Path script = root.resolve("peer.py");
      if (!Files.exists(script)) {
        Files.write(script, resource("peer.py"));
      }
      command.addAll(List.of(python(ALL.get(name)), script.toString()));
    }
    command.addAll(List.of(name, folder.toString(), work, "" + count));
    return command;
  }

  private void work(String name, String work, int count) throws IOException, InterruptedException {
    try (Scratch scratch = new Scratch()) {
      report(name, figures(name, scratch.root(), work, count));
    }
  }

  private List<String> figures(String name, Path folder, String work, int count)
      throws IOException, InterruptedException {
    try (Worker worker = new Worker(command(name, folder, work, count))) {
      List<String> figures = worker.figures();
      if (!worker.ended()) {
        Table.say("failed, or did not end: peer=" + name + " work=" + work + " errors=" + ERRORS);
      }
      return figures;
    }
  }

  private void kill(String name) throws IOException, InterruptedException {
    try (Scratch scratch = new Scratch();
        Worker worker = new Worker(command(name, scratch.root(), "kill", values))) {
      report(name, worker.figures());
      worker.kill();
      long quietSince = System.nanoTime();
      List<String> last = List.of();
      boolean helped = true;
      while (helped && System.nanoTime() - quietSince < QUIET_NANOS) {
        helped = worker.helped();
        List<String> now = figures(name, scratch.root(), "count", 0);
        if (!now.equals(last)) {
          last = now;
          quietSince = System.nanoTime();
        }
        LockSupport.parkNanos(helped ? LOOK_NANOS : 0);
      }
      report(name, last);
    }
  }

  private void report(String name, List<String> figures) {
    for (String figure : figures) {
      String[] parts = figure.split(" ", 4);
      Table.say(name + ", " + figure); // the whole takes long, and may be ended
      table.show(name + ", " + parts[3], Double.parseDouble(parts[2]), Unit.valueOf(parts[1]));
    }
  }

  /**
   * A process that does one piece of work; it is ended, with all that it started, after a while.
   */
  private static final class Worker implements AutoCloseable {
    private final Process process;
    private List<ProcessHandle> helpers = List.of();

    Worker(List<String> command) throws IOException {
      process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(ERRORS.toFile()))
              .start();
      Thread limit = new Thread(this::endLate, "bench-peer-limit");
      limit.setDaemon(true);
      limit.start();
    }

    private void endLate() {
      try {
        if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
          close();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Returns the figures that it prints until it ends, or is ready to be killed. */
    List<String> figures() throws IOException {
      List<String> figures = new ArrayList<>();
      BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.equals("ready")) {
          break;
        } else if (line.startsWith("figure ")) {
          figures.add(line);
        }
      }
      return figures;
    }

    boolean ended() throws InterruptedException {
      return process.waitFor() == 0;
    }

    /** Kills the process alone: helpers that it started go on. */
    void kill() {
      helpers = process.descendants().toList();
      process.destroyForcibly();
      process.onExit().join();
    }

    /** Says whether a helper of the killed process is there yet, and may write more. */
    boolean helped() {
      return helpers.stream().anyMatch(ProcessHandle::isAlive);
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      helpers.forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      process.onExit().join();
    }
  }
}
