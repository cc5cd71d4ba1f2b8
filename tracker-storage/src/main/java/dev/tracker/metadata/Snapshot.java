package dev.tracker.metadata;

import dev.tracker.format.Counters;
import dev.tracker.format.RunDocument;
import java.util.List;

/**
 * The state of a run after a commit.
 *
 * @param checkpoint how far the journal is sealed
 * @param run the run's document
 * @param series every series, by id; an entry's place in the list need not be its id
 * @param gaps how many gaps were sealed
 * @param rowsLost how many rows they swallowed
 * @param outputBytes how many bytes of {@code logs/output.log} are committed
 */
public record Snapshot(
    Counters checkpoint,
    RunDocument run,
    List<SeriesEntry> series,
    long gaps,
    long rowsLost,
    long outputBytes) {}
