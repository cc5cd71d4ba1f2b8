package dev.tracker;

import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunLayout;
import dev.tracker.media.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a board puts large media before their entries: a folder that is made when it is needed.
 *
 * <p>For any number of threads.
 */
final class StagingFolder {
  private final RunLayout layout;

  /** Whether the folder's name is on stable storage; an earlier process may have died before. */
  private boolean isForced; // guarded by this

  StagingFolder(RunLayout layout) {
    this.layout = layout;
  }

  /** Makes the folder, so that it lasts, unless that was done; and returns it. */
  synchronized Path make() throws IOException {
    if (!isForced || !Files.isDirectory(layout.staged())) {
      PlainFiles.makeFolder(layout.media());
      PlainFiles.makeFolder(layout.staged());
      DurableFiles.forceFolder(layout.media());
      DurableFiles.forceFolder(layout.root());
      isForced = true;
    }
    return layout.staged();
  }

  /** Returns where a content is put. */
  Path file(String digest, String extension) {
    return layout.staged(digest, extension);
  }
}
