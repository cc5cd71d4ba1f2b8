/**
 * Measurements of Tracker as its users meet it: through {@code dev.tracker.Board} and {@code
 * RunReader}, and through Lance itself where the question is what lies on disk.
 *
 * <p>Each program asks one question, begins with an empty baseline where there is one, and prints a
 * plain table with the goals of the design beside the figures. Its class says what it does, how to
 * start it, and what came out where. {@link dev.tracker.bench.Bench} starts them all. May depend on
 * everything; nothing depends on it, and it is never published. Programs are single-threaded but
 * for what they measure; every failure ends them.
 */
@NullMarked
package dev.tracker.bench;

import org.jspecify.annotations.NullMarked;
