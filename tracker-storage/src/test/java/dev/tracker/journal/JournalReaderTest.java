package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.FormatVersion;
import dev.tracker.journal.Script.Model;
import dev.tracker.journal.SimulatedDisk.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading a journal that others write, release and damage meanwhile. */
class JournalReaderTest {
  private static final Path FOLDER = Path.of("/run/journal");

  private final SimulatedDisk disk = new SimulatedDisk();
  private final Model model = new Model();
  private final List<JournalWriter> opened = new ArrayList<>();

  private void give(JournalWriter writer, Script.Act act) throws IOException {
    act.to(writer);
    act.to(model);
    writer.write();
  }

  private void giveRow(JournalWriter writer) throws IOException {
    give(writer, Script.row(model.rows, new Script.Value(1, model.rows, false, null)));
  }

  /** Adds a record that takes a megabyte, so that segments end. */
  private void giveBlob(JournalWriter writer) throws IOException {
    byte[] blob = new byte[1 << 20];
    Arrays.fill(blob, (byte) 1);
    give(writer, Script.run(blob));
  }

  /** Writes as many segments of one row each, and opens another. */
  private JournalWriter openBehind(int segments) throws IOException {
    for (int i = 0; i < segments; i++) {
      try (JournalWriter writer = open(disk)) {
        giveRow(writer);
      }
    }
    return open(disk);
  }

  private JournalWriter open(FileLayer files) throws IOException {
    JournalWriter writer = JournalWriter.open(FOLDER, model.counters(), files);
    opened.add(writer);
    return writer;
  }

  @AfterEach
  void close() throws IOException {
    disk.sound();
    for (JournalWriter writer : opened) {
      writer.close();
    }
  }

  private List<SegmentName> segments() throws IOException {
    return SegmentName.in(FOLDER, disk);
  }

  @Test
  void noFolder_isAnEmptyJournalAtAnyPosition() throws IOException {
    try (JournalReader reader = JournalReader.open(FOLDER, 77, disk)) {
      assertFalse(reader.nextFrame());
      assertEquals(77, reader.position());
      assertThrows(IllegalStateException.class, reader::before);
      assertThrows(IllegalStateException.class, reader::frameEnd);
      assertThrows(IllegalStateException.class, reader::after);
      reader.seek(77);
    }
  }

  @Test
  void noFolderOnARealDisk_isAnEmptyJournal(@TempDir Path root) throws IOException {
    try (JournalReader reader = JournalReader.open(root.resolve("missing"), 0, FileLayer.real())) {
      assertFalse(reader.nextFrame());
    }
  }

