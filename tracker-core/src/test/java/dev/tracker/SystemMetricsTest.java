package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.EnvironmentProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The series {@code system/*}, in real processes: {@link EnvironmentProgram}. */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SystemMetricsTest {
  private static final String NVIDIA_SMI =
      """
      #!/bin/sh
      echo "$*" >> "$0.asked"
      case "$1" in
      --query-gpu=name,*)
        echo "Fast One, 24576, 550.54"
        echo "Slow One, 8192, 550.54" ;;
      *)
        while :; do
          echo "0, 97, 20480, 24576, 71, 301.5"
          echo "1, 3, 10, 8192, 40, [N/A]"
          sleep 1
        done ;;
      esac
      """;

  @TempDir Path temp;

  private List<String> run(ChildJvm.Starter program, String what) throws IOException {
    try (ChildJvm child = program.start(what, temp.resolve("runs").toString())) {
      assertEquals(0, child.exit(), child.story("was to end well"));
      return child.out();
    }
  }

  private static ChildJvm.Starter program() {
    return ChildJvm.of(EnvironmentProgram.class);
  }

  private RunReader reader(String id) {
    return RunReader.open(temp.resolve("runs/default").resolve(id));
  }

  private static void assertAll(RunReader reader, String metric, DoublePredicate what) {
    Scalars rows = reader.scalars(metric);
    assertTrue(rows.size() > 0, metric);
    for (double value : rows.values()) {
      assertTrue(what.test(value), metric + " " + Arrays.toString(rows.values()));
    }
  }

  @Test
  void two_boards_share_a_sampler_and_their_steps_do_not_move() throws Exception {
    assertTrue(run(program(), "sample").contains("samplers 1"));
    try (RunReader often = reader("often");
        RunReader rarely = reader("rarely");
        RunReader never = reader("never")) {
      assertEquals(List.of("loss"), never.metrics());
      for (RunReader each : List.of(often, rarely, never)) {
        assertArrayEquals(new long[] {0, 1}, each.scalars("loss").steps(), "the program's steps");
      }
      Scalars threads = rarely.scalars("system/threads");
      long steps = Arrays.stream(threads.steps()).filter(step -> step == 1).count();
      assertTrue(steps >= 3, "the current step: " + Arrays.toString(threads.steps()));
      assertEquals(1, threads.globalSteps()[threads.size() - 1], "the current global step");
      assertOneSampleForBoth(often, rarely);
    }
  }

  /** Each sample that the slower board got, the faster one got too: the same numbers. */
  private static void assertOneSampleForBoth(RunReader often, RunReader rarely) {
    double[] all = often.scalars("system/memory/process_bytes").values();
    double[] some = rarely.scalars("system/memory/process_bytes").values();
    assertTrue(some.length < all.length, some.length + " of " + all.length);
    int at = 0;
    for (double value : some) {
      while (at < all.length && all[at] != value) {
        at++;
      }
      assertTrue(at < all.length, Arrays.toString(some) + " in " + Arrays.toString(all));
    }
  }

  @Test
  void values_are_what_they_are_called() throws Exception {
    run(program().heap("100m"), "sample");
    try (RunReader reader = reader("often")) {
      assertAll(reader, "system/cpu/percent", value -> value >= 0 && value <= 100);
      assertAll(reader, "system/cpu/process_percent", value -> value >= 0 && value <= 100);
      assertAll(reader, "system/memory/used_bytes", value -> value > 1 << 20);
      assertAll(reader, "system/heap/used_bytes", value -> value > 0 && value <= 100 << 20);
      assertAll(reader, "system/heap/committed_bytes", value -> value > 0 && value <= 100 << 20);
      assertAll(reader, "system/heap/max_bytes", value -> value > 0 && value <= 100 << 20);
      assertAll(reader, "system/gc/count", value -> value >= 0);
      assertAll(reader, "system/gc/seconds", value -> value >= 0 && value < 100);
      assertAll(reader, "system/threads", value -> value >= 4 && value < 200);
      assertAll(reader, "system/disk/free_bytes", value -> value > 1 << 20);
      if (Files.exists(Path.of("/proc/self/status"))) {
        assertAll(reader, "system/memory/process_bytes", value -> value > 10 << 20);
      }
    }
  }

  @Test
  void a_run_that_is_shorter_than_the_interval_has_none() throws Exception {
    run(program().property("tracker.systemMetrics", "3600"), "short");
    try (RunReader reader = reader("run")) {
      assertEquals(List.of("loss"), reader.metrics());
    }
  }

  @Test
  void a_board_that_is_off_starts_nothing() {
    Await.until("the sampler of earlier boards has ended", () -> !isSampling());
    try (Board board =
        Board.builder("off")
            .root(temp)
            .enabled(false)
            .systemMetrics(Duration.ofMillis(100))
            .open()) {
      board.log("loss", 1.0);
      assertFalse(isSampling());
      assertFalse(Files.exists(board.directory()));
    }
  }

  private static boolean isSampling() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("tracker-sampler"));
  }

  @Test
  void a_series_of_the_program_that_has_such_a_name_stays_what_it_is() {
    Board.Builder builder = Board.builder("b").root(temp).id("b").resume(Resume.ALLOW);
    try (Board first = builder.open()) {
      first.log("system/threads", "three"); // before there is a sampler, which may be faster
    }
    try (Board board = builder.systemMetrics(Duration.ofMillis(100)).open()) {
      board.log("system/threads", "four");
      Await.until(
          "a sample came",
          () -> {
            try (RunReader reader = RunReader.open(board.directory())) {
              return reader.metrics().contains("system/heap/used_bytes");
            }
          });
      board.finish();
      try (RunReader reader = RunReader.open(board.directory())) {
        assertEquals(2, reader.strings("system/threads").size());
      }
      assertEquals(0, board.health().rejected());
    }
  }

  // ---- GPUs

  private ChildJvm.Starter withNvidiaSmi(String script) throws IOException {
    Path bin = Files.createDirectory(temp.resolve("bin"));
    Path command = bin.resolve("nvidia-smi");
    Files.writeString(command, script);
    assertTrue(command.toFile().setExecutable(true));
    return program().environment("PATH", bin + ":" + System.getenv("PATH"));
  }

  private List<String> asked() throws IOException {
    return Files.readAllLines(temp.resolve("bin/nvidia-smi.asked"));
  }

  @Test
  void gpus_are_those_that_nvidia_smi_tells_of() throws Exception {
    run(withNvidiaSmi(NVIDIA_SMI), "gpus");
    try (RunReader reader = reader("run")) {
      assertAll(reader, "system/gpu/0/percent", value -> value == 97);
      assertAll(reader, "system/gpu/0/memory_used_bytes", value -> value == 20480.0 * (1 << 20));
      assertAll(reader, "system/gpu/0/power_watts", value -> value == 301.5);
      assertAll(reader, "system/gpu/1/percent", value -> value == 3);
      assertAll(reader, "system/gpu/1/temperature_celsius", value -> value == 40);
      assertFalse(reader.metrics().contains("system/gpu/1/power_watts"), "it does not know");
      assertEquals(
          List.of(
              Map.of("name", "Fast One", "memoryMegabytes", "24576", "driver", "550.54"),
              Map.of("name", "Slow One", "memoryMegabytes", "8192", "driver", "550.54")),
          reader.info().environment().get("gpus"));
    }
    assertEquals(2, asked().size(), "once for the names, once for all samples: " + asked());
  }

  @Test
  void a_machine_whose_driver_does_not_answer_is_asked_once() throws Exception {
    run(
        withNvidiaSmi(
            "#!/bin/sh\necho \"$*\" >> \"$0.asked\"\necho 'NVIDIA-SMI has failed'\nexit 9\n"),
        "no gpus");
    try (RunReader reader = reader("run")) {
      assertTrue(
          reader.metrics().stream().noneMatch(name -> name.startsWith("system/gpu")),
          reader.metrics()::toString);
      assertFalse(reader.info().environment().containsKey("gpus"));
    }
    assertEquals(2, new TreeSet<>(asked()).size());
    assertEquals(2, asked().size(), asked()::toString);
  }

  // ---- settings

  @Test
  void intervals_are_checked() {
    Board.Builder builder = Board.builder("b").root(temp);
    assertThrows(
        IllegalArgumentException.class, () -> builder.systemMetrics(Duration.ofSeconds(-1)));
    assertThrows(
        IllegalArgumentException.class, () -> builder.systemMetrics(Duration.ofMillis(99)));
  }

  @Test
  void seconds_or_a_no_from_outside() {
    Duration ten = Duration.ofSeconds(10);
    assertEquals(ten, said(null).systemMetrics(ten));
    assertEquals(Duration.ofMillis(2500), said("2.5").systemMetrics(ten));
    assertEquals(Duration.ZERO, said("off").systemMetrics(ten));
    assertEquals(Duration.ZERO, said("0").systemMetrics(ten));
    for (String text : List.of("often", "-5", "0.01")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> said(text).systemMetrics(ten));
      assertEquals(
          "illegal setting: TRACKER_SYSTEM_METRICS='" + text + "' (seconds, at least 0.1, or off)",
          refused.getMessage());
    }
  }

  private static Settings said(String text) {
    return new Settings(name -> null, name -> name.equals("TRACKER_SYSTEM_METRICS") ? text : null);
  }
}
