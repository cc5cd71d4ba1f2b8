package dev.tracker.torture.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Is everything flat under mixed load, with readers coming and going, and is nothing lost?
 *
 * <p>First a JVM logs the mix ({@link Mix}) as fast as it goes; what it comes to until the last
 * value is in Lance is the sustained rate. Then another one logs it at half that rate ({@link
 * LoadedJvm}). During both, JVMs of readers ({@link Visitors}) start, end, and are killed. The heap
 * has a fixed size and is touched beforehand, so that memory which grows is not the heap. At the
 * end the last third of the time is compared with the first, after a warm-up, within the bounds
 * that {@link Figure} names, and every value with what was logged.
 *
 * <p>{@code java -jar tracker-torture/target/torture.jar load [minutes = 60] [minutes of a run =
 * 10]}; {@code -Dtorture.gigabytes=30} is what it may take of the disk: where runs of that length
 * would need more, they are shorter.
 */
@SuppressWarnings("EnumOrdinal") // a place in an array, never kept
public final class Load {
  private static final int DEFAULT_MINUTES = 60;
  private static final int DEFAULT_RUN_MINUTES = 10;
  private static final int DEFAULT_GIGABYTES = 30;
  private static final int FLOOD_SECONDS = 60;
  private static final int HEAP_MEGABYTES = 1_536;
  private static final int VISITOR_HEAP_MEGABYTES = 512;

  /** A run, the one before it that is compared, and the greatest series of each twice. */
  private static final double RUNS_ON_DISK = 2.5;

  private static final double WARM_UP_SECONDS = 300;
  private static final int SAMPLE_SECONDS = 10;
  private static final int LINES_PER_HEADER = 30;

  private final Path root;
  private final long seed;
  private final int minutes;
  private final int runMinutes;
  private final List<double[]> samples = new ArrayList<>();
  private double rate;
  private int visitorJvms;
  private int failedVisitors;
  private volatile boolean over;

  private Load(Path root, long seed, int minutes, int runMinutes) {
    this.root = root;
    this.seed = seed;
    this.minutes = minutes;
    this.runMinutes = runMinutes;
  }

  /** Takes minutes, and minutes of a run. */
  public static void run(String... arguments) throws IOException, InterruptedException {
    int minutes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_MINUTES;
    int runMinutes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : DEFAULT_RUN_MINUTES;
    Path parent = Path.of(System.getProperty("torture.dir", System.getProperty("java.io.tmpdir")));
    Path root = Files.createTempDirectory(Files.createDirectories(parent), "tracker-load-");
    long seed = Long.getLong("torture.seed", new Random().nextLong() >>> 32);
    say("seed " + seed + ", folder " + root);
    Load load = new Load(root, seed, minutes, runMinutes);
    Runtime.getRuntime().addShutdownHook(new Thread(load::endChildren));
    boolean kept = load.measure();
    if (!kept) {
      say("a promise was broken: seed=" + seed + " folder=" + root);
      System.exit(1);
    }
    Folder.delete(root);
  }

  private boolean measure() throws IOException, InterruptedException {
    Files.createDirectories(runs()); // readers may be faster
    Thread visitors = new Thread(this::visitors, "visitors");
    visitors.start();
    double[] flood = flood();
    rate = flood[0] / 2;
    long runSeconds = runSeconds(flood[1]);
    say(
        String.format(
            Locale.ROOT,
            "sustained %,.0f values/s; %d minutes at %,.0f values/s, runs of %d s, %.1f bytes a"
                + " value",
            flood[0],
            minutes,
            rate,
            runSeconds,
            flood[1]));
    Process loaded =
        java(
            LoadedJvm.class,
            List.of(
                "-Xms" + HEAP_MEGABYTES + "m",
                "-Xmx" + HEAP_MEGABYTES + "m",
                "-XX:+AlwaysPreTouch",
                "-XX:NativeMemoryTracking=summary"),
            runs(),
            minutes * 60L,
            rate,
            runSeconds,
            seed);
    String result = follow(loaded);
    int exitCode = loaded.waitFor();
    over = true;
    visitors.join();
    return judge(result, exitCode);
  }

  private void endChildren() {
    over = true;
    ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
  }

  private Path runs() {
    return root.resolve("runs");
  }

