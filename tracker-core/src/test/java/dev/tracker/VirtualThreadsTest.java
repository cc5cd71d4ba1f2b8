package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.VirtualProgram;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of threads that log, virtual ones where the JVM has them: nothing is lost, and no
 * virtual thread keeps its carrier while it waits for room in the queue.
 */
class VirtualThreadsTest {
  private static final int THREADS = 5_000;

  @TempDir Path root;

  @Test
  void shouldLogFromThousandsOfThreads_andPinNoCarrier() throws Exception {
    try (ChildJvm child =
        ChildJvm.of(VirtualProgram.class)
            .property("jdk.virtualThreadScheduler.parallelism", "2")
            .start(root.toString(), Integer.toString(THREADS))) {
      assertEquals(0, child.exit(), child.story("was to end well"));
      assertEquals(
          Runtime.version().feature() >= 21 ? "virtual" : "platform", child.hear("threads"));
      assertEquals("0", child.hear("dropped"), child.story("was to drop nothing"));
      assertEquals("0", child.hear("pinned"), child.story("was to pin nothing"));
      assertWhole(Path.of(child.hear("run")));
    }
  }

  private static void assertWhole(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      long calls = (long) THREADS * VirtualProgram.ROWS;
      for (String name : new String[] {"single", "a", "e", "map", "metric"}) {
        Scalars series = reader.scalars(name);
        assertEquals(calls, series.size(), name);
        // Thread t logs t * ROWS + i, so all values together are 0, 1, 2, …
        double[] values = series.values();
        Arrays.sort(values);
        for (int i = 0; i < values.length; i++) {
          assertEquals(i, values[i], name);
        }
      }
      assertEquals(THREADS, reader.strings("text").size());
      Scalars last = reader.scalars("last");
      assertEquals(THREADS, last.globalSteps()[0], "every thread took a global step");
    }
  }
}
