package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Kind;
import dev.tracker.media.Attachment;
import dev.tracker.media.ContentHash;
import dev.tracker.media.Image;
import dev.tracker.media.Layout;
import dev.tracker.media.Text;
import dev.tracker.media.Video;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.system.Await;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Media from the log call to the reader. */
@Tag("once")
class MediaTest {
  @TempDir Path root;
  private Path run;

  @BeforeEach
  void nameTheRun() {
    run = root.resolve("default").resolve("run");
  }

  private Board.Builder board() {
    return Board.builder("media").root(root).id("run");
  }

  private static byte[] noise(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static Image image(int seed, int side) {
    return Image.of(noise(seed, side * side), side, side, 1, Layout.HWC).withCaption("no. " + seed);
  }

  private static void assertShows(int seed, int side, MediaFile file) throws IOException {
    assertEquals("image/png", file.mediaType());
    assertEquals("no. " + seed, file.caption());
    assertEquals(side, file.width());
    byte[] bytes = file.bytes();
    assertEquals(file.length(), bytes.length);
    assertEquals(file.digest(), ContentHash.of(bytes).hex());
    BufferedImage shown = ImageIO.read(new ByteArrayInputStream(bytes));
    byte[] expected = noise(seed, side * side);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], (byte) shown.getRaster().getSample(i % side, i / side, 0));
    }
  }

  /** Small ones, which go through the journal, and large ones, which do not, by turns. */
  private static int side(int i) {
    return i % 4 == 0 ? 600 : 20;
  }

  private static void log(Board board, int from, int to) {
    for (int i = from; i < to; i++) {
      board.step();
      board.log(Map.of("loss", (double) i, "samples", image(i, side(i))));
    }
  }

  private void check(int size) throws IOException {
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(List.of("samples"), reader.media());
      List<MediaFile> files = reader.media("samples");
      assertEquals(size, files.size());
      for (int i = 0; i < size; i++) {
        MediaFile file = files.get(i);
        assertEquals(i, file.step());
        assertEquals(i + 1, file.globalStep());
        assertEquals(reader.scalars("loss").timestamps()[i], file.timestamp());
        assertShows(i, side(i), file);
      }
      assertEquals(List.of(2L, 3L), steps(reader.media("samples", 2, 3)));
      assertEquals(List.of(5L, 6L, 7L), steps(reader.mediaPage("samples", 5, 3)));
      assertEquals(List.of(size - 1L), steps(reader.mediaPage("samples", size - 1, 10)));
    }
  }

  private static List<Long> steps(List<MediaFile> files) {
    return files.stream().map(MediaFile::step).toList();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> walk = Files.walk(run.resolve("media"))) {
      return walk.filter(Files::isRegularFile)
          .map(file -> run.resolve("media").relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void imagesShareTheStepOfTheirLogCall_inEveryStateOfTheRun() throws IOException {
    try (Board board = board().open()) {
      log(board, 0, 12);
      board.flush();
      check(12);
      try (RunReader early = RunReader.open(run)) {
        List<MediaFile> unsealed = early.media("samples");
        Await.until("all is sealed", () -> board.health().sealed() == 12);
        assertShows(0, side(0), unsealed.get(0));
        assertShows(1, side(1), unsealed.get(1));
      }
      check(12);
      log(board, 12, 20);
      board.flush();
      check(20);
    }
    check(20);
    assertEquals(20, files().size());
    assertTrue(files().get(3).matches("samples_00000003_[0-9a-f]{8}\\.png"), files().get(3));
    try (RunReader reader = RunReader.open(run)) {
      reader.copyTo(root.resolve("copy"));
    }
    run = root.resolve("copy");
    check(20);
  }

  @Test
  void aLiveRunIsCopiedWithItsMedia() throws IOException {
    try (Board board = board().open()) {
      log(board, 0, 10);
      board.flush();
      try (RunReader reader = RunReader.open(run)) {
        reader.copyTo(root.resolve("copy"));
      }
    }
    run = root.resolve("copy");
    check(10);
  }

  @Test
  void whatHasTheSameBytesIsOneFile_andEveryEntryIsKept() throws IOException {
    try (Board board = board().open()) {
      for (int i = 0; i < 30; i++) {
        board.log(Map.of("a", image(i % 2, 600), "b", image(i % 2, 20)));
        board.log("c", image(0, 20));
        if (i == 15) {
          board.flush();
          Await.until("all is sealed", () -> board.health().sealed() == 32);
        }
      }
    }
    assertEquals(4, files().size());
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(30, reader.media("a").size());
      assertEquals(30, reader.media("b").size());
      assertEquals(30, reader.media("c").size());
      assertEquals(reader.media("b").get(0).file(), reader.media("c").get(29).file());
    }
  }

  @Test
  void filesGivenByPathAreCopied_andOnesThatAreGoneAreAnErrorOfTheirEntryAlone()
      throws IOException {
    Path video = Files.write(root.resolve("clip.mp4"), noise(7, 3_000_000));
    Path gone = Files.write(root.resolve("gone.bin"), noise(8, 10));
    Attachment missing = Attachment.of(gone);
    Files.delete(gone);
    try (Board board = board().open()) {
      board.log(Map.of("video", Video.of(video), "loss", 1.0));
      board.log(Map.of("file", missing, "loss", 2.0));
      board.log(Map.of("file", Attachment.of("abc".getBytes(StandardCharsets.UTF_8), "x.txt")));
      board.log("notes", Text.markdown("# Ünïcode"));
      board.flush();
      assertEquals(0, board.health().dropped());
      assertTrue(board.health().lastError().isPresent());
    }
    try (RunReader reader = RunReader.open(run)) {
      MediaFile copied = reader.media("video").get(0);
      assertArrayEquals(noise(7, 3_000_000), copied.bytes());
      assertEquals("video/mp4", copied.mediaType());
      assertEquals("clip.mp4", copied.name());
      MediaFile lost = reader.media("file").get(0);
      assertTrue(lost.error().orElseThrow().contains("gone.bin"), lost.toString());
      assertThrows(IOException.class, lost::bytes);
      assertTrue(lost.file().isEmpty());
      assertEquals("abc", new String(reader.media("file").get(1).bytes(), StandardCharsets.UTF_8));
      assertEquals(
          "# Ünïcode", new String(reader.media("notes").get(0).bytes(), StandardCharsets.UTF_8));
      assertArrayEquals(new double[] {1, 2}, reader.scalars("loss").values());
    }
  }

  @Test
  void aRewindTakesEntriesBack_andFilesThatNobodyNamesAnyMore() throws IOException {
    try (Board board = board().open()) {
      log(board, 0, 10);
      board.log("samples", image(2, 20));
      board.flush();
      Await.until("all is sealed", () -> board.health().sealed() == 11);
      board.rewindTo(4);
      check(board, 5);
      log(board, 5, 8);
      board.flush();
    }
    assertEquals(8, files().size());
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(8, reader.media("samples").size());
      assertShows(7, side(7), reader.media("samples").get(7));
    }
  }

  @Test
  void imagesInARowDoNotHoldUpTheNumberBehindThem() throws IOException {
    byte[] pixels = noise(1, 3_840 * 2_160 * 3);
    CountDownLatch packing = new CountDownLatch(1);
    holdPackersUp(packing);
    try (Board board = board().queueBytes(1L << 30).open();
        RunReader reader = RunReader.open(run)) {
      for (int i = 0; i < 20; i++) {
        pixels[i]++; // a content of its own; nobody minds which one it is that is encoded
        board.log("large", Image.adopt(pixels, 3_840, 2_160, 3, Layout.HWC));
      }
      board.log("loss", 1.0);
      Await.until(
          "the number is there",
          () -> {
            reader.refresh();
            return reader.metrics().contains("loss");
          });
      int encoded = reader.media().isEmpty() ? 0 : reader.media("large").size();
      assertEquals(0, encoded, "the number waited for images");
      assertTrue(board.health().queuedBytes() > 0);
      packing.countDown();
    } finally {
      packing.countDown();
    }
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(20, reader.media("large").size());
    }
  }

  /** Keeps all threads that pack, of which there are at most four, from what comes from now on. */
  static void holdPackersUp(CountDownLatch until) {
    Metric metric = new Metric(null, "held up", Kind.MEDIA, 0, Metric.NO_ID, null);
    for (int i = 0; i < 4; i++) {
      Packers.pack(
          new Parcel(
              metric,
              Parcel.Effort.HEAVY,
              0,
              step -> {
                until.await();
                return new Parcel.Packed(List.of(), null);
              }));
    }
  }

  private void check(Board board, int size) throws IOException {
    board.flush();
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(size, reader.media("samples").size());
      assertShows(size - 1, side(size - 1), reader.media("samples").get(size - 1));
    }
    assertFalse(board.health().failing());
  }
}
