package dev.tracker.read;

import dev.tracker.format.StorageException;

/**
 * Is told what is logged to a metric, see {@link RunReader#follow}.
 *
 * <p>All listeners of a reader are called on its one thread {@code tracker-follower}, one after the
 * other: a slow one delays the others, never the run's writer. One that throws is not called again;
 * what it threw goes to the thread's handler of uncaught exceptions.
 */
@FunctionalInterface
public interface MetricListener {
  /**
   * Takes rows that were logged since the last call, in their order; never none.
   *
   * <p>They are the listener's to keep.
   */
  void rows(Scalars rows);

  /**
   * The run has gone back: of the rows told so far, those whose step is greater than {@code step}
   * do not count any more. What is told next comes after those that stay.
   *
   * <p>A reader that came too late to see to which step the run went back says {@link
   * Long#MIN_VALUE}, and tells all rows anew.
   */
  default void rewound(long step) {}

  /**
   * The run has ended, or its writer has died without a word; every row before that has been told.
   * Nothing is told after this, also when the run is resumed: follow it again then.
   *
   * @param status how it ended
   */
  default void ended(RunStatus status) {}

  /**
   * The run cannot be read now: its folder is gone, or a disk fails. Following goes on, and what
   * was missed is told when it can be read again. Told once, and again only when it could be read
   * in between.
   */
  default void failed(StorageException cause) {}
}
