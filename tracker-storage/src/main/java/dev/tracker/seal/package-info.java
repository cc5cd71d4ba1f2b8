/**
 * From the journal to the files that everybody reads: one thread per JVM takes what the journals of
 * all open boards hold, appends it to the series, and commits each stretch by one SQLite
 * transaction.
 *
 * <p>Depends on {@code format}, {@code lock}, {@code journal}, {@code series}, {@code metadata} and
 * {@code natives}. Threads: {@code tracker-sealer} does the work, a few helpers of its append and
 * force files, callers only register, ask and wait. A failure undoes nothing and loses nothing:
 * what was not committed did not happen, is rolled back, and is done again from the journal.
 */
@NullMarked
package dev.tracker.seal;

import org.jspecify.annotations.NullMarked;
