package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.lock.RunLock;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.system.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way in which a process that writes a run can end: what becomes of the run, and that nothing
 * is lost of what was logged, or of what was in the journal where the process died. Prints what it
 * saw as a table and leaves it in {@code target/endings.md}.
 */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EndingTableTest {
  private static final List<String> SEEN = new ArrayList<>();

  @TempDir Path root;

  /**
   * An ending.
   *
   * @param name what it is called in the table
   * @param how what {@link EndingsProgram} is to do
   * @param exit with what the process ends
   * @param status what becomes of the run
   * @param error what the run's error says, {@code -} where it has none
   */
  record Ending(String name, String how, int exit, RunStatus status, String error, Extras extras) {
    static Ending of(String name, String how, int exit, RunStatus status, String error) {
      return new Ending(
          name, how, exit, status, error, new Extras(List.of(), List.of(), List.of()));
    }

    /** Has the child sent signals: the first when it is ready, the next when it is stuck. */
    Ending on(String... signals) {
      return new Ending(name, how, exit, status, error, extras.on(List.of(signals)));
    }

    /** Expects the child to say something. */
    Ending saying(String... texts) {
      return new Ending(name, how, exit, status, error, extras.saying(List.of(texts)));
    }

    Ending with(String... flags) {
      return new Ending(name, how, exit, status, error, extras.with(List.of(flags)));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  record Extras(List<String> signals, List<String> says, List<String> flags) {
    Extras on(List<String> those) {
      return new Extras(those, says, flags);
    }

    Extras saying(List<String> those) {
      return new Extras(signals, those, flags);
    }

    Extras with(List<String> those) {
      return new Extras(signals, says, those);
    }
  }

  private static final String FORGOTTEN = "call finish(), or use Board.run";

  static Stream<Ending> endings() {
    RunStatus succeeded = RunStatus.SUCCEEDED;
    RunStatus failed = RunStatus.FAILED;
    RunStatus killed = RunStatus.KILLED;
    RunStatus crashed = RunStatus.CRASHED;
    return Stream.of(
        Ending.of("finish()", "finish", 0, succeeded, "-"),
        Ending.of("close()", "close", 0, succeeded, "-"),
        Ending.of("finish(t)", "finish(t)", 0, failed, "IOException: diverged"),
        Ending.of("Board.run whose body throws", "run", 1, failed, "IOException: diverged"),
        Ending.of("uncaught in the opening thread, after close", "throw", 1, failed, "diverged"),
        Ending.of("uncaught in other threads", "throw elsewhere", 0, succeeded, "-")
            .saying("mine heard astray 0", "mine heard astray 19", "after false"),
        Ending.of("main returns, board forgotten", "return", 0, succeeded, "-").saying(FORGOTTEN),
        Ending.of("System.exit(3)", "exit", 3, succeeded, "-").saying(FORGOTTEN),
        Ending.of("SIGINT", "wait", 130, killed, "killed by SIGINT").on("INT"),
        Ending.of("SIGTERM", "wait", 143, killed, "killed by SIGTERM").on("TERM"),
        Ending.of("SIGHUP", "wait", 129, killed, "killed by SIGHUP").on("HUP"),
        Ending.of("SIGTERM, own handler before", "handler before", 143, killed, "by SIGTERM")
            .on("TERM")
            .saying("mine heard SIGTERM"),
        Ending.of("SIGTERM, own handler after", "handler after", 143, killed, "by SIGTERM")
            .on("TERM")
            .saying("mine heard SIGTERM"),
        Ending.of("SIGTERM, own handler calls exit(5)", "handler exits", 5, killed, "by SIGTERM")
            .on("TERM"),
        Ending.of("SIGTERM swallowed, then finish()", "handler swallows", 0, succeeded, "-")
            .on("TERM")
            .saying("mine heard SIGTERM"),
        Ending.of("SIGTERM, own hook closes the board", "hooks", 143, killed, "by SIGTERM")
            .on("TERM")
            .saying("my hook ran"),
        Ending.of("a second SIGINT while closing", "second", 130, killed, "by SIGINT")
            .on("INT", "INT")
            .saying("mine heard SIGINT"),
        Ending.of("SIGINT while a SIGTERM closes", "second", 130, killed, "by SIGTERM")
            .on("TERM", "INT"),
        Ending.of("SIGTERM with -Xrs", "journal, wait", 143, crashed, "-").on("TERM").with("-Xrs"),
        Ending.of("Runtime.halt(7)", "halt", 7, crashed, "-"),
        Ending.of("kill -9", "journal, wait", 137, crashed, "-").on("KILL"),
        Ending.of("SIGSEGV from outside", "journal, wait", 1, crashed, "-")
            .on("SEGV")
            .with("-XX:-CreateCoredumpOnCrash"),
        Ending.of("native crash", "crash", 1, crashed, "-").with("-XX:-CreateCoredumpOnCrash"),
        Ending.of("OutOfMemoryError in the caller", "memory", 1, failed, "OutOfMemoryError")
            .with("-Xmx48m")
            .saying("alive [tracker-writer-run, tracker-sync, tracker-sealer, tracker-sampler]"),
        Ending.of("StackOverflowErrors in the caller", "stack", 0, failed, "Speechless")
            .saying("config a value of the config", "value StackOverflowError"),
        Ending.of("the same, interpreted", "stack, briefly", 0, failed, "Speechless").with("-Xint"),
        Ending.of("stuck disk, closeTimeout 3 s, main returns", "stuck", 0, crashed, "-")
            .saying(FORGOTTEN, "not all that was logged is on stable storage"),
        Ending.of("stuck disk, closeTimeout 3 s, finish()", "stuck, finish", 1, crashed, "-")
            .saying("not all that was logged is on stable storage"),
        Ending.of("sealing stuck, closeTimeout 1 s", "stuck sealing", 0, succeeded, "-")
            .saying("could not be sealed within closeTimeout"));
  }

  @ParameterizedTest
  @MethodSource("endings")
  void ending(Ending ending) throws IOException {
    ChildJvm.Starter starter = ChildJvm.of(EndingsProgram.class).folder(root);
    ending.extras.flags.forEach(starter::flag);
    try (ChildJvm child = starter.start(ending.how, root.toString(), "run")) {
      String said = child.hear(line -> line.matches("(logged|journaled) [0-9]+"));
      child.hear("now");
      long start = end(ending.extras.signals, child);
      assertEquals(ending.exit, child.exit(), child.story("ended"));
      long millis = (System.nanoTime() - start) / 1_000_000;
      String all = String.join("\n", child.out()) + "\n" + String.join("\n", child.err());
      for (String text : ending.extras.says) {
        assertTrue(all.contains(text), child.story("did not say '" + text + "'"));
      }
      check(ending, said, millis, child);
    }
    goOn(root.resolve("default").resolve("run"));
  }

  /** Sends the signals there are, and returns when the last of them, or nothing, was sent. */
  private static long end(List<String> signals, ChildJvm child) {
    long start = System.nanoTime();
    for (int i = 0; i < signals.size(); i++) {
      if (i > 0) {
        child.hear("stuck");
      }
      start = System.nanoTime();
      child.signal(signals.get(i));
    }
    return start;
  }

  private void check(Ending ending, String said, long millis, ChildJvm child) throws IOException {
    Path run = root.resolve("default").resolve("run");
    assertFalse(RunLock.isHeld(new RunLayout(run)));
    try (RunReader reader = RunReader.open(run)) {
      RunInfo info = reader.info();
      assertEquals(ending.status, info.status(), child.story("ended"));
      RunInfo.Attempt attempt = info.attempts().get(0);
      boolean hasLastWords = ending.status != RunStatus.CRASHED;
      assertEquals(hasLastWords, info.finished().isPresent());
      assertEquals(info.finished(), attempt.finished());
      assertEquals(hasLastWords, attempt.status().filter(ending.status::equals).isPresent());
      String error = info.error().orElse("-");
      assertTrue(error.contains(ending.error), error);
      if (!ending.how.equals("memory")) { // of which threads of the JDK may die
        assertUncaught(ending.how.equals("throw elsewhere") ? 16 : 0, info);
      }

      long told = Long.parseLong(said.substring(said.indexOf(' ') + 1));
      long read = 0;
      for (String metric : reader.metrics()) {
        read += metric.equals("also") ? 0 : rows(reader, metric);
      }
      if (said.startsWith("logged")) {
        assertEquals(told, read, child.story("lost or doubled something"));
      } else {
        assertTrue(read >= told, child.story("read=" + read + " told=" + told));
      }
      note(ending, info, said, read, millis);
    }
  }

  private static int rows(RunReader reader, String metric) {
    if (metric.equals("text")) {
      return reader.strings(metric).size();
    }
    return reader.scalars(metric).size();
  }

  private static void assertUncaught(int count, RunInfo info) {
    assertEquals(count, info.uncaught().size(), () -> info.uncaught().toString());
    for (int i = 0; i < count; i++) {
      RunInfo.Uncaught uncaught = info.uncaught().get(i);
      assertEquals("loader-" + i, uncaught.thread());
      assertTrue(uncaught.error().contains("astray " + i), uncaught.error());
      assertFalse(uncaught.time().isBefore(info.created()));
    }
  }

  /** However it ended, somebody can go on with it. */
  private void goOn(Path run) {
    long before = size(run);
    Board board = Board.builder("ending").root(root).id("run").resume(Resume.MUST).open();
    board.log("next", 1);
    board.finish();
    RunInfo info;
    try (RunReader reader = RunReader.open(run)) {
      info = reader.info();
    }
    assertEquals(before + 1, size(run));
    assertEquals(RunStatus.SUCCEEDED, info.status());
    assertEquals("-", info.error().orElse("-"));
    assertUncaught(0, info);
  }

  private static long size(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      return reader.metrics().stream().mapToLong(metric -> rows(reader, metric)).sum();
    }
  }

  private static void note(Ending ending, RunInfo info, String said, long read, long millis) {
    String error = info.error().orElse("").lines().findFirst().orElse("");
    SEEN.add(
        String.format(
            Locale.ROOT,
            "| %s | %d | %s | %s | %s | %d | %d |",
            ending.name,
            ending.exit,
            info.status(),
            error,
            said,
            read,
            millis));
  }

  @AfterAll
  static void print() throws IOException {
    List<String> table = new ArrayList<>();
    table.add("| ending | exit code | status | error | said | read back | ms to end |");
    table.add("|---|---|---|---|---|---|---|");
    table.addAll(SEEN);
    Files.write(Path.of("target", "endings.md"), table);
    table.forEach(System.out::println);
  }
}
