package dev.tracker.metadata;

/**
 * A file that the run is made of, as it was when it was committed.
 *
 * @param path where it is, relative to the run folder, with {@code /}
 * @param length its length in bytes
 * @param digest what its bytes hash to, {@code algorithm:hex}
 */
public record FileEntry(String path, long length, String digest) {}
