package dev.tracker.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A file layer whose files are not forced before it is told to go on. */
record SlowForce(FileLayer files, CountDownLatch begun, CountDownLatch goOn) implements FileLayer {
  @Override
  public WritableFile create(Path file) throws IOException {
    return new Slow(files.create(file));
  }

  @Override
  public ReadableFile open(Path file) throws IOException {
    return files.open(file);
  }

  @Override
  public List<String> list(Path folder) throws IOException {
    return files.list(folder);
  }

  @Override
  public long size(Path file) throws IOException {
    return files.size(file);
  }

  @Override
  public Object identity(Path file) throws IOException {
    return files.identity(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    files.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    files.delete(file);
  }

  @Override
  public void force(Path file) throws IOException {
    files.force(file);
  }

  @Override
  public boolean createFolder(Path folder) throws IOException {
    return files.createFolder(folder);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    files.forceFolder(folder);
  }

  private final class Slow implements WritableFile {
    private final WritableFile file;

    Slow(WritableFile file) {
      this.file = file;
    }

    @Override
    public void force() throws IOException {
      begun.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      file.force();
    }

    @Override
    public int write(ByteBuffer bytes, long offset) throws IOException {
      return file.write(bytes, offset);
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public int read(byte[] into, int start, int length, long offset) throws IOException {
      return file.read(into, start, length, offset);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
