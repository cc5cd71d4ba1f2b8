package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.system.ChildJvm;
import dev.tracker.system.InLance;
import dev.tracker.system.PlainProgram;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -cp … YourTraining}, with no flags, and what it says. */
class PlainJavaTest {
  /**
   * What cannot be helped: Arrow uses Unsafe, of which newer JVMs complain once, and SLF4J tells
   * whoever has bound no provider to it.
   */
  private static final List<String> REMAINS =
      List.of(
          "sun.misc.Unsafe",
          "Please consider reporting this to the maintainers of class org.apache.arrow",
          "SLF4J(W): ");

  @TempDir Path folder;

  @Test
  void shouldSealAndReadWithoutFlags_andComplainOfNothingAvoidable() throws Exception {
    try (ChildJvm child = ChildJvm.of(PlainProgram.class).folder(folder).start()) {
      assertEquals(0, child.exit(), child.story("was to end well"));
      Path run = Path.of(child.out().get(0).split(" ", -1)[2]);
      assertEquals("SUCCEEDED 1000 " + run, child.out().get(0));
      assertTrue(
          folder.resolve(run).startsWith(folder.resolve("tracker").resolve("default")),
          run.toString());
      assertEquals(1000, InLance.rows(folder.resolve(run)));
      assertEquals(List.of(), child.err().stream().filter(PlainJavaTest::isAvoidable).toList());
      child
          .err()
          .forEach(line -> System.out.println("remains on " + Runtime.version() + ": " + line));
    }
  }

  private static boolean isAvoidable(String line) {
    return REMAINS.stream().noneMatch(line::contains);
  }
}
