/**
 * What can be known of the machine and the process that a run is on: once, as its {@link
 * dev.tracker.host.Environment}, and again and again, by {@link dev.tracker.host.Gauges}.
 *
 * <p>Job: to ask, and to leave secrets out. Depends on the JDK and on Jackson's trees; knows
 * nothing of boards and runs.
 *
 * <p>Threads: everything here may wait for files and other programs, so none of it is for threads
 * that train, write or seal. An object belongs to one thread, unless it says otherwise.
 *
 * <p>Errors: none. What cannot be found out is absent.
 */
@NullMarked
package dev.tracker.host;

import org.jspecify.annotations.NullMarked;
