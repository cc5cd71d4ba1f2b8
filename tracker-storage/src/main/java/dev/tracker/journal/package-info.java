/**
 * The journal: what was logged and is not sealed yet, in append-only, checksummed segments.
 *
 * <p>Its one job is the bytes of {@code journal/*.seg}: writing, forcing and reading them. It may
 * depend on {@code dev.tracker.format} and, for forcing folders, {@code dev.tracker.media}. Nothing
 * else in Tracker knows what a segment looks like; {@code docs/file-format.md} describes it.
 *
 * <p>Threads: one thread writes a {@link dev.tracker.journal.JournalWriter}; the methods that any
 * thread may call say so. {@code tracker-sync}, one daemon thread per JVM, forces what was written
 * and prepares segments ahead. A {@link dev.tracker.journal.JournalReader} belongs to one thread.
 *
 * <p>Failures of the disk are {@link java.io.IOException}; a journal that cannot be read on is a
 * {@link dev.tracker.journal.JournalHoleException}. A torn tail is not a failure: it is where the
 * journal ends.
 */
@NullMarked
package dev.tracker.journal;

import org.jspecify.annotations.NullMarked;
