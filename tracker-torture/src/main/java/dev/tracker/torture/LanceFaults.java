package dev.tracker.torture;

import dev.tracker.Board;
import dev.tracker.Resume;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.read.RunReader;
import dev.tracker.seal.Sealer;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import dev.tracker.verify.Verification;
import dev.tracker.verify.Verifier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Every call into Lance fails once: before it, and after it has done its work.
 *
 * <pre>
 * java -jar tracker-torture/target/torture.jar lance [live rounds, 2] [all]
 * </pre>
 *
 * <p>Runs whose journal is not sealed are made once: one with series of every kind, some of them
 * new and some about to be compacted, and one that goes back. A copy of each is sealed again and
 * again, each time with another point failing: at each place of the code the first, the middle and
 * the last time that it is passed, or with {@code all} every time. After the failure all must be
 * read as before, and the next sealing must give just the files and rows that one without a failure
 * gives.
 *
 * <p>Then boards are open while a point fails: training goes on, {@code health} and one line say
 * so, and sealing recovers.
 */
final class LanceFaults {
  private static final int SESSIONS = 6;
  private static final int ROWS = 20;
  private static final long PATIENCE_NANOS = Duration.ofMinutes(2).toNanos();

  private LanceFaults() {}

  static void run(String... arguments) throws IOException {
    LanceCalls.watch();
    int liveRounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2;
    boolean every = arguments.length > 1 && arguments[1].equals("all");
    Path root = Folders.make("lance");
    long points =
        everyPoint(root, "growing", growing(root), every)
            + everyPoint(root, "going-back", goingBack(root), every);
    for (int i = 0; i < liveRounds; i++) {
      live(root, 1 + 7L * i);
    }
    LanceCalls.all().forEach((point, times) -> System.out.println(times + " x " + point));
    System.out.println("points=" + points + " live=" + liveRounds + " broken=0");
    Folders.delete(root);
  }

  // ---- runs that are not sealed

  /** A run of several sealed sessions, so that the next one makes its series worth compacting. */
  private static Path growing(Path root) throws IOException {
    Path run = null;
    for (int session = 0; session <= SESSIONS; session++) {
      if (run != null) {
        Sealer.seal(run);
      }
      run = leave(root, "growing", session, -1);
    }
    return Objects.requireNonNull(run);
  }

  private static Path goingBack(Path root) throws IOException {
    Sealer.seal(leave(root, "going-back", 0, -1));
    return leave(root, "going-back", 1, ROWS / 2);
  }

  /** Logs a session and leaves it unsealed. */
  private static Path leave(Path root, String id, int session, long rewindTo) throws IOException {
    Board board = open(root, id, Duration.ZERO);
    log(board, session);
    if (rewindTo >= 0) {
      board.rewindTo(rewindTo);
      log(board, session + 1);
    }
    board.flush(); // the time to end is short, and histograms are still being packed
    board.finish();
    RunLayout layout = new RunLayout(board.directory());
    await("the run is let go", () -> !Files.exists(layout.holder()));
    return board.directory();
  }

  private static Board open(Path root, String id, Duration closeTimeout) {
    return Board.builder("lance")
        .root(root)
        .id(id)
        .resume(Resume.ALLOW)
        .closeTimeout(closeTimeout)
        .open();
  }

  private static void log(Board board, int session) {
    if (session == SESSIONS || session == 1) {
      board.log("new", session);
    }
    for (int i = 0; i < ROWS; i++) {
      double value = session * 1000.0 + i;
      board.log(
          Map.of(
              "loss", value,
              "grads", Histogram.of(new double[] {value, i, 1}),
              "table", Table.of(List.of(Map.of("step", i, "name", "row " + value)))));
    }
  }

  // ---- every point

  private static long everyPoint(Path root, String name, Path run, boolean every)
      throws IOException {
    String before = dump(run);
    LanceCalls.failAt(Long.MAX_VALUE);
    Path control = Folders.copy(run, root.resolve(name + "-control"));
    Sealer.seal(control);
    List<String> passed = LanceCalls.passed();
    String after = dump(control);
    require(before.equals(after), "sealing changed the run\nfrom " + before + "\nto " + after, 0);
    List<String> files = files(control);
    SortedSet<Integer> points = chosen(passed, every);
    System.out.println(name + ": passed=" + passed.size() + " to fail=" + points.size());
    long borne = 0;
    for (int point : points) {
      Path copy = Folders.copy(run, root.resolve(name + "-" + point));
      long memory = LanceCalls.memory();
      LanceCalls.failAt(point);
      String failure = failure(copy);
      String failed = failed(point);
      require(failure.isEmpty() || failure.contains("series"), "message=" + failure, point);
      requireNothingHeld(memory, failed, point);
      borne += failure.isEmpty() ? 1 : 0;
      require(before.equals(dump(copy)), "rows differ after the failure " + failed, point);
      LanceCalls.failAt(Long.MAX_VALUE);
      Sealer.seal(copy);
      require(before.equals(dump(copy)), "rows differ after the next sealing " + failed, point);
      List<String> left = files(copy);
      require(files.equals(left), "files=" + left + " expected=" + files + " " + failed, point);
      Verification verification = Verifier.verify(copy);
      require(verification.isSound(), failed + " " + verification.findings(), point);
      Folders.delete(copy);
    }
    System.out.println(name + ": noticed=" + (points.size() - borne) + " borne=" + borne);
    return points.size() + everyRead(control, before, every);
  }

  /** Returns which point has failed. */
  private static String failed(long point) {
    String failed = LanceCalls.failed();
    if (failed == null) {
      throw new AssertionError("point=" + point + " was not passed");
    }
    return failed;
  }

