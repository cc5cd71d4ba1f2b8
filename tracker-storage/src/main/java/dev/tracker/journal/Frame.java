package dev.tracker.journal;

import dev.tracker.format.Counters;
import org.jspecify.annotations.Nullable;

/**
 * What the writer remembers of a frame until it is on stable storage.
 *
 * @param before the counters before its first record
 * @param after the counters after its last one
 * @param records how many positions it takes
 * @param rows how many of them are rows
 * @param others how many of them are console lines and entries
 * @param fromMicros the earliest time of its rows, lines and entries; the latest time before it
 *     where it has none
 * @param toMicros the latest time of its rows, lines and entries
 * @param kept its SERIES, RUN, GAP and REWIND records: what must outlive the frame if it cannot be
 *     read back
 * @param length the bytes it takes in the file
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares frames
record Frame(
    Counters before,
    Counters after,
    int records,
    int rows,
    int others,
    long fromMicros,
    long toMicros,
    byte @Nullable [] kept,
    int length) {}
