package dev.tracker.journal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A disk in memory that fails like one, and that can lose its power.
 *
 * <p>What was written stands in the cache, sector by sector, until it is forced. A power cut keeps
 * any of the sectors and folder entries that were not. A failed force forgets which sectors were to
 * be written, as Linux does: a second one on the same file succeeds and keeps nothing.
 */
final class SimulatedDisk implements FileLayer {
  static final int SECTOR = 512;

  /** What is being done to a file. */
  enum Call {
    CREATE,
    OPEN,
    LIST,
    READ,
    WRITE,
    FORCE,
    TRUNCATE,
    RENAME,
    DELETE,
    FORCE_FOLDER
  }

  /** Is asked before each call, and may throw. */
  interface Fault {
    void before(Call call, Path file) throws IOException;
  }

  private static final Fault NONE = (call, file) -> {};

  /** A change of a folder's entries: {@code inode} gets the name, or nobody where it is null. */
  private record Entry(Path name, Inode inode) {
    Path folder() {
      return name.getParent();
    }
  }

  private static final class Inode {
    Path name = Path.of("");
    byte[] cache = new byte[0];
    int length;
    byte[] stable = new byte[0];
    final BitSet dirty = new BitSet();
    boolean lengthDirty;

    static Inode of(byte[] content) {
      Inode inode = new Inode();
      inode.cache = content.clone();
      inode.length = content.length;
      inode.stable = content.clone();
      return inode;
    }

    Inode copy() {
      Inode copy = of(stable);
      copy.name = name;
      copy.cache = cache.clone();
      copy.length = length;
      copy.dirty.or(dirty);
      copy.lengthDirty = lengthDirty;
      return copy;
    }

    byte[] content() {
      return Arrays.copyOf(cache, length);
    }

    void resize(int size) {
      if (size > cache.length) {
        cache = Arrays.copyOf(cache, Math.max(size, 2 * cache.length));
      } else if (size < length) {
        cache = Arrays.copyOf(cache, size);
      }
      lengthDirty |= size != length;
      length = size;
    }

    void force() {
      if (lengthDirty) {
        stable = Arrays.copyOf(stable, length);
        lengthDirty = false;
      }
      dirty.stream().forEach(sector -> copySector(sector, stable));
      dirty.clear();
    }

    /** Loses what was not forced. */
    void drop() {
      System.arraycopy(stable, 0, cache, 0, Math.min(length, stable.length));
      Arrays.fill(cache, Math.min(length, stable.length), length, (byte) 0);
    }

    Inode cut(Random random) {
      byte[] left =
          Arrays.copyOf(stable, lengthDirty && random.nextBoolean() ? length : stable.length);
      for (int at = stable.length; at < left.length; at++) {
        left[at] = (byte) (at * 31 + 7); // an old sector
      }
      int kept = random.nextInt(4); // none, all, or any
      dirty.stream()
          .filter(sector -> kept == 1 || (kept > 1 && random.nextBoolean()))
          .forEach(sector -> copySector(sector, left));
      return of(left);
    }

    private void copySector(int sector, byte[] to) {
      int from = sector * SECTOR;
      int end = Math.min(from + SECTOR, Math.min(length, to.length));
      if (from < end) {
        System.arraycopy(cache, from, to, from, end - from);
      }
    }
  }

  private final TreeMap<Path, Inode> cached = new TreeMap<>();
  private final TreeMap<Path, Inode> stable = new TreeMap<>();
  private final List<Entry> changes = new ArrayList<>();
  private final Set<Path> failedFolders = new HashSet<>();
  private Fault fault = NONE;
  private long space = Long.MAX_VALUE;
  private int mostPerWrite = Integer.MAX_VALUE;
  private IOException afterWriting;
  private boolean dropOnFailedForce;
  private final List<Open> opened = new ArrayList<>();
  private int forces;

  // -- what tests do to it

  synchronized void failing(Fault wanted) {
    fault = wanted;
  }

  synchronized void sound() {
    fault = NONE;
  }

