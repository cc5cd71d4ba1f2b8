package dev.tracker.seal;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalWriter;
import dev.tracker.lock.RunLock;
import dev.tracker.metadata.NativeSqlite;
import dev.tracker.natives.NativeHeap;
import dev.tracker.series.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a JVM that seals, {@code tracker-sealer}, and the runs it serves.
 *
 * <p>Its rhythm: a round serves every run that has something new; after a round of length <i>d</i>
 * it rests for nineteen times <i>d</i>, and never less than {@link #REST_NANOS}, so that sealing
 * costs about a twentieth of a core whatever there is to seal. Two things do not wait for the
 * round: a run that ends, and a run whose journal has outgrown {@link #JOURNAL_BUDGET_BYTES}.
 *
 * <p>The thread is a daemon; it is made with the first run and goes with the last. May be used from
 * any thread.
 */
public final class Sealer {
  /** An unsealed journal larger than this is sealed without rest. */
  static final long JOURNAL_BUDGET_BYTES = 256L << 20;

  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** A program that has just begun has enough to load and to compile; natives come after that. */
  private static final long LOAD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int REST_FACTOR = 19;

  /** How often it looks for journals that have outgrown their budget. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** A round as long as this has used so much native memory that it is worth giving back. */
  private static final long LONG_ROUND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long TRIM_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Sealer SHARED = new Sealer();

  private final List<SealHandle> runs = new ArrayList<>();
  private @Nullable Thread thread;
  private boolean woken;

  // Of the thread alone.
  private long nextRound;
  private long nextHeartbeat;
  private long nextTrim;
  private long loading;

  private Sealer() {}

  /**
   * Hands a live run over to the sealer, which from now on owns its lock.
   *
   * @param journal the writing end; the handle never writes to it
   */
  public static SealHandle register(
      RunLayout layout,
      JournalWriter journal,
      FileLayer files,
      RunLock lock,
      SealListener listener) {
    SealHandle handle = new SealHandle(SHARED, layout, journal, files, lock, listener);
    SHARED.add(handle);
    return handle;
  }

  /**
   * Seals a run that nobody writes, whole, and puts its files into their final form. Its status
   * stays what it is: a run without a final word has crashed, sealed or not.
   *
   * @throws StorageException if the run is being written, or could not be sealed; nothing is lost
   *     then
   */
  public static void seal(Path run) {
    RunLayout layout = new RunLayout(run);
    Optional<String> missing = NativeLibrary.whyUnavailable();
    if (missing.isPresent()) {
      throw new StorageException(
          "the run cannot be sealed here: run=" + run + " (" + missing.get() + ")");
    }
    if (!Files.isDirectory(layout.journal())) {
      throw new StorageException("not a run folder: run=" + run + " (it has no journal folder)");
    }
    try (RunLock lock = RunLock.acquire(layout)) {
      seal(layout, lock);
    } catch (IOException e) {
      throw new StorageException(
          "the run could not be sealed: run=" + run + " cause=" + e.getMessage(), e);
    }
  }

  private static void seal(RunLayout layout, RunLock lock) throws IOException {
    RunLog log = new RunLog(layout);
    log.say("sealing what a writer left: pid=" + ProcessHandle.current().pid());
    try (RunSealer sealing = RunSealer.open(layout, FileLayer.real())) {
      lock.heartbeat();
      long start = System.nanoTime();
      for (RunSealer.Window window = sealing.sealWindow();
          window != null;
          window = sealing.sealWindow()) {
        long millis = (System.nanoTime() - start) / 1_000_000;
        log.say(SealHandle.describe(window, sealing.checkpoint().position(), millis));
        log.write();
        lock.heartbeat();
        start = System.nanoTime();
      }
      sealing.finish();
      JournalWriter.release(layout.journal(), sealing.checkpoint().position(), FileLayer.real());
      log.say("closed: sealed=all position=" + sealing.checkpoint().position());
    } catch (IOException | RuntimeException e) {
      log.warn("sealing failed", e);
      throw e;
    } finally {
      log.write();
    }
  }

  private synchronized void add(SealHandle handle) {
    if (thread == null) {
      Thread fresh = new Thread(null, this::serve, "tracker-sealer", 0, false);
      fresh.setDaemon(true);
      fresh.setContextClassLoader(Sealer.class.getClassLoader());
      fresh.start(); // looks at the runs only after this
      thread = fresh;
    }
    runs.add(handle);
    wake();
  }

  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  private void serve() {
    nextRound = System.nanoTime() + REST_NANOS;
    nextHeartbeat = System.nanoTime() + HEARTBEAT_NANOS;
    nextTrim = System.nanoTime();
    loading = System.nanoTime() + LOAD_NANOS;
    while (true) {
      try {
        serveWhileThereIsMemory();
        return;
      } catch (Throwable e) {
        // Others have filled the heap; or a class of the JDK cannot be used any more, since it was
        // used for the first time just then. What was not committed is done again.
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  private void serveWhileThereIsMemory() {
    while (true) {
      List<SealHandle> served = await();
      if (served.isEmpty()) {
        Parallel.dismiss();
        return;
      }
      endThoseThatEnd(served);
      served.forEach(SealHandle::look);
      loadNatives();
      boolean round = System.nanoTime() - nextRound >= 0;
      long start = System.nanoTime();
      long processorTime = round ? ProcessorTime.nanos() : 0;
      for (SealHandle handle : served) {
        if (handle.isEnding()) {
          continue;
        }
        if (round ? handle.hasNews() : handle.isUrgent()) {
          handle.cycle();
          endThoseThatEnd(served);
        }
      }
      long now = System.nanoTime();
      if (round) {
        long work = Math.max(now - start, ProcessorTime.nanos() - processorTime);
        nextRound = now + Math.max(REST_NANOS, REST_FACTOR * work);
      }
      if (now - start >= LONG_ROUND_NANOS && now - nextTrim >= 0) {
        NativeHeap.trim();
        nextTrim = now + TRIM_NANOS;
      }
      if (now - nextHeartbeat >= 0) {
        served.forEach(SealHandle::heartbeat);
        nextHeartbeat = now + HEARTBEAT_NANOS;
      }
    }
  }

  /** Has natives loaded by the time of the first round; a run that ends does not wait for it. */
  private void loadNatives() {
    if (System.nanoTime() - loading >= 0) {
      NativeLibrary.whyUnavailable();
      NativeSqlite.whyUnavailable();
    }
  }

  /** Somebody waits for a run that ends, so it goes before all others. */
  private void endThoseThatEnd(List<SealHandle> served) {
    for (SealHandle handle : served) {
      if (handle.isEnding() && remove(handle)) {
        handle.end();
      }
    }
  }

  private synchronized boolean remove(SealHandle handle) {
    return runs.remove(handle);
  }

  /** Waits until it is worth looking; an empty list means that the thread has been dismissed. */
  private synchronized List<SealHandle> await() {
    long deadline = System.nanoTime() + LOOK_NANOS;
    while (!woken && !runs.isEmpty()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        // Nobody has a reason to interrupt this thread, and it must go on.
        break;
      }
    }
    woken = false;
    List<SealHandle> served = List.copyOf(runs);
    if (served.isEmpty()) {
      thread = null;
    }
    return served;
  }
}
