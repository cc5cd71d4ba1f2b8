package dev.tracker.format;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what stands in the place of a run's file or folder before anything opens it: a symbolic
 * link leads out of the run, and whoever opens a named pipe waits for ever.
 *
 * <p>A look opens nothing and follows nothing. It is no protection from somebody who changes the
 * folder at the same time.
 */
public final class PlainFiles {
  private PlainFiles() {}

  /**
   * Returns whether there is a file.
   *
   * @throws IOException if something else is in its place
   */
  public static boolean requireFile(Path file) throws IOException {
    BasicFileAttributes found = look(file);
    if (found != null && !found.isRegularFile()) {
      throw unfit("file", file, found);
    }
    return found != null;
  }

  /**
   * Returns whether there is a folder.
   *
   * @throws IOException if something else is in its place
   */
  public static boolean requireFolder(Path folder) throws IOException {
    BasicFileAttributes found = look(folder);
    if (found != null && !found.isDirectory()) {
      throw unfit("folder", folder, found);
    }
    return found != null;
  }

  /**
   * Makes a folder where there is none, in one that is there: a run that somebody has taken away is
   * not made again.
   */
  public static void makeFolder(Path folder) throws IOException {
    if (!requireFolder(folder)) {
      try {
        Files.createDirectory(folder);
      } catch (FileAlreadyExistsException e) {
        requireFolder(folder); // another thread was faster
      }
    }
  }

  /**
   * Lets anything be in the place of a folder but a link.
   *
   * @throws IOException if there is one
   */
  public static void refuseLink(Path folder) throws IOException {
    BasicFileAttributes found = look(folder);
    if (found != null && found.isSymbolicLink()) {
      throw unfit("folder", folder, found);
    }
  }

  /**
   * Returns whether there is a file below a root.
   *
   * @throws IOException if something else is in its place, or in that of a folder on the way to it
   */
  public static boolean requireFile(Path root, Path file) throws IOException {
    Path below = root.relativize(file);
    for (int parts = 1; parts < below.getNameCount(); parts++) {
      if (!requireFolder(root.resolve(below.subpath(0, parts)))) {
        return false;
      }
    }
    return requireFile(file);
  }

  private static @Nullable BasicFileAttributes look(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static IOException unfit(String expected, Path path, BasicFileAttributes found) {
    String what =
        found.isSymbolicLink()
            ? "link"
            : found.isRegularFile()
                ? "file"
                : found.isDirectory() ? "folder" : "pipe, socket or device";
    return new IOException(
        "a %s stands in the place of a %s: file=%s (%s)"
            .formatted(
                what,
                expected,
                path,
                found.isSymbolicLink()
                    ? "none is followed within a run: put there what it leads to"
                    : "put there by hand?"));
  }
}
