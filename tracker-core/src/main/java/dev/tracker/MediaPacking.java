package dev.tracker;

import dev.tracker.format.MediaForm;
import dev.tracker.media.ContentFiles;
import dev.tracker.media.ContentHash;
import dev.tracker.media.CopyOutcome;
import dev.tracker.media.Details;
import dev.tracker.media.Encoded;
import dev.tracker.media.Media;
import dev.tracker.media.SourceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Encodes media, or copies the file that was given by path.
 *
 * <p>What is small goes through the journal. The rest is put into the run folder first, on stable
 * storage, so that an entry never comes without its file and large files never hold up the journal.
 *
 * @param metric its series
 * @param media what was logged
 * @param staging where large files go
 */
record MediaPacking(Metric metric, Media media, StagingFolder staging) implements Parcel.Packing {
  private static final byte[] NOTHING = {};

  /** What media have become. */
  static final class Content {
    private final MediaForm form;

    /** The file's bytes, where they are few. */
    private final byte[] inline;

    Content(MediaForm form, byte[] inline) {
      this.form = form;
      this.inline = inline;
    }

    /** Returns what is known of the file. */
    MediaForm form() {
      return form;
    }

    byte[] bytes() {
      return form.encode(inline);
    }
  }

  /** Returns media as they are logged. */
  static Parcel parcel(Metric metric, Media media, StagingFolder staging) {
    return new Parcel(
        metric, effort(media), media.payloadBytes(), new MediaPacking(metric, media, staging));
  }

  /** Returns how hard packing media is. */
  static Parcel.Effort effort(Media media) {
    return media.sourceFile().isPresent() ? Parcel.Effort.COPY : Parcel.Effort.HEAVY;
  }

  @Override
  public Parcel.Packed pack(long step) throws IOException {
    return Parcel.Packed.of(metric, content().bytes());
  }

  /** Encodes or copies it. */
  Content content() throws IOException {
    Optional<SourceFile> source = media.sourceFile();
    return source.isPresent() ? copy(source.get()) : encode();
  }

  @Override
  public List<Parcel.Entry> failed(Throwable cause) {
    String message = cause.getMessage();
    String error = cause instanceof IOException && message != null ? message : cause.toString();
    MediaForm form =
        form(media.mediaType(), media.extension(), "", 0, media.details(), false, error);
    return List.of(new Parcel.Entry(metric, form.encode(NOTHING)));
  }

  private Content encode() throws IOException {
    Encoded encoded = media.encode();
    ContentHash hash = ContentHash.of(encoded.bytes());
    boolean staged = encoded.length() > MediaForm.MAX_INLINE;
    if (staged) {
      staging.make();
      ContentFiles.write(encoded.bytes(), staging.file(hash.hex(), encoded.extension()));
    }
    MediaForm form =
        form(
            encoded.mediaType(),
            encoded.extension(),
            hash.hex(),
            encoded.length(),
            encoded.details(),
            staged,
            "");
    return new Content(form, staged ? NOTHING : encoded.toByteArray());
  }

  private Content copy(SourceFile source) throws IOException {
    CopyOutcome outcome =
        ContentFiles.copy(
            source,
            staging.make(),
            hash -> staging.file(hash.hex(), media.extension()).getFileName().toString());
    if (outcome instanceof CopyOutcome.Copied copied) {
      return new Content(
          form(
              media.mediaType(),
              media.extension(),
              copied.hash().hex(),
              copied.bytes(),
              media.details(),
              true,
              ""),
          NOTHING);
    }
    throw new IOException(
        outcome instanceof CopyOutcome.Changed changed
            ? changed.error()
            : ((CopyOutcome.Unreadable) outcome).error());
  }

  private MediaForm form(
      String type,
      String extension,
      String digest,
      long length,
      Details details,
      boolean staged,
      String error) {
    return new MediaForm(
        type,
        extension,
        media.caption(),
        media.source().map(Path::getFileName).map(Path::toString).orElse(""),
        digest,
        length,
        details.width(),
        details.height(),
        details.channels(),
        details.sampleRate(),
        details.seconds(),
        staged,
        error);
  }
}
