package dev.tracker.media;

import java.nio.file.Path;

/** How the copying of a file of the user's ended. */
public sealed interface CopyOutcome {
  /**
   * The content is in the run's folder and on stable storage.
   *
   * @param file where it is
   * @param hash what it holds
   * @param bytes how long it is
   * @param isNew false where a file with these bytes had been there before
   */
  record Copied(Path file, ContentHash hash, long bytes, boolean isNew) implements CopyOutcome {}

  /**
   * There is nothing to copy, or it cannot be read.
   *
   * @param error what to tell the user
   */
  record Unreadable(String error) implements CopyOutcome {}

  /**
   * It changed between logging and copying, or while it was copied.
   *
   * @param error what to tell the user
   */
  record Changed(String error) implements CopyOutcome {}
}
