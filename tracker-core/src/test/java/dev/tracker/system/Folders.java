package dev.tracker.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Folders as a user handles them: copied by plain means, put where nothing can be written. */
public final class Folders {
  private Folders() {}

  /** Copies a folder file by file, as {@code cp -r} does. */
  public static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
    return to;
  }

  /** Deletes a folder with all that is in it. */
  public static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Counts the files below a folder. */
  public static long files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).count();
    }
  }

  /**
   * A folder in which nothing can be changed until it is closed: by permissions, and since these do
   * not stop the superuser, for him by a read-only mount where he may make one.
   */
  public static final class ReadOnly implements AutoCloseable {
    private static final Set<PosixFilePermission> WRITING =
        Set.of(
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_WRITE);

    private final Path folder;
    private final boolean mounted;

    private ReadOnly(Path folder, boolean mounted) {
      this.folder = folder;
      this.mounted = mounted;
    }

    /** Makes a folder read-only, with all that is in it. */
    public static ReadOnly of(Path folder) throws IOException {
      boolean mounted = mount(folder);
      if (!mounted) {
        change(folder, false);
      }
      return new ReadOnly(folder, mounted);
    }

    /** Whether nothing can be written there indeed: no permission stops the superuser. */
    public boolean isEffective() {
      return mounted || !Files.isWritable(folder);
    }

    private static boolean mount(Path folder) throws IOException {
      if (!"root".equals(System.getProperty("user.name"))
          || run("mount", "--bind", folder.toString(), folder.toString()) != 0) {
        return false;
      }
      if (run("mount", "-o", "remount,bind,ro", folder.toString()) != 0) {
        run("umount", folder.toString());
        return false;
      }
      return true;
    }

    private static int run(String... command) throws IOException {
      try {
        return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted: " + List.of(command), e);
      }
    }

    private static void change(Path folder, boolean writable) throws IOException {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.toList()) {
          Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
          if (writable) {
            permissions.add(PosixFilePermission.OWNER_WRITE);
          } else {
            permissions.removeAll(WRITING);
          }
          Files.setPosixFilePermissions(path, permissions);
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }

    /** Makes it as it was. */
    @Override
    public void close() throws IOException {
      if (!mounted) {
        change(folder, true);
      } else if (run("umount", folder.toString()) != 0) {
        run("umount", "-l", folder.toString());
      }
    }
  }
}
