package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.system.ChildJvm;
import dev.tracker.system.DamageProgram;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bits that flip and files that are cut in small runs, in a JVM of its own, because native code may
 * end it. {@code -Dtracker.test.seed} gives the damages of an earlier run, {@code
 * -Dtracker.test.damages} how many there are for each of two runs, {@code -Dtracker.test.every} how
 * far the bytes are apart that are flipped, and at which files are cut, in two tiny ones, and
 * {@code -Dtracker.test.kinds} of which files.
 */
@Tag("once")
class DamageTest {
  @TempDir Path folder;

  @Test
  void noDamageIsMissed_readAsOtherRows_orEndsTheProcess() throws Exception {
    String seed = Long.toString(Long.getLong("tracker.test.seed", System.nanoTime() % 1_000_000));
    System.out.println("DamageTest: -Dtracker.test.seed=" + seed);
    Path root = folder.resolve("root");
    makeRuns(root);
    try (ChildJvm sweep =
        ChildJvm.of(DamageProgram.class)
            .heap("192m")
            .start(
                "sweep",
                root.toString(),
                folder.resolve("work").toString(),
                seed,
                System.getProperty("tracker.test.damages", "30"),
                System.getProperty("tracker.test.every", "5000"),
                System.getProperty("tracker.test.kinds", "journal,media,logs,lance,metadata"))) {
      String line = sweep.hear(said -> true);
      while (!line.startsWith("swept")) {
        line = sweep.hear(said -> said.startsWith("case") || said.startsWith("swept"));
      }
      assertEquals(0, sweep.exit(), () -> sweep.story("did not end well"));
      sweep.out().stream().filter(said -> said.startsWith("count")).forEach(System.out::println);
      System.out.println(line);
      List<String> wrong = sweep.out().stream().filter(said -> said.startsWith("wrong")).toList();
      assertTrue(wrong.isEmpty(), () -> sweep.story("seed=" + seed + " " + wrong));
    }
  }

  /** Makes the runs that {@link DamageProgram} makes, finished ones and such that are left. */
  static void makeRuns(Path root) throws Exception {
    make(ChildJvm.of(DamageProgram.class), "make", root);
    make(ChildJvm.of(DamageProgram.class).property("tracker.native", "off"), "leave", root);
  }

  private static void make(ChildJvm.Starter program, String what, Path root) throws Exception {
    try (ChildJvm maker = program.start(what, root.toString())) {
      assertEquals(0, maker.exit(), () -> maker.story("did not make the runs"));
    }
  }
}