  /** Lets this many more bytes of new length be written. */
  synchronized void space(long bytes) {
    space = bytes;
  }

  synchronized void mostPerWrite(int bytes) {
    mostPerWrite = bytes;
  }

  /** Lets the next write put its bytes into the cache, and fail all the same. */
  synchronized void failAfterWriting(IOException failure) {
    afterWriting = failure;
  }

  /** Makes a failed force lose what the cache held, too. */
  synchronized void dropOnFailedForce(boolean drop) {
    dropOnFailedForce = drop;
  }

  /** Closes the files that are open now, as an interrupt does to a channel. */
  synchronized void closeFiles() {
    List.copyOf(opened).forEach(Open::close);
  }

  synchronized int forces() {
    return forces;
  }

  synchronized List<Path> files() {
    return new ArrayList<>(cached.keySet());
  }

  synchronized byte[] content(Path file) {
    return cached.get(file).content();
  }

  synchronized void replace(Path file, byte[] content) {
    Inode inode = Inode.of(content);
    cached.put(file, inode);
    stable.put(file, inode);
  }

  /** Changes a file's bytes in place, for whoever has it open. */
  synchronized void overwrite(Path file, byte[] content) {
    Inode inode = cached.get(file);
    inode.resize(content.length);
    System.arraycopy(content, 0, inode.cache, 0, content.length);
  }

  /** Returns a disk that holds what is left after a power cut at this moment. */
  synchronized SimulatedDisk cut(Random random) {
    SimulatedDisk left = new SimulatedDisk();
    TreeMap<Path, Inode> entries = new TreeMap<>(stable);
    int kept = random.nextInt(4);
    for (Entry change : changes) {
      if (kept == 1 || (kept > 1 && random.nextBoolean())) {
        apply(entries, change);
      }
    }
    IdentityHashMap<Inode, Inode> copies = new IdentityHashMap<>();
    entries.forEach((name, inode) ->
        left.cached.put(name, copies.computeIfAbsent(inode, same -> same.cut(random))));
    left.stable.putAll(left.cached);
    return left;
  }

  /**
   * Returns the disk as a process leaves it that is killed at this moment: what is in the cache
   * stays there.
   */
  synchronized SimulatedDisk kill() {
    SimulatedDisk left = new SimulatedDisk();
    IdentityHashMap<Inode, Inode> copies = new IdentityHashMap<>();
    cached.forEach((name, inode) -> left.cached.put(name, copied(copies, inode)));
    stable.forEach((name, inode) -> left.stable.put(name, copied(copies, inode)));
    for (Entry change : changes) {
      left.changes.add(new Entry(change.name(), copied(copies, change.inode())));
    }
    left.failedFolders.addAll(failedFolders);
    return left;
  }

  private static Inode copied(IdentityHashMap<Inode, Inode> copies, Inode inode) {
    return inode == null ? null : copies.computeIfAbsent(inode, Inode::copy);
  }

  // -- the file layer

