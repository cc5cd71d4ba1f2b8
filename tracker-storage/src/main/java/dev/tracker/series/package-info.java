/**
 * Rows of series to Lance datasets and back: the only code that knows Lance and Arrow.
 *
 * <ul>
 *   <li>Job: one dataset per series; append, compact, roll back, clean, read. What a dataset holds
 *       is decided elsewhere: a version counts only once metadata has committed it.
 *   <li>May depend on {@code dev.tracker.format}, {@code dev.tracker.natives}, Lance and Arrow.
 *   <li>Threads: any number at once; at most one of them changes a dataset, others may read it.
 *   <li>Errors: {@link java.io.IOException} that names the dataset; what Lance throws is its cause.
 *       Where the native library cannot be loaded, every operation fails with the reason.
 * </ul>
 */
@NullMarked
package dev.tracker.series;

import org.jspecify.annotations.NullMarked;
