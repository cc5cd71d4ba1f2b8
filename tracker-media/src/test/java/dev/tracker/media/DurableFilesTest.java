package dev.tracker.media;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
  @TempDir Path folder;

  @Test
  void replacing_leaves_the_new_content_and_nothing_else() throws IOException {
    Path file = folder.resolve("state.json");
    DurableFiles.writeAtomically(file, "old".getBytes(UTF_8));
    DurableFiles.writeAtomically(file, "new".getBytes(UTF_8));
    assertEquals("new", Files.readString(file));
    try (Stream<Path> entries = Files.list(folder)) {
      assertEquals(List.of(file), entries.toList());
    }
  }

  @Test
  void a_file_is_as_readable_as_any_other_that_the_program_makes() throws IOException {
    Path plain = Files.writeString(folder.resolve("plain"), "x");
    Path file = folder.resolve("state.json");
    DurableFiles.writeAtomically(file, new byte[0]);
    assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(file));
  }

  @Test
  void a_failed_replacement_leaves_nothing_behind() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("taken/inner"));
    assertThrows(
        IOException.class, () -> DurableFiles.writeAtomically(taken.getParent(), new byte[1]));
    try (Stream<Path> entries = Files.list(folder)) {
      assertEquals(List.of(taken.getParent()), entries.toList());
    }
  }

  @Test
  void a_checksum_is_that_of_the_whole_content() throws IOException {
    Path file = folder.resolve("data");
    Files.writeString(file, "123456789");
    assertEquals("crc32c:e3069283", DurableFiles.crc32c(file));
    Files.write(file, new byte[300_000]);
    String zeros = DurableFiles.crc32c(file);
    byte[] flipped = new byte[300_000];
    flipped[299_999] = 1;
    Files.write(file, flipped);
    assertEquals(false, zeros.equals(DurableFiles.crc32c(file)));
    assertThrows(NoSuchFileException.class, () -> DurableFiles.crc32c(folder.resolve("missing")));
    assertEquals(DurableFiles.crc32c(file), DurableFiles.crc32c(file, 400_000));
    Files.writeString(file, "123456789 and more");
    assertEquals("crc32c:e3069283", DurableFiles.crc32c(file, 9));
  }
}
