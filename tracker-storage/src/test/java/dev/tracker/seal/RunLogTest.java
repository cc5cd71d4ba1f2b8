package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the library says of itself, on its way into the run's log. */
class RunLogTest {
  @TempDir Path folder;
  private RunLayout layout;
  private RunLog log;

  @BeforeEach
  void makeLog() {
    layout = new RunLayout(folder);
    log = new RunLog(layout);
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(layout.log());
  }

  /** A throwable that cannot be printed. */
  private static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("broken");
    }
  }

  @Test
  void lines_have_a_time_and_a_level_and_what_has_several_lines_is_indented() throws IOException {
    log.say("opened: attempt=1");
    log.warn("failed: a=1", new IOException("disk\nfull"));
    log.warn("broken", new Broken());
    assertFalse(Files.exists(layout.log()), "saying touches no file");
    log.write();
    List<String> lines = lines();
    String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    assertTrue(lines.get(0).matches(time + " info opened: attempt=1"), lines.get(0));
    assertTrue(lines.get(1).matches(time + " warn failed: a=1"), lines.get(1));
    assertEquals("\tjava.io.IOException: disk", lines.get(2));
    assertEquals("\tfull", lines.get(3));
    assertEquals("\t" + Broken.class.getName(), lines.get(lines.size() - 1));
    long beginnings = lines.stream().filter(line -> !line.startsWith("\t")).count();
    assertEquals(3, beginnings);
  }

  @Test
  void two_files_of_a_megabyte_are_the_most() throws IOException {
    String text = "x".repeat(900);
    for (int i = 0; i < 5_000; i++) {
      log.say(i + " " + text);
      if (i % 200 == 199) {
        log.write();
        assertTrue(Files.size(layout.log()) <= RunLog.MAX_BYTES);
      }
    }
    assertTrue(Files.size(layout.olderLog()) <= RunLog.MAX_BYTES);
    assertTrue(Files.size(layout.olderLog()) > RunLog.MAX_BYTES - 1_000);
    List<String> all = Files.readAllLines(layout.olderLog());
    all.addAll(lines());
    int first = number(all.get(0));
    for (int i = 0; i < all.size(); i++) {
      assertEquals(first + i, number(all.get(i)));
    }
    assertEquals(4_999, number(all.get(all.size() - 1)));
    try (var files = Files.list(layout.logs())) {
      assertEquals(2, files.count());
    }
  }

  private static int number(String line) {
    return Integer.parseInt(line.split(" ", 4)[2]);
  }

  @Test
  void what_waits_is_bounded_and_what_is_left_out_is_said() throws IOException {
    for (int i = 0; i < RunLog.MAX_WAITING + 7; i++) {
      log.say(i + " ");
    }
    log.say("x".repeat(100_000));
    log.write();
    assertEquals(RunLog.MAX_WAITING + 1, lines().size());
    assertTrue(lines().get(0).endsWith("warn lines are missing here: count=8"), lines().get(0));
    log.say("x".repeat(100_000));
    log.write();
    assertTrue(Files.size(layout.log()) < 30_000);
  }

  @Test
  void a_log_that_cannot_be_written_does_not_matter_and_goes_on_later() throws IOException {
    Files.writeString(layout.logs(), "a file where the folder should be");
    log.say("kept");
    log.write();
    Files.delete(layout.logs());
    Files.createDirectories(layout.log()); // a folder where the file should be
    for (int i = 0; i < 3; i++) {
      log.say("lost " + i);
      log.write();
    }
    Files.delete(layout.log());
    log.say("found");
    log.write();
    List<String> lines = lines().stream().filter(line -> !line.isEmpty()).toList();
    assertEquals(2, lines.size(), lines.toString());
    assertTrue(lines.get(0).contains("lines are missing here: count=4"), lines.get(0));
    assertTrue(lines.get(1).endsWith("info found"), lines.get(1));
  }

  @Test
  void a_run_that_is_gone_is_not_made_again() throws IOException {
    layout = new RunLayout(folder.resolve("gone"));
    log = new RunLog(layout);
    log.say("late");
    log.write();
    assertFalse(Files.exists(layout.root()));
    Files.createDirectories(layout.logs());
    log.write(false);
    assertFalse(Files.exists(layout.log()));
    log.write();
    log.say("later");
    log.write(false);
    assertTrue(lines().get(lines().size() - 1).endsWith("info later"));
  }

  @Test
  void lines_of_many_threads_are_whole() throws Exception {
    List<Thread> threads =
        IntStream.range(0, 4)
            .mapToObj(t ->
                new Thread(
                    () -> IntStream.range(0, 50).forEach(i -> log.say(t + "/" + i + " end"))))
            .toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        log.write();
        thread.join(1);
      }
    }
    log.write();
    TreeSet<String> found = new TreeSet<>();
    for (String line : lines()) {
      assertTrue(line.endsWith(" end"), line);
      found.add(line.split(" ", 4)[2]);
    }
    assertEquals(200, found.size());
  }
}
