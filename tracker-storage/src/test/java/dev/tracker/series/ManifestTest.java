package dev.tracker.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lance.Dataset;
import org.lance.FragmentMetadata;

class ManifestTest {
  @TempDir Path root;
  private Path folder;
  private Path file;

  @BeforeEach
  void commitTwice() throws IOException {
    folder = root.resolve("x.lance");
    SeriesDataset.append(folder, Kind.FLOAT64, 0, RowsModel.counted(Kind.FLOAT64, 0, 10));
    SeriesDataset.append(folder, Kind.FLOAT64, 1, RowsModel.counted(Kind.FLOAT64, 10, 300));
    file = new DatasetFiles(folder).manifest(2);
  }

  @Test
  void it_says_what_lance_says() throws IOException {
    Manifest manifest = Manifest.read(file, 2);
    assertEquals(2, manifest.version());
    assertEquals(310, manifest.rows());
    try (Dataset dataset = Lance.open(folder, 2)) {
      assertEquals(
          dataset.getFragments().stream().map(f -> part(f.metadata())).toList(),
          manifest.fragments());
    }
  }

  private static Manifest.Part part(FragmentMetadata fragment) {
    var data = fragment.getFiles().get(0);
    return new Manifest.Part(
        data.getPath(), data.getFileSizeBytes(), Math.toIntExact(fragment.getNumRows()));
  }

  @Test
  void a_missing_one_is_not_found_and_another_versions_is_refused() throws IOException {
    DatasetFiles files = new DatasetFiles(folder);
    assertThrows(NoSuchFileException.class, () -> Manifest.read(files.manifest(3), 3));
    Files.copy(file, files.manifest(3));
    IOException refused =
        assertThrows(IOException.class, () -> Manifest.read(files.manifest(3), 3));
    assertTrue(refused.getMessage().contains("version=3"), refused::getMessage);
  }

  @Test
  void a_cut_one_is_damaged_wherever_it_was_cut() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      IOException damaged = assertThrows(IOException.class, () -> Manifest.parse(cut, file, 2));
      assertTrue(damaged.getMessage().contains("bytes=" + length), damaged::getMessage);
    }
  }

  @Test
  void a_message_that_is_shorter_than_its_place_is_refused() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer whole = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int position = (int) whole.getLong(bytes.length - 16);
    for (int length = whole.getInt(position) - 1; length >= 0; length--) {
      whole.putInt(position, length);
      assertThrows(IOException.class, () -> Manifest.parse(bytes, file, 2));
    }
  }

  @Test
  void noise_is_read_or_refused_but_ends_nothing() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = whole.clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        Manifest.parse(damaged, file, 2);
      } catch (IOException e) {
        refused++;
      }
    }
    assertTrue(refused > 1000, "refused=" + refused);
  }
}
