package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.seal.Sealer;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.EnvironmentProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What runs record of what they run on, in real processes: {@link EnvironmentProgram}. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EnvironmentTest {
  @TempDir Path temp;

  private Path work;
  private Path root;

  @BeforeEach
  void makeFolders() throws IOException {
    work = Files.createDirectory(temp.resolve("work")).toRealPath();
    root = temp.resolve("runs");
  }

  /** Keeps git from looking further up than the folders of this test. */
  private ChildJvm.Starter program() {
    return ChildJvm.of(EnvironmentProgram.class)
        .folder(work)
        .environment("GIT_CEILING_DIRECTORIES", work.getParent().toString());
  }

  private RunInfo run(ChildJvm.Starter program, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add(1, root.toString());
    try (ChildJvm child = program.start(all.toArray(String[]::new))) {
      assertEquals(0, child.exit(), child.story("was to end well"));
    }
    return info();
  }

  private RunInfo info() {
    try (RunReader reader = RunReader.open(root.resolve("default/run"))) {
      return reader.info();
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> in, String key) {
    assertTrue(in.containsKey(key), key + " in " + in);
    return (Map<String, Object>) in.get(key);
  }

  @SuppressWarnings("unchecked")
  private static List<String> list(Map<String, Object> in, String key) {
    assertTrue(in.containsKey(key), key + " in " + in);
    return (List<String>) in.get(key);
  }

  private void git(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=t", "-c", "user.email=t@example.org"));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).directory(work.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  private void makeRepository() throws Exception {
    git("init", "-q", "-b", "trunk");
    Files.writeString(work.resolve("train.txt"), "one\n");
    git("add", "train.txt");
    git("commit", "-q", "-m", "first");
  }

  private String head() throws IOException {
    return Files.readString(work.resolve(".git/refs/heads/trunk")).strip();
  }

  // ---- what is there

  @Test
  void a_run_knows_machine_process_and_class_path() throws Exception {
    Map<String, Object> found = run(program().heap("200m"), "record").environment();

    assertNotNull(found.get("host"));
    assertEquals(System.getProperty("user.name"), found.get("user"));
    assertEquals(info().attempts().get(0).pid(), ((Number) found.get("pid")).longValue());
    assertEquals(work.toString(), found.get("folder"));
    assertEquals(EnvironmentProgram.class.getName(), found.get("main"));
    assertEquals(System.getProperty("os.name"), map(found, "os").get("name"));
    assertEquals(System.getProperty("os.arch"), map(found, "os").get("arch"));
    assertEquals(Runtime.getRuntime().availableProcessors(), map(found, "cpu").get("count"));
    assertTrue(((Number) found.get("memory")).longValue() > 200L << 20, found::toString);
    assertEquals(System.getProperty("java.runtime.version"), map(found, "java").get("version"));
    assertEquals(List.of("-Xmx200m"), list(map(found, "java"), "arguments"));
    assertEquals("4.0.0", map(found, "classPath").get("disruptor"));
    assertTrue(map(found, "classPath").containsValue("folder"), "classes that are no jar");
    assertFalse(found.containsKey("git"), "there is no repository: " + found);
    assertFalse(found.containsKey("properties"), "nobody asked for any: " + found);
  }

  @Test
  void it_is_a_table_of_the_database() throws Exception {
    run(program().property("user.timezone", "UTC"), "record");
    Path database = new RunLayout(root.resolve("default/run")).metadata();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      assertEquals(
          EnvironmentProgram.class.getName(),
          text(statement, "SELECT text FROM environment WHERE path = 'main'"));
      assertEquals(
          "4.0.0",
          text(statement, "SELECT text FROM environment WHERE path = 'classPath/disruptor'"));
      assertEquals(
          "-Duser.timezone=UTC",
          text(
              statement,
              "SELECT e.value FROM environment, json_each(environment.value) e"
                  + " WHERE environment.path = 'java/arguments' AND e.value LIKE '-Duser%'"));
    }
  }

  private static String text(Statement statement, String query) throws Exception {
    try (ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  @Test
  void a_run_that_is_over_at_once_knows_what_costs_nothing() throws Exception {
    Map<String, Object> found = run(program(), "short").environment();
    assertEquals(EnvironmentProgram.class.getName(), found.get("main"));
    assertTrue(found.keySet().containsAll(List.of("host", "user", "pid", "folder", "os", "java")));
  }

  @Test
  void it_survives_a_crash_and_the_seal_after_it() throws Exception {
    try (ChildJvm child = program().start("crash", root.toString())) {
      child.hear("ready");
      child.kill();
    }
    Map<String, Object> found = info().environment();
    assertEquals(RunStatus.CRASHED, info().status());
    assertTrue(found.containsKey("classPath"), found::toString);
    Sealer.seal(root.resolve("default/run"));
    assertEquals(found, info().environment());
  }

  @Test
  void every_attempt_records_its_own() throws Exception {
    run(program(), "record");
    Map<String, Object> first = info().environment();
    try (Board board =
        Board.builder("e").root(root).id("run").resume(Resume.MUST).environment(false).open()) {
      assertEquals(Map.of(), info().environment(), "not the earlier one");
      board.log("loss", 2.0);
    }
    try (Board board = Board.builder("e").root(root).id("run").resume(Resume.MUST).open()) {
      board.log("loss", 3.0);
    }
    assertEquals(
        ProcessHandle.current().pid(), ((Number) info().environment().get("pid")).longValue());
    assertFalse(first.get("pid").equals(info().environment().get("pid")));
  }

  // ---- what is not

  @Test
  void values_of_properties_and_what_looks_like_a_secret_are_masked() throws Exception {
    RunInfo info =
        run(
            program()
                .property("db.password", "hunter2")
                .property("model.size", "hunter3")
                .property("user.timezone", "UTC"),
            "record",
            "--lr",
            "0.1",
            "--api-key",
            "hunter4 hunter5",
            "--epochs=3",
            "s3://user:hunter7@host/data",
            "--auth-token=hunter6",
            "--max-tokens=512",
            "--author",
            "me",
            "hf_hunter8hunter8hunter8");
    assertFalse(info.toString().contains("hunter"), info::toString);
    assertEquals(
        List.of("-Ddb.password=***", "-Dmodel.size=***", "-Duser.timezone=UTC"),
        list(map(info.environment(), "java"), "arguments").subList(1, 4));
    assertEquals(
        List.of(
            "--lr",
            "0.1",
            "--api-key",
            "***",
            "***",
            "--epochs=3",
            "s3://***@host/data",
            "--auth-token=***",
            "--max-tokens=512",
            "--author",
            "me",
            "***"),
        list(info.environment(), "arguments").subList(2, 14));
    assertNothingOnDisk("hunter");
  }

  /** Looks into every file of the run, the unsealed journal included. */
  private void assertNothingOnDisk(String secret) throws IOException {
    try (var files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertFalse(bytes.contains(secret), file.toString());
      }
    }
  }

  @Test
  void only_listed_variables_and_properties_are_recorded() throws Exception {
    ChildJvm.Starter program =
        program()
            .environment("ASKED", "yes")
            .environment("UNASKED", "secret-value")
            .environment("CUDA_VISIBLE_DEVICES", "0,1")
            .environment("SLURM_JOB_ID", "17")
            .environment("SLURM_JWT", "secret-value")
            .environment("CLUSTER_NODE", "n4")
            .environment("CLUSTER_TOKEN", "secret-value")
            .environment("CLUSTER_PASSWORD", "asked for by name")
            .property("model.size", "3")
            .property("model.api.key", "secret-value");
    Map<String, Object> found = run(program, "ask").environment();
    Map<String, Object> variables = map(found, "variables");
    assertEquals("0,1", variables.get("CUDA_VISIBLE_DEVICES"));
    assertEquals("17", variables.get("SLURM_JOB_ID"));
    assertEquals("yes", variables.get("ASKED"));
    assertEquals("n4", variables.get("CLUSTER_NODE"));
    assertEquals("asked for by name", variables.get("CLUSTER_PASSWORD"));
    assertFalse(variables.containsKey("PATH"), variables::toString);
    assertEquals(Map.of("model.size", "3"), map(found, "properties"));
    assertTrue(list(map(found, "java"), "arguments").contains("-Dmodel.size=3"));
    assertNothingOnDisk("secret-value");
  }

  @Test
  void nothing_is_recorded_where_a_setting_says_no() throws Exception {
    assertEquals(
        Map.of(), run(program().environment("TRACKER_ENVIRONMENT", "off"), "short").environment());
  }

  // ---- git

  @Test
  void a_clean_repository() throws Exception {
    makeRepository();
    Files.writeString(work.resolve("untracked.txt"), "as a folder of runs is\n");
    assertEquals(
        Map.of("commit", head(), "branch", "trunk", "dirty", false),
        map(run(program(), "record").environment(), "git"));
  }

  @Test
  void a_changed_repository_whose_diff_is_asked_for() throws Exception {
    makeRepository();
    Files.writeString(work.resolve("train.txt"), "two\n");
    Map<String, Object> found = map(run(program(), "ask").environment(), "git");
    assertEquals(true, found.get("dirty"));
    assertTrue(found.get("diff").toString().endsWith("-one\n+two\n"), found::toString);
    assertFalse(found.containsKey("diffTruncated"));
  }

  @Test
  void a_diff_that_is_not_asked_for_is_not_recorded_and_a_large_one_is_cut() throws Exception {
    makeRepository();
    Files.writeString(work.resolve("train.txt"), "a changed line\n".repeat(50_000));
    assertFalse(map(run(program(), "record").environment(), "git").containsKey("diff"));
    root = temp.resolve("others");
    Map<String, Object> found = map(run(program(), "ask").environment(), "git");
    assertEquals(256 * 1024, found.get("diff").toString().length());
    assertEquals(true, found.get("diffTruncated"));
  }

  @Test
  void a_commit_that_is_on_no_branch_and_a_repository_without_commits() throws Exception {
    git("init", "-q", "-b", "trunk");
    assertEquals(
        Map.of("branch", "trunk", "dirty", false),
        map(run(program(), "record").environment(), "git"));
    makeRepository();
    git("checkout", "-q", "--detach");
    root = temp.resolve("others");
    assertEquals(
        Map.of("commit", head(), "dirty", false),
        map(run(program(), "record").environment(), "git"));
  }

  @Test
  void a_machine_without_git() throws Exception {
    makeRepository();
    Path nothing = Files.createDirectory(temp.resolve("nothing"));
    Map<String, Object> found =
        run(program().environment("PATH", nothing.toString()), "record").environment();
    assertFalse(found.containsKey("git"), found::toString);
    assertTrue(found.containsKey("classPath"));
  }

  @Test
  void names_to_record_are_not_empty() {
    Board.Builder builder = Board.builder("e");
    assertThrows(IllegalArgumentException.class, () -> builder.environmentVariables("A", ""));
    assertThrows(IllegalArgumentException.class, () -> builder.systemProperties((String) null));
  }
}
