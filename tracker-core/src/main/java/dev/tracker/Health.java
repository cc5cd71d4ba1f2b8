package dev.tracker;

import java.time.Duration;
import java.util.Optional;

/**
 * How a board is doing, as of the moment {@link Board#health()} was called. Cheap to get; counts
 * are since open.
 *
 * @param queued values on their way from log calls to the journal; the board's builder bounds them
 * @param queuedBytes the bytes of text and large messages among them; the builder bounds them, too
 * @param dropped log calls, console lines and changes of config, tags or notes that are lost: the
 *     queue was full and the board was to drop, or the journal could not be written, or the JVM was
 *     already going down; a line is also lost where log calls wait. The journal says where and
 *     when, once it can be written
 * @param rejected values that did not fit their series or are of no loggable type
 * @param nulls values that were null
 * @param rounded longs beyond 2^53 that became the nearest double
 * @param journaled log calls in the journal: they survive the death of the process
 * @param durable log calls on stable storage, by the journal or because they are sealed: they
 *     survive a power cut. Never more than {@code journaled}
 * @param sealed log calls in their final files. Never more than {@code durable}
 * @param lag how long there has been something in the journal that is not sealed, to a quarter of a
 *     second; zero where there is nothing of that kind. Some seconds are normal, a run of hours is
 *     sealed all the time
 * @param failing whether the journal cannot be written now
 * @param lastError the latest failure of storage, also when all is well again
 */
public record Health(
    long queued,
    long queuedBytes,
    long dropped,
    long rejected,
    long nulls,
    long rounded,
    long journaled,
    long durable,
    long sealed,
    Duration lag,
    boolean failing,
    Optional<Throwable> lastError) {
  static final Health OFF =
      new Health(0, 0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO, false, Optional.empty());

  /** Returns how many log calls are in the journal and not sealed. */
  public long unsealed() {
    return journaled - sealed;
  }
}
