package dev.tracker.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The file operations that the journal is built on. {@link #real()} is the file system; another
 * implementation can fail, or write less than it was given, wherever a disk could.
 *
 * <p>May be used from any thread. Every failure is an {@link IOException}.
 */
public interface FileLayer {
  /** Returns the file system of this machine. */
  static FileLayer real() {
    return RealFiles.INSTANCE;
  }

  /** Creates a file that must not exist, for writing and reading. */
  WritableFile create(Path file) throws IOException;

  /**
   * Opens a file for reading. It stays readable when it is deleted meanwhile.
   *
   * @throws java.nio.file.NoSuchFileException where there is none
   */
  ReadableFile open(Path file) throws IOException;

  /** Returns the names of a folder's entries, in any order; none where there is no such folder. */
  List<String> list(Path folder) throws IOException;

  /** Returns a file's length in bytes. */
  long size(Path file) throws IOException;

  /**
   * Returns what tells a file or folder from another of its name, and stays when it is renamed.
   *
   * @throws java.nio.file.NoSuchFileException where there is none
   */
  Object identity(Path file) throws IOException;

  /** Renames a file within its folder. An existing file of the new name is a failure. */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file, if it exists. */
  void delete(Path file) throws IOException;

  /**
   * Makes a folder and its parents, where they are missing.
   *
   * @return whether the folder was missing
   */
  boolean createFolder(Path folder) throws IOException;

  /** Returns when all that was written to a file, by whomever, is on stable storage. */
  void force(Path file) throws IOException;

  /** Returns when a folder's entries are on stable storage. */
  void forceFolder(Path folder) throws IOException;

  /** A file that can be read at any offset. One thread uses it at a time. */
  interface ReadableFile extends Closeable {
    /**
     * Reads at an offset.
     *
     * @return how many bytes were read, at least 1, or -1 where the file ends at or before {@code
     *     offset}
     */
    int read(byte[] into, int start, int length, long offset) throws IOException;

    /** Returns the file's length in bytes. */
    long size() throws IOException;
  }

  /**
   * A file that can be written at any offset, and forced. {@link #force} may run while another
   * thread writes.
   */
  interface WritableFile extends ReadableFile {
    /**
     * Writes at an offset.
     *
     * @return how many of the buffer's remaining bytes were written, from its position on, which
     *     moves; at least 1
     */
    int write(ByteBuffer bytes, long offset) throws IOException;

    /** Returns when all that was written before the call is on stable storage. */
    void force() throws IOException;

    /** Cuts the file to a length. */
    void truncate(long size) throws IOException;
  }
}
