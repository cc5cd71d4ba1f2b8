package dev.tracker.torture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Kills programs that log, over and over: {@code kill ROUNDS}. Each round is a {@link KillRound}
 * with a seed of its own; {@code -Dtorture.seed=} that seed and {@code kill 1} repeat it, as far as
 * chance outside of us allows. Several rounds run at once, since they mostly wait.
 */
final class Kill {
  private static final int TELL_EVERY = 50;

  private final long seed = Long.getLong("torture.seed", System.nanoTime() & 0xFFFFFFFFFFL);
  private final Path root;
  private final KillReport report = new KillReport();
  private final AtomicBoolean hasFailed = new AtomicBoolean();

  private Kill(Path root) {
    this.root = root;
  }

  static void run(String... arguments) throws Exception {
    int rounds = arguments.length == 0 ? 40 : Integer.parseInt(arguments[0]);
    String folder = System.getProperty("torture.dir");
    Path root =
        folder == null
            ? Files.createTempDirectory("torture-kill")
            : Files.createDirectories(Path.of(folder));
    new Kill(root.toAbsolutePath()).play(rounds);
  }

  /**
   * Has the classes of a whole life put into an archive, from which the JVM of a victim starts in
   * half the time; returns the flags that do it.
   */
  private List<String> archive() throws Exception {
    Path folder = Files.createDirectories(root.resolve("archive"));
    Path file = folder.resolve("classes.jsa");
    List<String> arguments =
        new ArrayList<>(
            List.of(folder.toString(), "rehearsal", folder.resolve("marks").toString()));
    arguments.addAll(
        new Plan(new Call.Script(seed, 2, 4), 0, 3, 300, 300, 20, 0, true, true, false, true)
            .words());
    List<String> flags = List.of("-XX:ArchiveClassesAtExit=" + file);
    try (Child child = Child.start(Victim.class, flags, arguments, line -> {})) {
      child.awaitEnd();
    }
    return Files.exists(file) ? List.of("-XX:SharedArchiveFile=" + file) : List.of();
  }

  private void play(int rounds) throws Exception {
    List<String> flags = archive();
    System.out.println("kill: -Dtorture.seed=" + seed + " rounds=" + rounds + " folder=" + root);
    int atOnce =
        Integer.getInteger("torture.parallel", 2 * Runtime.getRuntime().availableProcessors());
    ExecutorService players = Executors.newFixedThreadPool(atOnce);
    List<Future<?>> all = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      long its = seed + round;
      all.add(players.submit(() -> round(its, flags)));
    }
    for (Future<?> one : all) {
      one.get();
    }
    players.shutdown();
    System.out.println(report);
    if (hasFailed.get()) {
      throw new AssertionError("a promise was broken, see above");
    }
  }

  private void round(long its, List<String> flags) {
    Path folder = root.resolve("round-" + its);
    try {
      Files.createDirectories(folder);
      new KillRound(its, folder, flags, report).play();
      Folders.delete(folder);
      if (report.rounds() % TELL_EVERY == 0) {
        System.out.println(report);
      }
    } catch (Throwable e) {
      hasFailed.set(true);
      System.out.println("BROKEN: -Dtorture.seed=" + its + " folder=" + folder);
      e.printStackTrace(System.out);
    }
  }
}
