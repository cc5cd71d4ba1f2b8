package dev.tracker.metadata;

/**
 * Rows that were dropped, because the queue was full or the disk could not be written.
 *
 * @param rows how many
 * @param fromMicros when the first was dropped, microseconds since the epoch
 * @param toMicros when the last was dropped
 */
public record Gap(long rows, long fromMicros, long toMicros) {}
