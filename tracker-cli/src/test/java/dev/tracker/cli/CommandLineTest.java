package dev.tracker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command line as a process, on runs of other processes: {@code done-1} has finished, {@code
 * dead-1} and {@code dead-2} were killed, {@code again-1} twice, {@code live-1} is being written.
 */
class CommandLineTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String LONG_NAME = "long".repeat(200);

  @TempDir static Path root;
  @TempDir Path out;

  private static Process live;

  @BeforeAll
  static void log() throws Exception {
    end(start("a name", "done-1"), "finish\n");
    end(start("twice", "dead-1"), "");
    end(start("twice", "dead-2"), "");
    end(start("again", "again-1"), "");
    end(start("again", "again-1"), "name " + LONG_NAME + "\n", 9);
    live = start("living", "live-1");
  }

  @AfterAll
  static void end() throws Exception {
    end(live, "finish\n");
  }

  private static Process start(String name, String id) throws IOException {
    Process process =
        Tool.builder(root, RunProgram.class, root.toString(), name, id)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Tool.hear(Tool.reader(process), "ready", new ArrayList<>());
    return process;
  }

  private static void end(Process process, String lastWords) throws Exception {
    end(process, lastWords, lastWords.isEmpty() ? 9 : 0);
  }

  private static void end(Process process, String lastWords, int exit) throws Exception {
    try (Writer to = process.outputWriter()) {
      to.write(lastWords);
    }
    assertTrue(process.waitFor(90, TimeUnit.SECONDS));
    assertEquals(exit, process.exitValue());
  }

  private static Tool.Answer ask(String... arguments) throws Exception {
    return Tool.tracker(root, arguments);
  }

  /** Returns what a command prints that succeeds and complains of nothing. */
  private static String get(String... arguments) throws Exception {
    Tool.Answer answer = ask(arguments);
    assertEquals(0, answer.exit(), answer.toString());
    assertEquals("", withoutJvm(answer.err()), answer.toString());
    return answer.out();
  }

  private static JsonNode json(String... arguments) throws Exception {
    return JSON.readTree(get(arguments));
  }

  /** What newer JVMs themselves print of Arrow's use of memory is not the command's. */
  private static String withoutJvm(String err) {
    return err.lines()
        .filter(line -> !line.startsWith("WARNING: "))
        .reduce("", (all, line) -> all + line + "\n");
  }

  private static void refused(int exit, String why, String... arguments) throws Exception {
    Tool.Answer answer = ask(arguments);
    assertEquals(exit, answer.exit(), answer.toString());
    assertTrue(answer.err().contains(why), answer.toString());
    assertFalse(answer.err().contains("\tat "), answer.toString());
    assertEquals("", answer.out(), answer.toString());
  }

  @Test
  void ls_lists_every_run_with_its_status() throws Exception {
    JsonNode runs = json("ls", "--json");
    Map<String, String> statuses = new java.util.TreeMap<>();
    runs.forEach(run -> statuses.put(run.get("id").asText(), run.get("status").asText()));
    assertEquals("SUCCEEDED", statuses.get("done-1"));
    assertEquals("RUNNING", statuses.get("live-1"));
    assertEquals("CRASHED", statuses.get("dead-1"));
    List<String> lines = get("ls", root.toString(), "--status", "succeeded").lines().toList();
    assertEquals(2, lines.size(), lines.toString());
    assertTrue(lines.get(0).startsWith("ID "), lines.get(0));
    assertTrue(lines.get(1).matches("done-1 +a name +default +SUCCEEDED .* tried"), lines.get(1));
  }

  @Test
  void a_run_is_found_by_folder_id_beginning_and_name() throws Exception {
    for (String run :
        List.of(root.resolve("default/done-1").toString(), "done-1", "don", "a name")) {
      assertEquals("done-1", json("show", run, "--json").get("id").asText());
    }
    refused(1, "2 runs are meant by 'dead'", "show", "dead");
    refused(1, "2 runs are meant by 'twice'", "show", "twice");
    refused(1, "no run 'nobody'", "show", "nobody");
    refused(1, "--dir", "show", "x", "--dir", root.resolve("elsewhere").toString());
  }

  @Test
  void show_tells_what_metrics_amount_to() throws Exception {
    for (String run : List.of("done-1", "dead-1", "live-1")) {
      JsonNode shown = json("show", run, "--json");
      assertEquals(0.25, shown.get("config").get("lr").asDouble());
      JsonNode loss = null;
      JsonNode seen = null;
      for (JsonNode metric : shown.get("metrics")) {
        loss = metric.get("name").asText().equals("train/loss") ? metric : loss;
        seen = metric.get("name").asText().equals("seen") ? metric : seen;
      }
      assertTrue(loss.get("rows").asLong() >= RunProgram.ROWS, shown.toString());
      assertEquals(10.0, loss.get("max").asDouble());
      assertEquals(1, loss.get("nans").asLong());
      assertEquals((1L << 53) + 1, seen.get("last").asLong());
      JsonNode note = named(shown.get("metrics"), "note");
      assertEquals("warm, \"up\"", note.get("last").asText());
      assertEquals(RunProgram.ROWS, note.get("stepOfLast").asLong());
      assertEquals(
          JSON.readTree(
              "[{'name':'grad','kind':'HISTOGRAM_I32','entries':1,'stepOfLast':%d}]"
                  .formatted(RunProgram.ROWS)
                  .replace('\'', '"')),
          shown.get("histograms"));
      assertEquals(
          JSON.readTree(
              "[{'name':'sample','kind':'MEDIA','entries':1,'stepOfLast':%d}]"
                  .formatted(RunProgram.ROWS)
                  .replace('\'', '"')),
          shown.get("media"));
      assertTrue(shown.get("environment").has("java"), shown.toString());
    }
    String text = get("show", "done-1");
    assertTrue(text.contains("net/layers  3"), text);
    for (String line :
        List.of(
            "train/loss +float64 +2,000 .*",
            "note +string +1 +warm, \"up\" +2000\\.\\.2000",
            "grad +histogram_i32 +1 +2000",
            "sample +media +1 +2000",
            "java\\.version .*")) {
      assertTrue(text.lines().anyMatch(printed -> printed.matches(line)), line + "\n" + text);
    }
  }

  @Test
  void ls_says_that_no_run_fits() throws Exception {
    String none = get("ls", "--project", "nope", "--tag", "x", "--status", "failed");
    assertTrue(none.startsWith("none of the runs below " + root + " fits: runs="), none);
    assertTrue(none.contains(" project=nope status=FAILED tag=x ("), none);
    assertEquals("[]", get("ls", "--project", "nope", "--json").replaceAll("\\s", ""));
    refused(2, "not a number of runs: last=0 ", "ls", "-n", "0");
    assertTrue(get("ls", out.toString()).startsWith("no runs below "));
  }

  @Test
  void a_path_that_is_no_run_is_said_to_exist() throws Exception {
    Path file = Files.createFile(out.resolve("afile"));
    refused(1, "'" + file + "' exists but is no run: ", "show", file.toString());
    refused(1, "it is a file", "show", file.toString(), "--dir", out + "/no");
    refused(1, "tracker ls shows them", "verify", out.toString());
  }

  @Test
  void show_says_that_attempts_crashed_and_cuts_long_names() throws Exception {
    String text = get("show", "again-1");
    assertEquals(2, text.lines().filter(line -> line.matches("attempt .* CRASHED")).count(), text);
    String cut = LONG_NAME.substring(0, 59) + "… ";
    assertTrue(text.lines().anyMatch(line -> line.startsWith(cut)), text);
    assertFalse(text.contains(LONG_NAME), text);
    named(json("show", "again-1", "--json").get("metrics"), LONG_NAME);
  }

  private static JsonNode named(JsonNode all, String name) {
    for (JsonNode each : all) {
      if (each.get("name").asText().equals(name)) {
        return each;
      }
    }
    throw new AssertionError("nothing of that name: name=" + name + " all=" + all);
  }

  @Test
  void curve_draws_within_the_width_and_marks_what_is_not_a_number() throws Exception {
    List<String> lines =
        get("curve", "done-1", "train/loss", "--width", "60", "--height", "5").lines().toList();
    assertEquals(9, lines.size(), lines.toString());
    lines.stream().skip(1).forEach(line -> assertTrue(line.length() <= 60, line));
    assertTrue(lines.get(1).startsWith("        10 ┤"), lines.get(1));
    assertTrue(lines.get(7).startsWith("       NaN  ×"), lines.get(7));
    JsonNode curve =
        json("curve", "dead-1", "train/loss", "--json", "--buckets", "10", "--from", "100");
    long rows = 0;
    for (JsonNode bucket : curve.get("buckets")) {
      rows += bucket.get("count").asLong();
    }
    assertEquals(RunProgram.ROWS - 100, rows);
    refused(1, "no metric 'loss'", "curve", "done-1", "loss");
    refused(1, "'note' holds string", "curve", "done-1", "note");
    refused(2, "not a range: from=10 to=5 (", "curve", "done-1", "seen", "--from=10", "--to=5");
    refused(2, "tracker: not a width: width=-1 (", "curve", "done-1", "seen", "--width=-1");
  }

  /** The help has a least width; below it, every command once ended with a stack trace. */
  @Test
  void a_narrow_terminal_is_enough() throws Exception {
    ProcessBuilder narrow =
        Tool.builder(root, Main.class, "curve", "done-1", "train/loss", "--height", "3");
    narrow.environment().put("COLUMNS", "40");
    Process process = narrow.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> lines = Tool.reader(process).rest();
    assertEquals(0, process.waitFor());
    assertEquals(7, lines.size(), lines.toString());
    lines.stream().skip(1).forEach(line -> assertTrue(line.length() <= 40, line));
  }

  @Test
  void export_writes_files_and_standard_output() throws Exception {
    for (String ending : List.of("csv", "jsonl", "arrow", "parquet")) {
      Path file = out.resolve("x." + ending);
      JsonNode done = json("export", "done-1", "dead-1", "-o", file.toString(), "--json");
      assertEquals(2 * (RunProgram.ROWS + 3), done.get("rows").asLong());
      assertEquals(Files.size(file), done.get("bytes").asLong());
    }
    assertEquals(2 * (RunProgram.ROWS + 3) + 1, Files.readAllLines(out.resolve("x.csv")).size());
    List<String> lines = get("export", "done-1", "-m", "note", "--bare").lines().toList();
    assertEquals("step,global_step,timestamp,value", lines.get(0));
    assertTrue(lines.get(1).endsWith("Z,\"warm, \"\"up\"\"\""), lines.get(1));
    List<String> wide = get("export", "done-1", "-m", "note", "--wide").lines().toList();
    assertEquals("step,global_step,timestamp,note", wide.get(0));
    assertTrue(wide.get(1).endsWith("Z,\"warm, \"\"up\"\"\""), wide.get(1));
    refused(2, "--wide", "export", "done-1", "-m", "note", "--bare", "--wide");
    refused(2, "endings=csv, jsonl", "export", "done-1", "-o", out.resolve("x.xls").toString());
    refused(2, "no format 'foo': formats=csv, jsonl, ", "export", "done-1", "--format", "foo");
    refused(2, "--bare", "export", "done-1", "--bare");
    refused(1, "does its folder exist", "export", "done-1", "-o", out + "/no/x.csv");
  }

  @Test
  void seal_makes_a_dead_run_whole_and_refuses_a_live_one() throws Exception {
    Path copy = out.resolve("copy");
    assertTrue(get("copy", "dead-2", copy.toString()).startsWith("copied "));
    assertTrue(get("seal", copy.toString()).startsWith("sealed "));
    try (var files = Files.list(copy.resolve("journal"))) {
      assertEquals(0, files.filter(file -> file.toString().endsWith(".seg")).count());
    }
    assertEquals("CRASHED", json("show", copy.toString(), "--json").get("status").asText());
    refused(1, "pid=" + live.pid(), "seal", "live-1");
    refused(1, "tracker: the target exists already: ", "copy", "done-1", copy.toString());
  }

  @Test
  void tail_follows_a_live_run_until_it_ends() throws Exception {
    Process training = start("followed", "followed-1");
    Process tail =
        Tool.builder(root, Main.class, "tail", "followed-1", "--every", "20")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> lines = new ArrayList<>();
    try (Tool.Said said = Tool.reader(tail);
        Writer to = training.outputWriter()) {
      Tool.hear(said, "  first line", lines);
      to.write("log 123.5\n");
      to.flush();
      Tool.hear(said, "train/loss=123.50@" + (RunProgram.ROWS + 1), lines);
      to.write("at 5 looking back\n");
      to.flush();
      Tool.hear(said, "train/loss=77@5", lines);
      to.write("print same\nprint same\nprint other\n");
      to.flush();
      Tool.hear(said, "  other", lines);
      to.write("fail\n");
      to.flush();
      Tool.hear(said, "run failed", lines);
      assertTrue(tail.waitFor(90, TimeUnit.SECONDS));
      assertEquals(Exit.RUN_FAILED, tail.exitValue());
      List<String> printed =
          lines.stream()
              .filter(line -> !line.contains("@"))
              .map(line -> line.replaceFirst("^[0-9:]+  ", ""))
              .toList();
      assertEquals(List.of("first line", "ready", "same", "same", "other", "run failed"), printed);
    } finally {
      tail.destroyForcibly();
      training.destroyForcibly();
    }
  }

  @Test
  void tail_of_a_run_that_has_ended_shows_its_end() throws Exception {
    List<String> lines = get("tail", "done-1", "-n", "1", "--json").lines().toList();
    assertEquals("ready", JSON.readTree(lines.get(0)).get("text").asText());
    assertEquals("{\"status\":\"SUCCEEDED\"}", lines.get(lines.size() - 1));
    assertEquals(Exit.RUN_FAILED, ask("tail", "dead-1").exit());
    assertTrue(get("tail", "live-1", "--no-follow").contains("first line"));
    String exact = "seen=" + ((1L << 53) + 1) + "@";
    assertTrue(get("tail", "done-1", "-m", "seen").contains(exact), "an integer was rounded");
    refused(1, "'sample' holds media", "tail", "done-1", "-m", "sample", "--no-follow");
  }

  @Test
  void a_damaged_run_is_listed_and_refused_in_a_line() throws Exception {
    Path folder = out.resolve("root/default/broken");
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/metadata.db"), "this is not a database at all");
    String list = get("ls", out.resolve("root").toString());
    assertTrue(list.contains("broken") && list.contains("CRASHED"), list);
    refused(1, "metadata.db", "show", folder.toString());
    Tool.Answer told = ask("show", folder.toString(), "--json");
    assertEquals(1, JSON.readTree(withoutJvm(told.err())).get("exit").asInt());
  }

  @Test
  void a_damaged_run_is_found_out_and_repaired() throws Exception {
    assertTrue(get("verify", "done-1").contains("sound series="));
    Path copy = out.resolve("copy");
    get("copy", "done-1", copy.toString());
    Path rows;
    try (var files = Files.walk(copy.resolve("data/metrics/train__loss.lance/data"))) {
      rows = files.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(rows);
    bytes[bytes.length / 2] ^= 1;
    Files.write(rows, bytes);
    Tool.Answer found = ask("verify", copy.toString(), "--json");
    assertEquals(Exit.UNSOUND, found.exit(), found.toString());
    JsonNode said = JSON.readTree(found.out());
    assertFalse(said.get("sound").asBoolean());
    assertEquals("DAMAGE", said.get("findings").get(0).get("severity").asText());
    Tool.Answer repaired = ask("repair", copy.toString(), out.resolve("repaired").toString());
    assertEquals(Exit.UNSOUND, repaired.exit(), repaired.toString());
    assertTrue(repaired.out().contains("lost: rows: series='train/loss'"), repaired.out());
    assertTrue(get("verify", out.resolve("repaired").toString()).contains("sound series="));
    refused(1, "being written", "verify", "live-1");
  }

  @Test
  void what_is_not_understood_is_explained() throws Exception {
    refused(2, "tracker show --help", "show");
    refused(2, "tracker curve", "curvy");
    refused(2, "Usage: tracker");
    Tool.Answer help = ask("--help");
    assertEquals(0, help.exit());
    for (String word :
        List.of("ls", "show", "curve", "tail", "export", "seal", "copy", "Exit codes")) {
      assertTrue(help.out().contains(word), help.out());
    }
  }
}
