/**
 * The run's SQLite database: its schema, its one writer, its readers, and the only code that
 * imports {@code java.sql}.
 *
 * <p>A {@link dev.tracker.metadata.Change} is committed in one transaction, and that transaction is
 * the only commit point of a run: what is not in it did not happen and is done again from the
 * journal. A {@link dev.tracker.metadata.Snapshot} is read in one short transaction, so it is
 * always the state after a whole commit.
 *
 * <p>Depends on {@code dev.tracker.format}, {@code dev.tracker.natives} and, for forcing folders,
 * {@code dev.tracker.media}.
 *
 * <p>Nobody but SQLite may open {@code metadata.db}, {@code metadata.db-wal} or {@code
 * metadata.db-shm} in this process, not even to copy them: closing any other descriptor of the file
 * drops SQLite's POSIX locks.
 *
 * <p>Threads: a writer belongs to one thread (the sealer); readers are static and may be called
 * from any.
 *
 * <p>Errors: every failure of SQLite becomes a {@link dev.tracker.metadata.MetadataException}, an
 * {@link java.io.IOException} that names the file, what was being done, SQLite's code and a likely
 * cause. A commit that failed left nothing behind, and the same change can be committed again.
 */
@NullMarked
package dev.tracker.metadata;

import org.jspecify.annotations.NullMarked;
