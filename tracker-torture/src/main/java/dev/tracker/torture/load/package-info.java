/**
 * Mixed load for as long as one likes: is everything flat, and is nothing lost?
 *
 * <p>{@link dev.tracker.torture.load.Load} starts a JVM that logs, others that read, prints what it
 * uses every ten seconds, and judges at the end. Depends on what users have.
 */
@NullMarked
package dev.tracker.torture.load;

import org.jspecify.annotations.NullMarked;
