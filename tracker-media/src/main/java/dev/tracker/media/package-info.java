/**
 * Images, audio, video, texts and attachments as values, and files by content: how files of a run
 * are named after what they hold and written so that a power cut leaves them whole.
 *
 * <p>Depends on nothing of ours. Everything here may be used from any thread: values are immutable
 * and encode wherever they are asked to. Arguments that cannot be a value are {@link
 * IllegalArgumentException}, at the call; failures of the target's storage are {@link
 * java.io.IOException}; what may happen to a file of the user's is a {@link CopyOutcome}.
 */
@NullMarked
package dev.tracker.media;

import org.jspecify.annotations.NullMarked;
