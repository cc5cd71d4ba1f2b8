/**
 * Programs as a user of the library would write them, in plain Java with no framework.
 *
 * <p>{@link dev.tracker.examples.Digits} is the one to read first: it trains a small network and
 * logs as it goes; {@code Report}, beside it, opens the run again and prints it. {@link
 * dev.tracker.examples.Sweep} keeps several boards open at once and compares their runs. The other
 * classes are what they train, what they train it on and how it is drawn: none of them knows of the
 * library.
 */
@NullMarked
package dev.tracker.examples;

import org.jspecify.annotations.NullMarked;
