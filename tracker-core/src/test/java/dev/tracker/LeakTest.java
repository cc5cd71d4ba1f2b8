package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.Runs;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.LeakProgram;
import dev.tracker.system.LeakProgram.Use;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Boards that are opened and closed one after another leave nothing behind in their process. */
class LeakTest {
  private static final int WARM_UP = 80;
  private static final int BOARDS = 200;

  /** What the JVM's own work may add to the heap: compiled code's data, caches of classes. */
  private static final long HEAP_NOISE = 2L << 20;

  /**
   * What the C library's allocator and the compiler may keep for the next time. A leak of one ring,
   * stack or buffer of each board would be several times as much.
   */
  private static final long MEMORY_NOISE = 24L << 20;

  @TempDir Path root;

  @Test
  void twoHundredBoardsShouldLeaveThreadsFilesAndMemoryAsTheyWere() throws Exception {
    List<Use> uses = new ArrayList<>();
    try (ChildJvm child =
        // A heap whose pages are all there from the start, so that what grows is not the heap.
        ChildJvm.of(LeakProgram.class)
            .heap("128m")
            .flag("-Xms128m")
            .flag("-XX:+AlwaysPreTouch")
            .start(root.toString())) {
      for (int boards : new int[] {WARM_UP, BOARDS - WARM_UP}) {
        uses.add(Use.parse(child.ask(Integer.toString(boards), "use")));
      }
      child.say("0");
      assertEquals(0, child.exit(), child.story("was to end well"));
    }
    Use before = uses.get(0);
    Use after = uses.get(1);
    System.out.println(
        "after " + WARM_UP + " boards: " + before + "; after " + BOARDS + ": " + after);
    assertEquals(BOARDS, Runs.in(root).size());
    assertEquals(0, before.ours(), "threads of ours: " + before);
    assertEquals(0, after.ours(), "threads of ours: " + after);
    assertTrue(after.threads() <= before.threads(), "threads: " + before + " " + after);
    assertTrue(after.files() <= before.files(), "open files: " + before + " " + after);
    assertTrue(after.heap() <= before.heap() + HEAP_NOISE, "heap: " + before + " " + after);
    assertTrue(
        after.resident() <= before.resident() + MEMORY_NOISE, "memory: " + before + " " + after);
  }
}
