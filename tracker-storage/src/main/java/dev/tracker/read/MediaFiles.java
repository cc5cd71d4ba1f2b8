package dev.tracker.read;

import dev.tracker.format.MediaForm;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.metadata.MediaEntry;
import dev.tracker.metadata.MediaQuery;
import dev.tracker.metadata.MetadataReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The media of a series, as of a moment: first what metadata names, then what the journal holds
 * beyond it.
 */
final class MediaFiles {
  private final RunLayout layout;
  private final RunMoment moment;
  private final RunMoment.View view;

  MediaFiles(RunLayout layout, RunMoment moment, RunMoment.View view) {
    this.layout = layout;
    this.moment = moment;
    this.view = view;
  }

  /** Returns the entries whose step is within a range, of these a page. */
  List<MediaFile> read(long fromStep, long toStep, long offset, long limit) throws IOException {
    List<MediaFile> found = new ArrayList<>();
    long sealed = 0;
    if (view.sealed() != null && view.sealed().rows() > 0) {
      long last = Math.min(toStep, view.lastSealed());
      MediaQuery query = new MediaQuery(view.id(), fromStep, last, offset, limit);
      for (MediaEntry entry : MetadataReader.media(layout.metadata(), query)) {
        found.add(sealed(entry));
      }
      sealed = sealedWithin(fromStep, last, offset, found.size());
    }
    if (view.tailRows() > 0 && found.size() < limit) {
      Tail tail = new Tail(fromStep, toStep, Math.max(0, offset - sealed), limit - found.size());
      moment.decodeTail(tail);
      found.addAll(tail.found);
    }
    return found;
  }

  /** Returns the steps of the sealed entries that count, in the order of logging. */
  List<Long> sealedSteps() throws IOException {
    MediaQuery query =
        new MediaQuery(view.id(), Long.MIN_VALUE, view.lastSealed(), 0, Long.MAX_VALUE);
    return MetadataReader.media(layout.metadata(), query).stream().map(MediaEntry::step).toList();
  }

  /** Returns how many sealed entries come before those of the journal: what the offset has used. */
  private long sealedWithin(long from, long to, long offset, int found) throws IOException {
    if (found > 0 || offset == 0) {
      return offset; // the page begins among them or right behind them
    }
    return MetadataReader.mediaCount(
        layout.metadata(), new MediaQuery(view.id(), from, to, 0, Long.MAX_VALUE));
  }

  private MediaFile sealed(MediaEntry entry) throws IOException {
    Optional<Path> file = Optional.empty();
    if (entry.path() != null) {
      Path path = layout.root().resolve(entry.path()).normalize();
      if (!path.startsWith(layout.media())) {
        throw new IOException(
            "metadata names a media file outside of the run's media: file=" + entry.path());
      }
      file = Optional.of(path);
    }
    return new MediaFile(
        layout.root(),
        entry.step(),
        entry.globalStep(),
        entry.micros(),
        entry.form(),
        file,
        () -> {
          throw new NoSuchFileException(String.valueOf(entry.path()), null, "media file is gone");
        });
  }

  /** Picks entries of the series from the journal. */
  private final class Tail implements RecordVisitor {
    final List<MediaFile> found = new ArrayList<>();
    private final long from;
    private final long to;
    private final long limit;
    private long skip;

    Tail(long from, long to, long skip, long limit) {
      this.from = from;
      this.to = to;
      this.skip = skip;
      this.limit = limit;
    }

    @Override
    public void entry(
        int series, long step, long globalStep, long micros, byte[] bytes, int offset, int length) {
      if (series != view.id() || step < from || step > to || found.size() >= limit) {
        return;
      }
      if (skip > 0) {
        skip--;
        return;
      }
      try {
        MediaForm form = MediaForm.decode(bytes, offset, length);
        Optional<Path> file =
            form.staged()
                ? Optional.of(layout.staged(form.digest(), form.extension()))
                : Optional.empty();
        Optional<byte[]> inline = MediaForm.inline(bytes, offset, length);
        found.add(
            new MediaFile(
                layout.root(),
                step,
                globalStep,
                micros,
                form,
                file,
                () -> inline.isPresent() ? inline.get() : sealedSince(form.digest())));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Reads what was staged when the moment was taken, and has its final name by now. */
  private byte[] sealedSince(String digest) throws IOException {
    String path =
        MetadataReader.mediaPath(layout.metadata(), digest)
            .orElseThrow(() -> new NoSuchFileException(digest, null, "media file is gone"));
    Path file = layout.root().resolve(path);
    PlainFiles.requireFile(layout.root(), file);
    return Files.readAllBytes(file);
  }
}
