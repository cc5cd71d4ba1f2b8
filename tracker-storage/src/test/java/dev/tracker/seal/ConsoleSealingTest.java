package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.ConsoleLog;
import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.media.DurableFiles;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.read.ConsoleLine;
import dev.tracker.read.RunReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Console lines on their way from the journal through {@code logs/output.log} to the reader. */
class ConsoleSealingTest {
  private static final long START = 1_795_207_675_123_456L;

  @TempDir Path folder;

  private final List<ConsoleLine> printed = new ArrayList<>();
  private final Random random = new Random(7);
  private RunLayout layout;
  private JournalWriter journal;

  @BeforeEach
  void open() throws IOException {
    layout = new RunLayout(folder.resolve("run"));
    Files.createDirectories(layout.journal());
    journal = JournalWriter.open(layout.journal(), Counters.START, FileLayer.real());
  }

  @AfterEach
  void close() throws IOException {
    journal.close();
  }

  /** Prints lines of all sorts, with log calls between them. */
  private void print(int lines) throws IOException {
    for (int i = 0; i < lines; i++) {
      String text =
          switch (random.nextInt(6)) {
            case 0 -> "";
            case 1 -> "é\uD83D\uDE80 " + i;
            case 2 -> "\u001b[32mgreen\u001b[0m\tout " + i;
            case 3 -> " out of order  ";
            case 4 -> random.nextInt(40) == 0 ? "long ".repeat(40_000) : "err";
            default -> "epoch " + i;
          };
      ConsoleStream stream = random.nextInt(3) == 0 ? ConsoleStream.ERR : ConsoleStream.OUT;
      print(new ConsoleLine(START + 1_000L * printed.size() + random.nextInt(1_000), stream, text));
      if (i % 10 == 0) {
        journal.beginRow(START, 0);
        journal.write();
      }
    }
    journal.write();
  }

  private void print(ConsoleLine line) {
    journal.console(line.stream(), line.timestamp(), line.text());
    printed.add(line);
  }

  private void seal() throws IOException {
    try (RunSealer sealer = RunSealer.open(layout, FileLayer.real())) {
      seal(sealer);
    }
  }

  private void seal(RunSealer sealer) throws IOException {
    while (sealer.sealWindow() != null) {
      journal.release(sealer.checkpoint().position());
    }
  }

  private void check() throws IOException {
    check(layout.root());
  }

