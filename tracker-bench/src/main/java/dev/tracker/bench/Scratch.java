package dev.tracker.bench;

import dev.tracker.Board;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A folder for the runs of one measurement, gone when it is closed. It is made in the system's
 * temporary folder, or in {@code -Dbench.dir}: the disk there is what is measured.
 */
final class Scratch implements AutoCloseable {
  private final Path root;

  Scratch() throws IOException {
    root = Files.createTempDirectory(Files.createDirectories(parent()), "tracker-bench-");
  }

  /** Returns where such folders are made. */
  static Path parent() {
    return Path.of(System.getProperty("bench.dir", System.getProperty("java.io.tmpdir")));
  }

  Path root() {
    return root;
  }

  /** Returns the builder of a run in here. */
  Board.Builder board(String name) {
    return Board.builder(name).root(root);
  }

  /** Returns the bytes of all files in a folder and below. */
  static long size(Path folder) throws IOException {
    long size = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        size += Files.size(file);
      }
    }
    return size;
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      files.sorted(Comparator.reverseOrder()).forEach(Scratch::delete);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