  /**
   * After a failure nothing may be held of Lance, unless it was closing that failed. Where a call
   * had done its work, memory of what it would have returned is lost with it.
   */
  private static void requireNothingHeld(long memoryBefore, String failed, int point) {
    List<String> open = LanceCalls.takeOpen();
    if (!failed.contains(".close ")) {
      long held = failed.startsWith(LanceCalls.BEFORE) ? LanceCalls.memory() - memoryBefore : 0;
      require(open.isEmpty(), open + " are open after " + failed, point);
      require(held == 0, "bytes=" + held + " are held after " + failed, point);
    }
  }

  /** Has every point of a reader fail: it says so, and the next one reads all. */
  private static long everyRead(Path run, String expected, boolean every) {
    LanceCalls.failAt(Long.MAX_VALUE);
    dump(run);
    SortedSet<Integer> points = chosen(LanceCalls.passed(), every);
    for (int point : points) {
      long memory = LanceCalls.memory();
      LanceCalls.failAt(point);
      try {
        require(expected.equals(dump(run)), "read other rows", point);
      } catch (StorageException e) {
        require(causes(e).contains("LanceError"), causes(e), point);
      }
      String failed = failed(point);
      requireNothingHeld(memory, failed, point);
      require(expected.equals(dump(run)), "reads other rows afterwards", point);
    }
    System.out.println("reading: to fail=" + points.size());
    return points.size();
  }

  /**
   * Picks all points, or of those at the same place in the code the first, the middle, the last.
   */
  private static SortedSet<Integer> chosen(List<String> passed, boolean every) {
    Map<String, List<Integer>> places = new TreeMap<>();
    for (int i = 0; i < passed.size(); i++) {
      places.computeIfAbsent(passed.get(i), place -> new ArrayList<>()).add(i + 1);
    }
    SortedSet<Integer> chosen = new TreeSet<>();
    for (List<Integer> same : places.values()) {
      chosen.addAll(
          every
              ? same
              : List.of(same.get(0), same.get(same.size() / 2), same.get(same.size() - 1)));
    }
    return chosen;
  }

  /** Seals, and returns what it failed with and why; empty where it did not. */
  private static String failure(Path run) {
    try {
      Sealer.seal(run);
      return "";
    } catch (RuntimeException e) {
      return causes(e);
    }
  }

  private static String causes(Throwable failure) {
    StringBuilder all = new StringBuilder();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      all.append(at).append("; ");
    }
    return all.toString();
  }

  /** Returns the files of a run without what is different in every run: how many are where. */
  private static List<String> files(Path run) throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    try (Stream<Path> all = Files.walk(run)) {
      all.filter(Files::isRegularFile)
          .filter(file -> !file.toString().contains("/logs/"))
          .forEach(
              file -> counts.merge(run.relativize(file.getParent()).toString(), 1, Integer::sum));
    }
    return counts.entrySet().stream().map(Object::toString).toList();
  }

  /** Returns all that a reader tells of a run's rows. */
  static String dump(Path run) {
    StringBuilder all = new StringBuilder();
    try (RunReader reader = RunReader.open(run)) {
      for (String metric : reader.metrics()) {
        all.append(metric).append('=');
        switch (reader.kind(metric)) {
          case STRING ->
              all.append(Arrays.toString(reader.strings(metric).steps()))
                  .append(Arrays.toString(reader.strings(metric).values()));
          default ->
              all.append(Arrays.toString(reader.scalars(metric).steps()))
                  .append(Arrays.toString(reader.scalars(metric).values()));
        }
      }
      for (String name : reader.histograms()) {
        all.append(name).append('=').append(Arrays.toString(reader.histograms(name).steps()));
      }
      for (String name : reader.tables()) {
        all.append(name).append('=').append(reader.tables(name).page(0, 1 << 20));
      }
      // Not how many calls a range had: a rewind that is not sealed yet has not counted them anew.
      reader
          .steps()
          .forEach(range -> all.append(range.globalStep()).append('-').append(range.lastStep()));
    }
    return all.toString();
  }

  // ---- a board that is open

  private static void live(Path root, long point) throws IOException {
    PrintStream console = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try (Board board = open(root, "live-" + point, Duration.ofSeconds(30))) {
      LanceCalls.failAt(point);
      log(board, 0);
      await("the failure shows", () -> board.health().lastError().isPresent());
      log(board, 1);
      board.flush();
      await("all is sealed", () -> board.health().unsealed() == 0);
      require(board.health().dropped() == 0, "dropped=" + board.health().dropped(), point);
      log(board, 2);
      board.finish();
      List<String> lines = said.toString(StandardCharsets.UTF_8).lines().toList();
      require(count(lines, "is not being sealed") == 1, "said=" + lines, point);
      require(count(lines, "is being sealed again") == 1, "said=" + lines, point);
      require(count(lines, "LanceError") >= 1, "said=" + lines, point);
      try (RunReader reader = RunReader.open(board.directory())) {
        double[] expected = new double[3 * ROWS];
        Arrays.setAll(expected, i -> 1000.0 * Math.floorDiv(i, ROWS) + i % ROWS);
        double[] found = reader.scalars("loss").values();
        require(Arrays.equals(expected, found), "values=" + Arrays.toString(found), point);
      }
      require(Verifier.verify(board.directory()).isSound(), "not sound", point);
    } finally {
      System.setErr(console);
    }
  }

  private static long count(List<String> lines, String text) {
    return lines.stream().filter(line -> line.contains(text)).count();
  }

  private static void require(boolean holds, String what, long point) {
    if (!holds) {
      throw new AssertionError("point=" + point + " " + what);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("did not come: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
