package dev.tracker.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Cuts the power under programs that log, over and over: {@code powercut ROUNDS}. Each round is a
 * {@link PowerCutRound} with a seed of its own; {@code -Dtorture.seed=} that seed and {@code
 * powercut 1} repeat it, as far as chance outside of us allows.
 *
 * <p>Needs root and ext4, for a file system of its own; elsewhere it says so, and the program
 * {@code order} stands in.
 */
final class PowerCut {
  private static final int TELL_EVERY = 20;

  private final long seed = Long.getLong("torture.seed", System.nanoTime() & 0xFFFFFFFFFFL);
  private final Path root;
  private final PowerReport report = new PowerReport();

  private PowerCut(Path root) {
    this.root = root;
  }

  static void run(String... arguments) throws Exception {
    int rounds = arguments.length == 0 ? 20 : Integer.parseInt(arguments[0]);
    String folder = System.getProperty("torture.dir");
    Path root =
        folder == null
            ? Files.createTempDirectory("torture-powercut")
            : Files.createDirectories(Path.of(folder));
    new PowerCut(root.toRealPath()).play(rounds);
  }

  private void play(int rounds) throws Exception {
    Path image = root.resolve("probe.img");
    try (LoopDisk probe =
        LoopDisk.make(image, 16, "has_journal", "data=ordered", root.resolve("probe"))) {
      Files.createDirectory(probe.folder().resolve("made"));
    } catch (IOException e) {
      System.out.println("powercut: not checked: needs root and ext4: " + e.getMessage());
      return;
    } finally {
      Files.deleteIfExists(image);
    }
    System.out.println(
        "powercut: -Dtorture.seed=" + seed + " rounds=" + rounds + " folder=" + root);
    int atOnce = Integer.getInteger("torture.parallel", 2);
    ExecutorService players = Executors.newFixedThreadPool(atOnce);
    List<Future<?>> all = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      long its = seed + round;
      all.add(players.submit(() -> round(its)));
    }
    for (Future<?> one : all) {
      one.get();
    }
    players.shutdown();
    System.out.print(report);
    if (!report.isClean()) {
      throw new AssertionError("a promise was broken, see above");
    }
  }

  private void round(long its) {
    Path folder = root.resolve("round-" + its);
    try {
      Files.createDirectories(folder);
      new PowerCutRound(its, folder, report).play();
      Folders.delete(folder);
      if (report.rounds() % TELL_EVERY == 0) {
        System.out.print(report);
      }
    } catch (LoopDisk.Lost e) {
      report.lost();
      System.out.println("no file system left: -Dtorture.seed=" + its + " " + e.getMessage());
    } catch (Throwable e) {
      report.broken();
      System.out.println("BROKEN: -Dtorture.seed=" + its + " folder=" + folder);
      e.printStackTrace(System.out);
    }
  }
}
