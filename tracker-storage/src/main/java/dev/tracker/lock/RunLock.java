package dev.tracker.lock;

import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunLayout;
import dev.tracker.media.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The right to write a run, held by one process at a time.
 *
 * <p>It is a POSIX lock on {@code writer.lock}, so it is free the moment its process is gone,
 * however it went. Such a lock has a trap: when any part of the process opens and closes the file,
 * the process loses the lock and is not told. Hence this is the only class that opens the file, and
 * it keeps a list of the runs that this JVM writes: a run on the list is answered for without
 * touching its file. The list is made of system properties, and guarded by an interned string,
 * because these are what all class loaders of a JVM share.
 *
 * <p>May be used from any thread. {@link #close} is idempotent.
 */
public final class RunLock implements AutoCloseable {
  private static final String PROPERTY = "dev.tracker.writes.";
  private static final Object JVM_WIDE = PROPERTY.intern();

  /**
   * A reader that asks who writes holds the lock for a moment, and a run that has just ended is
   * being let go of; a writer that meets either tries again for this long.
   */
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final RunLayout layout;
  private final String property;
  private final FileChannel channel;
  private boolean closed;

  private RunLock(RunLayout layout, String property, FileChannel channel) {
    this.layout = layout;
    this.property = property;
    this.channel = channel;
  }

  /**
   * Takes the right to write a run whose journal folder exists.
   *
   * @throws IOException if another process, or this one, writes the run; the message names it. Or
   *     if one of the run's folders is a link: whoever holds the lock writes and deletes there
   */
  public static RunLock acquire(RunLayout layout) throws IOException {
    for (Path folder : layout.folders()) {
      PlainFiles.refuseLink(folder);
    }
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      RunLock lock = tryAcquire(layout);
      if (lock != null) {
        try {
          DurableFiles.writeAtomically(layout.holder(), Holder.self().toJson());
          return lock;
        } catch (IOException e) {
          lock.close();
          throw e;
        }
      }
      if (System.nanoTime() - deadline > 0) {
        throw refused(layout);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  @SuppressWarnings("try") // the lock lives as long as its channel
  private static @Nullable RunLock tryAcquire(RunLayout layout) throws IOException {
    synchronized (JVM_WIDE) {
      if (!PlainFiles.requireFile(layout.lock())) {
        Files.createFile(layout.lock());
      }
      String property = property(layout);
      if (System.getProperty(property) != null) {
        return null;
      }
      FileChannel channel = FileChannel.open(layout.lock(), StandardOpenOption.WRITE);
      try {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          System.setProperty(property, "1");
          return new RunLock(layout, property, channel);
        }
        channel.close();
        return null;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }
  }

  private static IOException refused(RunLayout layout) {
    Optional<Holder> holder = Holder.of(layout);
    return new IOException(
        "the run is being written by another board: run="
            + layout.root()
            + holder
                .map(h -> " pid=" + h.pid() + " host=" + h.host() + " since=" + h.since())
                .orElse("")
            + " (finish that one first, or open a run of another id)");
  }

  /**
   * Says whether somebody writes a run now. Seen from another host than the writer's, where locks
   * may not reach, a heartbeat within {@link Holder#STALE} counts as yes.
   */
  public static boolean isHeld(RunLayout layout) throws IOException {
    synchronized (JVM_WIDE) {
      if (!PlainFiles.requireFile(layout.root(), layout.lock())) {
        return false;
      }
      if (System.getProperty(property(layout)) != null) {
        return true;
      }
      Optional<Holder> holder = Holder.of(layout);
      if (holder.isPresent() && holder.get().isElsewhere()) {
        return Holder.isFresh(layout.holder());
      }
      try (FileChannel channel = FileChannel.open(layout.lock(), StandardOpenOption.READ);
          FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
        return lock == null;
      } catch (NoSuchFileException e) {
        return false;
      } catch (OverlappingFileLockException e) {
        return true;
      }
    }
  }

  /**
   * Lets other hosts see that the writer lives; to be called several times within {@link
   * Holder#STALE}.
   */
  public void heartbeat() {
    try {
      Files.setLastModifiedTime(layout.holder(), FileTime.from(Instant.now()));
    } catch (IOException e) {
      // Only other hosts look at it, and the folder's real troubles are reported by those who write
      // to it.
      return;
    }
  }

  /**
   * Throws where the run's folder is not where it was: whoever has taken its name may be writing
   * there.
   */
  public void requirePlace() throws IOException {
    if (!isInPlace()) {
      throw new IOException(
          "the run's folder is not where it was: run="
              + layout.root()
              + " (was it deleted, moved or renamed?)");
    }
  }

  private boolean isInPlace() throws IOException {
    try {
      return property(layout).equals(property);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Gives the right back. */
  @Override
  public void close() throws IOException {
    synchronized (JVM_WIDE) {
      if (closed) {
        return;
      }
      closed = true;
      try {
        if (isInPlace()) {
          Files.deleteIfExists(layout.holder());
        }
      } finally {
        try {
          channel.close();
        } finally {
          System.clearProperty(property);
        }
      }
    }
  }

  /**
   * The file's identity, which moving or linking its folder does not change, or else its true path.
   */
  private static String property(RunLayout layout) throws IOException {
    Object key = Files.readAttributes(layout.lock(), BasicFileAttributes.class).fileKey();
    return PROPERTY + (key != null ? key : layout.lock().toRealPath());
  }
}
