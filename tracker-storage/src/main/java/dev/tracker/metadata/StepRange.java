package dev.tracker.metadata;

/**
 * The rows that were logged under one global step: the least and greatest of their steps and times.
 *
 * @param globalStep the global step
 * @param firstStep the least step
 * @param lastStep the greatest step
 * @param firstMicros the earliest time, microseconds since the epoch
 * @param lastMicros the latest time
 * @param rows how many log calls
 */
public record StepRange(
    long globalStep, long firstStep, long lastStep, long firstMicros, long lastMicros, long rows) {}
