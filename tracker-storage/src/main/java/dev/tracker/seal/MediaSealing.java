package dev.tracker.seal;

import dev.tracker.format.MediaForm;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.media.ContentFiles;
import dev.tracker.media.ContentHash;
import dev.tracker.media.DurableFiles;
import dev.tracker.media.MediaNames;
import dev.tracker.metadata.Change;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.MediaEntry;
import dev.tracker.metadata.MetadataWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Brings the media of one window to where they belong: every content once, under the name of the
 * first entry that held it.
 *
 * <p>What stands in the journal is written; what is staged gets a second name. Both are on stable
 * storage after {@link #finish}; the {@linkplain #staged staged} names may go after the commit.
 *
 * <p>For one thread, and one window.
 */
final class MediaSealing implements RecordVisitor {
  private static final String SHA_256 = "sha256:";

  /** So many bytes from the journal are held in memory until they are written, side by side. */
  private static final long BATCH_BYTES = 16 << 20;

  private final RunLayout layout;
  private final MetadataWriter metadata;
  private final IntFunction<@Nullable SeriesState> series;

  private final List<MediaEntry> entries = new ArrayList<>();
  private final Set<SeriesState> touched = new LinkedHashSet<>();
  private final List<FileEntry> files = new ArrayList<>();
  private final Set<Path> staged = new LinkedHashSet<>();

  /** Where contents of this window are, by digest, and which content a name was given to. */
  private final Map<String, String> paths = new HashMap<>();

  private final Map<String, String> owners = new HashMap<>();

  private final List<Parallel.Task<Boolean>> writes = new ArrayList<>();
  private long waiting;
  private final long position;

  /**
   * Begins a window.
   *
   * @param series finds the state of a series of media by its number; null for others
   * @param position the journal position of the window's commit
   */
  MediaSealing(
      RunLayout layout,
      MetadataWriter metadata,
      IntFunction<@Nullable SeriesState> series,
      long position) {
    this.layout = layout;
    this.metadata = metadata;
    this.series = series;
    this.position = position;
  }

  @Override
  public void entry(
      int id, long step, long globalStep, long micros, byte[] bytes, int offset, int length) {
    SeriesState state = series.apply(id);
    if (state == null) {
      return;
    }
    try {
      MediaForm form = MediaForm.decode(bytes, offset, length);
      String path = form.error().isEmpty() ? place(state, step, form, bytes, offset, length) : null;
      entries.add(new MediaEntry(id, step, globalStep, micros, form, path));
      state.addEntry(step, position);
      touched.add(state);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns where the content of an entry is, or is about to be. */
  private String place(
      SeriesState state, long step, MediaForm form, byte[] bytes, int offset, int length)
      throws IOException {
    if (form.staged()) {
      staged.add(layout.staged(form.digest(), form.extension()));
    }
    String known = paths.get(form.digest());
    if (known == null) {
      known = metadata.mediaPath(form.digest()).orElse(null);
    }
    if (known == null) {
      known = store(state, step, form, MediaForm.inline(bytes, offset, length).orElse(null));
    }
    paths.put(form.digest(), known);
    return known;
  }

  private String store(SeriesState state, long step, MediaForm form, byte @Nullable [] content)
      throws IOException {
    ContentHash hash = new ContentHash(form.digest());
    String name =
        MediaNames.fileName(
            state.name, step, hash, form.extension(), candidate -> isOther(candidate, hash));
    owners.put(name, form.digest());
    Path file = layout.media().resolve(name);
    if (content == null) {
      link(layout.staged(form.digest(), form.extension()), file);
    } else {
      writes.add(() -> ContentFiles.write(ByteBuffer.wrap(content), file));
      waiting += content.length;
      if (waiting >= BATCH_BYTES) {
        write();
      }
    }
    String path = layout.media().getFileName() + "/" + name;
    files.add(new FileEntry(path, form.length(), SHA_256 + form.digest()));
    return path;
  }

  private boolean isOther(String name, ContentHash hash) {
    String owner = owners.get(name);
    if (owner != null) {
      return !owner.equals(hash.hex());
    }
    try {
      return ContentFiles.isOther(layout.media().resolve(name), hash);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives a file that is on stable storage, a staged one say, a second name. */
  static void link(Path from, Path file) throws IOException {
    PlainFiles.requireFile(from);
    try {
      Files.createLink(file, from);
    } catch (FileAlreadyExistsException e) {
      DurableFiles.forceFile(file); // a cycle that was never committed came so far
    } catch (UnsupportedOperationException | IOException e) {
      if (!Files.exists(from)) {
        throw new IOException("a media file is missing: file=" + from + " (deleted?)", e);
      }
      Files.copy(from, file); // no hard links here
      DurableFiles.forceFile(file);
    }
  }

  private void write() throws IOException {
    if (!writes.isEmpty()) {
      Parallel.run(List.copyOf(writes));
      writes.clear();
      waiting = 0;
    }
  }

  /** Puts the rest onto stable storage, and all of it into a change. */
  void finish(Change change) throws IOException {
    write();
    if (!files.isEmpty()) {
      DurableFiles.forceFolder(layout.media());
    }
    files.forEach(change::file);
    entries.forEach(change::media);
  }

  /** Returns the series that have entries in the window. */
  Set<SeriesState> touched() {
    return touched;
  }

  /** Returns the staged files that nobody needs once the window is committed. */
  Set<Path> staged() {
    return staged;
  }
}
