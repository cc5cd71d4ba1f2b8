package dev.tracker.natives;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.natives.NativeCache.Library;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
  @TempDir Path root;
  private Path folder;
  private NativeCache cache;
  private byte[] content;
  private URL resource;

  @BeforeEach
  void packALibrary() throws IOException {
    folder = root.resolve("cache").resolve("native");
    cache = new NativeCache(folder);
    content = noise(1);
    resource = jar("one.jar", content);
  }

  @Test
  void a_library_is_unpacked_once() throws IOException {
    Library first = cache.find(resource, "lance-some-system");
    FileTime unpacked = Files.getLastModifiedTime(first.path());
    Library second = cache.find(resource, "lance-some-system");
    assertEquals(first, second);
    assertFalse(first.temporary());
    assertEquals(folder, first.path().getParent());
    assertArrayEquals(content, Files.readAllBytes(first.path()));
    assertEquals(unpacked, Files.getLastModifiedTime(second.path()));
    assertEquals(2, entries().size(), "the library and the note that it was checked");
  }

  @Test
  void another_content_is_another_file() throws IOException {
    Library one = cache.find(resource, "lance-some-system");
    Library other = cache.find(jar("other.jar", noise(2)), "lance-some-system");
    assertNotEquals(one.path(), other.path());
    assertArrayEquals(content, Files.readAllBytes(one.path()));
    assertArrayEquals(noise(2), Files.readAllBytes(other.path()));
  }

  @Test
  void a_library_that_was_cut_is_replaced() throws IOException {
    Path file = cache.find(resource, "x").path();
    Files.write(file, new byte[100]);
    assertArrayEquals(content, Files.readAllBytes(cache.find(resource, "x").path()));
  }

  @Test
  void a_library_that_was_changed_is_replaced() throws IOException {
    Path file = cache.find(resource, "x").path();
    byte[] changed = content.clone();
    changed[changed.length / 2] ^= 1;
    Files.write(file, changed);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(10)));
    assertArrayEquals(content, Files.readAllBytes(cache.find(resource, "x").path()));
  }

  @Test
  void a_whole_library_without_a_note_is_kept() throws IOException {
    Path file = cache.find(resource, "x").path();
    Object before = Files.readAttributes(file, "unix:ino").get("ino");
    Files.delete(file.resolveSibling(file.getFileName() + ".checked"));
    assertEquals(file, cache.find(resource, "x").path());
    assertEquals(before, Files.readAttributes(file, "unix:ino").get("ino"));
    assertEquals(2, entries().size(), "it has been checked and has its note again");
  }

  @Test
  void a_library_that_cannot_be_cached_is_temporary_and_leaves_nothing() throws IOException {
    Files.writeString(root.resolve("cache"), "in the way");
    Library library = cache.find(resource, "x");
    assertTrue(library.temporary());
    assertArrayEquals(content, Files.readAllBytes(library.path()));
    library.loaded();
    assertFalse(Files.exists(library.path().getParent()));
  }

  @Test
  void a_library_outside_a_jar_is_used_where_it_is() throws IOException {
    Path file = Files.write(root.resolve("lib with space.so"), content);
    assertEquals(new Library(file, false), cache.find(file.toUri().toURL(), "x"));
    assertFalse(Files.exists(folder));
  }

  @Test
  void what_a_dead_process_was_unpacking_is_removed_and_what_a_live_one_is_stays()
      throws IOException {
    Files.createDirectories(folder);
    Path old = Files.write(folder.resolve("unpacking-1.tmp"), content);
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Path young = Files.write(folder.resolve("unpacking-2.tmp"), content);
    cache.find(resource, "x");
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(young));
  }

  @Test
  void processes_that_race_all_get_a_whole_library() throws Exception {
    int count = 8;
    CyclicBarrier start = new CyclicBarrier(count);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<byte[]>> found =
          IntStream.range(0, count)
              .mapToObj(i ->
                  threads.submit(() -> {
                    start.await();
                    return Files.readAllBytes(cache.find(resource, "x").path());
                  }))
              .toList();
      for (Future<byte[]> bytes : found) {
        assertArrayEquals(content, bytes.get());
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(2, entries().size());
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private URL jar(String name, byte[] library) throws IOException {
    Path file = root.resolve(name);
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      jar.putNextEntry(new JarEntry("nativelib/library.so"));
      jar.write(library);
      jar.closeEntry();
    }
    return URI.create("jar:" + file.toUri() + "!/nativelib/library.so").toURL();
  }

  private static byte[] noise(long seed) {
    byte[] bytes = new byte[3_000_000];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
