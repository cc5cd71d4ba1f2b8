/**
 * Reading runs, live or dead: {@link dev.tracker.read.RunReader} one of them, {@link
 * dev.tracker.read.Runs} a folder of them.
 *
 * <p>Depends on {@code format}, {@code lock}, {@code journal}, {@code series} and {@code metadata};
 * never on {@code seal}: a reader changes nothing. Readers may be used from any thread. What cannot
 * be read is a {@link dev.tracker.format.StorageException} that names the file; what was asked
 * wrongly is an {@link IllegalArgumentException} that names what there is.
 */
@NullMarked
package dev.tracker.read;

import org.jspecify.annotations.NullMarked;
