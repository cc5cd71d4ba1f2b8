package dev.tracker.metadata;

import org.jspecify.annotations.Nullable;

/**
 * What is known of all rows of a series together; "best value and its step" is one look at it.
 *
 * <p>Values are bits of the series' kind, as in {@link dev.tracker.format.Tile}; what there is none
 * of is NaN for FLOAT64 and 0 for the other kinds, and its step 0. SQLite has no NaN, so one comes
 * back as the canonical one, whatever its payload was.
 *
 * @param last the last row's value; none for STRING
 * @param lastText the last row's text; null except for STRING
 * @param stepOfLast the step of the last row
 * @param min the least value that is not NaN
 * @param stepOfMin the step of the first row that holds it
 * @param max the greatest value that is not NaN
 * @param stepOfMax the step of the first row that holds it
 * @param sum the sum of the finite values
 * @param nans how many values are NaN
 * @param infinities how many values are infinite
 */
public record SeriesStats(
    long last,
    @Nullable String lastText,
    long stepOfLast,
    long min,
    long stepOfMin,
    long max,
    long stepOfMax,
    double sum,
    long nans,
    long infinities) {}
