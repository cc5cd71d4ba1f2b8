package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for something that other threads bring about. */
final class Await {
  /** Far more than a machine may stall: it only ends a test that would hang. */
  private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  interface Condition {
    boolean holds() throws Exception;
  }

  private Await() {}

  static void until(Condition condition) {
    long end = System.nanoTime() + LIMIT_NANOS;
    try {
      while (!condition.holds()) {
        if (System.nanoTime() - end > 0) {
          fail("did not come about within " + LIMIT_NANOS + " ns");
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Exception e) {
      fail(e);
    }
  }
}
