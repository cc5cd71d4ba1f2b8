package dev.tracker.torture;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A disk in a file, with an ext4 file system that is mounted. Needs root.
 *
 * <p>What the file system has written to its device is in the file, and nothing else is: so a copy
 * of the file is the disk as a power cut leaves it. The kernel goes on writing while it is copied;
 * therefore it is copied until two copies are the same, which then are the disk of one moment.
 */
final class LoopDisk implements AutoCloseable {
  private static final int MAX_COPIES = 40;

  /** A file system that cannot be mounted after a power cut. */
  static final class Lost extends IOException {
    private static final long serialVersionUID = 1L;

    Lost(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** What is mounted, to be taken away when the process ends early. */
  private static final Set<Path> MOUNTED = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              // Whoever still writes to a disk keeps it.
              ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
              for (Path folder : MOUNTED) {
                try {
                  run("umount", "-l", folder.toString());
                } catch (IOException | InterruptedException e) {
                  System.err.println("left mounted: folder=" + folder + " cause=" + e);
                }
              }
            }));
  }

  private final Path image;
  private final Path folder;

  private LoopDisk(Path image, Path folder) {
    this.image = image;
    this.folder = folder;
  }

  /** Makes a file system and mounts it. */
  static LoopDisk make(Path image, int megabytes, String features, String options, Path folder)
      throws IOException, InterruptedException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) megabytes << 20);
    }
    run("mkfs.ext4", "-q", "-F", "-O", features, image.toString());
    return mount(image, options, folder);
  }

  private static LoopDisk mount(Path image, String options, Path folder)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    run("mount", "-t", "ext4", "-o", "loop," + options, image.toString(), folder.toString());
    MOUNTED.add(folder);
    return new LoopDisk(image, folder);
  }

  Path folder() {
    return folder;
  }

  /**
   * Cuts the power: copies what the disk holds, and mounts a copy of that, as the next boot would.
   *
   * @throws Lost where the kernel refuses the copy, which is no matter of those that wrote into it:
   *     ext4 with {@code fast_commit} has been seen to leave a journal that it cannot replay
   */
  LoopDisk cut(Path copy, Path mounted) throws IOException, InterruptedException {
    Path second = copy.resolveSibling(copy.getFileName() + ".again");
    copy(copy);
    for (int copies = 1; copies < MAX_COPIES; copies++) {
      copy(second);
      if (Files.mismatch(copy, second) < 0) {
        return mountAgain(second, mounted);
      }
      Files.move(second, copy, StandardCopyOption.REPLACE_EXISTING);
    }
    throw new IOException("the disk does not come to rest: image=" + image);
  }

  private static LoopDisk mountAgain(Path image, Path folder)
      throws IOException, InterruptedException {
    try {
      return mount(image, "data=ordered", folder);
    } catch (IOException e) {
      throw new Lost(e);
    }
  }

  private void copy(Path target) throws IOException, InterruptedException {
    run("cp", "--sparse=always", image.toString(), target.toString());
  }

  @Override
  public void close() throws IOException {
    try {
      run("umount", folder.toString());
      MOUNTED.remove(folder);
      Files.delete(folder);
    } catch (InterruptedException e) {
      throw new IOException("interrupted: folder=" + folder, e);
    }
  }

  /** Runs a command of the system; a failure says what it said. */
  static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(
          "command failed: command="
              + List.of(command)
              + " code="
              + code
              + " said="
              + said.strip());
    }
  }
}
