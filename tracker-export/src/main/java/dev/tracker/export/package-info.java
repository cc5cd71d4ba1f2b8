/**
 * Metrics for other tools: {@link dev.tracker.export.Export} writes them as CSV, JSON lines, Arrow
 * and Parquet.
 *
 * <p>Depends on {@code read} and {@code format}, and on the libraries that know those formats. An
 * export is for one thread; a file that could not be written whole is not there afterwards.
 */
@NullMarked
package dev.tracker.export;

import org.jspecify.annotations.NullMarked;