  private void check(Path run) throws IOException {
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(printed, reader.console());
      for (int last :
          new int[] {0, 1, 2, 7, 40, 399, printed.size(), printed.size() + 1, Integer.MAX_VALUE}) {
        int from = Math.max(0, printed.size() - last);
        assertEquals(printed.subList(from, printed.size()), reader.console(last), "last " + last);
      }
    }
  }

  private FileEntry entry() throws IOException {
    List<FileEntry> files = new ArrayList<>();
    MetadataReader.read(layout.metadata(), files::add);
    return files.stream()
        .filter(file -> file.path().equals(ConsoleLog.PATH))
        .findFirst()
        .orElseThrow();
  }

  private void checkFile() throws IOException {
    assertEquals(Files.size(layout.output()), entry().length());
    assertEquals(DurableFiles.crc32c(layout.output()), entry().digest());
  }

  @Test
  void lines_are_the_same_before_between_and_after_sealing() throws IOException {
    check();
    print(300);
    check();
    seal();
    check();
    print(500);
    check();
    seal();
    check();
    print(3);
    check();
    assertTrue(Files.size(layout.output()) > 300_000, "some long lines are among them");
  }

  @Test
  void the_log_holds_one_line_each_as_the_format_says() throws IOException {
    print(new ConsoleLine(START, ConsoleStream.OUT, "epoch 1\t\u001b[1mé\u001b[0m"));
    print(new ConsoleLine(START + 1, ConsoleStream.ERR, ""));
    print(new ConsoleLine(1_000_000, ConsoleStream.ERR, "out out"));
    journal.write();
    seal();
    assertEquals(
        """
        2026-11-20T20:47:55.123456Z out epoch 1\t\u001b[1mé\u001b[0m
        2026-11-20T20:47:55.123457Z err\s
        1970-01-01T00:00:01.000000Z err out out
        """,
        Files.readString(layout.output()));
    check();
  }

  @Test
  void metadata_names_the_log_with_length_and_digest_over_many_windows() throws IOException {
    try (RunSealer sealer = RunSealer.open(layout, FileLayer.real())) {
      for (int i = 0; i < 5; i++) {
        print(50);
        seal(sealer);
        checkFile();
      }
    }
    print(50);
    seal();
    checkFile();
    journal.beginRow(START, 0);
    journal.write();
    seal(); // a window without lines changes nothing
    checkFile();
    check();
  }

  @Test
  void a_run_without_lines_has_no_log() throws IOException {
    journal.beginRow(START, 0);
    journal.write();
    seal();
    assertFalse(Files.exists(layout.logs()));
    check();
  }

  @Test
  void what_was_never_committed_is_cut_off_and_written_again() throws Exception {
    print(100);
    seal();
    long committed = entry().length();
    print(100);
    try (RunSealer sealer = RunSealer.open(layout, FileLayer.real());
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + layout.metadata());
        Statement statement = other.createStatement()) {
      statement.execute("begin immediate");
      assertThrows(IOException.class, sealer::sealWindow);
      statement.execute("rollback");
    }
    assertTrue(
        Files.size(layout.output()) > committed, "the cycle had written lines before it failed");
    check();
    RunSealer.open(layout, FileLayer.real()).close();
    assertEquals(committed, Files.size(layout.output()));
    seal();
    checkFile();
    check();
  }

  @Test
  void a_log_that_was_never_committed_at_all_is_emptied() throws IOException {
    Files.createDirectories(layout.logs());
    Files.writeString(layout.output(), "left behind by a cycle that died\n");
    print(10);
    check();
    seal();
    checkFile();
    check();
  }

  @Test
  void a_copy_of_a_live_run_holds_its_lines() throws IOException {
    print(200);
    seal();
    print(20);
    Path copy = folder.resolve("copy");
    Files.writeString(layout.output(), "begun and not committed\n", StandardOpenOption.APPEND);
    try (RunReader reader = RunReader.open(layout.root())) {
      reader.copyTo(copy);
    }
    check(copy);
    assertEquals(entry().length(), Files.size(new RunLayout(copy).output()));
    Sealer.seal(copy);
    check(copy);
    check();
  }

  @Test
  void a_reader_keeps_its_moment_until_it_is_refreshed() throws IOException {
    print(100);
    try (RunReader reader = RunReader.open(layout.root())) {
      List<ConsoleLine> before = List.copyOf(printed);
      print(10);
      seal();
      print(10);
      assertEquals(before, reader.console());
      reader.refresh();
      assertEquals(printed, reader.console());
      print(5);
      assertEquals(printed.subList(printed.size() - 6, printed.size() - 5), reader.console(1));
      reader.refresh();
      assertEquals(printed.subList(printed.size() - 1, printed.size()), reader.console(1));
      assertThrows(IllegalArgumentException.class, () -> reader.console(-1));
    }
  }

  @Test
  void a_log_that_a_person_has_cleared_is_said_to_be_and_gone_on_with() throws IOException {
    try (RunSealer sealer = RunSealer.open(layout, FileLayer.real())) {
      print(100);
      seal(sealer);
      Files.writeString(layout.output(), "mine");
      try (RunReader reader = RunReader.open(layout.root())) {
        StorageException shorter = assertThrows(StorageException.class, reader::console);
        assertTrue(
            shorter.getMessage().contains("output.log bytes=4 expected="), shorter.getMessage());
      }
      printed.clear();
      printed.add(new ConsoleLine(0, ConsoleStream.OUT, "mine"));
      print(30);
      seal(sealer);
      checkFile();
      check();
      Files.delete(layout.output());
      printed.clear();
      print(30);
      seal(sealer);
      checkFile();
      check();
    }
  }
}
