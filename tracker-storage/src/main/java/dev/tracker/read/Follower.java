package dev.tracker.read;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What {@link RunReader#follow} began, and the way to stop it.
 *
 * <p>May be used from any thread, by its own listener too.
 */
public final class Follower implements AutoCloseable {
  private enum State {
    /** No call is being made. */
    IDLE,
    /** The listener is being called. */
    CALLING,
    /** No call will be made any more; one may still be running. */
    STOPPED
  }

  private final String metric;
  private final MetricListener listener;
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
  private final CountDownLatch over = new CountDownLatch(1);

  /** From where on rows are to be told. Of the following thread alone, once it has begun. */
  private MetricCursor cursor;

  Follower(String metric, MetricListener listener, MetricCursor cursor) {
    this.metric = metric;
    this.listener = listener;
    this.cursor = cursor;
  }

  /** Returns the metric that is followed. */
  public String metric() {
    return metric;
  }

  /**
   * Waits until the run has ended, or following has.
   *
   * @return false if the time passed first
   */
  public boolean await(Duration timeout) throws InterruptedException {
    return over.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Stops following. No call of the listener begins afterwards; one that has begun goes on, and is
   * not waited for. Closing again does nothing.
   */
  @Override
  public void close() {
    state.set(State.STOPPED);
    over.countDown();
  }

  MetricCursor cursor() {
    return cursor;
  }

  void cursor(MetricCursor next) {
    cursor = next;
  }

  boolean isStopped() {
    return state.get() == State.STOPPED;
  }

  /** Something to tell the listener. */
  interface Call {
    void to(MetricListener listener);
  }

  /** Calls the listener, unless following has been stopped. */
  void tell(Call call) {
    if (!state.compareAndSet(State.IDLE, State.CALLING)) {
      return;
    }
    try {
      call.to(listener);
    } catch (RuntimeException | Error e) {
      close();
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    } finally {
      state.compareAndSet(State.CALLING, State.IDLE);
    }
  }
}
