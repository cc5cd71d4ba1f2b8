package dev.tracker.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.FormatVersion;
import dev.tracker.format.Kind;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A segment that is torn, flipped, zeroed or overwritten is read up to there, and nothing else is
 * believed.
 */
class SegmentDamageTest {
  private static final Path FOLDER = Path.of("/run/journal");

  private final SimulatedDisk disk = new SimulatedDisk();
  private Path segment;
  private byte[] content;

  /** What the journal holds after each frame, beginning with none. */
  private final List<List<String>> prefixes = new ArrayList<>();

  /** Where each frame ends in the file. */
  private final List<Integer> ends = new ArrayList<>();

  @BeforeEach
  void writeThreeFrames() throws IOException {
    prefixes.add(List.of());
    ends.add(SegmentFormat.HEADER_BYTES);
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, disk)) {
      writer.series(0, Kind.FLOAT64, "loss");
      frame(writer);
      writer.beginRow(1_700_000_000_000_000L, 2);
      writer.value(0, -1L);
      writer.text(1, "a text");
      frame(writer);
      writer.gap(3, 1, 2);
      writer.run("{\"a\":1}".getBytes(UTF_8));
      frame(writer);
    }
    segment = new SegmentName(0, 0).file(FOLDER);
    content = disk.content(segment);
    assertEquals(content.length, ends.get(3));
    claimForced(0, 0, 0);
  }

  /** Has each frame say how far the journal had been forced. */
  private void claimForced(long... forced) {
    long nonce = (long) SegmentFormat.LONG.get(content, SegmentFormat.HEADER_NONCE);
    for (int i = 0; i < 3; i++) {
      byte[] frame = Arrays.copyOfRange(content, ends.get(i), ends.get(i + 1));
      new SegmentFormat.Checksum().stamp(frame, 0, frame.length, nonce, ends.get(i), forced[i]);
      System.arraycopy(frame, 0, content, ends.get(i), frame.length);
    }
  }

  private void frame(JournalWriter writer) throws IOException {
    writer.write();
    prefixes.add(Log.of(FOLDER, 0, disk).lines);
    ends.add((int) writer.bytes());
  }

  /** Returns how many frames end at or before a place of the file. */
  private int framesBefore(int offset) {
    int frames = 0;
    while (frames + 1 < ends.size() && ends.get(frames + 1) <= offset) {
      frames++;
    }
    return offset < SegmentFormat.HEADER_BYTES ? 0 : frames;
  }

  private List<String> read(byte[] damaged) throws IOException {
    disk.replace(segment, damaged);
    return Log.of(FOLDER, 0, disk).lines;
  }

  @Test
  void tornAtAnyByte_endsBeforeTheTornFrame() throws IOException {
    for (int length = 0; length <= content.length; length++) {
      assertEquals(prefixes.get(framesBefore(length)), read(Arrays.copyOf(content, length)));
      byte[] zeros = Arrays.copyOf(Arrays.copyOf(content, length), content.length + 1000);
      List<String> found = read(zeros);
      // A frame whose last bytes are zeros anyhow may be whole already.
      assertTrue(
          found.equals(prefixes.get(framesBefore(length)))
              || found.equals(prefixes.get(framesBefore(length + 16))),
          "length=" + length);
      for (int at = length; at < zeros.length; at++) {
        zeros[at] = (byte) (at * 31 + 7);
      }
      assertEquals(prefixes.get(framesBefore(length)), read(zeros), "length=" + length);
    }
  }

  @Test
  void anyFlippedBit_isDetected() throws IOException {
    for (int bit = 0; bit < 8 * content.length; bit++) {
      byte[] damaged = content.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertEquals(prefixes.get(framesBefore(bit / 8)), read(damaged), "bit=" + bit);
    }
  }

  /** What lay behind a flipped bit was dropped without a word. */
  @Test
  void anyFlippedBit_ofWhatALaterFrameSaysWasForced_isAGapBeforeTheRest() throws IOException {
    claimForced(0, 1, 2);
    List<String> all = prefixes.get(3);
    for (int bit = 8 * SegmentFormat.HEADER_BYTES; bit < 8 * content.length; bit++) {
      byte[] damaged = content.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      int frame = framesBefore(bit / 8);
      List<String> expected = new ArrayList<>(prefixes.get(frame));
      if (frame < 2) {
        expected.add(frame == 0 ? "gap 1 0 0" : "gap 1 0 1700000000000000");
        expected.addAll(all.subList(prefixes.get(frame + 1).size(), all.size()));
      }
      assertEquals(expected, read(damaged), "bit=" + bit);
    }
  }

  /** A further pass took such zeros for the journal's end, so nothing behind them was sealed. */
  @Test
  void zerosInPlaceOfAFrameThatWasForced_arePassedInEveryPass() throws IOException {
    Path folder = Path.of("/run/zeros");
    int[] ends = new int[4];
    try (JournalWriter writer = JournalWriter.open(folder, Counters.START, disk)) {
      for (int i = 0; i < ends.length; i++) {
        writer.run(("{\"text\":\"" + "x".repeat(i == 1 ? 400_000 : 10) + "\"}").getBytes(UTF_8));
        writer.write();
        writer.force();
        ends[i] = (int) writer.bytes();
      }
    }
    List<SegmentName> names = SegmentName.in(folder, disk);
    assertEquals(1, names.size());
    Path file = names.get(0).file(folder);
    byte[] damaged = disk.content(file);
    Arrays.fill(damaged, ends[0], ends[1], (byte) 0);
    disk.replace(file, damaged);
    try (JournalReader reader = JournalReader.open(folder, 0, disk)) {
      List<String> first = lines(reader);
      assertEquals(4, first.size(), first::toString); // with a gap
      assertFalse(reader.nextFrame());
      for (int pass = 2; pass <= 3; pass++) {
        reader.seek(0);
        assertEquals(first, lines(reader), "pass=" + pass);
      }
    }
  }

  private static List<String> lines(JournalReader reader) throws IOException {
    Log log = new Log();
    log.read(reader);
    return log.lines;
  }

  @Test
  void damageThatNoLaterFrameSaysWasForced_endsTheJournal() throws IOException {
    claimForced(0, 0, 1);
    byte[] damaged = content.clone();
    damaged[ends.get(1) + 60] ^= 1;
    assertEquals(prefixes.get(1), read(damaged));
  }

  @Test
  void damagedHeader_hidesNoFrames() throws IOException {
    claimForced(0, 1, 2);
    for (int at : new int[] {0, 8, 24, 32, 60}) {
      byte[] damaged = content.clone();
      damaged[at] ^= 1;
      assertEquals(prefixes.get(3), read(damaged), "at=" + at);
    }
  }

  @Test
  void sectorOfZeros_inWhatWasForced_isAGap() throws IOException {
    claimForced(0, 1, 2);
    byte[] damaged = content.clone();
    Arrays.fill(damaged, ends.get(0), ends.get(1), (byte) 0);
    assertEquals("gap 1 0 0", read(damaged).get(0));
    assertEquals(prefixes.get(3).size(), read(damaged).size());
  }

  /** Every pass over the journal must tell the same, from wherever it begins. */
  @Test
  void furtherPass_findsTheSameGap() throws IOException {
    claimForced(0, 1, 2);
    byte[] damaged = content.clone();
    damaged[ends.get(1) + 60] ^= 1;
    disk.replace(segment, damaged);
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk)) {
      Log whole = new Log();
      whole.read(reader);
      assertTrue(reader.sawDamage());
      for (int from = 0; from < 2; from++) {
        reader.seek(from);
        Log again = new Log();
        Counters end = again.read(reader);
        List<String> rest = whole.lines.subList(from, whole.lines.size());
        assertEquals(rest.size(), again.lines.size());
        assertEquals(
            rest.subList(2 - from, rest.size()), again.lines.subList(2 - from, rest.size()));
        assertEquals(4, end.position());
      }
    }
    // Who begins there does not know when the frame before was written.
    List<String> fromDamage = Log.of(FOLDER, 1, disk).lines;
    assertEquals("gap 1 1700000000000000 1700000000000000", fromDamage.get(0));
  }

  /** A reader that is slower than the writer must not take a half-written frame for damage. */
  @Test
  void frameThatIsWholeAtASecondLook_isNotDamaged() throws IOException {
    claimForced(0, 1, 2);
    byte[] damaged = content.clone();
    damaged[ends.get(1) + 60] ^= 1;
    disk.replace(segment, damaged);
    FileLayer completed = afterSearch(() -> disk.overwrite(segment, content));
    try (JournalReader reader = JournalReader.open(FOLDER, 0, completed)) {
      Log log = new Log();
      log.read(reader);
      assertEquals(prefixes.get(3), log.lines);
    }
  }

  /** Does something once a file was read from its begin on, as who looks behind damage does. */
  private FileLayer afterSearch(Runnable done) {
    return (FileLayer)
        Proxy.newProxyInstance(
            FileLayer.class.getClassLoader(),
            new Class<?>[] {FileLayer.class},
            (proxy, method, arguments) -> {
              Object result = method.invoke(disk, arguments);
              return method.getName().equals("open")
                  ? new Watched((FileLayer.ReadableFile) result, done)
                  : result;
            });
  }

  private record Watched(FileLayer.ReadableFile file, Runnable afterSearch)
      implements FileLayer.ReadableFile {
    @Override
    public int read(byte[] into, int start, int length, long offset) throws IOException {
      int read = file.read(into, start, length, offset);
      if (offset == 0 && length > SegmentFormat.HEADER_BYTES) {
        afterSearch.run();
      }
      return read;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Test
  void missingStretchOfZeros_isDetected() throws IOException {
    for (int from = 0; from < content.length; from++) {
      byte[] damaged = content.clone();
      Arrays.fill(damaged, from, Math.min(from + 8, content.length), (byte) 0);
      if (!Arrays.equals(damaged, content)) {
        List<String> found = read(damaged);
        assertTrue(
            found.equals(prefixes.get(framesBefore(from)))
                || found.equals(prefixes.get(framesBefore(from + 7))),
            "from=" + from);
      }
    }
  }

  @Test
  void frameInAnotherPlace_isNoFrame() throws IOException {
    int length = ends.get(1) - ends.get(0);
    byte[] moved = Arrays.copyOf(content, content.length + 8);
    System.arraycopy(content, ends.get(0), moved, ends.get(0) + 8, content.length - ends.get(0));
    assertEquals(List.of(), read(moved));
    byte[] repeated = Arrays.copyOf(content, content.length + length);
    System.arraycopy(content, ends.get(0), repeated, content.length, length);
    assertEquals(prefixes.get(3), read(repeated));
  }

  /** The second frame at the first one's place, where a frame of its position is expected. */
  @Test
  void expectedFrameInAnotherPlace_isNoFrame() throws IOException {
    long nonce = (long) SegmentFormat.LONG.get(content, SegmentFormat.HEADER_NONCE);
    int frame = ends.get(1);
    byte[] moved =
        Arrays.copyOf(
            SegmentFormat.header(nonce, 1, 0, FormatVersion.CURRENT), content.length - frame + 64);
    System.arraycopy(content, frame, moved, 64, content.length - frame);
    disk.replace(new SegmentName(1, 0).file(FOLDER), moved);
    assertEquals(List.of(), Log.of(FOLDER, 1, disk).lines);
  }

  @Test
  void frameOfAnEarlierFileInTheSamePlace_isNoFrame() throws IOException {
    SimulatedDisk other = new SimulatedDisk();
    try (JournalWriter writer = JournalWriter.open(FOLDER, Counters.START, other)) {
      writer.series(0, Kind.FLOAT64, "loss");
      writer.write();
    }
    byte[] mixed = content.clone();
    byte[] old = other.content(segment);
    System.arraycopy(old, ends.get(0), mixed, ends.get(0), ends.get(1) - ends.get(0));
    assertEquals(List.of(), read(mixed));
  }

  @Test
  void absurdLengths_areNotAllocated() throws IOException {
    for (int length :
        new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 30, (1 << 30) - 64}) {
      byte[] damaged = content.clone();
      SegmentFormat.INT.set(damaged, ends.get(1), length);
      long before = allocated();
      assertEquals(prefixes.get(1), read(damaged));
      assertTrue(allocated() - before < 10_000_000, "length=" + length);
    }
  }

  private static long allocated() {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadAllocatedBytes();
  }

  @Test
  void newerFormat_isRefusedByName() {
    byte[] header = SegmentFormat.header(1, 0, 0, FormatVersion.CURRENT + 1);
    disk.replace(segment, header);
    IOException refused = assertThrows(IOException.class, () -> Log.of(FOLDER, 0, disk));
    assertTrue(
        refused.getMessage().contains("version=" + (FormatVersion.CURRENT + 1)),
        refused.getMessage());
  }

  /** The example of docs/file-format-journal.md. */
  @Test
  void segment_looksAsThePageSays() {
    long created = 1_700_000_000_000_000L;
    FrameEncoder encoder = new FrameEncoder(new Counters(0, 0, 0, created));
    encoder.series(0, Kind.FLOAT64, "loss");
    encoder.row(created + 100, 1);
    encoder.value(0, Double.doubleToRawLongBits(0.25));
    int length = encoder.cut().length();
    long nonce = 0x0123_4567_89AB_CDEFL;
    new SegmentFormat.Checksum().stamp(encoder.bytes(), 0, length, nonce, 64, 0);
    String found =
        HexFormat.of().formatHex(SegmentFormat.header(nonce, 0, created, 1))
            + HexFormat.of().formatHex(encoder.bytes(), 0, length);
    String page =
        """
        54524b4a524e4c31 01000000 00000000 efcdab8967452301 0000000000000000
        00401e18240a0600 0000000000000000 0000000000000000 00000000 35983cbf
        14000000 919f2ed6 0000000000000000 02000000 01000000
        0000000000000000 0000000000000000 00401e18240a0600 0000000000000000
        40 00 00 04 6c6f7373
        10 c801 00 000000000000d03f
        00000000
        """;
    assertEquals(page.replaceAll("\\s", ""), found);
  }

  @Test
  void unknownRecordInAWholeFrame_isAnError() throws IOException {
    byte[] damaged = content.clone();
    int frame = ends.get(0);
    int length = ends.get(1) - frame;
    damaged[frame + SegmentFormat.FRAME_BYTES] = (byte) 0xF0;
    long nonce = (long) SegmentFormat.LONG.get(damaged, SegmentFormat.HEADER_NONCE);
    byte[] copy = Arrays.copyOfRange(damaged, frame, frame + length);
    new SegmentFormat.Checksum().stamp(copy, 0, length, nonce, frame, 0);
    System.arraycopy(copy, 0, damaged, frame, length);
    IOException refused = assertThrows(IOException.class, () -> read(damaged));
    assertTrue(refused.getMessage().contains("tag=240"), refused.getMessage());
  }
}
