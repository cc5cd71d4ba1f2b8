package dev.tracker.metadata;

import dev.tracker.format.MediaForm;
import org.jspecify.annotations.Nullable;

/**
 * One row of the table {@code media}: something was logged that is, or was to be, a file.
 *
 * @param series the number of its series
 * @param step the log call's step
 * @param globalStep the log call's global step
 * @param micros when it was logged
 * @param form what is known of the file
 * @param path where the file is, relative to the run folder; null where there is an error
 */
public record MediaEntry(
    int series, long step, long globalStep, long micros, MediaForm form, @Nullable String path) {}
