package dev.tracker.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The daemon thread {@code tracker-sync}: forces journals and prepares their next segments, so that
 * no writer waits for either. One for all journals of the JVM; it runs while any is open, and
 * sleeps while there is nothing to do.
 *
 * <p>What is due to be forced goes before what is to be prepared, and preparing goes in small
 * steps.
 */
final class SyncThread {
  static final SyncThread INSTANCE = new SyncThread("tracker-sync");

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final String name;

  /**
   * Guards all fields here and in the entries. Nothing is done under it but looking and setting.
   */
  private final Object lock = new Object();

  private final List<Entry> entries = new ArrayList<>();
  private @Nullable Thread thread;

  /** When the thread wakes by itself, nanoTime; only while {@link #sleeping}. */
  private long wakeAt;

  private boolean sleeping;
  private boolean sleepingForEver;

  SyncThread(String name) {
    this.name = name;
  }

  /** What is to be done for one journal. */
  final class Entry {
    private final Runnable force;
    private final BooleanSupplier prepare;
    private boolean forceAsked;
    private long forceAt;
    private boolean prepareAsked;

    private Entry(Runnable force, BooleanSupplier prepare) {
      this.force = force;
      this.prepare = prepare;
    }

    /** Asks for the journal to be forced within a time; an earlier wish stands. */
    void forceWithin(long nanos) {
      long at = System.nanoTime() + nanos;
      synchronized (lock) {
        if (!forceAsked || at - forceAt < 0) {
          forceAsked = true;
          forceAt = at;
          wakeFor(at);
        }
      }
    }

    /** Asks for a spare to be prepared. */
    void prepare() {
      synchronized (lock) {
        prepareAsked = true;
        wakeFor(System.nanoTime());
      }
    }

    /** Begins the work for the journal, with what was asked for until now. */
    void start() {
      synchronized (lock) {
        if (thread == null) {
          Thread started = new Thread(null, SyncThread.this::run, name, 0, false);
          started.setDaemon(true);
          started.setContextClassLoader(null);
          started.start();
          thread = started;
        }
        entries.add(this);
        lock.notifyAll();
      }
    }

    /** Ends the work for the journal; what is being done at the moment is not waited for. */
    void remove() {
      synchronized (lock) {
        entries.remove(this);
        lock.notifyAll();
      }
    }
  }

  /**
   * Returns what can be asked for a journal; nothing is done before it is started.
   *
   * @param force forces the journal; never throws
   * @param prepare goes a step on with preparing a segment, and returns whether there is more to
   *     do; never throws
   */
  Entry entry(Runnable force, BooleanSupplier prepare) {
    return new Entry(force, prepare);
  }

  private void run() {
    boolean goesOn = true;
    while (goesOn) {
      try {
        goesOn = serveNext();
      } catch (Throwable e) {
        LockSupport.parkNanos(
            PAUSE_NANOS); // others have filled the heap; what was asked for stands
      }
    }
  }

  /** Waits for something to do, and does it; says whether any journal is open. */
  private boolean serveNext() {
    Entry entry;
    boolean force;
    synchronized (lock) {
      entry = next();
      if (entry == null) {
        thread = null;
        return false;
      }
      force = isDue(entry, System.nanoTime());
      if (force) {
        entry.forceAsked = false;
      } else {
        entry.prepareAsked = false;
      }
    }
    boolean isDone = false;
    try {
      if (force) {
        entry.force.run();
      } else if (entry.prepare.getAsBoolean()) {
        entry.prepare();
      }
      isDone = true;
    } finally {
      if (!isDone) {
        entry.forceWithin(PAUSE_NANOS);
      }
    }
    return true;
  }

  /** Waits for something to do; null when no journal is open. */
  private @Nullable Entry next() {
    while (!entries.isEmpty()) {
      long now = System.nanoTime();
      Entry toPrepare = null;
      Entry first = null;
      for (Entry entry : entries) {
        if (entry.forceAsked && (first == null || entry.forceAt - first.forceAt < 0)) {
          first = entry;
        }
        if (entry.prepareAsked) {
          toPrepare = entry;
        }
      }
      if (first != null && isDue(first, now)) {
        return first;
      }
      if (toPrepare != null) {
        return toPrepare;
      }
      sleep(first == null ? Long.MAX_VALUE : first.forceAt - now);
    }
    return null;
  }

  private static boolean isDue(Entry entry, long now) {
    return entry.forceAsked && entry.forceAt - now <= 0;
  }

  @SuppressWarnings("WaitNotInLoop") // the loop is in next()
  private void sleep(long nanos) {
    sleeping = true;
    sleepingForEver = nanos == Long.MAX_VALUE;
    wakeAt = System.nanoTime() + nanos;
    try {
      if (sleepingForEver) {
        lock.wait();
      } else {
        TimeUnit.NANOSECONDS.timedWait(lock, nanos);
      }
    } catch (InterruptedException e) {
      // Not for this thread: it ends when the journals do.
    } finally {
      sleeping = false;
    }
  }

  private void wakeFor(long at) {
    if (sleeping && (sleepingForEver || at - wakeAt < 0)) {
      lock.notifyAll();
    }
  }
}