  private double[] flood() throws IOException, InterruptedException {
    Process flood =
        java(
            LoadedJvm.Flood.class,
            List.of("-Xmx" + HEAP_MEGABYTES + "m"),
            runs(),
            FLOOD_SECONDS,
            seed);
    String result = follow(flood);
    if (flood.waitFor() != 0) {
      throw new IllegalStateException("the flood failed: exitCode=" + flood.exitValue());
    }
    return Arrays.stream(result.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
  }

  private long runSeconds(double bytesPerValue) {
    double disk = Math.min(allowed(), root.toFile().getUsableSpace() / 2.0);
    long fits = (long) (disk / RUNS_ON_DISK / (rate * bytesPerValue));
    return Math.max(30, Math.min(runMinutes * 60L, fits));
  }

  private static double allowed() {
    return 1e9 * Integer.getInteger("torture.gigabytes", DEFAULT_GIGABYTES);
  }

  /** Prints what a JVM says until it ends, and returns its result. */
  private String follow(Process process) throws IOException {
    String result = "";
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(LoadedJvm.SAMPLE)) {
          sample(line.substring(LoadedJvm.SAMPLE.length()));
        } else if (line.startsWith(LoadedJvm.RESULT)) {
          result = line.substring(LoadedJvm.RESULT.length());
        } else if (!line.startsWith(Mix.CONSOLE)) {
          say(line);
        }
      }
    }
    return result;
  }

  private void sample(String line) {
    double[] sample = Arrays.stream(line.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    if (samples.size() % LINES_PER_HEADER == 0) {
      say("         " + String.join(" ", titles()));
    }
    samples.add(sample);
    StringBuilder row = new StringBuilder("seconds ");
    row.append(String.format(Locale.ROOT, "%5d", samples.size() * SAMPLE_SECONDS));
    for (Figure figure : Figure.values()) {
      String cell = figure.format(sample[figure.ordinal()]);
      row.append(' ').append(" ".repeat(Math.max(0, figure.title.length() - cell.length())));
      row.append(cell);
    }
    say(row.toString());
  }

  private static List<String> titles() {
    return Arrays.stream(Figure.values()).map(figure -> figure.title).toList();
  }

  /** Has JVMs of readers come and go until the load is over; every third is killed. */
  private void visitors() {
    Random random = new Random(seed);
    try {
      while (!over) {
        int seconds = 5 + random.nextInt(40);
        long visitorSeed = seed + 1_000L * ++visitorJvms;
        Process visitor =
            java(
                Visitors.class,
                List.of("-Xmx" + VISITOR_HEAP_MEGABYTES + "m"),
                runs(),
                visitorSeed,
                seconds);
        boolean isKilled = visitorJvms % 3 == 0;
        if (isKilled && !visitor.waitFor(seconds / 2, TimeUnit.SECONDS)) {
          visitor.destroyForcibly();
        }
        boolean failed = visitor.waitFor() != 0 && !isKilled;
        Visitors.deleteCopies(runs(), visitorSeed);
        if (failed) {
          failedVisitors++;
          say("readers failed: seed=" + visitorSeed);
        }
      }
    } catch (IOException | InterruptedException e) {
      failedVisitors++;
      say("readers could not be started: cause=" + e);
    }
  }

  private boolean judge(String result, int exitCode) {
    double hours = minutes / 60.0;
    int warmUp = (int) Math.min(WARM_UP_SECONDS / SAMPLE_SECONDS, samples.size() / 4.0);
    int third = (samples.size() - warmUp) / 3;
    boolean kept = exitCode == 0 && !result.isEmpty();
    say("");
    say(
        String.format(
            Locale.ROOT,
            "medians of the first %d s after %d s, and of the last %d s",
            third * SAMPLE_SECONDS,
            warmUp * SAMPLE_SECONDS,
            third * SAMPLE_SECONDS));
    say("| | first | last | most | bound of last | |");
    say("|---|---|---|---|---|---|");
    for (Figure figure : Figure.values()) {
      double first = median(figure, warmUp, warmUp + third);
      double last = median(figure, samples.size() - third, samples.size());
      boolean flat = !figure.isJudged() || last <= figure.bound(first);
      kept &= flat;
      say(
          String.format(
              "| %s | %s | %s | %s | %s | %s |",
              figure.title,
              figure.format(first),
              figure.format(last),
              figure.format(median(figure, -1, -1)),
              figure.isJudged() ? figure.format(figure.bound(first)) : "",
              figure.isJudged() ? (flat ? "flat" : "GROWS") : ""));
    }
    if (result.isEmpty()) {
      say("the JVM under load ended without a result: exitCode=" + exitCode);
      return false;
    }
    long[] counts = Arrays.stream(result.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    double reached = median(Figure.VALUES, 0, samples.size()) / rate;
    say(
        String.format(
            Locale.ROOT,
            "%.2f hours, %d runs, %,d values compared, %d lost or wrong, %d dropped, %d looks and"
                + " %d of %d reader JVMs failed, %.1f %% of the rate was reached, exit code %d",
            hours,
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            counts[4],
            failedVisitors,
            visitorJvms,
            100 * reached,
            exitCode));
    return kept
        && counts[2] == 0
        && counts[3] == 0
        && counts[4] == 0
        && failedVisitors == 0
        && reached >= 0.95;
  }

  /** Returns the median of some samples; the greatest of all for -1. */
  private double median(Figure figure, int from, int to) {
    double[] sorted =
        samples.subList(Math.max(0, from), from < 0 ? samples.size() : to).stream()
            .mapToDouble(sample -> sample[figure.ordinal()])
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return from < 0 ? sorted[sorted.length - 1] : sorted[sorted.length / 2];
  }

  private static Process java(Class<?> program, List<String> options, Object... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static void say(String line) {
    System.out.println(
        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " " + line);
  }
}
