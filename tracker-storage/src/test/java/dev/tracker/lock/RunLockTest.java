package dev.tracker.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path folder;
  private RunLayout layout;

  @BeforeEach
  void makeRun() throws IOException {
    layout = new RunLayout(folder.resolve("run"));
    Files.createDirectories(layout.journal());
  }

  @Test
  void the_same_jvm_is_refused_with_the_holder_named() throws IOException {
    try (RunLock lock = RunLock.acquire(layout)) {
      lock.heartbeat();
      String message = assertThrows(IOException.class, () -> RunLock.acquire(layout)).getMessage();
      assertTrue(message.contains("pid=" + ProcessHandle.current().pid()), message);
    }
    RunLock.acquire(layout).close();
  }

  @Test
  void another_process_is_refused_even_after_this_one_has_probed() throws Exception {
    try (RunLock lock = RunLock.acquire(layout)) {
      for (int i = 0; i < 10; i++) {
        assertTrue(RunLock.isHeld(layout));
        assertThrows(IOException.class, () -> RunLock.acquire(layout));
      }
      assertEquals("held", ask("probe"));
      assertTrue(ask("acquire").startsWith("refused pid=" + ProcessHandle.current().pid()));
      lock.heartbeat();
    }
    assertEquals("free", ask("probe"));
    assertEquals("acquired", ask("acquire"));
  }

  @Test
  void a_run_that_was_moved_while_it_is_written_is_still_known() throws Exception {
    try (RunLock lock = RunLock.acquire(layout)) {
      RunLayout moved = new RunLayout(folder.resolve("moved"));
      Files.move(layout.root(), moved.root());
      assertTrue(RunLock.isHeld(moved));
      layout = moved;
      assertEquals("held", ask("probe"));
      lock.heartbeat();
    }
  }

  @Test
  void a_killed_process_holds_nothing() throws Exception {
    Process child = start("hold");
    try (BufferedReader out = reader(child)) {
      assertEquals("acquired", out.readLine());
      assertTrue(RunLock.isHeld(layout));
      child.destroyForcibly().waitFor();
      assertFalse(RunLock.isHeld(layout));
      assertEquals(child.pid(), Holder.of(layout).orElseThrow().pid());
      RunLock.acquire(layout).close();
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void from_another_host_the_heartbeat_decides() throws IOException {
    Files.createFile(layout.lock());
    Files.writeString(
        layout.holder(), "{\"pid\":7,\"host\":\"elsewhere.invalid\",\"since\":\"x\"}");
    assertTrue(RunLock.isHeld(layout));
    Files.setLastModifiedTime(
        layout.holder(), FileTime.from(Instant.now().minus(Holder.STALE.multipliedBy(2))));
    assertFalse(RunLock.isHeld(layout));
  }

  @Test
  void closing_twice_frees_nobody_elses_lock() throws IOException {
    RunLock first = RunLock.acquire(layout);
    first.close();
    try (RunLock second = RunLock.acquire(layout)) {
      first.close();
      assertTrue(RunLock.isHeld(layout));
      second.heartbeat();
    }
  }

  private String ask(String what) throws Exception {
    Process child = start(what);
    try (BufferedReader out = reader(child)) {
      String answer = out.readLine();
      assertTrue(child.waitFor(5, TimeUnit.MINUTES));
      return answer;
    } finally {
      child.destroyForcibly();
    }
  }

  private Process start(String what) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            what,
            layout.root().toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static BufferedReader reader(Process child) {
    return new BufferedReader(
        new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Another process: probes, takes, or holds the lock until it is killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      RunLayout layout = new RunLayout(Path.of(args[1]));
      if (args[0].equals("probe")) {
        System.out.println(RunLock.isHeld(layout) ? "held" : "free");
        return;
      }
      try (RunLock lock = RunLock.acquire(layout)) {
        System.out.println("acquired");
        System.out.flush();
        if (args[0].equals("hold")) {
          lock.heartbeat();
          System.in.read();
        }
      } catch (IOException e) {
        String message = String.valueOf(e.getMessage());
        System.out.println("refused " + message.substring(message.indexOf("pid=")));
      }
    }
  }
}
