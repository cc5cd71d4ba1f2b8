package dev.tracker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.RunDocument;
import dev.tracker.host.Environment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what boards run on and has it written into their runs. The thread {@code
 * tracker-prober}, one for the JVM, does it {@link #DELAY_MILLIS} after a board is opened, stage by
 * stage, and ends when nothing is left to do. Nobody waits for it.
 *
 * <p>A board that ends before its turn came gets what costs nothing to find out. Any thread.
 */
final class Prober {
  /** A program that has just begun has enough to load and to compile. */
  private static final long DELAY_MILLIS = 500;

  private static final ScheduledThreadPoolExecutor THREAD = thread();
  private static final ConcurrentHashMap<Ring, Prober> OPEN = new ConcurrentHashMap<>();

  private final Environment environment;
  private final Writer writer;
  private final ObjectNode known; // guarded by this
  private @Nullable Future<?> first; // guarded by this: what is to be done first
  private int stages; // guarded by this: how many are known
  private boolean ended; // guarded by this

  private Prober(Environment environment, Writer writer, String host) {
    this.environment = environment;
    this.writer = writer;
    this.known = JsonNodeFactory.instance.objectNode().put("host", host);
  }

  private static ScheduledThreadPoolExecutor thread() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(null, task, "tracker-prober", 0, false);
              thread.setDaemon(true);
              thread.setContextClassLoader(
                  null); // the JVM's reaper of processes would take it over
              // A heap so full that the executor itself finds no room is the training's matter.
              thread.setUncaughtExceptionHandler((of, e) -> {});
              return thread;
            });
    executor.setKeepAliveTime(1, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
    executor.setRemoveOnCancelPolicy(true); // a board that has ended is not held
    return executor;
  }

  /**
   * Begins to look for a board.
   *
   * @param host what the machine is called
   */
  static void begin(Ring ring, Writer writer, Environment environment, String host) {
    Prober prober = new Prober(environment, writer, host);
    OPEN.put(ring, prober);
    prober.begin();
  }

  /** Stops looking for a board, which is about to end; costs microseconds. */
  static void end(Ring ring) {
    Prober prober = OPEN.remove(ring);
    if (prober != null) {
      prober.end();
    }
  }

  private synchronized void begin() {
    first = THREAD.schedule(() -> find(0), DELAY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Finds out one stage, and leaves the next for when other boards have had their turn. */
  private void find(int stage) {
    if (!isWanted(stage)) {
      return;
    }
    try {
      add(stage, environment.find(stage));
      if (stage + 1 < Environment.STAGES) {
        THREAD.execute(() -> find(stage + 1));
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      // It stays as it is: this is no reason to disturb the program.
    }
  }

  private synchronized boolean isWanted(int stage) {
    return !ended && stages == stage;
  }

  private synchronized void add(int stage, ObjectNode found) {
    if (isWanted(stage)) {
      stages++;
      if (!found.isEmpty()) {
        known.setAll(found);
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.set(RunDocument.ENVIRONMENT, known.deepCopy());
        writer.patch(patch);
      }
    }
  }

  private synchronized void end() {
    if (first != null) {
      first.cancel(false);
    }
    if (stages == 0) {
      add(0, environment.find(0));
    }
    ended = true;
  }
}
