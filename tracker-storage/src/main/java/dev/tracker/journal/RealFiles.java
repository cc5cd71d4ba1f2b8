package dev.tracker.journal;

import dev.tracker.format.PlainFiles;
import dev.tracker.media.DurableFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The file system of this machine.
 *
 * <p>A thread's interrupt flag is taken away before each use of a channel and given back after it:
 * otherwise a flag that stood before the call would close the channel. An interrupt that arrives
 * during the call still closes it, and counts as a failed write or force. Files opened for reading
 * are not channels, so that an interrupted thread can go on reading.
 */
final class RealFiles implements FileLayer {
  static final RealFiles INSTANCE = new RealFiles();

  private RealFiles() {}

  @Override
  public WritableFile create(Path file) throws IOException {
    return new Channel(
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.READ));
  }

  @Override
  public ReadableFile open(Path file) throws IOException {
    PlainFiles.requireFile(file);
    try {
      return new Reading(new RandomAccessFile(file.toFile(), "r"));
    } catch (FileNotFoundException e) { // also where opening was refused
      if (Files.exists(file)) {
        throw e;
      }
      throw new NoSuchFileException(file.toString());
    }
  }

  @Override
  public List<String> list(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    PlainFiles.requireFolder(folder);
    try (Stream<Path> entries = Files.list(folder)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    } catch (NoSuchFileException e) {
      names.clear();
    }
    return names;
  }

  @Override
  public long size(Path file) throws IOException {
    return Files.size(file);
  }

  @Override
  public Object identity(Path file) throws IOException {
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    return key == null ? file : key;
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public boolean createFolder(Path folder) throws IOException {
    boolean missing = !Files.isDirectory(folder);
    Files.createDirectories(folder);
    return missing;
  }

  @Override
  public void force(Path file) throws IOException {
    PlainFiles.requireFile(file);
    boolean interrupted = Thread.interrupted();
    try {
      DurableFiles.forceFile(file);
    } finally {
      restore(interrupted);
    }
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      DurableFiles.forceFolder(folder);
    } finally {
      restore(interrupted);
    }
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private record Channel(FileChannel channel) implements WritableFile {
    @Override
    public int write(ByteBuffer bytes, long offset) throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        return channel.write(bytes, offset);
      } finally {
        restore(interrupted);
      }
    }

    @Override
    public int read(byte[] into, int start, int length, long offset) throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        return channel.read(ByteBuffer.wrap(into, start, length), offset);
      } finally {
        restore(interrupted);
      }
    }

    @Override
    public void force() throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        channel.force(false);
      } finally {
        restore(interrupted);
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        channel.truncate(size);
      } finally {
        restore(interrupted);
      }
    }

    @Override
    public long size() throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        return channel.size();
      } finally {
        restore(interrupted);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private record Reading(RandomAccessFile file) implements ReadableFile {
    @Override
    public int read(byte[] into, int start, int length, long offset) throws IOException {
      file.seek(offset);
      return file.read(into, start, length);
    }

    @Override
    public long size() throws IOException {
      return file.length();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
