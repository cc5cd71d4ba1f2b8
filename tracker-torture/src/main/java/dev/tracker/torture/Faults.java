package dev.tracker.torture;

import dev.tracker.Board;
import dev.tracker.TrackerException;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.metadata.Gap;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.seal.Sealer;
import dev.tracker.verify.Verification;
import dev.tracker.verify.Verifier;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Real faults under a program that trains: a small disk that fills up and is emptied, a folder that
 * turns read-only, is deleted or renamed, a database that another program locks.
 *
 * <pre>
 * java -jar tracker-torture/target/torture.jar faults [seconds of the lock, 60] [fault]
 * </pre>
 *
 * <p>Each time training must go on, one line and {@code health} must say what is wrong, and when
 * the cause is gone everything that is logged must get into the run again; what is missing must be
 * declared. What needs the superuser or a program that is not there is named as not checked.
 */
final class Faults {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(150);
  private static final long OFTEN = 50_000;
  private static final long SELDOM = 2_000_000;

  private Faults() {}

  /** A fault; what it throws says which promise was broken. */
  private interface Fault {
    void happen(Path root) throws Exception;
  }

  static void run(String... arguments) throws Exception {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 60;
    String only = arguments.length > 1 ? arguments[1] : "";
    Path root = Folders.make("faults");
    one("deleted", only, root, Faults::deleted);
    one("renamed", only, root, Faults::renamed);
    one("locked", only, root, folder -> locked(folder, seconds));
    if (System.getProperty("user.name").equals("root")) {
      one("read-only", only, root, Faults::readOnly);
      Path disk = mount(root);
      try {
        one("full", only, disk, Faults::full);
        one("full-while-sealing", only, disk, Faults::fullWhileSealing);
        one("full-at-the-end", only, disk, Faults::fullAtTheEnd);
        one("full-at-open", only, disk, Faults::fullAtOpen);
      } finally {
        system("umount", "-l", disk.toString());
      }
    } else {
      System.out.println("read-only, full: not checked, need the superuser");
    }
    Folders.delete(root);
  }

  private static void one(String name, String only, Path root, Fault fault) throws Exception {
    if (only.isEmpty() || only.equals(name)) {
      fault.happen(Files.createDirectory(root.resolve(name)));
      System.out.println(name + ": kept");
    }
  }

  // ---- the disk

  private static Path mount(Path root) throws Exception {
    Path image = root.resolve("image");
    Path disk = Files.createDirectory(root.resolve("disk"));
    system("truncate", "-s", "24M", image.toString());
    system("mkfs.ext4", "-q", "-m", "0", image.toString());
    system("mount", "-o", "loop", image.toString(), disk.toString());
    return disk;
  }

