package dev.tracker.races;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
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

  private Races() {}

  /** Runs the races. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0 && arguments[0].equals("jcstress")) {
      org.openjdk.jcstress.Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
      return;
    }
    double seconds = arguments.length > 0 ? Double.parseDouble(arguments[0]) : SHORT_SECONDS;
    String name = arguments.length > 1 ? arguments[1] : ".*";
    System.exit(run(seconds, name) ? 0 : 1);
  }

  private static boolean run(double seconds, String name) throws Exception {
    Path folder = Files.createDirectories(folder());
    Path blob = folder.resolve("results.bin.gz");
    Options options = new BlobOptions(blob, options(seconds, name, folder));
    if (!options.parse()) {
      return false;
    }
    Chosen races = new Chosen(options);
    boolean passed = true;
    try {
      races.run();
    } catch (AssertionError e) {
      passed = false; // jcstress has printed what it means
    }
    List<TestResult> results = read(blob);
    results.forEach(Races::print);
    int missing = races.getTests().size() - results.size();
    System.out.println(
        "\nraces=" + results.size() + " missing=" + missing + (passed ? " passed" : " FAILED"));
    return passed && missing == 0 && !results.isEmpty();
  }

  /**
   * One try at a time, so that both threads begin it together, and one board is open at a time; no
   * threads bound to processors, for a board has threads of its own.
   */
  private static String[] options(double seconds, String name, Path folder) {
    String time = String.valueOf(Math.round(seconds * 1_000));
    String[] fixed = {
      "-strideSize", "1", "-strideCount", "1", "-iters", "1", "-f", "1", "-sc", "false", "-af", "NONE",
      "-spinStyle", "THREAD_YIELD", "-pth", "false", "-jvmArgs",
      "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"
    };
    String[] all = Arrays.copyOf(fixed, fixed.length + 6);
    System.arraycopy(
        new String[] {"-time", time, "-t", name, "-r", folder.toString()},
        0,
        all,
        fixed.length,
        6);
    return all;
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

  /** Leaves out the JVM with biased locking, which JDK 17 still has but nobody turns on. */
  private static final class Chosen extends JCStress {
    Chosen(Options options) {
      super(options);
    }

    @Override
    public SortedSet<String> getTests() {
      VMSupport.getAvailableVMConfigs()
          .removeIf(jvm -> jvm.origArgs().contains("-XX:+UseBiasedLocking"));
      return super.getTests();
    }
  }
}
