package dev.tracker.series;

import dev.tracker.format.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Operations on the Lance dataset of one series, each of them whole in itself.
 *
 * <p>A dataset has numbered versions; which one counts is not decided here but by metadata, so every
 * operation is told the version it works on and never asks for the latest.
 *
 * <p>Any number of threads; at most one at a time changes the same dataset.
 */
public final class SeriesDataset {
    private SeriesDataset() {}

    /**
     * What a change left behind.
     *
     * @param version the dataset's new version
     * @param rows how many rows it has
     * @param fragments of how many fragments it consists
     * @param created the files that were written for it: data files and the manifest
     * @param obsolete files that this version does not need, older ones may
     */
    public record Committed(
            long version, long rows, int fragments, List<Path> created, List<Path> obsolete) {}

    /**
     * Appends rows, and makes the dataset where there is none.
     *
     * @param folder the dataset
     * @param kind what its values are
     * @param version the version to append to; 0 makes the dataset
     * @param rows what to append
     * @return the new version
     * @throws IOException when it did not become the version that follows
     */
    public static Committed append(Path folder, Kind kind, long version, Rows rows)
            throws IOException {
        throw new IOException("not built yet");
    }

    /**
     * Writes small fragments together. The rows stay as they are, in the same order.
     *
     * @param folder the dataset
     * @param version the version to compact
     * @param targetRows how many rows a fragment should have
     * @return the new version; the same version where there was nothing to do
     * @throws IOException when it could not be done; the dataset is then to be rolled back
     */
    public static Committed compact(Path folder, long version, long targetRows) throws IOException {
        throw new IOException("not built yet");
    }

    /**
     * Removes everything newer than a version: a writer does so before its first change.
     *
     * @param folder the dataset
     * @param version the version that counts; 0 removes the dataset
     * @throws IOException when a file could not be removed
     */
    public static void rollBack(Path folder, long version) throws IOException {
        throw new IOException("not built yet");
    }

    /**
     * Removes what only versions before the floor need.
     *
     * @param folder the dataset
     * @param floorVersion the oldest version to keep
     * @throws IOException when it could not be done
     */
    public static void clean(Path folder, long floorVersion) throws IOException {
        throw new IOException("not built yet");
    }

    /**
     * Leaves nothing but the files of one version: done when nobody will write any more.
     *
     * @param folder the dataset
     * @param version the version to keep
     * @throws IOException when a file could not be removed
     */
    public static void tidy(Path folder, long version) throws IOException {
        throw new IOException("not built yet");
    }

    /**
     * Reads a range of rows.
     *
     * @param folder the dataset
     * @param kind what its values are
     * @param version the version to read
     * @param offset how many rows to pass over
     * @param limit how many to read at most
     * @param into gets them, after the rows it has
     * @throws IOException when they could not be read
     */
    public static void read(
            Path folder, Kind kind, long version, long offset, long limit, Rows into)
            throws IOException {
        throw new IOException("not built yet");
    }

    /**
     * What must be on stable storage before metadata may name a version.
     *
     * @param folder the dataset
     * @param committed what a change left behind
     * @return files, then folders, innermost first
     */
    public static List<Path> toForce(Path folder, Committed committed) {
        return committed.created();
    }
}
