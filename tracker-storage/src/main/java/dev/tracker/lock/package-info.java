/**
 * Who writes a run: at most one process, by a lock that the operating system frees when the process
 * dies.
 *
 * <p>Depends on {@code dev.tracker.format} and {@code dev.tracker.media}. Only this package touches
 * the lock file. Everything here may be used from any thread; failures are {@link
 * java.io.IOException}.
 */
@NullMarked
package dev.tracker.lock;

import org.jspecify.annotations.NullMarked;
