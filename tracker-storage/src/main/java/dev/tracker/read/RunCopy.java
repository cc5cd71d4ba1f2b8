package dev.tracker.read;

import dev.tracker.format.ConsoleLog;
import dev.tracker.format.Kind;
import dev.tracker.format.MediaForm;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.MetadataReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a run that may be written meanwhile.
 *
 * <p>The order makes it whole: first the journal, then the metadata, then the files that it names.
 * A segment that is gone before it was copied is covered by the metadata, which is read later; a
 * series' file that is gone was compacted since, and then the copy is begun again.
 */
final class RunCopy {
  private static final int ATTEMPTS = 10;

  private final RunLayout source;
  private final RunLayout target;
  private final boolean links;

  /**
   * Prepares a copy.
   *
   * @param links whether files that never change are shared with the source
   */
  RunCopy(RunLayout source, RunLayout target, boolean links) {
    this.source = source;
    this.target = target;
    this.links = links;
  }

  void make() throws IOException {
    if (Files.exists(target.root())) {
      throw new FileAlreadyExistsException(
          target.root() + " exists already (a run is copied into a folder of its own)");
    }
    for (int attempt = 1; ; attempt++) {
      try {
        copy();
        return;
      } catch (NoSuchFileException e) {
        delete(target.root());
        if (attempt == ATTEMPTS) {
          throw e;
        }
      } catch (IOException | RuntimeException e) {
        delete(target.root());
        throw e;
      }
    }
  }

  private void copy() throws IOException {
    shareStaged(); // before the journal: sealing takes them away
    copySegments();
    if (PlainFiles.requireFile(source.root(), source.metadata())) {
      Files.createDirectories(target.data());
      MetadataReader.copy(source.metadata(), target.metadata());
      List<FileEntry> files = new ArrayList<>();
      Optional<?> committed = MetadataReader.read(target.metadata(), files::add);
      if (committed.isPresent()) {
        for (FileEntry file : files) {
          Path copy = target.root().resolve(file.path());
          if (file.path().equals(ConsoleLog.PATH)) {
            copyFile(source.output(), copy);
            cut(copy, file.length());
          } else {
            share(source.root().resolve(file.path()), copy);
          }
        }
      }
    }
    shareStaged(); // those that came with what was copied of the journal
    copyTree(source.logs(), target.logs());
    if (!links) {
      copyLog(source.log(), target.log());
      copyLog(source.olderLog(), target.olderLog());
    }
    try (RunMoment moment = RunMoment.take(target)) {
      requireStaged(moment);
    }
  }

  /** A file that was staged and sealed while the copy was made has no place that is copied. */
  private void requireStaged(RunMoment moment) throws IOException {
    Set<Integer> media = new HashSet<>();
    moment.views().values().stream()
        .filter(view -> view.kind() == Kind.MEDIA)
        .forEach(view -> media.add(view.id()));
    Set<Path> missing = new LinkedHashSet<>();
    moment.decodeTail(
        new RecordVisitor() {
          @Override
          public void entry(
              int series,
              long step,
              long globalStep,
              long micros,
              byte[] bytes,
              int offset,
              int length) {
            if (media.contains(series)) {
              staged(bytes, offset, length)
                  .filter(file -> !Files.exists(file))
                  .ifPresent(missing::add);
            }
          }
        });
    if (!missing.isEmpty()) {
      throw new NoSuchFileException(missing.iterator().next().toString());
    }
  }

  private Optional<Path> staged(byte[] bytes, int offset, int length) {
    try {
      MediaForm form = MediaForm.decode(bytes, offset, length);
      return form.staged()
          ? Optional.of(target.staged(form.digest(), form.extension()))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void shareStaged() throws IOException {
    if (!Files.isDirectory(source.staged())) {
      return;
    }
    List<Path> staged;
    try (Stream<Path> entries = Files.list(source.staged())) {
      staged = entries.filter(file -> !file.toString().endsWith(".tmp")).toList();
    }
    for (Path file : staged) {
      Path copy = target.staged().resolve(file.getFileName());
      try {
        if (!Files.exists(copy)) {
          share(file, copy);
        }
      } catch (NoSuchFileException e) {
        // Sealed since: the metadata covers it, or it is missed in the end.
      }
    }
  }

  private void copySegments() throws IOException {
    Files.createDirectories(target.journal());
    if (!Files.isDirectory(source.journal())) {
      return;
    }
    List<Path> segments;
    try (Stream<Path> entries = Files.list(source.journal())) {
      segments = entries.filter(RunCopy::isSegment).sorted().toList();
    }
    for (Path segment : segments) {
      try {
        copyFile(segment, target.journal().resolve(segment.getFileName()));
      } catch (NoSuchFileException e) {
        // Sealed since, and deleted: the metadata that is copied next covers it.
      }
    }
  }

  private static boolean isPlain(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isSegment(Path file) {
    return file.toString().endsWith(".seg");
  }

  private void copyTree(Path from, Path to) throws IOException {
    if (!PlainFiles.requireFolder(from)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.filter(RunCopy::isPlain).toList();
    }
    for (Path file : files) {
      Path copy = to.resolve(from.relativize(file).toString());
      if (!file.equals(source.output())
          && !file.equals(source.log())
          && !file.equals(source.olderLog())
          && !Files.exists(copy)) { // metadata names the one, and perhaps others
        copyFile(file, copy);
      }
    }
  }

  /**
   * Copies what the library said, if it is there: it may be renamed or grow just now, and nothing
   * depends on it. A run that shares another one's past has a log of its own.
   */
  private void copyLog(Path from, Path to) {
    try {
      copyFile(from, to);
    } catch (IOException e) {
      return; // then the copy has none
    }
  }

  /** Takes off what a file has grown since metadata was read; so grows the console log alone. */
  private static void cut(Path copy, long length) throws IOException {
    if (Files.size(copy) > length) {
      try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
        channel.truncate(length);
      }
    }
  }

  /** Links a file that never changes, or copies it where it is not to be linked or cannot be. */
  private void share(Path from, Path to) throws IOException {
    PlainFiles.requireFile(source.root(), from);
    if (links) {
      Files.createDirectories(to.getParent());
      try {
        Files.createLink(to, from);
        return;
      } catch (NoSuchFileException e) {
        throw e;
      } catch (FileSystemException | UnsupportedOperationException e) {
        copyFile(from, to); // another file system, or one without links
        return;
      }
    }
    copyFile(from, to);
  }

  private void copyFile(Path from, Path to) throws IOException {
    PlainFiles.requireFile(source.root(), from);
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
