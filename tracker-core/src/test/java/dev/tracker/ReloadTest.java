package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.InLance;
import dev.tracker.system.ReloadProgram;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An application server deploys a program with Tracker again and again, in a class loader of its
 * own each time, and on threads that stay.
 */
class ReloadTest {
  private static final int CYCLES = 5;

  @TempDir Path root;

  private ChildJvm.Starter server() {
    // Jackson keeps a buffer for each thread by a soft reference, which the JVM clears when memory
    // is short; with this flag it does so at each collection.
    return ChildJvm.of(ReloadProgram.class).flag("-XX:SoftRefLRUPolicyMSPerMB=0");
  }

  /** A native library belongs to one loader at a time, so each loader gets its own copy. */
  @Test
  void everyDeploymentShouldSealAndReadItsRun_thoughOthersHoldTheNativeLibraries()
      throws Exception {
    try (ChildJvm child =
        server().start(root.toString(), Integer.toString(CYCLES), ReloadProgram.KEEPING)) {
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        assertEquals("SUCCEEDED rows=500 sealed=true", child.hear("cycle-" + cycle));
      }
      child.hear("done");
      List<String> complaints =
          child.err().stream().filter(line -> line.contains("UnsatisfiedLinkError")).toList();
      assertEquals(List.of(), complaints, child.story("was to complain of nothing"));
      child.say("end");
      assertEquals(0, child.exit(), child.story("was to end well"));
    }
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      assertTrue(InLance.rows(run(cycle)) >= 500, "sealed");
    }
  }

  /** Whatever keeps a loader alive here is ours: a thread, a hook, a handler, a thread-local. */
  @Test
  void aDeploymentThatIsTakenAwayShouldBeCollected_whereLanceHoldsNothing() throws Exception {
    try (ChildJvm child =
        server()
            .property("tracker.native", "off")
            .start(root.toString(), Integer.toString(CYCLES), ReloadProgram.DROPPING)) {
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        assertEquals("SUCCEEDED rows=500 sealed=false", child.hear("cycle-" + cycle));
        assertEquals("gone", child.hear("loader-" + cycle), child.story("was to drop its loader"));
      }
      child.hear("done");
      child.say("end");
      assertEquals(0, child.exit(), child.story("was to end well"));
    }
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      try (RunReader reader = RunReader.open(run(cycle))) {
        assertEquals(RunStatus.SUCCEEDED, reader.info().status());
        assertEquals(500, reader.scalars("loss").size());
      }
    }
  }

  private Path run(int cycle) {
    return root.resolve("default").resolve("run-" + cycle);
  }
}
