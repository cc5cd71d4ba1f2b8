package dev.tracker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tracker.journal.FileLayer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * The file system, which can be told to fail, to crash its caller, or to hang; or to do by chance
 * whatever a disk does: fail before or after it has written, write less than it was given, fail to
 * force and lose what it was to force.
 */
final class FaultyFiles implements FileLayer {
  private final FileLayer real = FileLayer.real();

  /** Whether writing and creating fail as a full disk does. */
  volatile boolean isFull;

  /** Whether forcing fails. */
  volatile boolean failsToForce;

  /** What writing throws that no disk would. */
  volatile Error defect;

  /** What may not stand among the bytes that are written; null for nothing. */
  volatile String poison;

  /**
   * Whether the sealer cannot read the journal: all stays there then, and nothing is durable by
   * being sealed, also where a test takes so long that the sealer has its turn.
   */
  volatile boolean keepsSealerOut;

  /** Is done once, when the sealer has looked at a window and is about to append to series. */
  volatile Runnable beforeAppending;

  /** The folders that were forced. */
  final Set<Path> forcedFolders = ConcurrentHashMap.newKeySet();

  /** What goes wrong by chance; null where nothing does. */
  private volatile Random chance;

  private volatile CountDownLatch gate = new CountDownLatch(0);

  /** Those who wait at the gate. */
  private final Set<Thread> hanging = ConcurrentHashMap.newKeySet();

  /** Makes writes hang until {@link #release}. */
  void hang() {
    gate = new CountDownLatch(1);
  }

  /** Has one call of about eight go wrong. */
  void failByChance(long seed) {
    chance = new Random(seed);
  }

  /** Makes everything work from now on. */
  void heal() {
    chance = null;
    isFull = false;
    failsToForce = false;
  }

  private boolean isUnlucky(int one) {
    Random random = chance;
    return random != null && random.nextInt(one) == 0;
  }

  /** Returns a length below a bound, of the same chance. */
  private int shortened(int bound) {
    Random random = chance;
    return random == null ? 0 : random.nextInt(bound);
  }

  void release() {
    gate.countDown();
  }

  /** Says whether a thread of this name hangs in a write; one that is in a write may not. */
  boolean hangs(String thread) {
    return hanging.stream().anyMatch(each -> each.getName().equals(thread));
  }

  private void passGate() throws IOException {
    CountDownLatch passed = gate;
    if (passed.getCount() == 0) {
      return;
    }
    hanging.add(Thread.currentThread());
    try {
      passed.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      hanging.remove(Thread.currentThread());
    }
  }

  private void check() throws IOException {
    passGate();
    if (defect != null) {
      throw defect;
    }
    if (isFull) {
      throw new IOException("No space left on device");
    }
    if (isUnlucky(16)) {
      throw new IOException("Input/output error");
    }
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    check();
    return new Faulty(real.create(file));
  }

  @Override
  public ReadableFile open(Path file) throws IOException {
    ReadableFile opened = real.open(file);
    return isSealer() && beforeAppending != null ? new ReadTwice(opened) : opened;
  }

  private static boolean isSealer() {
    return Thread.currentThread().getName().equals("tracker-sealer");
  }

  /** Notices when the sealer reads a window again: the first time it only looks what is there. */
  private final class ReadTwice implements ReadableFile {
    private final ReadableFile file;
    private long furthest = -1;

    ReadTwice(ReadableFile file) {
      this.file = file;
    }

    @Override
    public int read(byte[] into, int start, int length, long offset) throws IOException {
      int read = file.read(into, start, length, offset);
      Runnable task = beforeAppending;
      if (offset < furthest && task != null) {
        beforeAppending = null;
        task.run();
      }
      furthest = Math.max(furthest, offset);
      return read;
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

  @Override
  public List<String> list(Path folder) throws IOException {
    if (keepsSealerOut && isSealer()) {
      throw new IOException("Input/output error");
    }
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
    if (isUnlucky(8)) {
      throw new IOException("Input/output error");
    }
    real.forceFolder(folder);
    forcedFolders.add(folder);
  }

  private final class Faulty implements WritableFile {
    private final WritableFile file;

    /** What a failed force may lose. */
    private final List<long[]> unforced = new ArrayList<>();

    Faulty(WritableFile file) {
      this.file = file;
    }

    @Override
    public int write(ByteBuffer bytes, long offset) throws IOException {
      check();
      if (poison != null && UTF_8.decode(bytes.duplicate()).toString().contains(poison)) {
        throw new AssertionError("a defect");
      }
      int count = bytes.remaining();
      if (count > 1 && isUnlucky(8)) {
        count = 1 + shortened(count - 1);
      }
      ByteBuffer part = bytes.duplicate().limit(bytes.position() + count);
      int written = file.write(part, offset);
      bytes.position(bytes.position() + written);
      synchronized (unforced) {
        unforced.add(new long[] {offset, written});
      }
      if (isUnlucky(16)) {
        throw new IOException("Input/output error after writing");
      }
      return written;
    }

    /** As Linux does it: what could not be written out is clean now, and soon gone. */
    private void losePages() throws IOException {
      synchronized (unforced) {
        for (long[] range : unforced) {
          file.write(ByteBuffer.allocate((int) range[1]), range[0]);
        }
        unforced.clear();
      }
    }

    @Override
    public void force() throws IOException {
      if (failsToForce) {
        throw new IOException("Input/output error");
      }
      if (isUnlucky(4)) {
        if (isUnlucky(2)) {
          losePages();
        }
        throw new IOException("Input/output error");
      }
      synchronized (unforced) {
        file.force();
        unforced.clear();
      }
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
