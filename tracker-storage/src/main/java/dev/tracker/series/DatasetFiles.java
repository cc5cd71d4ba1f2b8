package dev.tracker.series;

import dev.tracker.format.PlainFiles;
import dev.tracker.media.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The files of one dataset, by their names alone.
 *
 * <pre>
 * data/0000000007-9f3a61c5.lance              a data file: the version it came with, its CRC-32C
 * data/0000000007-….unfinished                a data file that is being written
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

  /**
   * Data files that were found whole, with their time of change: a file is read through once, and
   * again when it has changed.
   */
  private static final Map<Path, FileTime> CHECKED = new ConcurrentHashMap<>();

  private static final int MAX_CHECKED = 10_000;

  /** The version of a file that does not say. */
  private static final long NONE = -1;

  private final Path folder;

  DatasetFiles(Path folder) {
    this.folder = folder;
  }

  /** Returns the files of a dataset whose folder is no link, and is in none. */
  static DatasetFiles of(Path folder) throws IOException {
    PlainFiles.requireFolder(folder.resolveSibling(""));
    PlainFiles.requireFolder(folder);
    return new DatasetFiles(folder);
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

  /** Returns the manifest of a version, which is no link, and in none. */
  Path requireManifest(long version) throws IOException {
    PlainFiles.requireFile(folder, manifest(version));
    return manifest(version);
  }

  Path manifest(long version) {
    // Manifests are numbered downwards, so that the first in a listing is the newest.
    return versions().resolve(Long.toUnsignedString(-1L - version) + MANIFEST_SUFFIX);
  }

  /** Returns a name for a data file that is being written for a version. */
  Path unfinishedData(long version) {
    long chance = ThreadLocalRandom.current().nextLong();
    return data().resolve("%010d-%016x.unfinished".formatted(version, chance));
  }

  /** Gives a data file the name under which it says whether it is whole. */
  Path finishData(Path unfinished, long version) throws IOException {
    String checksum = checksum(unfinished);
    Path file = data().resolve("%010d-%s%s".formatted(version, checksum, DATA_SUFFIX));
    share(unfinished);
    return Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Throws where a data file does not hold what its name and length say. */
  void check(Path file, long length) throws IOException {
    PlainFiles.requireFile(folder, file);
    FileTime changed = Files.getLastModifiedTime(file);
    if (changed.equals(CHECKED.get(file))) {
      return;
    }
    long found = Files.size(file);
    String checksum = found == length ? checksum(file) : "";
    if (!nameOf(file).endsWith("-" + checksum + DATA_SUFFIX)) {
      throw new IOException(
          "data file is damaged: file=%s bytes=%d expected=%d crc32c=%s"
              .formatted(file, found, length, checksum));
    }
    if (CHECKED.size() >= MAX_CHECKED) {
      CHECKED.clear();
    }
    CHECKED.put(file, changed);
  }

  private static String checksum(Path file) throws IOException {
    String checksum = DurableFiles.crc32c(file);
    return checksum.substring(checksum.indexOf(':') + 1);
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

  /** Throws where there is a manifest of a newer version. */
  void requireNewest(long version) throws IOException {
    for (Path file : list(versions())) {
      if (manifestVersion(file) > version) {
        throw new IOException(
            "dataset has a newer version: expected=%d found=%d (not rolled back?)"
                .formatted(version, manifestVersion(file)));
      }
    }
  }

  /** Returns the versions that have a manifest, the newest first. */
  List<Long> manifestVersions() throws IOException {
    List<Long> found = new ArrayList<>();
    for (Path file : list(versions())) {
      if (manifestVersion(file) > 0) {
        found.add(manifestVersion(file));
      }
    }
    found.sort(Comparator.reverseOrder());
    return found;
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
      long of = dataVersion(file);
      if (of != NONE && of <= version && !dataFiles.contains(nameOf(file))) {
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
    PlainFiles.requireFolder(folder);
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
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
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
