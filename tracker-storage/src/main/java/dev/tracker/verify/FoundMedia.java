package dev.tracker.verify;

import dev.tracker.format.MediaForm;
import dev.tracker.media.ContentHash;
import dev.tracker.media.MediaNames;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A media file as far as it is known without metadata: by its name and its bytes.
 *
 * @param file where it is
 * @param told what its name tells
 * @param hash of its bytes
 * @param length how many there are
 */
record FoundMedia(Path file, MediaNames.Told told, ContentHash hash, long length) {
  /** Finds the files of a folder, by step; those that are not ours are told of. */
  static List<FoundMedia> in(Path folder, List<String> lost) throws IOException {
    List<FoundMedia> found = new ArrayList<>();
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return found;
    }
    long strangers = 0;
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          continue; // of links verify tells
        }
        Optional<MediaNames.Told> told = MediaNames.told(file);
        if (told.isPresent()) {
          try {
            found.add(new FoundMedia(file, told.get(), hash(file), Files.size(file)));
          } catch (IOException e) {
            lost.add("media: file=" + file.getFileName() + " cannot be read: cause=" + e);
          }
        } else if (!MediaNames.isFileName(file)) {
          strangers++;
        }
      }
    }
    if (strangers > 0) {
      lost.add("files in media/ that are not named as those of runs: files=" + strangers);
    }
    found.sort(
        Comparator.comparingLong((FoundMedia one) -> one.told.step())
            .thenComparing(FoundMedia::file));
    return found;
  }

  private static ContentHash hash(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return ContentHash.of(in);
    }
  }

  /** Whether the bytes are those that the name promises. */
  boolean isWhole() {
    return hash.hex().startsWith(told.digits());
  }

  MediaForm form() {
    return new MediaForm(
        told.mediaType(), told.extension(), "", "", hash.hex(), length, 0, 0, 0, 0, 0, false, "");
  }
}