  @Test
  void readerThatCameBeforeTheWriter_seesItsRecords() throws IOException {
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk);
        JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      Log log = new Log();
      for (int i = 0; i < 10; i++) {
        log.read(reader);
        assertEquals(model.log.lines, log.lines);
        giveRow(writer);
        if (i % 3 == 0) {
          giveBlob(writer);
        }
      }
      log.read(reader);
      assertEquals(model.log.lines, log.lines);
    }
  }

  @Test
  void halfAFrame_isSeenOnlyWhenItIsWhole() throws IOException {
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      byte[] blob = new byte[20_000];
      Arrays.fill(blob, (byte) 1);
      give(writer, Script.run(blob));
    }
    Path file = disk.files().get(0);
    byte[] content = disk.content(file);
    SimulatedDisk growing = new SimulatedDisk();
    growing.replace(file, new byte[content.length]);
    WritableCopy copy = new WritableCopy(growing, file);
    try (JournalReader reader = JournalReader.open(FOLDER, 0, growing)) {
      for (int end = 0; end < content.length; end += 1_000) {
        copy.write(content, Math.min(content.length, end + 1_000));
        assertEquals(end + 1_000 >= content.length - 4, reader.nextFrame(), "end=" + end);
      }
    }
  }

  /** Overwrites a file in place, as a writer does. */
  private record WritableCopy(SimulatedDisk disk, Path file) {
    void write(byte[] content, int end) {
      disk.overwrite(file, Arrays.copyOf(Arrays.copyOf(content, end), content.length));
    }
  }

  @Test
  void releasedSegment_staysReadableForWhoHoldsIt() throws IOException {
    JournalWriter writer = openBehind(4);
    giveRow(writer);
    writer.force();
    JournalReader reader = JournalReader.open(FOLDER, 0, disk);
    assertTrue(reader.nextFrame());
    writer.release(5);
    assertEquals(List.of(new SegmentName(4, 0)), segments());
    reader.seek(0);
    Log log = new Log();
    log.read(reader);
    giveRow(writer);
    log.read(reader);
    assertEquals(model.log.lines, log.lines);
    reader.close();
  }

  /** A reader held on to the first one, and saw nothing of the other. */
  @Test
  void segmentThatWasReleasedEmpty_isReadWhenAnotherOneHasItsName() throws IOException {
    open(disk).close();
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk)) {
      assertFalse(reader.nextFrame());
      JournalWriter.release(FOLDER, 0, disk);
      assertEquals(List.of(), segments());
      assertFalse(reader.nextFrame());
      JournalWriter writer = open(disk);
      assertFalse(reader.nextFrame());
      assertEquals(List.of(new SegmentName(0, 0)), segments());
      giveRow(writer);
      Log log = new Log();
      log.read(reader);
      assertEquals(model.log.lines, log.lines);
    }
  }

  @Test
  void segmentThatIsReadOutAndReleased_isLetGoOf() throws IOException {
    AtomicInteger open = new AtomicInteger();
    JournalWriter writer = open(disk);
    giveRow(writer);
    try (JournalReader reader = JournalReader.open(FOLDER, 0, counting(disk, open))) {
      Log log = new Log();
      log.read(reader);
      reader.forget(1);
      assertEquals(1, open.get(), "it may get more");
      writer.close();
      JournalWriter.release(FOLDER, 1, disk);
      reader.forget(1);
      assertEquals(0, open.get());
      giveRow(open(disk));
      log.read(reader);
      assertEquals(model.log.lines, log.lines);
    }
  }

  @Test
  void goingOn_readsWhatIsNewAndNotTheSegmentFromItsBegin() throws IOException {
    JournalWriter writer = open(disk);
    AtomicLong bytes = new AtomicLong();
    try (JournalReader reader =
        JournalReader.open(FOLDER, 0, counting(disk, new AtomicInteger(), bytes))) {
      byte[] blob = new byte[100_000];
      Log log = new Log();
      for (int i = 0; i < 8; i++) {
        give(writer, Script.run(blob));
        log.read(reader);
      }
      long before = bytes.get();
      reader.seek(reader.position());
      giveRow(writer);
      log.read(reader);
      assertEquals(model.log.lines, log.lines);
      assertTrue(bytes.get() - before < 50_000, () -> "bytes=" + (bytes.get() - before));
      long again = bytes.get();
      reader.seek(7);
      Log pass = new Log();
      pass.read(reader);
      assertEquals(3, pass.lines.size());
      assertTrue(bytes.get() - again < 600_000, () -> "bytes=" + (bytes.get() - again));
    }
  }

  @Test
  void positionWhoseSegmentIsReleased_isAHole() throws IOException {
    JournalWriter writer = openBehind(3);
    writer.force();
    writer.release(2);
    JournalHoleException hole =
        assertThrows(JournalHoleException.class, () -> JournalReader.open(FOLDER, 0, disk));
    assertEquals(0, hole.expected());
    assertEquals(2, hole.found());
    assertEquals(model.log.lines.subList(4, 6), Log.of(FOLDER, 2, disk).lines);
  }

  @Test
  void segmentThatIsReleasedBetweenListingAndOpening_isLookedForAgain() throws IOException {
    JournalWriter writer = openBehind(3);
    writer.force();
    Path first = segments().get(0).file(FOLDER);
    disk.failing((call, file) -> {
      if (call == Call.OPEN && file.equals(first)) {
        disk.sound();
        writer.release(2);
      }
    });
    JournalHoleException hole =
        assertThrows(JournalHoleException.class, () -> JournalReader.open(FOLDER, 0, disk));
    assertEquals(2, hole.found());
  }

  /** Such a journal could not be opened at all. */
  @Test
  void missingSegment_isAGapWhenItHadBeenForced() throws IOException {
    JournalWriter last = openBehind(2);
    giveRow(last); // before anything of the session was forced
    last.close();
    disk.delete(segments().get(1).file(FOLDER));
    try (JournalWriter writer = open(disk)) {
      writer.force();
      giveRow(writer); // bears witness
    }
    List<String> all = model.log.lines;
    List<String> expected = new ArrayList<>(all.subList(0, 2));
    expected.add("gap 1 0 1");
    expected.addAll(all.subList(4, 8));
    assertEquals(expected, Log.of(FOLDER, 0, disk).lines);
    open(disk).close();
    assertEquals(expected, Log.of(FOLDER, 0, disk).lines);
  }

  /** The reader had the first segment open, and saw of the others only the last. */
  @Test
  void segmentsThatWereReleasedMeanwhile_areNoGap() throws IOException {
    JournalWriter writer = openBehind(0);
    giveRow(writer);
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk)) {
      assertTrue(reader.nextFrame());
      writer.close();
      JournalWriter last = openBehind(1);
      last.force();
      giveRow(last);
      last.release(2);
      JournalHoleException hole = assertThrows(JournalHoleException.class, reader::nextFrame);
      assertEquals(1, hole.expected());
      assertTrue(hole.getMessage().contains("expected=1 found=2"), hole.getMessage());
    }
  }

  /** A pass reads a frame that a second pass would look for where it is not yet. */
  @Test
  void furtherPass_seesAFrameWhoseWriteFailed() throws IOException {
    JournalWriter writer = openBehind(0);
    giveRow(writer);
    Script.Act row = Script.row(7);
    row.to(writer);
    row.to(model);
    disk.failAfterWriting(new IOException("Input/output error"));
    assertThrows(IOException.class, writer::write);
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk)) {
      Log log = new Log();
      log.read(reader);
      assertEquals(model.log.lines, log.lines);
      disk.failing((call, file) -> {
        if (call == Call.WRITE && file.toString().endsWith(".seg")) {
          throw new IOException("Input/output error");
        }
      });
      assertThrows(IOException.class, writer::write);
      assertFalse(reader.nextFrame());
      assertEquals(1, segments().get(segments().size() - 1).first());
      for (long from = 0; from < 2; from++) {
        reader.seek(from);
        Log again = new Log();
        again.read(reader);
        assertEquals(model.log.lines.subList(from == 0 ? 0 : 2, 3), again.lines);
      }
    }
  }

  @Test
  void segmentThatWasNeverForced_endsTheJournalWhereItIsTorn() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    JournalWriter writer = open(new SlowForce(disk, new CountDownLatch(1), never));
    giveRow(writer);
    giveRow(writer);
    giveBlob(writer);
    giveRow(writer);
    SimulatedDisk left = disk.kill();
    never.countDown();
    Path first = new SegmentName(0, 0).file(FOLDER);
    byte[] torn = left.content(first);
    Arrays.fill(torn, 140, 300, (byte) 0); // the second frame, and what follows
    left.replace(first, torn);
    List<String> rest;
    try (JournalReader reader = JournalReader.open(FOLDER, 0, left)) {
      assertTrue(reader.nextFrame());
      assertFalse(reader.nextFrame());
      assertFalse(reader.nextFrame());
      assertEquals(1, reader.position());
      rest = model.log.lines.subList(0, 2);
    }
    JournalWriter next = JournalWriter.open(FOLDER, new Counters(1, 1, 0, 0), left);
    opened.add(next);
    assertEquals(
        List.of(new SegmentName(0, 0), new SegmentName(1, 0)), SegmentName.in(FOLDER, left));
    assertEquals(rest, Log.of(FOLDER, 0, left).lines);
  }

  /** The first frame makes a second segment; a power cut must not leave the third without them. */
  @Test
  void firstSegmentThatIsSuperseded_staysUntilTheOtherIsSure() throws IOException {
    JournalWriter writer = open(disk);
    writer.force();
    disk.failing((call, file) -> {
      if (call == Call.FORCE_FOLDER) {
        throw new IOException("Input/output error");
      }
    });
    for (int i = 0; i < 3; i++) {
      giveBlob(writer);
      giveBlob(writer);
    }
    for (int seed = 0; seed < 200; seed++) {
      SimulatedDisk left = disk.cut(new Random(seed));
      try (JournalReader reader = JournalReader.open(FOLDER, 0, left)) {
        new Log().read(reader);
        assertTrue(reader.position() <= 6);
      }
    }
  }

  @Test
  void seeking_isRefusedWhereNothingWasRead() throws IOException {
    openBehind(4);
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk)) {
      assertThrows(IllegalArgumentException.class, () -> reader.seek(1));
      new Log().read(reader);
      reader.forget(2);
      reader.seek(2);
      assertThrows(IllegalArgumentException.class, () -> reader.seek(1));
      assertTrue(reader.nextFrame());
      assertEquals(2, reader.frameStart());
      assertEquals(3, reader.frameEnd());
    }
  }

  @Test
  void seeking_goesOnToWhereItHasBeen() throws IOException {
    JournalWriter writer = openBehind(4);
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk)) {
      Log log = new Log();
      log.read(reader);
      long end = reader.position();
      reader.seek(1);
      assertTrue(reader.nextFrame());
      assertThrows(IllegalArgumentException.class, () -> reader.seek(end + 1));
      reader.seek(3);
      assertTrue(reader.nextFrame());
      assertEquals(3, reader.frameStart());
      reader.seek(2);
      reader.seek(end);
      giveRow(writer);
      log.read(reader);
      assertEquals(model.log.lines, log.lines);
    }
  }

  @Test
  void moreSegmentsThanFilesMayBeOpen_areReadAllTheSame() throws IOException {
    for (int i = 0; i < 600; i++) {
      segmentByHand();
    }
    assertEquals(600, segments().size());
    AtomicInteger open = new AtomicInteger();
    try (JournalReader reader = JournalReader.open(FOLDER, 0, counting(disk, open))) {
      for (int pass = 0; pass < 2; pass++) {
        Log log = new Log();
        log.read(reader);
        assertEquals(model.log.lines, log.lines);
        assertTrue(open.get() <= 512, () -> "open=" + open.get());
        reader.seek(0);
      }
    }
    assertEquals(0, open.get());
  }

  /** Makes a segment of one row, out of the bytes that one consists of. */
  private void segmentByHand() {
    FrameEncoder encoder = new FrameEncoder(model.counters());
    encoder.row(model.rows, 0);
    segmentByHand(new SegmentName(model.records, 0), frameOf(encoder));
    Script.row(model.rows).to(model);
  }

  private void segmentByHand(SegmentName name, byte[]... frames) {
    byte[] content = SegmentFormat.header(77, name.first(), 0, FormatVersion.CURRENT);
    for (byte[] frame : frames) {
      int offset = content.length;
      new SegmentFormat.Checksum().stamp(frame, 0, frame.length, 77, offset, 0);
      content = Arrays.copyOf(content, offset + frame.length);
      System.arraycopy(frame, 0, content, offset, frame.length);
    }
    disk.replace(name.file(FOLDER), content);
  }

  private static byte[] frameOf(FrameEncoder encoder) {
    int length = encoder.cut().length();
    return Arrays.copyOf(encoder.bytes(), length);
  }

  private static byte[] frameOfARow(long position, long micros) {
    FrameEncoder encoder = new FrameEncoder(new Counters(position, position, 0, 0));
    encoder.row(micros, 0);
    return frameOf(encoder);
  }

  @Test
  void segment_endsWhereTheNextOneBegins() throws IOException {
    segmentByHand(new SegmentName(0, 0), frameOfARow(0, 10), frameOfARow(1, 11));
    segmentByHand(new SegmentName(1, 0), frameOfARow(1, 20));
    segmentByHand(new SegmentName(2, 0), frameOfARow(2, 30), frameOfARow(3, 31));
    segmentByHand(new SegmentName(2, 1), frameOfARow(2, 40));
    assertEquals(
        List.of("row 0 0 10 0", "row 1 0 20 0", "row 2 0 40 0"), Log.of(FOLDER, 0, disk).lines);
    assertEquals(List.of("row 2 0 40 0"), Log.of(FOLDER, 2, disk).lines);
  }

  @Test
  void positionInsideAFrame_isAHole() throws IOException {
    FrameEncoder encoder = new FrameEncoder(Counters.START);
    encoder.row(1, 0);
    encoder.row(2, 0);
    segmentByHand(new SegmentName(0, 0), frameOf(encoder));
    try (JournalReader reader = JournalReader.open(FOLDER, 1, disk)) {
      assertThrows(JournalHoleException.class, reader::nextFrame);
    }
  }

  private static FileLayer counting(FileLayer files, AtomicInteger open) {
    return counting(files, open, new AtomicLong());
  }

  /** Counts open files, and the bytes read from them. */
  private static FileLayer counting(FileLayer files, AtomicInteger open, AtomicLong bytes) {
    return (FileLayer)
        java.lang.reflect.Proxy.newProxyInstance(
            FileLayer.class.getClassLoader(),
            new Class<?>[] {FileLayer.class},
            (proxy, method, arguments) -> {
              Object result = method.invoke(files, arguments);
              if (!method.getName().equals("open")) {
                return result;
              }
              open.incrementAndGet();
              FileLayer.ReadableFile file = (FileLayer.ReadableFile) result;
              return new FileLayer.ReadableFile() {
                @Override
                public int read(byte[] into, int start, int length, long offset)
                    throws IOException {
                  int read = file.read(into, start, length, offset);
                  bytes.addAndGet(Math.max(0, read));
                  return read;
                }

                @Override
                public long size() throws IOException {
                  return file.size();
                }

                @Override
                public void close() throws IOException {
                  open.decrementAndGet();
                  file.close();
                }
              };
            });
  }

  @Test
  void filesOfOtherNames_areLeftAlone(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("writer.json"), "{}");
    Files.writeString(folder.resolve("99999999999999999999-0000.seg"), "no position");
    Files.writeString(folder.resolve("1-0000.seg"), "no name");
    JournalWriter writer = JournalWriter.open(folder, Counters.START, FileLayer.real());
    giveRow(writer);
    writer.close();
    assertEquals(model.log.lines, Log.of(folder, 0, FileLayer.real()).lines);
    writer.release(1);
    try (Stream<Path> entries = Files.list(folder)) {
      assertEquals(3, entries.count());
    }
  }

  @Test
  void interruptedReader_goesOn(@TempDir Path folder) throws IOException {
    JournalWriter writer = JournalWriter.open(folder, Counters.START, FileLayer.real());
    JournalReader reader = JournalReader.open(folder, 0, FileLayer.real());
    Log log = new Log();
    Thread.currentThread().interrupt();
    try {
      for (int i = 0; i < 5; i++) {
        giveRow(writer); // an interrupted writer goes on, too
        giveBlob(writer);
        log.read(reader);
      }
      writer.force();
      assertTrue(Thread.currentThread().isInterrupted());
    } finally {
      Thread.interrupted();
    }
    assertEquals(model.log.lines, log.lines);
    assertEquals(10, writer.durable());
    reader.close();
    writer.close();
  }

  @Test
  void runThatNobodyWrites_isReleasedWhole() throws IOException {
    openBehind(3).close();
    JournalWriter.release(FOLDER, 2, disk);
    assertEquals(List.of(new SegmentName(2, 0), new SegmentName(3, 0)), segments());
    JournalWriter.release(FOLDER, 3, disk);
    assertEquals(List.of(), segments());
    JournalWriter.release(FOLDER, 3, disk);
  }
}