  /** Takes all the room that is left; returns the file that does. */
  private static Path fill(Path root) throws IOException {
    Path ballast = root.resolve("ballast");
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      return ballast; // which was to be
    }
  }

  private static void full(Path root) throws Exception {
    try (Child child = Child.start(root, OFTEN)) {
      child.await("sealed", 1000);
      Path ballast = fill(root);
      child.awaitSaid("the journal cannot be written");
      child.require("the journal cannot be written", "No space left", "disk full");
      child.awaitHealth("failing=true .*lastError=.*No space left");
      child.await("dropped", 1000);
      long before = child.value("logged");
      child.await("logged", before + 10_000);
      Files.delete(ballast);
      child.awaitSaid("the journal can be written again");
      long dropped = child.awaitHealed();
      child.await("logged", child.value("logged") + 10_000);
      child.await("sealed", child.value("logged") - dropped);
      String last = child.ask("finish");
      require(last.contains(" lost="), "finish does not tell what was lost: " + last);
      require(Child.value("dropped", last) == dropped, "more was lost afterwards: " + last);
      check(root, last);
    }
  }

  private static void fullWhileSealing(Path root) throws Exception {
    try (Child child = Child.start(root, SELDOM)) {
      child.await("sealed", 1000);
      Path ballast = fill(root);
      child.awaitSaid("is not being sealed");
      child.require("is not being sealed", "is full");
      child.awaitHealth("lastError=.*(is full|No space left)");
      Files.delete(ballast);
      child.awaitSaid("is being sealed again");
      String last = child.ask("finish");
      require(last.startsWith("done "), last);
      require(Child.value("dropped", last) == 0, last);
      check(root, last);
    }
  }

  private static void fullAtTheEnd(Path root) throws Exception {
    try (Child child = Child.start(root, SELDOM)) {
      child.await("sealed", 1000);
      Path ballast = fill(root);
      String last = child.ask("finish");
      child.kill();
      Files.delete(ballast);
      Sealer.seal(run(root));
      check(root, last);
    }
  }

  private static void fullAtOpen(Path root) throws Exception {
    Path ballast = fill(root);
    String refusal = "";
    try {
      Board.builder("full").root(root).open().close();
    } catch (TrackerException e) {
      refusal = String.valueOf(e.getMessage());
    }
    require(refusal.contains("No space left"), "refusal=" + refusal);
    Files.delete(ballast);
  }

  // ---- the folder

  private static void readOnly(Path root) throws Exception {
    try (Child child = Child.start(root, OFTEN)) {
      child.await("sealed", 1000);
      String run = run(root).toString();
      system("mount", "--bind", run, run);
      try {
        system("mount", "-o", "remount,bind,ro", run);
        child.awaitSaid("is not being sealed");
        child.require("is not being sealed", "ead-only");
        child.awaitSaid("the journal cannot be written");
        child.awaitHealth("failing=true .*lastError=.*ead-only");
      } finally {
        system("umount", "-l", run);
      }
      child.awaitSaid("the journal can be written again");
      child.awaitHealed();
      child.await("sealed", child.value("sealed") + 1000);
      check(root, child.ask("finish"));
    }
  }

  private static void deleted(Path root) throws Exception {
    try (Child child = Child.start(root, OFTEN)) {
      child.await("sealed", 1000);
      system("rm", "-rf", run(root).toString());
      child.awaitSaid("the journal cannot be forced");
      child.require(
          "the journal cannot be forced", "deleted, moved or renamed", run(root).toString());
      child.awaitHealth("lastError=.*deleted, moved or renamed");
      child.await("logged", child.value("logged") + 10_000);
      require(child.ask("flush").startsWith("refused "), "flush says it is safe");
      require(child.ask("finish").startsWith("refused "), "finish says it is safe");
      require(!Files.exists(run(root)), "the folder was made again: " + run(root));
    }
  }

  private static void renamed(Path root) throws Exception {
    try (Child child = Child.start(root, OFTEN)) {
      child.await("sealed", 1000);
      Path away = root.resolve("away");
      Files.move(run(root), away);
      child.awaitSaid("the journal cannot be forced");
      child.require(
          "the journal cannot be forced", "deleted, moved or renamed", run(root).toString());
      child.awaitHealth("lastError=.*deleted, moved or renamed");
      child.awaitSaid("is not being sealed");
      require(!Files.exists(run(root)), "the folder was made again: " + run(root));
      Files.move(away, run(root));
      child.awaitSaid("is being sealed again");
      child.awaitHealed();
      String last = child.ask("finish");
      check(root, last);
    }
  }

  // ---- the database

  private static void locked(Path root, int seconds) throws Exception {
    try (Child child = Child.start(root, OFTEN)) {
      child.await("sealed", 1000);
      Path file = new RunLayout(run(root)).metadata();
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement tool = connection.createStatement()) {
        tool.execute("PRAGMA busy_timeout = 10000");
        tool.execute("BEGIN EXCLUSIVE");
        long begin = System.nanoTime();
        child.awaitSaid("is not being sealed");
        child.require("is not being sealed", "another program holds a lock", file.toString());
        child.awaitHealth("lastError=.*lock");
        while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(seconds)) {
          try (RunReader reader = RunReader.open(run(root))) {
            require(reader.metrics().contains("a"), "metrics=" + reader.metrics());
          } catch (StorageException e) {
            require(String.valueOf(e.getMessage()).contains("lock"), String.valueOf(e));
          }
          require(child.ask("flush").startsWith("done "), "flush waits for the database");
        }
        tool.execute("ROLLBACK");
      }
      child.awaitSaid("is being sealed again");
      String last = child.ask("finish");
      require(last.startsWith("done ") && Child.value("dropped", last) == 0, last);
      check(root, last);
    }
  }

  // ---- what is there afterwards

  private static Path run(Path root) {
    return root.resolve("default").resolve("run");
  }

  private static void check(Path root, String last) throws IOException {
    Verification verification = Verifier.verify(run(root));
    require(verification.isSound(), "findings=" + verification.findings());
    long lost =
        MetadataReader.gaps(new RunLayout(run(root)).metadata()).stream()
            .mapToLong(Gap::rows)
            .sum();
    try (RunReader reader = RunReader.open(run(root))) {
      Scalars rows = reader.scalars("a");
      long[] steps = rows.steps();
      long[] times = rows.timestamps();
      double[] values = rows.values();
      for (int i = 1; i < rows.size(); i++) {
        require(
            values[i - 1] < values[i] && steps[i - 1] < steps[i] && times[i - 1] <= times[i],
            "row=%d value=%f step=%d".formatted(i, values[i], steps[i]));
      }
      long logged = Child.value("logged", last);
      long dropped = Child.value("dropped", last);
      require(
          rows.size() + lost == logged && lost == dropped,
          "there=%d declared=%d dropped=%d logged=%d"
              .formatted(rows.size(), lost, dropped, logged));
      System.out.println(
          "  logged=%d declared=%d longest call µs=%d"
              .formatted(logged, lost, Child.value("longestMicros", last)));
    }
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static void system(String... command) throws Exception {
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    require(exit == 0, "command=" + Arrays.toString(command) + " exit=" + exit);
  }

  /** The program that trains. */
  private static final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;
    private final List<String> said = new ArrayList<>(); // guarded by itself

    private Child(Process process) {
      this.process = process;
      in = process.outputWriter(StandardCharsets.UTF_8);
      out = process.inputReader(StandardCharsets.UTF_8);
      Thread errors = new Thread(this::listen, "errors");
      errors.setDaemon(true);
      errors.start();
    }

    static Child start(Path root, long pauseNanos) throws IOException {
      ProcessBuilder command =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx512m",
              "-cp",
              System.getProperty("java.class.path"),
              FaultsChild.class.getName(),
              root.toString(),
              "run",
              Long.toString(pauseNanos));
      return new Child(command.start());
    }

    private void listen() {
      process
          .errorReader(StandardCharsets.UTF_8)
          .lines()
          .forEach(line -> {
            synchronized (said) {
              said.add(line);
            }
          });
    }

    String ask(String order) throws IOException {
      in.write(order + "\n");
      in.flush();
      String line = out.readLine();
      require(line != null, "the child has ended: " + said());
      return line;
    }

    long value(String name) throws IOException {
      return value(name, ask("health"));
    }

    static long value(String name, String line) {
      Matcher matcher = Pattern.compile("\\b" + name + "=(\\d+) ").matcher(line);
      require(matcher.find(), name + " in: " + line);
      return Long.parseLong(matcher.group(1));
    }

    void await(String name, long least) throws IOException {
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      while (value(name) < least) {
        require(
            System.nanoTime() - deadline < 0, name + "<" + least + " " + ask("health") + said());
        LockSupport.parkNanos(10_000_000);
      }
    }

    /** Waits until nothing fails any more and returns how much was dropped until then. */
    long awaitHealed() throws IOException {
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      while (!ask("health").contains("failing=false")) {
        require(System.nanoTime() - deadline < 0, "still failing: " + said());
        LockSupport.parkNanos(10_000_000);
      }
      return value("dropped");
    }

    /** Waits until {@code health} says what it must. */
    void awaitHealth(String pattern) throws IOException {
      Pattern expected = Pattern.compile(pattern);
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      String health = ask("health");
      while (!expected.matcher(health).find()) {
        require(System.nanoTime() - deadline < 0, "not in health: " + pattern + " in " + health);
        LockSupport.parkNanos(10_000_000);
        health = ask("health");
      }
    }

    private String said() {
      synchronized (said) {
        return String.join("\n", said);
      }
    }

    private long count(String text) {
      return said().lines().filter(line -> line.contains(text)).count();
    }

    void awaitSaid(String text) throws IOException {
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      while (count(text) == 0) {
        require(System.nanoTime() - deadline < 0, "not said: " + text + "; said=" + said());
        LockSupport.parkNanos(10_000_000);
      }
      ask("health"); // training goes on
    }

    /** Checks that a line was said once, and that it or what follows it tells what one needs. */
    void require(String text, String... parts) throws IOException {
      for (String part : parts) {
        awaitSaid(part); // the causes come behind the line
      }
      Faults.require(count(text) == 1, "said " + count(text) + " times: " + text + "\n" + said());
    }

    private static void require(boolean holds, String what) {
      Faults.require(holds, what);
    }

    @Override
    public void close() {
      kill();
    }

    void kill() {
      process.destroyForcibly();
      process.onExit().join();
    }
  }
}
