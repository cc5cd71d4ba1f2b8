/**
 * The command {@code tracker}; {@link dev.tracker.cli.Main} is where it begins.
 *
 * <p>Depends on {@code read}, {@code seal} and {@code export}. One thread does everything. What a
 * user can run into is a {@link dev.tracker.cli.Refusal} or comes from the libraries as an
 * exception with a message: it is told in one line, and the exit code says of what sort it is. Rows
 * are read only where they are shown, since loading what reads them costs as much as all the rest.
 */
@NullMarked
package dev.tracker.cli;

import org.jspecify.annotations.NullMarked;
