package dev.tracker.races;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.regex.Pattern;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.vm.VMSupport;

/**
 * Runs the races under jcstress, each in a JVM of its own, and says how often which outcome was
 * seen.
 *
 * <pre>
 * mvn -q package -DskipTests
 * java -jar tracker-races/target/races.jar                   half a second each
 * java -jar tracker-races/target/races.jar 60 FlushAgainst   a minute each, those with such a name
 * java -jar tracker-races/target/races.jar jcstress -h       jcstress itself
 * </pre>
 *
 * <p>Needs two processors. Ends with 1 where a forbidden outcome was seen, or a race could not be
 * run. {@code -Draces.dir=folder}, before {@code -jar}, chooses the disk.
 */
public final class Races {
  private static final double SHORT_SECONDS = 0.5;

  /**
   * The races of one package.
   *
   * @param prefix what their names begin with
   * @param stride how many tries the two threads make between waiting for each other
   * @param strides how many such strides there are between looking at outcomes
   */
  private record Arena(String prefix, int stride, int strides) {
    /**
     * Without waiting, the threads drift apart a little, which gives every order of such short
     * calls its chance.
     */
    static final Arena RINGS = new Arena("dev.tracker.RingRaces", 32, 32);

    /** Both threads begin together, and one board is open at a time. */
    static final Arena BOARDS = new Arena("dev.tracker.races", 1, 1);
  }

  private final double seconds;
  private final String name;
  private int planned;
  private boolean passed = true;

  private Races(double seconds, String name) {
    this.seconds = seconds;
    this.name = name;
  }

  /** Runs the races. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0 && arguments[0].equals("jcstress")) {
      org.openjdk.jcstress.Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
      return;
    }
    double seconds = arguments.length > 0 ? Double.parseDouble(arguments[0]) : SHORT_SECONDS;
    String name = arguments.length > 1 ? arguments[1] : "";
    Races races = new Races(seconds, name);
    races.run(Arena.RINGS);
    races.run(Arena.BOARDS);
    boolean passed = races.passed && races.planned > 0;
    System.out.println("\nraces=" + races.planned + (passed ? " passed" : " FAILED"));
    System.exit(passed ? 0 : 1);
  }

  private void run(Arena arena) throws Exception {
    Path folder = Files.createDirectories(folder().resolve(arena.prefix));
    Path blob = folder.resolve("results.bin.gz");
    Options options = new BlobOptions(blob, options(arena, folder));
    if (!options.parse()) {
      throw new IllegalArgumentException("jcstress did not take its options");
    }
    JCStress races = new OneJvm(options);
    int expected = races.getTests().size();
    planned += expected;
    if (expected == 0) {
      return;
    }
    Files.deleteIfExists(blob);
    try {
      races.run();
    } catch (AssertionError e) {
      passed = false; // jcstress has printed what it means
    }
    List<TestResult> results = Files.exists(blob) ? read(blob) : List.of();
    results.forEach(Races::print);
    if (results.size() < expected) {
      System.out.println("\nnot all could be run: races=" + expected + " run=" + results.size());
      passed = false;
    }
  }

  /** No threads are bound to processors, for a board has threads of its own. */
  private String[] options(Arena arena, Path folder) {
    return new String[] {
      "-t", "^(?=" + Pattern.quote(arena.prefix) + ").*" + name,
      "-time", String.valueOf(Math.round(seconds * 1_000)),
      "-r", folder.toString(),
      "-strideSize", String.valueOf(arena.stride),
      "-strideCount", String.valueOf(arena.strides),
      "-iters", "1",
      "-f", "1",
      "-sc", "false",
      "-af", "NONE",
      "-pth", "false",
      "-spinStyle", "THREAD_YIELD",
      "-jvmArgs", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"
    };
  }

  /** Returns where results go: beside the jar. */
  private static Path folder() throws URISyntaxException {
    return Path.of(Races.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .resolveSibling("results");
  }

  private static List<TestResult> read(Path blob) throws IOException, ClassNotFoundException {
    InProcessCollector collector = new InProcessCollector();
    DiskReadCollector reader = new DiskReadCollector(blob.toString(), collector);
    reader.dump();
    reader.close();
    return collector.getTestResults().stream()
        .sorted(Comparator.comparing(TestResult::getName))
        .toList();
  }

  private static void print(TestResult result) {
    System.out.println("\n" + result.getName());
    if (result.status() != Status.NORMAL) {
      System.out.println("  " + result.status() + " " + result.getMessages());
    }
    for (GradingResult outcome : result.grading().gradingResults.values()) {
      System.out.printf(
          "  %,12d  %-10s  %s: %s%n",
          outcome.count, outcome.expect, outcome.id, outcome.description);
    }
  }

  /** Has jcstress keep its results where it is told, and not in the working folder. */
  private static final class BlobOptions extends Options {
    private final Path blob;

    BlobOptions(Path blob, String... arguments) {
      super(arguments);
      this.blob = blob;
    }

    @Override
    public String getResultFile() {
      return blob.toString();
    }
  }

  /**
   * jcstress, in the one JVM that users have: on JDK 17 it would do everything twice, for the sake
   * of biased locking, which nobody turns on.
   */
  private static final class OneJvm extends JCStress {
    OneJvm(Options options) {
      super(options);
    }

    @Override
    public SortedSet<String> getTests() {
      List<VMSupport.Config> jvms = VMSupport.getAvailableVMConfigs();
      if (jvms.size() > 1) {
        jvms.subList(0, jvms.size() - 1).clear();
      }
      return super.getTests();
    }
  }
}
