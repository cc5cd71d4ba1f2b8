/**
 * Looks through a run for what is wrong, and saves what can be saved of one into a new folder.
 *
 * <p>Depends on every other package of the module but {@code read}; only tools use it. Nothing of a
 * file reaches native code before its length and digest were compared with what metadata says, but
 * SQLite gets a copy of the database. Each call does its work on the caller's thread. What is wrong
 * with a run is a {@link dev.tracker.verify.Finding}; a {@link dev.tracker.format.StorageException}
 * says why nothing can be found out.
 */
@NullMarked
package dev.tracker.verify;

import org.jspecify.annotations.NullMarked;
