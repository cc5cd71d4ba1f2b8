/**
 * What a run folder looks like: its paths, names, versions, kinds of values and the records that
 * more than one of the storage packages reads or writes.
 *
 * <p>Depends on nothing of ours but {@code dev.tracker.media}. Everything here is a value or a pure
 * function and may be used from any thread, except where a class says that it gathers. Nothing here
 * does I/O, but for {@link dev.tracker.format.PlainFiles}, which looks and opens nothing.
 */
@NullMarked
package dev.tracker.format;

import org.jspecify.annotations.NullMarked;
