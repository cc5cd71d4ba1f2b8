package dev.tracker.metadata;

import dev.tracker.format.Kind;
import dev.tracker.format.Tile;
import org.jspecify.annotations.Nullable;

/**
 * One series as of a commit: where its rows are, how many there are, and what they amount to.
 *
 * @param id the run-wide number of the series, from 0 in order of first use
 * @param name the name that was logged
 * @param kind what the series holds, for ever
 * @param folder the folder of its dataset, without the ending, see {@code RunLayout.series}
 * @param generation counts how often the dataset was written anew from scratch; a new one drops the
 *     tiles of the old
 * @param version the version of the dataset that holds exactly {@code rows} rows; 0 where there is
 *     no dataset yet
 * @param rows how many rows there are
 * @param checkpoint the journal position of the commit that last changed the series
 * @param firstStep the least step of any row; {@link Long#MAX_VALUE} where there are none
 * @param lastStep the greatest step of any row; {@link Long#MIN_VALUE} where there are none
 * @param stats what the rows amount to
 * @param tail the tile of the last {@code rows % Tile.ROWS} rows; null where there are none or no
 *     tiles are kept
 */
public record SeriesEntry(
    int id,
    String name,
    Kind kind,
    String folder,
    int generation,
    long version,
    long rows,
    long checkpoint,
    long firstStep,
    long lastStep,
    SeriesStats stats,
    @Nullable Tile tail) {}
