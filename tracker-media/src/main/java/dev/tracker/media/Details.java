package dev.tracker.media;

/**
 * What there is to know about a media value beside its bytes; 0 where it is not known or makes no
 * sense.
 *
 * @param width in pixels
 * @param height in pixels
 * @param channels of an image or of audio
 * @param sampleRate of audio, per second
 * @param seconds how long audio or video lasts
 */
public record Details(int width, int height, int channels, int sampleRate, double seconds) {
  /** Nothing is known. */
  public static final Details NONE = new Details(0, 0, 0, 0, 0);

  static Details image(int width, int height, int channels) {
    return new Details(width, height, channels, 0, 0);
  }

  static Details audio(int channels, int sampleRate, double seconds) {
    return new Details(0, 0, channels, sampleRate, seconds);
  }
}
