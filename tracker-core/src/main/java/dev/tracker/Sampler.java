package dev.tracker;

import dev.tracker.format.Kind;
import dev.tracker.host.Gauges;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Logs what the machine and the process are using, as series {@code system/*}. The thread {@code
 * tracker-sampler}, one for the JVM, is there as long as boards want it; it takes one sample for
 * all boards that are due.
 *
 * <p>A sample is a row that keeps the step, and the first comes when an interval is over: a short
 * run has none. A board whose queue is full misses it. Any thread.
 */
final class Sampler implements Runnable {
  /** When it begins to measure: a program that has just begun has enough to load and compile. */
  private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  // All guarded by this list.
  private static final List<Target> TARGETS = new ArrayList<>();
  private static @Nullable Sampler running;

  /** A board that wants samples. */
  private static final class Target {
    private final Ring ring;
    private final Intake intake;
    private final File folder;
    private final long interval;
    private long next; // guarded by TARGETS

    Target(Ring ring, Intake intake, File folder, long interval) {
      this.ring = ring;
      this.intake = intake;
      this.folder = folder;
      this.interval = interval;
      this.next = System.nanoTime() + interval;
    }

    boolean isDue(long nanos) {
      return nanos - next >= 0;
    }

    void moveOn(long nanos) {
      next += interval;
      if (isDue(nanos)) { // samples that were missed are not made up for
        next = nanos + interval;
      }
    }
  }

  /** What is taken at once. */
  private record Sample(List<String> names, List<Double> values) {}

  // Of the thread alone.
  private final Draft draft = new Draft();
  private @Nullable Gauges gauges;
  private long tick;
  private long period;

  private Sampler(long interval) {
    tick = System.nanoTime() + DELAY_NANOS - interval;
  }

  /**
   * Begins to log for a board.
   *
   * @param folder the run's; the room on its disk is logged
   * @param interval how often; zero for never
   */
  static void begin(Ring ring, Intake intake, File folder, Duration interval) {
    if (interval.isZero()) {
      return;
    }
    synchronized (TARGETS) {
      TARGETS.add(new Target(ring, intake, folder, interval.toNanos()));
      if (running != null) {
        TARGETS.notifyAll();
        return;
      }
      Sampler sampler = new Sampler(interval.toNanos());
      Thread thread = new Thread(null, sampler, "tracker-sampler", 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(null); // the JVM's reaper of processes would take it over
      thread.start();
      running = sampler;
    }
  }

  /** Stops logging for a board. */
  static void end(Ring ring) {
    synchronized (TARGETS) {
      if (TARGETS.removeIf(target -> target.ring == ring)) {
        TARGETS.notifyAll();
      }
    }
  }

  // ---- the thread

  @Override
  public void run() {
    try {
      while (awaitTick()) {
        sample();
      }
    } finally {
      retire(); // also after an error: the next board starts anew
      if (gauges != null) {
        gauges.close();
      }
    }
  }

  private void sample() {
    try {
      if (gauges == null) {
        gauges = new Gauges(); // which begin to measure
        return;
      }
      List<Target> due = due();
      if (due.isEmpty()) {
        return;
      }
      Sample sample = new Sample(new ArrayList<>(), new ArrayList<>());
      gauges.sample(
          period,
          (name, value) -> {
            sample.names.add(name);
            sample.values.add(value);
          });
      due.forEach(target -> log(sample, target));
    } catch (RuntimeException | OutOfMemoryError | LinkageError e) {
      draft.clear(); // this one is missed; that is no reason to disturb the program
    }
  }

  private void retire() {
    synchronized (TARGETS) {
      if (isRunning()) {
        running = null;
      }
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private boolean isRunning() {
    return running == this;
  }

  /**
   * Waits for the next tick, and makes no objects: the heap may be full. Ticks keep their distance
   * however long a sample takes; those that were missed are not made up for.
   *
   * @return false where no board wants samples any more
   */
  private boolean awaitTick() {
    synchronized (TARGETS) {
      while (!TARGETS.isEmpty()) {
        period = Long.MAX_VALUE;
        for (int i = 0; i < TARGETS.size(); i++) {
          period = Math.min(period, TARGETS.get(i).interval);
        }
        long now = System.nanoTime();
        long left = tick + period - now;
        if (left <= 0) {
          tick = now - tick > 2 * period ? now : tick + period;
          return true;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(TARGETS, left);
        } catch (InterruptedException e) {
          // Nobody has a reason to interrupt this thread, and it must go on.
        }
      }
      running = null; // now, so that a board which is opened next starts another
      return false;
    }
  }

  private List<Target> due() {
    synchronized (TARGETS) {
      List<Target> due = TARGETS.stream().filter(target -> target.isDue(tick)).toList();
      due.forEach(target -> target.moveOn(tick));
      return due;
    }
  }

  private void log(Sample sample, Target target) {
    for (int i = 0; i < sample.names.size(); i++) {
      add(target, sample.names.get(i), sample.values.get(i));
    }
    long room = target.folder.getUsableSpace();
    if (room > 0) {
      add(target, "system/disk/free_bytes", (double) room);
    }
    target.ring.offerRow(draft);
    draft.clear();
  }

  private void add(Target target, String name, double value) {
    Metric metric = target.intake.findOrAdd(name, Kind.FLOAT64);
    if (metric.kind == Kind.FLOAT64) { // else the program has a series of that name
      draft.add(metric, Double.doubleToRawLongBits(value));
    }
  }
}
