package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.system.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Native memory that is free and that glibc keeps. In an hour of load it was 758 of 1,192 MB. Where
 * JVM or system cannot give it back, the child says so.
 */
class NativeMemoryTest {
  @TempDir Path root;

  @Test
  void memoryIsGivenBackAfterALongRoundOfSealing() throws IOException {
    try (ChildJvm child =
        ChildJvm.of(NativeMemoryProgram.class)
            .heap("128m")
            .flag("-Xms128m") // so that the heap stays as large as it is
            .flag("-XX:+AlwaysPreTouch")
            .start(root.toString())) {
      String said = child.hear(line -> line.startsWith("kept ") || line.equals("cannot"));
      if (!said.equals("cannot")) {
        long kept = Long.parseLong(said.substring("kept ".length()));
        assertTrue(kept > 80, "the C library gave it back by itself: MB=" + kept);
        child.hear("given back");
      }
      assertEquals(0, child.exit(), child.story("ended"));
    }
  }
}
