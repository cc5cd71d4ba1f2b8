package dev.tracker;

import dev.tracker.journal.FileLayer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The file system, which can be told to fail, to crash its caller, or to hang. */
final class FaultyFiles implements FileLayer {
  private final FileLayer real = FileLayer.real();

  /** Whether writing and creating fail as a full disk does. */
  volatile boolean isFull;

  /** Whether forcing fails. */
  volatile boolean failsToForce;

  /** What writing throws that no disk would. */
  volatile Error defect;

  private volatile CountDownLatch gate = new CountDownLatch(0);

  /** Makes writes hang until {@link #release}. */
  void hang() {
    gate = new CountDownLatch(1);
  }

  void release() {
    gate.countDown();
  }

  private void check() throws IOException {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    if (defect != null) {
      throw defect;
    }
    if (isFull) {
      throw new IOException("No space left on device");
    }
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    check();
    return new Faulty(real.create(file));
  }

  @Override
  public ReadableFile open(Path file) throws IOException {
    return real.open(file);
  }

  @Override
  public List<String> list(Path folder) throws IOException {
    return real.list(folder);
  }

  @Override
  public long size(Path file) throws IOException {
    return real.size(file);
  }

  @Override
  public Object identity(Path file) throws IOException {
    return real.identity(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    real.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    real.delete(file);
  }

  @Override
  public boolean createFolder(Path folder) throws IOException {
    return real.createFolder(folder);
  }

  @Override
  public void force(Path file) throws IOException {
    real.force(file);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    real.forceFolder(folder);
  }

  private final class Faulty implements WritableFile {
    private final WritableFile file;

    Faulty(WritableFile file) {
      this.file = file;
    }

    @Override
    public int write(ByteBuffer bytes, long offset) throws IOException {
      check();
      return file.write(bytes, offset);
    }

    @Override
    public void force() throws IOException {
      if (failsToForce) {
        throw new IOException("Input/output error");
      }
      file.force();
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