  @Override
  public synchronized WritableFile create(Path file) throws IOException {
    fault.before(Call.CREATE, file);
    if (cached.containsKey(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Inode inode = new Inode();
    change(new Entry(file, inode));
    Open open = new Open(inode);
    opened.add(open);
    return open;
  }

  @Override
  public synchronized ReadableFile open(Path file) throws IOException {
    fault.before(Call.OPEN, file);
    return new Open(inode(file));
  }

  @Override
  public synchronized List<String> list(Path folder) throws IOException {
    fault.before(Call.LIST, folder);
    List<String> names = new ArrayList<>();
    for (Path file : cached.keySet()) {
      if (folder.equals(file.getParent())) {
        names.add(file.getFileName().toString());
      }
    }
    return names;
  }

  @Override
  public synchronized long size(Path file) throws IOException {
    return inode(file).length;
  }

  @Override
  public Object identity(Path file) {
    return file;
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    fault.before(Call.RENAME, from);
    if (cached.containsKey(to)) {
      throw new FileAlreadyExistsException(to.toString());
    }
    Inode inode = inode(from);
    change(new Entry(from, null));
    change(new Entry(to, inode));
  }

  @Override
  public synchronized void delete(Path file) throws IOException {
    fault.before(Call.DELETE, file);
    if (cached.containsKey(file)) {
      change(new Entry(file, null));
    }
  }

  @Override
  public synchronized void force(Path file) throws IOException {
    force(inode(file));
  }

  private void force(Inode inode) throws IOException {
    try {
      fault.before(Call.FORCE, inode.name);
    } catch (IOException e) {
      if (dropOnFailedForce) {
        inode.drop();
      }
      inode.dirty.clear();
      throw e;
    }
    forces++;
    inode.force();
  }

  @Override
  public boolean createFolder(Path folder) {
    return false;
  }

  @Override
  public synchronized void forceFolder(Path folder) throws IOException {
    try {
      fault.before(Call.FORCE_FOLDER, folder);
    } catch (IOException e) {
      failedFolders.add(folder);
      throw e;
    }
    if (!failedFolders.contains(folder)) {
      changes.stream()
          .filter(change -> folder.equals(change.folder()))
          .forEach(change -> apply(stable, change));
      changes.removeIf(change -> folder.equals(change.folder()));
    }
  }

  private Inode inode(Path file) throws NoSuchFileException {
    Inode inode = cached.get(file);
    if (inode == null) {
      throw new NoSuchFileException(file.toString());
    }
    return inode;
  }

  private void change(Entry change) {
    failedFolders.remove(
        change.folder()); // the folder's block is to be written again, with all its entries
    changes.add(change);
    apply(cached, change);
    if (change.inode() != null) {
      change.inode().name = change.name();
    }
  }

  private static void apply(Map<Path, Inode> entries, Entry change) {
    if (change.inode() == null) {
      entries.remove(change.name());
    } else {
      entries.put(change.name(), change.inode());
    }
  }

  private final class Open implements WritableFile {
    private final Inode inode;
    private boolean open = true;

    Open(Inode inode) {
      this.inode = inode;
    }

    private void check(Call call) throws IOException {
      if (!open) {
        throw new ClosedChannelException();
      }
      fault.before(call, inode.name);
    }

    @Override
    public int read(byte[] into, int start, int length, long offset) throws IOException {
      synchronized (SimulatedDisk.this) {
        check(Call.READ);
        int count = (int) Math.min(length, inode.length - offset);
        if (count <= 0) {
          return -1;
        }
        System.arraycopy(inode.cache, (int) offset, into, start, count);
        return count;
      }
    }

    @Override
    public int write(ByteBuffer bytes, long offset) throws IOException {
      synchronized (SimulatedDisk.this) {
        check(Call.WRITE);
        int count = Math.min(bytes.remaining(), mostPerWrite);
        long more = Math.max(0, offset + count - inode.length);
        if (more > space) {
          throw new IOException("No space left on device");
        }
        space -= space == Long.MAX_VALUE ? 0 : more;
        inode.resize((int) Math.max(inode.length, offset + count));
        bytes.get(inode.cache, (int) offset, count);
        inode.dirty.set((int) (offset / SECTOR), (int) ((offset + count - 1) / SECTOR) + 1);
        IOException failure = afterWriting;
        if (failure != null) {
          afterWriting = null;
          throw failure;
        }
        return count;
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (SimulatedDisk.this) {
        if (!open) {
          throw new ClosedChannelException();
        }
        SimulatedDisk.this.force(inode);
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      synchronized (SimulatedDisk.this) {
        check(Call.TRUNCATE);
        inode.resize((int) size);
      }
    }

    @Override
    public long size() throws IOException {
      synchronized (SimulatedDisk.this) {
        if (!open) {
          throw new FileNotFoundException(inode.name.toString());
        }
        return inode.length;
      }
    }

    @Override
    public void close() {
      synchronized (SimulatedDisk.this) {
        open = false;
        opened.remove(this); // or the heap would hold every file there ever was
      }
    }
  }
}
