package dev.tracker.torture.load;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** A folder in which files come and go while it is looked through. */
final class Folder extends SimpleFileVisitor<Path> {
  private final boolean deletes;
  private long files;
  private long bytes;

  private Folder(boolean deletes) {
    this.deletes = deletes;
  }

  private static Folder walk(Path root, boolean deletes) throws IOException {
    Folder folder = new Folder(deletes);
    Files.walkFileTree(root, folder);
    return folder;
  }

  static long files(Path root) throws IOException {
    return walk(root, false).files;
  }

  static long bytes(Path root) throws IOException {
    return walk(root, false).bytes;
  }

  static void delete(Path root) throws IOException {
    walk(root, true);
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    files++;
    bytes += attributes.size();
    if (deletes) {
      Files.deleteIfExists(file);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
    if (e instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw e;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
    if (e != null && !(e instanceof NoSuchFileException)) {
      throw e;
    }
    if (deletes) {
      Files.deleteIfExists(folder);
    }
    return FileVisitResult.CONTINUE;
  }
}
