package dev.tracker.torture;

import dev.tracker.torture.load.Load;
import dev.tracker.torture.order.Order;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Starts the programs by name.
 *
 * <pre>
 * mvn -q package -DskipTests
 * java -jar tracker-torture/target/torture.jar kill 40
 * </pre>
 *
 * <p>{@code -Dtorture.seed=n}, before {@code -jar}, repeats an earlier time; {@code
 * -Dtorture.dir=folder} chooses the disk. A round that breaks a promise prints its seed, keeps its
 * folder and names it.
 */
public final class Torture {
  /** A program; what it throws ends everything with 1. */
  private interface Program {
    void run(String... arguments) throws Exception;
  }

  private static final Map<String, Program> PROGRAMS =
      new TreeMap<>(
          Map.of(
              "faults", Faults::run,
              "kill", Kill::run,
              "lance", LanceFaults::run,
              "load", Load::run,
              "order", Order::run,
              "powercut", PowerCut::run));

  private Torture() {}

  public static void main(String[] arguments) throws Exception {
    Program program = arguments.length == 0 ? null : PROGRAMS.get(arguments[0]);
    if (program == null) {
      System.err.println("say which program: known=" + PROGRAMS.keySet());
      System.exit(2);
      return;
    }
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    program.run(Arrays.copyOfRange(arguments, 1, arguments.length));
    System.exit(0);
  }
}
