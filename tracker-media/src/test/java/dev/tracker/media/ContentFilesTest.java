package dev.tracker.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentFilesTest {
  private static final long DEADLINE_SECONDS = 300;

  @TempDir Path folder;

  @Test
  void a_copy_is_whole_and_named_by_its_content() throws IOException {
    byte[] content = new byte[1_000_000];
    new Random(1).nextBytes(content);
    SourceFile source = source(content);
    Path target = Files.createDirectory(folder.resolve("media"));
    var copied = (CopyOutcome.Copied) ContentFiles.copy(source, target, ContentHash::hex);
    assertEquals(ContentHash.of(content), copied.hash());
    assertEquals(target.resolve(copied.hash().hex()), copied.file());
    assertArrayEquals(content, Files.readAllBytes(copied.file()));
    assertEquals(content.length, copied.bytes());
    assertTrue(copied.isNew());
    var again = (CopyOutcome.Copied) ContentFiles.copy(source, target, ContentHash::hex);
    assertFalse(again.isNew());
    assertEquals(List.of(copied.file()), list(target));
  }

  @Test
  void a_source_that_is_gone_or_unreadable_is_an_outcome() throws IOException {
    SourceFile source = source(new byte[10]);
    Files.delete(source.path());
    assertInstanceOf(CopyOutcome.Unreadable.class, copy(source));
    assertInstanceOf(CopyOutcome.Unreadable.class, copy(SourceFile.of(folder)));
    SourceFile never = SourceFile.of(folder.resolve("never"));
    Files.write(never.path(), new byte[3]);
    assertInstanceOf(CopyOutcome.Unreadable.class, copy(never));
    assertEquals(List.of(never.path()), list(folder));
  }

  @Test
  void a_source_that_changed_is_an_outcome() throws IOException {
    SourceFile source = source(new byte[10]);
    Files.write(source.path(), new byte[11]);
    assertInstanceOf(CopyOutcome.Changed.class, copy(source));
    SourceFile touched = source(new byte[10]);
    Files.setLastModifiedTime(touched.path(), FileTime.fromMillis(77_000));
    assertInstanceOf(CopyOutcome.Changed.class, copy(touched));
    assertEquals(List.of(source.path()), list(folder));
  }

  @Test
  void a_source_that_changes_while_it_is_copied_is_an_outcome() throws IOException {
    SourceFile source = source(new byte[1_000_000]);
    Path target = Files.createDirectory(folder.resolve("media"));
    CopyOutcome outcome =
        ContentFiles.copy(
            source,
            target,
            hash -> {
              append(source.path()); // all is read, nothing is renamed
              return hash.hex();
            });
    assertInstanceOf(CopyOutcome.Changed.class, outcome);
    assertEquals(List.of(), list(target));
  }

  private static void append(Path file) {
    try {
      Files.write(file, new byte[1], StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_target_that_cannot_be_written_is_an_exception() throws IOException {
    SourceFile source = source(new byte[10]);
    Path missing = folder.resolve("missing");
    assertThrows(IOException.class, () -> ContentFiles.copy(source, missing, ContentHash::hex));
    assertThrows(
        IOException.class,
        () -> ContentFiles.write(ByteBuffer.allocate(1), missing.resolve("file")));
  }

  @Test
  void bytes_are_written_once() throws IOException {
    Path file = folder.resolve("x.bin");
    ByteBuffer content = ByteBuffer.wrap(new byte[] {0, 1, 2}).position(1);
    ContentHash hash = ContentHash.of(content);
    assertTrue(ContentFiles.write(content, file));
    assertFalse(ContentFiles.write(content, file));
    assertEquals(1, content.position());
    assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(file));
    assertFalse(ContentFiles.isOther(file, hash));
    assertFalse(ContentFiles.isOther(folder.resolve("none"), hash));
    Files.write(file, new byte[2]);
    assertTrue(ContentFiles.isOther(file, hash));
  }

  @Test
  void a_process_killed_while_it_copies_leaves_no_half_file() throws Exception {
    byte[] content = new byte[32 << 20];
    new Random(9).nextBytes(content);
    Path file = Files.write(folder.resolve("large"), content);
    Path target = Files.createDirectory(folder.resolve("media"));
    for (int i = 0; i < 3; i++) {
      Process child = start(file, target);
      try {
        awaitTemporary(target);
      } finally {
        child.destroyForcibly();
        assertTrue(child.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS));
      }
      for (Path left : list(target)) {
        String name = left.getFileName().toString();
        if (!name.endsWith(".tmp")) {
          assertFalse(ContentFiles.isOther(left, new ContentHash(name.substring(8))), name);
        }
      }
      ContentFiles.removeTemporaries(target);
      for (Path left : list(target)) {
        assertFalse(left.toString().endsWith(".tmp"), left.toString());
      }
    }
  }

  /** The child: copies a file over and over, under a hundred names, until it is killed. */
  public static void main(String[] arguments) throws IOException {
    SourceFile source = SourceFile.of(Path.of(arguments[0]));
    for (int i = 0; i < 100_000; i++) { // not for ever, should its parent die
      String prefix = String.format("%08d", i % 100);
      ContentFiles.copy(source, Path.of(arguments[1]), hash -> prefix + hash.hex());
    }
  }

  private Process start(Path file, Path target) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            ContentFilesTest.class.getName(),
            file.toString(),
            target.toString());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("said").toFile())
        .start();
  }

  /** Waits until a copy has begun and not ended. */
  private static void awaitTemporary(Path target) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (System.nanoTime() < deadline) {
      for (Path left : list(target)) {
        if (left.toString().endsWith(".tmp")) {
          return;
        }
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("no copy has begun");
  }

  private CopyOutcome copy(SourceFile source) throws IOException {
    return ContentFiles.copy(source, folder, ContentHash::hex);
  }

  private SourceFile source(byte[] content) throws IOException {
    return SourceFile.of(Files.write(folder.resolve("source"), content));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  @Test
  void whatIsNoFile_isOther(@TempDir Path at) throws IOException {
    ContentHash nothing = ContentHash.of(new byte[0]);
    Path file = Files.createFile(at.resolve("file"));
    assertFalse(ContentFiles.isOther(file, nothing));
    assertFalse(ContentFiles.isOther(at.resolve("none"), nothing));
    assertTrue(ContentFiles.isOther(at, nothing));
    assertTrue(ContentFiles.isOther(Files.createSymbolicLink(at.resolve("link"), file), nothing));
  }
}
