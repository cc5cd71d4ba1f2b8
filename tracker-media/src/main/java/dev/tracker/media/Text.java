package dev.tracker.media;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * A text that is a file of its own: a sample of what a model writes, a report. Encoded as UTF-8;
 * what is no Unicode text, an unpaired surrogate, becomes U+FFFD. A short string that belongs to a
 * series is logged as a String.
 */
public final class Text extends Media {
  private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

  /** A char of UTF-16 takes at most so many bytes in UTF-8. */
  private static final long MAX_CHAR_BYTES = 3;

  private final String text;
  private final String mediaType;

  private Text(String text, String mediaType, String caption) {
    super(caption);
    checkSize(text);
    this.text = text;
    this.mediaType = mediaType;
  }

  /** Counts only where the number of chars does not tell enough. */
  private static void checkSize(String text) {
    MediaLimits.checkBytes("text", text.length());
    if (MAX_CHAR_BYTES * text.length() > MediaLimits.maxBytes()) {
      MediaLimits.checkBytes("text", utf8Bytes(text));
    }
  }

  private static long utf8Bytes(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** Gives a plain text. */
  public static Text of(String text) {
    return new Text(text, "text/plain", "");
  }

  /** Gives a plain text with a caption. */
  public static Text of(String text, String caption) {
    return new Text(text, "text/plain", caption);
  }

  /** Gives a text in Markdown. */
  public static Text markdown(String text) {
    return new Text(text, "text/markdown", "");
  }

  /** Gives a page in HTML. Whoever shows it must not trust it. */
  public static Text html(String text) {
    return new Text(text, "text/html", "");
  }

  /** Returns the same text with another media type, text/csv, say. */
  public Text withMediaType(String mediaType) {
    return new Text(text, MediaTypes.check(mediaType), caption());
  }

  @Override
  public Text withCaption(String caption) {
    return new Text(text, mediaType, caption);
  }

  /** Returns the text as it was given. */
  public String text() {
    return text;
  }

  @Override
  public String mediaType() {
    return mediaType;
  }

  @Override
  public String extension() {
    String extension = MediaTypes.extensionOf(mediaType);
    return extension.equals(MediaTypes.UNKNOWN_EXTENSION) ? "txt" : extension;
  }

  @Override
  public long payloadBytes() {
    return 2L * text.length();
  }

  @Override
  public Details details() {
    return Details.NONE;
  }

  @Override
  public Encoded encode() {
    try {
      ByteBuffer bytes =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPLACE)
              .replaceWith(REPLACEMENT)
              .encode(CharBuffer.wrap(text));
      return new Encoded(bytes, mediaType, extension(), Details.NONE);
    } catch (CharacterCodingException e) {
      throw new AssertionError("malformed input is replaced", e);
    }
  }
}
