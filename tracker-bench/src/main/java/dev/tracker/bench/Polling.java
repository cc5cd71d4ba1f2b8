package dev.tracker.bench;

import com.lmax.disruptor.util.DaemonThreadFactory;
import dev.tracker.read.RunReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Readers of a live run that refresh and sum up a metric, each once in a period. */
final class Polling {
  private static final int THREADS = 2;
  private static final long WARM_UP_NANOS = 2_000_000_000L;

  private final ScheduledExecutorService clock =
      Executors.newScheduledThreadPool(THREADS, DaemonThreadFactory.INSTANCE);
  private final List<RunReader> readers = new ArrayList<>();
  private final List<Future<?>> polls = new ArrayList<>();
  private final LongAdder made = new LongAdder();
  private final Path run;

  Polling(Path run, String metric, int count, int periodMillis) {
    this.run = run;
    for (int i = 0; i < count; i++) {
      RunReader reader = RunReader.open(run);
      readers.add(reader);
      polls.add(
          clock.scheduleAtFixedRate(
              () -> {
                reader.refresh();
                reader.summary(metric);
                made.increment();
              },
              (long) periodMillis * i / count,
              periodMillis,
              TimeUnit.MILLISECONDS));
    }
  }

  /** Takes the run, the metric, the readers, the milliseconds of a period and the seconds. */
  public static void main(String[] arguments) throws InterruptedException {
    int seconds = Integer.parseInt(arguments[4]);
    Polling polling =
        new Polling(
            Path.of(arguments[0]),
            arguments[1],
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]));
    LockSupport.parkNanos(WARM_UP_NANOS);
    long before = polling.made.sum();
    long start = System.nanoTime();
    Table.say("reading " + polling.readers.size());
    while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(seconds)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    double elapsed = (System.nanoTime() - start) / 1e9;
    polling.check();
    Table.say("polls " + (polling.made.sum() - before) / elapsed);
    polling.end();
  }

  /** Throws if a reader has failed, for then it polls no more. */
  void check() {
    if (polls.stream().anyMatch(Future::isDone)) {
      throw new IllegalStateException("a reader failed: run=" + run + " readers=" + readers.size());
    }
  }

  void end() throws InterruptedException {
    clock.shutdown();
    clock.awaitTermination(10, TimeUnit.SECONDS);
    readers.forEach(RunReader::close);
  }
}
