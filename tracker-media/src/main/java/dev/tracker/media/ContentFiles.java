package dev.tracker.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.UUID;
import java.util.function.Function;

/**
 * Puts files into a folder by their content: under its final name a file is whole, whenever the
 * process dies or the power fails, and when a call has returned it is on stable storage.
 *
 * <p>Every file is written under a temporary name first, forced, renamed, and its folder forced.
 * One thread at a time writes to a folder.
 */
public final class ContentFiles {
  private static final int BUFFER_BYTES = 256 * 1024;
  private static final String TEMPORARY_PREFIX = ".copy-";
  private static final String TEMPORARY_SUFFIX = ".tmp";

  private ContentFiles() {}

  /**
   * Copies a file of the user's, which is read once.
   *
   * @param source the file as it was when it was logged
   * @param folder where the copy is to be
   * @param naming gives the name to a hash; where a file of that name is there, it must hold the
   *     same bytes, and is kept
   * @throws IOException if the copy cannot be written
   */
  public static CopyOutcome copy(
      SourceFile source, Path folder, Function<ContentHash, String> naming) throws IOException {
    SourceFile before = SourceFile.of(source.path());
    if (source.isGone() || before.isGone()) {
      return new CopyOutcome.Unreadable(
          "file is not there: source="
              + source.path()
              + " (never there, a folder, or deleted before it was copied?)");
    }
    if (!before.equals(source)) {
      return changed(source, before, "before it was copied");
    }
    Path temporary = folder.resolve(TEMPORARY_PREFIX + UUID.randomUUID() + TEMPORARY_SUFFIX);
    try (FileChannel out =
        FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      ContentHash hash;
      long bytes;
      try (InputStream in = open(source.path())) {
        MessageDigest digest = ContentHash.digest();
        bytes = transfer(in, out, digest, source.size());
        hash = ContentHash.of(digest);
      } catch (SourceException e) {
        return new CopyOutcome.Unreadable(
            "file cannot be read: source=" + source.path() + " cause=" + e.getCause());
      }
      Path file = folder.resolve(naming.apply(hash));
      SourceFile after = SourceFile.of(source.path());
      if (bytes != source.size() || !after.equals(source)) {
        return changed(source, after, "while it was copied");
      }
      out.force(true);
      boolean isNew = !Files.exists(file);
      if (isNew) {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      }
      DurableFiles.forceFolder(folder);
      return new CopyOutcome.Copied(file, hash, bytes, isNew);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Writes bytes to a file, unless one of that name is there, which must hold the same.
   *
   * @return whether it is new
   */
  public static boolean write(ByteBuffer content, Path file) throws IOException {
    Path folder = file.toAbsolutePath().resolveSibling("");
    if (Files.exists(file)) {
      DurableFiles.forceFolder(folder);
      return false;
    }
    Path temporary = folder.resolve(TEMPORARY_PREFIX + UUID.randomUUID() + TEMPORARY_SUFFIX);
    try {
      try (FileChannel out =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        writeFully(out, content.duplicate());
        out.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    DurableFiles.forceFolder(folder);
    return true;
  }

  /**
   * Returns whether something is there that is no file, or one that holds other bytes than the hash
   * says; what {@link MediaNames#fileName} asks.
   */
  public static boolean isOther(Path file, ContentHash hash) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return !ContentHash.of(in).equals(hash);
    }
  }

  /** Deletes what a process that died had begun; nobody else may be writing to the folder. */
  public static void removeTemporaries(Path folder) throws IOException {
    String pattern = TEMPORARY_PREFIX + "*" + TEMPORARY_SUFFIX;
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, pattern)) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static CopyOutcome changed(SourceFile then, SourceFile now, String when) {
    return new CopyOutcome.Changed(
        "file changed "
            + when
            + ": source="
            + then.path()
            + " bytes="
            + then.size()
            + " bytesNow="
            + now.size()
            + " (log a file that is not written any more)");
  }

  /** Copies until the source ends, or has turned out longer than it was. */
  private static long transfer(InputStream in, FileChannel out, MessageDigest digest, long size)
      throws IOException, SourceException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long bytes = 0;
    for (int read = read(in, buffer); read >= 0 && bytes <= size; read = read(in, buffer)) {
      digest.update(buffer, 0, read);
      writeFully(out, ByteBuffer.wrap(buffer, 0, read));
      bytes += read;
    }
    return bytes;
  }

  private static void writeFully(FileChannel out, ByteBuffer left) throws IOException {
    while (left.hasRemaining()) {
      out.write(left);
    }
  }

  private static InputStream open(Path source) throws SourceException {
    try {
      return Files.newInputStream(source);
    } catch (IOException e) {
      throw new SourceException(e);
    }
  }

  private static int read(InputStream in, byte[] buffer) throws SourceException {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw new SourceException(e);
    }
  }

  /** The user's file could not be read. */
  private static final class SourceException extends Exception {
    private static final long serialVersionUID = 1;

    SourceException(IOException cause) {
      super(cause);
    }
  }
}
