package dev.tracker.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads the real library, in JVMs of its own where what the JVM was told matters. */
class NativeLibraryTest {
  @TempDir Path root;

  /** What the child JVMs do: says whether series work, and uses one. */
  public static final class Child {
    private Child() {}

    /**
     * Runs.
     *
     * @param args the folder of a dataset, and what to do first
     */
    public static void main(String[] args) throws Exception {
      if (args.length > 1) {
        Class.forName(args[1]);
      }
      String whyNot = NativeLibrary.whyUnavailable().orElse("available");
      System.out.println(whyNot);
      Path folder = Path.of(args[0]);
      Rows rows = RowsModel.counted(Kind.FLOAT64, 0, 10);
      try {
        SeriesDataset.append(folder, Kind.FLOAT64, 0, rows);
        Rows back = new Rows(Kind.FLOAT64, 0);
        SeriesDataset.read(folder, Kind.FLOAT64, 1, 0, 10, back);
        RowsModel.assertSame(rows, back);
        System.out.println("works");
      } catch (IOException e) {
        System.out.println(e.getMessage() + " <- " + e.getCause());
      }
    }
  }

  @Test
  void it_is_available_here() {
    assertEquals(java.util.Optional.empty(), NativeLibrary.whyUnavailable());
  }

  @Test
  void every_name_of_a_platform_is_known_and_others_have_no_library() {
    assertEquals("linux-x86-64", NativeLibrary.platform("Linux", "amd64"));
    assertEquals("linux-aarch64", NativeLibrary.platform("Linux", "aarch64"));
    assertEquals("darwin-aarch64", NativeLibrary.platform("Mac OS X", "aarch64"));
    assertNull(NativeLibrary.platform("Mac OS X", "x86_64"));
    assertNull(NativeLibrary.platform("Windows 11", "amd64"));
    assertNull(NativeLibrary.platform("Linux", "riscv64"));
  }

  @Test
  void a_plain_jvm_needs_no_flags_and_is_not_warned_of_native_access() throws Exception {
    Run run = run(List.of());
    assertEquals(List.of("available", "works"), run.said);
    assertFalse(run.errors.contains("restricted method"), run.errors);
    assertFalse(run.errors.contains("enable-native-access"), run.errors);
  }

  @Test
  void it_can_be_switched_off() throws Exception {
    Run run = run(List.of("-Dtracker.native=off"));
    assertTrue(run.said.get(0).contains("tracker.native"), run::toString);
    assertTrue(run.said.get(1).contains("tracker.native"), run::toString);
    assertFalse(Files.exists(root.resolve("dataset")));
  }

  @Test
  void a_platform_without_a_library_is_named() throws Exception {
    Run run = run(List.of("-Dos.name=Plan 9"));
    assertTrue(run.said.get(0).contains("system=Plan 9"), run::toString);
    assertTrue(run.said.get(1).contains("system=Plan 9"), run::toString);
  }

  @Test
  void a_fresh_cache_is_filled_and_used_by_the_next_jvm() throws Exception {
    Path cache = root.resolve("cache");
    assertEquals(List.of("available", "works"), run(List.of("-Dtracker.cache=" + cache)).said);
    List<String> first = listing(cache);
    assertEquals(4, first.size(), "two libraries, each with its note: " + first);
    SeriesDataset.rollBack(root.resolve("dataset"), 0);
    assertEquals(List.of("available", "works"), run(List.of("-Dtracker.cache=" + cache)).said);
    assertEquals(first, listing(cache));
  }

  @Test
  void a_cache_that_cannot_be_written_costs_time_and_leaves_nothing() throws Exception {
    Path inTheWay = Files.writeString(root.resolve("file"), "no folder");
    Path temporary = Files.createDirectories(root.resolve("tmp"));
    Run run = run(List.of("-Dtracker.cache=" + inTheWay, "-Djava.io.tmpdir=" + temporary));
    assertEquals(List.of("available", "works"), run.said);
    assertEquals(List.of(), listing(temporary));
  }

  @Test
  void a_library_that_can_be_unpacked_nowhere_is_reported_with_the_cause() throws Exception {
    Path inTheWay = Files.writeString(root.resolve("file"), "no folder");
    Path missing = root.resolve("missing");
    Run run = run(List.of("-Dtracker.cache=" + inTheWay, "-Djava.io.tmpdir=" + missing));
    assertTrue(run.said.get(0).contains(missing.toString()), run::toString);
    assertTrue(run.said.get(1).contains(missing.toString()), run::toString);
  }

  @Test
  void a_program_that_has_loaded_lance_itself_keeps_its_library() throws Exception {
    Path temporary = Files.createDirectories(root.resolve("tmp"));
    Run run = run(List.of("-Djava.io.tmpdir=" + temporary), "org.lance.JniLoader");
    assertEquals(List.of("available", "works"), run.said);
  }

  private List<String> listing(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      List<String> found = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        found.add(file.getFileName() + " " + Files.getLastModifiedTime(file));
      }
      return found;
    }
  }

  private record Run(List<String> said, String errors) {}

  private Run run(List<String> options, String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Child.class.getName());
    command.add(root.resolve("dataset").toString());
    command.addAll(List.of(more));
    Path out = root.resolve("out.txt");
    Path errors = root.resolve("errors.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      assertTrue(process.waitFor(5, TimeUnit.MINUTES), "the JVM hangs");
    } finally {
      process.destroyForcibly();
    }
    Run run =
        new Run(
            Files.readAllLines(out),
            new String(Files.readAllBytes(errors), StandardCharsets.UTF_8));
    assertEquals(0, process.exitValue(), run::toString);
    return run;
  }
}
