/**
 * Files by content: how files of a run are written so that a power cut leaves them whole, and how
 * their content is named.
 *
 * <p>Depends on nothing of ours. Everything here may be used from any thread; failures are {@link
 * java.io.IOException}.
 */
@NullMarked
package dev.tracker.media;

import org.jspecify.annotations.NullMarked;
