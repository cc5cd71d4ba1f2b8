/**
 * Experiment tracking for the JVM: open a {@link dev.tracker.Board}, log to it, finish it.
 *
 * <p>Job: to take what training code logs, hand it over a ring to the board's {@code
 * tracker-writer}, and have that thread put it into the journal. May depend on everything of
 * tracker-storage but its readers, and on {@code dev.tracker.host}; neither depends on it.
 *
 * <p>Threads: a {@link dev.tracker.Board} and a {@link dev.tracker.Metric} may be used by any
 * number of threads, a {@link dev.tracker.Row} and a {@link dev.tracker.Board.Builder} by one.
 *
 * <p>Errors: wrong arguments are {@link java.lang.IllegalArgumentException}s, logging after {@code
 * finish()} is an {@link java.lang.IllegalStateException}. Logging never throws because of storage;
 * opening, {@code flush()} and {@code finish()} throw {@link dev.tracker.TrackerException} for it.
 */
@NullMarked
package dev.tracker;

import org.jspecify.annotations.NullMarked;
