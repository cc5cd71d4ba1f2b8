package dev.tracker.series;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The files of one dataset, by their names alone.
 *
 * <pre>
 * data/0000000007-9f3a61c5d2e8b704.lance      a data file: the version it came with, and chance
 * _versions/18446744073709551608.manifest     the manifest of version 7: 2^64 - 1 - 7
 * _versions/latest_version_hint.json          removed after every commit: nobody may rely on it
 * _transactions/6-&lt;uuid&gt;.txn                  removed after every commit: only concurrent writers read it
 * .tmp… and …#1                               what a writer that died was about to rename
 * </pre>
 */
final class DatasetFiles {
  private static final String DATA_SUFFIX = ".lance";
  private static final String MANIFEST_SUFFIX = ".manifest";
  private static final int VERSION_DIGITS = 10;
  private static final int MANIFEST_DIGITS = 20;

  /** The version of a file that does not say. */
  private static final long NONE = -1;

  private final Path folder;

  DatasetFiles(Path folder) {
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  Path data() {
    return folder.resolve("data");
  }

  Path versions() {
    return folder.resolve("_versions");
  }

  Path transactions() {
    return folder.resolve("_transactions");
  }

  Path manifest(long version) {
    // Manifests are numbered downwards, so that the first in a listing is the newest.
    return versions().resolve(Long.toUnsignedString(-1L - version) + MANIFEST_SUFFIX);
  }

  /** Returns the name for a new data file that comes with a version. */
  Path newDataFile(long version) {
    long chance = ThreadLocalRandom.current().nextLong();
    return data().resolve("%010d-%016x%s".formatted(version, chance, DATA_SUFFIX));
  }

  /** Makes a file that Lance wrote readable for whoever may read the folder. */
  void share(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(folder, PosixFileAttributeView.class);
    if (view != null) {
      Set<PosixFilePermission> permissions = EnumSet.copyOf(view.readAttributes().permissions());
      permissions.remove(PosixFilePermission.OWNER_EXECUTE);
      permissions.remove(PosixFilePermission.GROUP_EXECUTE);
      permissions.remove(PosixFilePermission.OTHERS_EXECUTE);
      Files.setPosixFilePermissions(file, permissions);
    }
  }

  /** Removes what a commit leaves and nobody needs: the hint, and the transaction. */
  void removeTraces(long readVersion, String transaction) throws IOException {
    Files.deleteIfExists(versions().resolve("latest_version_hint.json"));
    Files.deleteIfExists(transactions().resolve(readVersion + "-" + transaction + ".txn"));
  }

  /** Removes everything that came after a version, and everything that is not a whole file. */
  void removeAfter(long version) throws IOException {
    for (Path file : list(versions())) {
      long of = manifestVersion(file);
      if (of == NONE || of > version) {
        Files.deleteIfExists(file);
      }
    }
    for (Path file : list(data())) {
      if (dataVersion(file) > version || isUnfinished(file)) {
        Files.deleteIfExists(file);
      }
    }
    for (Path file : list(transactions())) {
      Files.deleteIfExists(file);
    }
  }

  /** Removes the manifests before a version, and data files up to it that are not among its own. */
  void removeBefore(long version, Set<String> dataFiles) throws IOException {
    for (Path file : list(versions())) {
      long of = manifestVersion(file);
      if (of != NONE && of < version) {
        Files.deleteIfExists(file);
      }
    }
    for (Path file : list(data())) {
      if (dataVersion(file) <= version && !dataFiles.contains(nameOf(file))) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Removes the dataset. */
  void removeAll() throws IOException {
    try {
      Files.walkFileTree(folder, new Remover());
    } catch (NoSuchFileException e) {
      // There was none: that is what is asked for.
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      stream.forEach(files::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    return files;
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString();
  }

  private static boolean isUnfinished(Path file) {
    String name = nameOf(file);
    return name.startsWith(".tmp") || name.indexOf('#') >= 0;
  }

  private static long manifestVersion(Path file) {
    String name = nameOf(file);
    return name.length() == MANIFEST_DIGITS + MANIFEST_SUFFIX.length()
            && name.endsWith(MANIFEST_SUFFIX)
            && isNumber(name, MANIFEST_DIGITS)
        ? -1L - Long.parseUnsignedLong(name, 0, MANIFEST_DIGITS, 10)
        : NONE;
  }

  /** The version a data file came with; {@link #NONE} for one that is not ours. */
  private static long dataVersion(Path file) {
    String name = nameOf(file);
    return name.length() > VERSION_DIGITS
            && name.charAt(VERSION_DIGITS) == '-'
            && isNumber(name, VERSION_DIGITS)
        ? Long.parseLong(name, 0, VERSION_DIGITS, 10)
        : NONE;
  }

  private static boolean isNumber(String name, int digits) {
    for (int i = 0; i < digits; i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** Removes a folder and what is in it. */
  private static final class Remover extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
        throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e)
        throws IOException {
      if (e != null) {
        throw e;
      }
      Files.deleteIfExists(dir);
      return FileVisitResult.CONTINUE;
    }
  }
}
