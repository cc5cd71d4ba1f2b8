package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.ConsoleStream;
import dev.tracker.read.ConsoleLine;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.seal.Sealer;
import dev.tracker.system.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console of real processes: {@link ConsoleProgram}. */
class ConsoleTest {
  @TempDir Path root;

  private ChildJvm program(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add(1, root.toString());
    return ChildJvm.of(ConsoleProgram.class)
        .property("stdout.encoding", "UTF-8")
        .property("sun.stdout.encoding", "UTF-8")
        .start(all.toArray(String[]::new));
  }

  /** Runs a program that checks itself, and returns what it printed. */
  private List<String> run(String... arguments) throws IOException {
    try (ChildJvm child = program(arguments)) {
      assertEquals(0, child.exit(), child.story("was to end well"));
      return child.out();
    }
  }

  private List<String> texts(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      return reader.console().stream().map(ConsoleLine::text).toList();
    }
  }

  @Test
  void every_way_to_print_reaches_terminal_and_run() throws Exception {
    List<String> out = run("everyCall");
    assertEquals("before", out.get(0));
    assertEquals("after", out.get(out.size() - 1));
    assertEquals(
        texts(root.resolve("default/run0")).subList(0, 17), out.subList(1, out.size() - 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void boards_open_and_end_in_any_order(long seed) throws Exception {
    List<String> out = run("order", Long.toString(seed));
    assertTrue(out.stream().allMatch(line -> line.startsWith("line ")), out.toString());
  }

  @Test
  void a_stream_that_somebody_else_put_in_place_stays() throws Exception {
    assertEquals(
        List.of(
            "through theirs and ours",
            "quiet",
            "once",
            "below theirs",
            "again ours",
            "as out",
            "out",
            "err"),
        run("replaced"));
  }

  @Test
  void who_holds_a_stream_goes_on_printing() throws Exception {
    assertEquals(7, run("holders").size());
  }

  @Test
  void many_threads_lose_nothing() throws Exception {
    try (ChildJvm child = program("threads")) {
      assertEquals(0, child.exit(), child.story("was to end well"));
      assertEquals(
          8 * 1_000, child.out().stream().filter(line -> line.startsWith("thread ")).count());
      assertEquals(
          8 * 500, child.err().stream().filter(line -> line.startsWith("thread ")).count());
    }
  }

  @Test
  void bars_are_kept_as_they_stand_at_their_end() throws Exception {
    List<String> out = run("bars");
    assertTrue(
        out.contains("99 %  ") && out.contains("100 %  "), "the terminal sees all of it: " + out);
  }

  @Test
  void bytes_become_characters_and_huge_lines_are_cut() throws Exception {
    List<String> out = run("bytes");
    assertEquals("größe \uD83D\uDE80 пример", out.get(0));
    assertEquals((1 << 20) + 3, out.get(5).length());
    assertEquals("chars größe", out.get(6));
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "fullOfBytes"})
  void storage_that_stands_still_holds_nobody_up(String program) throws Exception {
    try (ChildJvm child = program(program)) {
      assertEquals(0, child.exit(), child.story("was to end well"));
      assertEquals(20_001, child.out().size());
      List<String> reports = child.err().stream().filter(l -> l.contains("found no room")).toList();
      assertEquals(1, reports.size(), "said once: " + reports);
    }
  }

  @Test
  void the_library_hears_itself_once() throws Exception {
    run("ownReports");
  }

  @Test
  void a_program_that_ends_without_finishing_keeps_the_line_it_had_begun() throws Exception {
    try (ChildJvm child = program("endless")) {
      assertEquals(0, child.exit(), child.story("was to end well"));
      List<String> texts = texts(root.resolve("default/run0"));
      assertEquals(List.of("whole", "run " + root.resolve("default/run0")), texts.subList(0, 2));
      assertTrue(texts.contains("begun"), texts.toString());
      assertTrue(
          texts.stream().anyMatch(line -> line.contains("was still open")), texts.toString());
    }
  }

  @Test
  void lines_survive_kill_and_the_run_goes_on() throws Exception {
    Path run = root.resolve("default/live");
    List<String> printed = new ArrayList<>();
    try (ChildJvm child = program("live", "NEVER")) {
      say(child, printed, "first", 50);
      child.ask("flush", "done");
      assertEquals(printed, texts(run), "live");
      child.ask("sealed", "done");
      say(child, printed, "tail", 50);
      child.ask("flush", "done");
      child.kill();
    }
    assertTrue(Files.size(run.resolve("logs/output.log")) > 0);
    assertEquals(printed, texts(run), "sealed and tail");
    Files.writeString(
        run.resolve("logs/output.log"), "half a li", java.nio.file.StandardOpenOption.APPEND);
    assertEquals(printed, texts(run));
    try (ChildJvm child = program("live", "MUST")) {
      say(child, printed, "second", 50);
      child.ask("flush", "done");
      child.kill();
    }
    Path copy = root.resolve("copy");
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(RunStatus.CRASHED, reader.info().status());
      reader.copyTo(copy);
    }
    Sealer.seal(run);
    for (Path either : List.of(run, copy)) {
      assertEquals(printed, texts(either));
      try (RunReader reader = RunReader.open(either)) {
        List<ConsoleLine> last = reader.console(60);
        assertEquals(printed.subList(90, 150), last.stream().map(ConsoleLine::text).toList());
        assertTrue(last.stream().allMatch(line -> line.stream() == ConsoleStream.OUT));
      }
    }
    assertEquals(150, Files.readAllLines(run.resolve("logs/output.log")).size());
  }

  private static void say(ChildJvm child, List<String> printed, String word, int count) {
    IntStream.range(0, count)
        .mapToObj(i -> word + " " + i)
        .forEach(line -> {
          child.say(line);
          printed.add(line);
        });
  }
}
