package dev.tracker.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a run's process runs on, as a JSON object. It comes in {@linkplain #STAGES stages}, so that
 * a run which is over quickly, or a machine on which a program hangs, still has what costs nothing.
 *
 * <p>What is the same for all boards of the JVM is found out once; the state of the git work tree
 * holds for {@link #GIT_NANOS}, so that a sweep which opens a hundred boards asks once.
 *
 * <p>Any thread; whoever comes while another finds something out waits for that.
 */
public final class Environment {
  /** How many stages there are. */
  public static final int STAGES = 3;

  /** Environment variables that are recorded unasked: what gives a job its place and devices. */
  public static final NameList VARIABLES =
      NameList.of(
          "CUDA_VISIBLE_DEVICES",
          "NVIDIA_VISIBLE_DEVICES",
          "ROCR_VISIBLE_DEVICES",
          "HIP_VISIBLE_DEVICES",
          "OMP_NUM_THREADS",
          "MKL_NUM_THREADS",
          "OPENBLAS_NUM_THREADS",
          "RANK",
          "LOCAL_RANK",
          "WORLD_SIZE",
          "SLURM_*",
          "PBS_JOBID",
          "PBS_ARRAY_INDEX",
          "LSB_JOBID",
          "LSB_JOBINDEX",
          "LANG",
          "LC_ALL",
          "TZ");

  /** System properties whose values are shown unasked. */
  public static final NameList PROPERTIES =
      NameList.of(
          "tracker.*",
          "file.encoding",
          "java.awt.headless",
          "java.io.tmpdir",
          "java.library.path",
          "java.util.concurrent.ForkJoinPool.common.*",
          "user.country",
          "user.language",
          "user.timezone");

  private static final long GIT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  // What is the same for all boards; guarded by the class.
  private static @Nullable ObjectNode machine;
  private static @Nullable ObjectNode git;
  private static long gitNanos;
  private static @Nullable ArrayNode gpus;

  private final NameList variables;
  private final NameList properties;
  private final NameList wantedProperties;
  private final boolean wantsDiff;

  /**
   * Says what is wanted besides what is always recorded.
   *
   * @param variables further environment variables
   * @param properties further system properties
   * @param wantsDiff whether the changes since the last commit are
   */
  public Environment(NameList variables, NameList properties, boolean wantsDiff) {
    this.variables = VARIABLES.and(variables);
    this.properties = PROPERTIES.and(properties);
    this.wantedProperties = properties;
    this.wantsDiff = wantsDiff;
  }

  /**
   * Finds out what a stage is about: 0 takes microseconds and asks nobody; 1 looks at files, the
   * JVM's management and git; 2 asks other programs that may be slow. Returns what an environment
   * gets by it.
   */
  public ObjectNode find(int stage) {
    ObjectNode found = JSON.objectNode();
    switch (stage) {
      case 0 -> quick(found);
      case 1 -> slow(found);
      default -> put(found, "gpus", Environment::gpus);
    }
    return found;
  }

  // ---- what costs nothing

  private void quick(ObjectNode found) {
    put(found, "user", () -> text(System.getProperty("user.name")));
    put(found, "pid", () -> JSON.numberNode(ProcessHandle.current().pid()));
    put(found, "folder", () -> text(System.getProperty("user.dir")));
    put(found, "os", Environment::os);
    put(found, "java", Environment::java);
    command(found);
    put(found, "variables", this::variables);
    put(found, "properties", this::properties);
  }

  private static ObjectNode os() {
    return JSON.objectNode()
        .put("name", System.getProperty("os.name"))
        .put("version", System.getProperty("os.version"))
        .put("arch", System.getProperty("os.arch"));
  }

  private static ObjectNode java() {
    return JSON.objectNode()
        .put("version", System.getProperty("java.runtime.version"))
        .put("vendor", System.getProperty("java.vendor"))
        .put("vm", System.getProperty("java.vm.name"))
        .put("home", System.getProperty("java.home"))
        .put("maxHeap", Runtime.getRuntime().maxMemory());
  }

  /** The launcher leaves main class and arguments, joined by blanks. */
  private static void command(ObjectNode found) {
    String command = System.getProperty("sun.java.command", "").strip();
    if (command.isEmpty()) {
      return; // started by something else than the java command
    }
    String jar = System.getProperty("java.class.path", "");
    boolean isJar = jar.endsWith(".jar") && (command + " ").startsWith(jar + " ");
    int end = isJar ? jar.length() : (command + " ").indexOf(' ');
    found.put("main", command.substring(0, end));
    ArrayNode arguments = found.putArray("arguments");
    List<String> words =
        Stream.of(command.substring(end).split("\\s+", -1))
            .filter(word -> !word.isEmpty())
            .toList();
    Secrets.maskArguments(words).forEach(arguments::add);
  }

  private ObjectNode variables() {
    ObjectNode known = JSON.objectNode();
    Map<String, String> all = System.getenv();
    variables.of(all.keySet()).forEach(name -> known.put(name, all.get(name)));
    return known;
  }

  private ObjectNode properties() {
    ObjectNode known = JSON.objectNode();
    Properties all = System.getProperties();
    wantedProperties
        .of(all.stringPropertyNames())
        .forEach(name -> known.put(name, all.getProperty(name)));
    return known;
  }

  // ---- what costs milliseconds

  private void slow(ObjectNode found) {
    found.setAll(machine());
    put(found, "java", this::javaWithArguments);
    put(
        found,
        "git",
        () -> {
          ObjectNode state = git();
          if (wantsDiff && !state.isEmpty()) {
            new Git(workingFolder()).addDiff(state);
          }
          return state;
        });
  }

  private ObjectNode javaWithArguments() {
    ObjectNode known = java();
    ArrayNode arguments = known.putArray("arguments");
    List<String> given = ManagementFactory.getRuntimeMXBean().getInputArguments();
    Secrets.maskJvmArguments(given, properties).forEach(arguments::add);
    return known;
  }

  private static synchronized ObjectNode machine() {
    ObjectNode known = machine;
    if (known == null) {
      known = JSON.objectNode();
      put(known, "cpu", Environment::cpu);
      put(known, "memory", () -> JSON.numberNode(Gauges.totalMemory()));
      put(known, "classPath", () -> ClassPath.of(System.getProperty("java.class.path", "")));
      machine = known;
    }
    return known.deepCopy();
  }

  private static ObjectNode cpu() {
    ObjectNode known = JSON.objectNode();
    put(known, "model", Environment::cpuModel);
    return known.put("count", Runtime.getRuntime().availableProcessors());
  }

  private static @Nullable JsonNode cpuModel() {
    Path linux = Path.of("/proc/cpuinfo");
    if (Files.exists(linux)) {
      try (Stream<String> lines = Files.lines(linux)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> text(line.substring(line.indexOf(':') + 1).strip()))
            .findFirst()
            .orElse(null); // ARM does not say
      } catch (IOException e) {
        return null;
      }
    }
    return ask("sysctl", "-n", "machdep.cpu.brand_string");
  }

  private static synchronized ObjectNode git() {
    ObjectNode known = git;
    long now = System.nanoTime();
    if (known == null || now - gitNanos > GIT_NANOS) {
      known = new Git(workingFolder()).state();
      git = known;
      gitNanos = now;
    }
    return known.deepCopy();
  }

  // ---- what may cost seconds

  private static synchronized ArrayNode gpus() {
    ArrayNode known = gpus;
    if (known == null) {
      known = Gpus.names();
      gpus = known;
    }
    return known.deepCopy();
  }

  // ---- asking

  /** Puts what a probe finds; nothing where it fails or there is nothing. */
  private static void put(
      ObjectNode found, String name, Supplier<? extends @Nullable JsonNode> probe) {
    try {
      JsonNode value = probe.get();
      if (value != null && !(value.isContainerNode() && value.isEmpty())) {
        found.set(name, value);
      }
    } catch (RuntimeException | LinkageError e) {
      // A JVM without that module, or one that forbids to look: it is absent.
    }
  }

  private static @Nullable JsonNode text(@Nullable String text) {
    return text == null || text.isEmpty() ? null : JSON.textNode(text);
  }

  private static @Nullable JsonNode ask(String... words) {
    return new Command(List.of(words), workingFolder(), Map.of(), TimeUnit.SECONDS.toNanos(2))
        .ask(1024)
        .map(answer -> text(answer.text().strip()))
        .orElse(null);
  }

  private static File workingFolder() {
    return new File(System.getProperty("user.dir", "."));
  }
}
