package dev.tracker.read;

import dev.tracker.format.MediaForm;
import dev.tracker.format.PlainFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One entry of a series of media: an image, audio, video, a long text or another file, and where it
 * is.
 *
 * <p>A small file of a run that is being written stands in the journal for some seconds; it has no
 * {@link #file} of its own then, but can be read all the same.
 */
public final class MediaFile {
  /** Gives the content of a file that has no path. */
  interface Content {
    byte[] read() throws IOException;
  }

  private final Path run;
  private final long step;
  private final long globalStep;
  private final long timestamp;
  private final MediaForm form;
  private final Optional<Path> file;
  private final Content content;

  MediaFile(
      Path run,
      long step,
      long globalStep,
      long timestamp,
      MediaForm form,
      Optional<Path> file,
      Content content) {
    this.run = run;
    this.step = step;
    this.globalStep = globalStep;
    this.timestamp = timestamp;
    this.form = form;
    this.file = file;
    this.content = content;
  }

  /** Returns the step of the log call. */
  public long step() {
    return step;
  }

  /** Returns the global step of the log call. */
  public long globalStep() {
    return globalStep;
  }

  /** Returns when it was logged, in microseconds since the epoch. */
  public long timestamp() {
    return timestamp;
  }

  /** Returns the media type: image/png, say. */
  public String mediaType() {
    return form.type();
  }

  /** Returns what is to stand below it; may be empty. */
  public String caption() {
    return form.caption();
  }

  /** Returns what the file was called where it came from; empty if it had no name. */
  public String name() {
    return form.name();
  }

  /** Returns the length of the file in bytes. */
  public long length() {
    return form.length();
  }

  /** Returns the SHA-256 of the file, 64 hexadecimal digits; empty where there is an error. */
  public String digest() {
    return form.digest();
  }

  /** Returns the width in pixels; 0 where it is not known or makes no sense. */
  public int width() {
    return form.width();
  }

  /** Returns the height in pixels; 0 where it is not known or makes no sense. */
  public int height() {
    return form.height();
  }

  /** Returns the number of channels of an image or of audio; 0 where it is not known. */
  public int channels() {
    return form.channels();
  }

  /** Returns the samples per second of audio; 0 where it is not known or makes no sense. */
  public int sampleRate() {
    return form.sampleRate();
  }

  /** Returns how long audio or video lasts; 0 where it is not known or makes no sense. */
  public double seconds() {
    return form.seconds();
  }

  /** Returns why there is no file: it was gone when it was to be copied, say. */
  public Optional<String> error() {
    return form.error().isEmpty() ? Optional.empty() : Optional.of(form.error());
  }

  /** Returns where the file is; empty while it stands in the journal, and where there is none. */
  public Optional<Path> file() {
    return file;
  }

  /**
   * Returns the file's bytes.
   *
   * @throws IOException if there are none, or they cannot be read
   */
  public byte[] bytes() throws IOException {
    try (InputStream in = open()) {
      return in.readAllBytes();
    }
  }

  /**
   * Opens the file.
   *
   * @throws IOException if there is none, or it cannot be read
   */
  public InputStream open() throws IOException {
    if (!form.error().isEmpty()) {
      throw new IOException("there is no file: " + form.error());
    }
    if (file.isPresent() && PlainFiles.requireFile(run, file.get())) {
      return Files.newInputStream(file.get(), LinkOption.NOFOLLOW_LINKS);
    }
    return new ByteArrayInputStream(content.read());
  }

  /** Returns a line for people. */
  @Override
  public String toString() {
    return "MediaFile[step="
        + step
        + ", type="
        + form.type()
        + ", length="
        + form.length()
        + (form.caption().isEmpty() ? "" : ", caption=" + form.caption())
        + (form.error().isEmpty() ? "" : ", error=" + form.error())
        + "]";
  }
}
