/**
 * What is done to Tracker to see whether it keeps its promises: processes killed, power cut, disks
 * filled, calls into Lance that fail, an hour of load.
 *
 * <p>Each program does one kind of harm, round after round, each round from a seed that it prints
 * and takes again; it looks at the run afterwards through what users have, {@code RunReader} and
 * {@code Verifier}, and ends with 1 where a promise was broken. {@link dev.tracker.torture.Torture}
 * starts them all. May depend on everything; nothing depends on it, and it is never published.
 */
@NullMarked
package dev.tracker.torture;

import org.jspecify.annotations.NullMarked;
