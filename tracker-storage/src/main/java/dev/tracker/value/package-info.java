/**
 * What is logged besides single numbers: {@link dev.tracker.value.Histogram} and {@link
 * dev.tracker.value.Table}.
 *
 * <p>Depends on {@code dev.tracker.media} alone, for the media in a table's cells. Values are
 * immutable snapshots and may be used from any thread; what gathers (a builder) belongs to one
 * thread. Nothing here does I/O, starts a thread or logs. Wrong arguments and wrong bytes are
 * {@link IllegalArgumentException}, calls out of order {@link IllegalStateException}, both with the
 * numbers that decided it.
 */
@NullMarked
package dev.tracker.value;

import org.jspecify.annotations.NullMarked;
