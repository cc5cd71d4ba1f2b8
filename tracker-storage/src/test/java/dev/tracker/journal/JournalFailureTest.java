package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.journal.Script.Act;
import dev.tracker.journal.Script.Model;
import dev.tracker.journal.SimulatedDisk.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Writing and forcing that fails: nothing is lost, nothing is there twice, nothing is durable that
 * is not.
 */
class JournalFailureTest {
  private static final Path FOLDER = Path.of("/run/journal");
  private static final String EIO = "Input/output error";

  private final SimulatedDisk disk = new SimulatedDisk();
  private final Model model = new Model();

  @Provide
  Arbitrary<List<Act>> acts() {
    return Script.acts();
  }

  private void give(JournalWriter writer, Act act) throws IOException {
    act.to(writer);
    act.to(model);
  }

  private void giveRows(JournalWriter writer, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      give(writer, Script.row(model.rows, new Script.Value(3, model.rows, false, null)));
    }
  }

  private void failOn(Call wanted) {
    disk.failing((call, file) -> {
      if (call == wanted) {
        throw new IOException(EIO);
      }
    });
  }

  private List<String> read() throws IOException {
    return Log.of(FOLDER, 0, disk).lines;
  }

  private SegmentName last() throws IOException {
    List<SegmentName> names = SegmentName.in(FOLDER, disk);
    return names.get(names.size() - 1);
  }

  @Example
  void failedWrite_keepsTheFrameAndTriesANewSegment() throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    giveRows(writer, 5);
    writer.write();
    giveRows(writer, 5);
    failOn(Call.WRITE);
    assertEquals(EIO, assertThrows(IOException.class, writer::write).getMessage());
    assertEquals(5, writer.pendingRows());
    assertEquals(5, writer.written());
    giveRows(writer, 2);
    assertEquals(7, writer.pendingRows());
    assertThrows(IOException.class, writer::write);
    disk.sound();
    writer.write();
    assertEquals(0, writer.pendingRows());
    assertEquals(12, writer.written());
    assertEquals(12, writer.writtenRows());
    assertEquals(model.counters(), writer.counters());
    assertEquals(5, last().first());
    assertEquals(model.log.lines, read());
    writer.close();
    assertEquals(model.log.lines, read());
  }

  /** Nobody forced such a segment, and what was in it counted as durable with the next one. */
  @Example
  void segmentThatIsMadeWhileThereIsNoMemoryToSaySo_isForced() throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    AtomicBoolean full = new AtomicBoolean(true);
    writer.onSegment(name -> {
      if (full.getAndSet(false)) {
        throw new OutOfMemoryError("on purpose");
      }
    });
    assertThrows(
        OutOfMemoryError.class,
        () -> {
          while (full.get()) { // until the first segment is full
            giveRows(writer, 1_000);
            writer.write();
          }
        });
    writer.write();
    writer.force();
    assertEquals(writer.written(), writer.durable());
    SimulatedDisk left = disk.cut(new Random(1));
    assertEquals(model.log.lines, Log.of(FOLDER, 0, left).lines);
  }

  @Example
  void readerThatSawAFrameWhoseWriteFailed_doesNotSeeItTwice() throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    giveRows(writer, 5);
    writer.write();
    JournalReader reader = JournalReader.open(FOLDER, 0, disk);
    Log seen = new Log();
    seen.read(reader);
    giveRows(writer, 5);
    disk.failAfterWriting(new IOException(EIO));
    assertThrows(IOException.class, writer::write);
    seen.read(reader);
    assertEquals(model.log.lines, seen.lines);
    giveRows(writer, 3);
    writer.write();
    giveRows(writer, 1);
    writer.write();
    seen.read(reader);
    assertEquals(model.log.lines, seen.lines);
    reader.close();
    writer.close();
  }

  @Example
  void fullDisk_isSurvivedWithTheFrameKept() throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    give(writer, Script.run(new byte[700_000]));
    writer.write();
    Await.until(() -> disk.files().size() == 2); // the spare; what follows does not fit into it
    disk.space(100_000);
    give(writer, Script.run(new byte[3_000_000]));
    for (int i = 0; i < 20; i++) {
      IOException full = assertThrows(IOException.class, writer::write);
      assertEquals("No space left on device", full.getMessage());
      giveRows(writer, 1);
    }
    assertTrue(disk.files().size() <= 2, () -> disk.files().toString()); // a spare at most
    disk.space(Long.MAX_VALUE);
    writer.write();
    assertEquals(22, writer.written());
    assertEquals(model.log.lines, read());
    writer.force();
    assertEquals(22, writer.durable());
    writer.close();
  }

  @Example
  void diskThatFailsForLong_isNotFilledWithSegments() throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    giveRows(writer, 1);
    disk.failing((call, file) -> {
      if (call == Call.WRITE && file.toString().endsWith(".seg")) {
        throw new IOException(EIO);
      }
    });
    for (int i = 0; i < 50; i++) {
      assertThrows(IOException.class, writer::write);
    }
    assertTrue(disk.files().size() <= 2, () -> disk.files().toString());
    assertTrue(last().serial() > 40, last()::toString);
    disk.sound();
    writer.write();
    writer.close();
    assertEquals(model.log.lines, read());
  }

  @Example
  void failedForce_isNeverRetriedOnTheSameFile() throws IOException {
    Map<Path, Integer> failures = new HashMap<>();
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    giveRows(writer, 5);
    writer.write();
    writer.force();
    assertEquals(5, writer.durable());
    disk.failing((call, file) -> {
      if (call == Call.FORCE) {
        assertEquals(1, failures.merge(file, 1, Integer::sum), file::toString);
        throw new IOException(EIO);
      }
    });
    giveRows(writer, 5);
    writer.write();
    giveRows(writer, 2);
    writer.write();
    for (int i = 0; i < 5; i++) {
      assertThrows(IOException.class, writer::force);
      assertEquals(5, writer.durable());
      assertTrue(writer.trouble().isPresent());
      assertEquals(model.log.lines, read());
    }
    assertTrue(failures.size() >= 5, failures::toString);
    giveRows(writer, 1);
    writer.write(); // goes on meanwhile
    disk.sound();
    writer.force();
    assertEquals(13, writer.durable());
    assertEquals(13, writer.durableRows());
    assertEquals(0, writer.lostRows());
    assertFalse(writer.trouble().isPresent());
    assertEquals(model.log.lines, read());
    assertEquals(model.log.lines, Log.of(FOLDER, 0, disk.cut(new Random(1))).lines);
    writer.close();
  }

  @Example
  void oneFailedForce_isHealedWithoutAnyoneNoticing() throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    writer.force();
    Path failed = disk.files().get(0);
    disk.failing((call, file) -> {
      if (call == Call.FORCE && file.equals(failed)) {
        throw new IOException(EIO);
      }
    });
    giveRows(writer, 5);
    writer.write();
    writer.awaitDurable(5);
    assertEquals(5, writer.durable());
    for (int seed = 0; seed < 20; seed++) {
      assertEquals(model.log.lines, Log.of(FOLDER, 0, disk.cut(new Random(seed))).lines);
    }
    writer.close();
  }

  @Example
  void failedForceOfTheFolder_isNotBelievedTheSecondTime() throws IOException {
    failOn(Call.FORCE_FOLDER);
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    giveRows(writer, 5);
    writer.write();
    assertThrows(IOException.class, writer::force);
    assertEquals(0, writer.durable());
    give(writer, Script.run(new byte[2_000_000])); // a segment of its own
    writer.write();
    assertThrows(IOException.class, writer::force);
    assertEquals(2, SegmentName.in(FOLDER, disk).size());
    disk.sound();
    writer.force();
    assertEquals(6, writer.durable());
    for (int seed = 0; seed < 20; seed++) {
      assertEquals(model.log.lines, Log.of(FOLDER, 0, disk.cut(new Random(seed))).lines);
    }
    writer.close();
  }

  @Example
  void failedForceOfTheFolder_beforeASecondSegment_isNotBelievedTheSecondTime() throws IOException {
    disk.failing((call, file) -> {
      if (call == Call.FORCE_FOLDER && !file.equals(FOLDER)) {
        throw new IOException(EIO); // so that tracker-sync does not come as far as the folder
      }
    });
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    giveRows(writer, 5);
    writer.write();
    List<String> first = List.copyOf(model.log.lines);
    disk.failing((call, file) -> {
      if (call == Call.FORCE_FOLDER || call == Call.RENAME || call == Call.DELETE) {
        throw new IOException(EIO);
      }
    });
    give(writer, Script.run(new byte[2_000_000])); // a segment of its own
    assertThrows(IOException.class, writer::write);
    disk.sound();
    writer.force();
    assertEquals(5, writer.durable());
    for (int seed = 0; seed < 20; seed++) {
      assertEquals(first, Log.of(FOLDER, 0, disk.cut(new Random(seed))).lines);
    }
    writer.close();
  }

  @Example
  void whatCannotBeReadBack_becomesAGapThatKeepsNamesAndCounters() throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    giveRows(writer, 2);
    writer.write();
    writer.force();
    disk.dropOnFailedForce(true);
    Path failed = disk.files().get(0);
    disk.failing((call, file) -> {
      if (call == Call.FORCE && file.equals(failed)) {
        throw new IOException(EIO);
      }
    });
    writer.series(9, Kind.STRING, "kept");
    writer.globalStep(44);
    writer.run(new byte[] {'{', '}'});
    writer.gap(1_000, 1, 2);
    writer.beginRow(500, 0);
    writer.beginRow(400, 0);
    writer.console(ConsoleStream.ERR, 700, "lost");
    writer.write();
    writer.force();
    assertEquals(9, writer.durable());
    assertEquals(3, writer.lostRows());
    assertEquals(2, writer.writtenRows()); // the two that were lost are not in the journal
    assertEquals(2, writer.durableRows());
    writer.beginRow(600, 0);
    writer.write();
    List<String> lines = read();
    assertEquals(model.log.lines, lines.subList(0, 4));
    assertEquals(
        List.of(
            "series 9 STRING kept",
            "run 2 7b7d",
            "gap 1000 1 2",
            "gap 3 400 700",
            "global step 44",
            "row 4 44 600 0"),
        lines.subList(4, lines.size()));
    try (JournalReader reader = JournalReader.open(FOLDER, 2, disk)) {
      assertTrue(reader.nextFrame());
      assertEquals(new Counters(9, 4, 44, 700), reader.after());
    }
    writer.close();
  }

  @Example
  void rewindThatCannotBeReadBack_isWrittenAgain() throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    writer.globalStep(9);
    giveRows(writer, 3);
    writer.write();
    writer.force();
    disk.dropOnFailedForce(true);
    Path failed = disk.files().get(0);
    disk.failing((call, file) -> {
      if (call == Call.FORCE && file.equals(failed)) {
        throw new IOException(EIO);
      }
    });
    writer.rewind(0, 4);
    writer.write();
    writer.force();
    writer.beginRow(600, 0);
    writer.write();
    List<String> lines = read();
    assertEquals(
        List.of("rewind 0 4", "row 1 4 600 0"), lines.subList(lines.size() - 2, lines.size()));
    assertEquals(0, writer.lostRows());
    try (JournalReader reader = JournalReader.open(FOLDER, 4, disk)) {
      assertTrue(reader.nextFrame());
      assertEquals(new Counters(5, 1, 4, 2), reader.after());
    }
    writer.close();
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void anyFailures_neitherLoseNorRepeatNorReorder(
      @ForAll("acts") List<Act> acts, @ForAll Random random) throws IOException {
    SimulatedDisk flaky = new SimulatedDisk();
    Model written = new Model();
    int oneIn = 5 + random.nextInt(30);
    boolean[] sound = new boolean[1];
    flaky.failing((call, file) -> {
      boolean reading = call == Call.OPEN || call == Call.READ || call == Call.LIST;
      if (!sound[0] && !reading && random.nextInt(oneIn) == 0) {
        throw new IOException(EIO);
      }
    });
    flaky.mostPerWrite(100_000 + random.nextInt(500_000));
    JournalWriter writer = openPatiently(flaky);
    Log live = new Log();
    JournalReader reader = JournalReader.open(FOLDER, 0, flaky);
    for (Act act : acts) {
      try {
        act.to(written);
        act.to(writer);
      } catch (IOException e) {
        assertTrue(
            e.getMessage().equals(EIO) || e.getMessage().contains("could not be forced"),
            e::toString);
      }
      if (random.nextInt(4) == 0) {
        live.read(reader);
      }
    }
    sound[0] = true;
    writer.write();
    writer.force();
    live.read(reader);
    assertEquals(written.log.lines, live.lines);
    assertEquals(written.log.lines, Log.of(FOLDER, 0, flaky).lines);
    assertEquals(written.records, writer.durable());
    assertEquals(written.rows, writer.durableRows());
    SimulatedDisk left = flaky.cut(random);
    assertEquals(written.log.lines, Log.of(FOLDER, 0, left).lines);
    reader.close();
    writer.close();
  }

  private static JournalWriter openPatiently(FileLayer files) {
    while (true) {
      try {
        return JournalWriter.open(FOLDER, Counters.START, files);
      } catch (IOException e) {
        assertEquals(EIO, e.getMessage());
      }
    }
  }

  @Example
  void consoleLineWithALineEndInIt_isRefusedAndLeavesNothing() throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    for (String text : List.of("a\nb", "a\r", "\n")) {
      assertThrows(
          IllegalArgumentException.class, () -> writer.console(ConsoleStream.OUT, 1, text));
    }
    assertEquals(0, writer.pendingBytes());
    writer.console(ConsoleStream.OUT, 5, "good");
    writer.write();
    assertEquals(List.of("console OUT 5 good"), read());
    assertEquals(new Counters(1, 0, 0, 5), writer.counters());
    writer.close();
  }
}
