package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.journal.Script.Act;
import dev.tracker.journal.Script.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What is written is read: whatever the records, the frames and the segments. */
class JournalRoundTripTest {
  private static final Path FOLDER = Path.of("/run/journal");

  @Provide
  Arbitrary<List<Act>> acts() {
    return Script.acts();
  }

  @Provide
  Arbitrary<List<List<Act>>> sessions() {
    return Script.actsAndRewinds().list().ofMinSize(1).ofMaxSize(4);
  }

  @Provide
  Arbitrary<Counters> starts() {
    return Arbitraries.of(
        Counters.START,
        new Counters(1_000_000, 7, -3, 1_700_000_000_000_000L),
        new Counters(5, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE));
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void reader_saysWhatWasWritten_acrossSessions(
      @ForAll("sessions") List<List<Act>> sessions,
      @ForAll("starts") Counters start,
      @ForAll @IntRange(min = 100, max = 100_000) int mostPerWrite)
      throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.mostPerWrite(mostPerWrite);
    Model model = modelAt(start);
    for (List<Act> acts : sessions) {
      try (JournalWriter writer = JournalWriter.open(FOLDER, model.counters(), disk)) {
        for (Act act : acts) {
          act.to(writer);
          act.to(model);
        }
      }
      try (JournalReader reader = JournalReader.open(FOLDER, start.position(), disk)) {
        Log log = new Log();
        Counters end = log.read(reader);
        assertEquals(model.log.lines, log.lines);
        assertEquals(model.records, reader.position());
        assertTrue(end == null || end.equals(model.counters()), () -> end + " " + model.counters());
      }
    }
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void countersAfterAFrame_areThoseBeforeTheNext(@ForAll("acts") List<Act> acts)
      throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      for (Act act : acts) {
        act.to(writer);
      }
    }
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk)) {
      Counters expected = Counters.START;
      while (reader.nextFrame()) {
        assertEquals(expected, reader.before());
        assertEquals(expected.position(), reader.frameStart());
        expected = reader.after();
        assertEquals(expected.position(), reader.frameEnd());
      }
    }
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void reader_beginsAnyPassAtAnyFrame(@ForAll("acts") List<Act> acts, @ForAll int pick)
      throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      for (Act act : acts) {
        act.to(writer);
        writer.write();
      }
    }
    List<Long> bounds = new ArrayList<>(List.of(0L));
    List<List<String>> frames = new ArrayList<>();
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk)) {
      while (reader.nextFrame()) {
        bounds.add(reader.frameEnd());
        Log log = new Log();
        reader.decode(log);
        frames.add(log.lines);
      }
      int from = Math.floorMod(pick, bounds.size());
      List<String> expected =
          frames.subList(from, frames.size()).stream().flatMap(List::stream).toList();
      reader.seek(bounds.get(from));
      assertEquals(bounds.get(from), reader.position());
      Log again = new Log();
      again.read(reader);
      assertEquals(expected, again.lines);
      assertEquals(expected, Log.of(FOLDER, bounds.get(from), disk).lines);
    }
  }

  @Example
  void writing_goesOnInANewSegmentWhenOneIsFull() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Model model = new Model();
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      for (int i = 0; i < 40; i++) {
        Act act = Script.run(new byte[200_000]);
        act.to(writer);
        act.to(model);
        writer.write();
      }
      assertTrue(SegmentName.in(FOLDER, disk).size() > 2, () -> disk.files().toString());
      assertEquals(
          40 * (200_004 + 56 + 4) + 64L * SegmentName.in(FOLDER, disk).size(), writer.bytes());
    }
    assertEquals(model.log.lines, Log.of(FOLDER, 0, disk).lines);
  }

  @Example
  void plainRow_takesElevenBytes() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      writer.beginRow(60, 1);
      writer.value(100, Double.doubleToRawLongBits(1.5));
      assertEquals(11, writer.pendingBytes());
      assertEquals(1, writer.pendingRows());
    }
  }

  @Example
  void cancelledRow_leavesNoTrace() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Model model = new Model();
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      writer.beginRowAt(77, 1_000, 3);
      writer.text(4, "half");
      writer.cancelRow();
      Act row = Script.row(5, new Script.Value(1, 2, false, null));
      row.to(writer);
      row.to(model);
      writer.cancelRow(); // nothing to take back
      writer.beginRow(6, 2);
    }
    assertEquals(model.log.lines, Log.of(FOLDER, 0, disk).lines);
  }

  @Example
  void rowThatLacksValues_isNotWritten() throws IOException {
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, new SimulatedDisk())) {
      writer.beginRow(1, 2);
      writer.value(0, 1);
      assertThrows(IllegalStateException.class, writer::write);
      assertThrows(IllegalStateException.class, () -> writer.beginRow(2, 1));
      assertThrows(IllegalStateException.class, () -> writer.run(new byte[1]));
      writer.value(0, 2);
      assertThrows(IllegalStateException.class, () -> writer.value(0, 3));
      writer.write();
      assertEquals(1, writer.written());
    }
  }

  @Example
  void rewind_staysAloneInItsFrame() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      Script.row(1).to(writer);
      assertThrows(IllegalStateException.class, () -> writer.rewind(0, 0));
      writer.write();
      writer.rewind(-1, 7);
      assertThrows(IllegalStateException.class, () -> writer.beginRow(2, 0));
      assertThrows(IllegalStateException.class, () -> writer.run(new byte[1]));
      assertThrows(IllegalStateException.class, () -> writer.rewind(-1, 7));
      writer.write();
      assertEquals(new Counters(2, 0, 7, 1), writer.counters());
      Script.row(3).to(writer);
      writer.write();
    }
    try (JournalReader reader = JournalReader.open(FOLDER, 1, disk)) {
      assertTrue(reader.nextFrame());
      assertEquals(2, reader.frameEnd());
      JournalSummary summary = new JournalSummary();
      reader.decode(summary);
      assertTrue(summary.rewound());
      assertEquals(-1, summary.rewindStep());
    }
  }

  @Example
  void opening_refusesToWriteOverWhatWasNotRead() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      for (int i = 0; i < 3; i++) {
        Script.row(i).to(writer);
        writer.write();
      }
    }
    IOException refused =
        assertThrows(
            IOException.class, () -> JournalWriter.open(FOLDER, new Counters(2, 2, 0, 0), disk));
    assertTrue(refused.getMessage().contains("start=2 found=3"), refused.getMessage());
    assertEquals(3, Log.of(FOLDER, 0, disk).lines.size());
  }

  @Example
  void sessionsWithoutRecords_leaveOneSegmentBehind() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    for (int i = 0; i < 5; i++) {
      JournalWriter.open(FOLDER, Counters.START, disk).close();
    }
    assertEquals(List.of(new SegmentName(0, 4)), SegmentName.in(FOLDER, disk));
    assertEquals(SegmentFormat.HEADER_BYTES, disk.size(disk.files().get(0)));
  }

  @Example
  void closing_leavesNoSpareAndNoZeros() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk);
    writer.run(new byte[900_000]);
    writer.write();
    Await.until(() -> disk.files().size() == 2); // the spare
    writer.close();
    writer.close();
    assertEquals(1, disk.files().size());
    assertEquals(writer.bytes(), disk.size(disk.files().get(0)));
    writer.run(new byte[1]);
    assertThrows(IOException.class, writer::write);
    assertFalse(writer.trouble().isPresent());
  }

  private static Model modelAt(Counters start) {
    Model model = new Model();
    model.records = start.position();
    model.step = start.step();
    model.globalStep = start.globalStep();
    model.micros = start.micros();
    return model;
  }
}
