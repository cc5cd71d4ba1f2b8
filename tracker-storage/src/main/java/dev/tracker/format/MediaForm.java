package dev.tracker.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The journal form of an entry of media: what is known of a file, and the file's bytes where they
 * are few.
 *
 * <pre>
 *   0       4              4+n
 *   +-------+--------------+------------------------+
 *   | n     | JSON, UTF-8  | the file, or nothing   |
 *   +-------+--------------+------------------------+
 *   n: int32, little endian
 *   JSON: {"type", "extension", "caption", "name", "digest", "length", "width", "height", "channels",
 *          "sampleRate", "seconds", "staged", "error"}; what is empty, 0 or false is left out
 * </pre>
 *
 * A file of more than {@link #MAX_INLINE} bytes is {@linkplain RunLayout#staged staged} before the
 * entry is written. An entry with an error has no file.
 *
 * @param type its media type: image/png, say
 * @param extension the ending of the file's name, without a dot
 * @param caption what is to stand below it
 * @param name what the file was called where it came from; empty if it had no name
 * @param digest the SHA-256 of the file, 64 hexadecimal digits; empty where there is an error
 * @param length the file's length in bytes
 * @param width in pixels; 0 where it makes no sense, as for all that follow
 * @param height in pixels
 * @param channels of an image or of audio
 * @param sampleRate of audio, per second
 * @param seconds how long audio or video lasts
 * @param staged whether the file lies in the run folder already
 * @param error why there is no file; empty where there is one
 */
public record MediaForm(
    String type,
    String extension,
    String caption,
    String name,
    String digest,
    long length,
    int width,
    int height,
    int channels,
    int sampleRate,
    double seconds,
    boolean staged,
    String error) {
  /** The longest file that stands in the journal itself, in bytes. */
  public static final int MAX_INLINE = 128 * 1024;

  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern EXTENSION = Pattern.compile("[a-z0-9]{1,16}");

  /** Checks what becomes part of a path. */
  public MediaForm {
    boolean isPlaced = DIGEST.matcher(digest).matches() && EXTENSION.matcher(extension).matches();
    if (length < 0 || (error.isEmpty() && !isPlaced)) {
      throw new IllegalArgumentException(
          "not an entry of media: digest="
              + digest
              + " extension="
              + extension
              + " length="
              + length);
    }
  }

  /** Returns the journal form. */
  public byte[] encode(byte[] inline) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    put(fields, "type", type);
    put(fields, "extension", extension);
    put(fields, "caption", caption);
    put(fields, "name", name);
    put(fields, "digest", digest);
    put(fields, "length", length);
    put(fields, "width", width);
    put(fields, "height", height);
    put(fields, "channels", channels);
    put(fields, "sampleRate", sampleRate);
    if (seconds != 0) {
      fields.put("seconds", seconds);
    }
    if (staged) {
      fields.put("staged", true);
    }
    put(fields, "error", error);
    byte[] json = Json.bytes(fields);
    return ByteBuffer.allocate(Integer.BYTES + json.length + inline.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(json.length)
        .put(json)
        .put(inline)
        .array();
  }

  private static void put(ObjectNode fields, String name, String value) {
    if (!value.isEmpty()) {
      fields.put(name, value);
    }
  }

  private static void put(ObjectNode fields, String name, long value) {
    if (value != 0) {
      fields.put(name, value);
    }
  }

  /**
   * Reads the journal form without its file.
   *
   * @throws IOException if the bytes are none
   */
  public static MediaForm decode(byte[] bytes, int offset, int length) throws IOException {
    int json = jsonLength(bytes, offset, length);
    JsonNode fields = Json.read(bytes, offset + Integer.BYTES, json);
    try {
      return new MediaForm(
          fields.path("type").asText(),
          fields.path("extension").asText(),
          fields.path("caption").asText(),
          fields.path("name").asText(),
          fields.path("digest").asText(),
          fields.path("length").asLong(),
          fields.path("width").asInt(),
          fields.path("height").asInt(),
          fields.path("channels").asInt(),
          fields.path("sampleRate").asInt(),
          fields.path("seconds").asDouble(),
          fields.path("staged").asBoolean(),
          fields.path("error").asText());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Returns the file's bytes where they stand in the journal form. */
  public static Optional<byte[]> inline(byte[] bytes, int offset, int length) throws IOException {
    MediaForm form = decode(bytes, offset, length);
    if (form.staged || !form.error.isEmpty()) {
      return Optional.empty();
    }
    int from = offset + Integer.BYTES + jsonLength(bytes, offset, length);
    int inline = offset + length - from;
    if (inline != form.length) {
      throw new IOException(
          "an entry of media has another length than it says: expected="
              + form.length
              + " found="
              + inline);
    }
    byte[] file = new byte[inline];
    System.arraycopy(bytes, from, file, 0, inline);
    return Optional.of(file);
  }

  private static int jsonLength(byte[] bytes, int offset, int length) throws IOException {
    int json =
        length < Integer.BYTES
            ? -1
            : ByteBuffer.wrap(bytes, offset, length).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (json < 0 || json > length - Integer.BYTES) {
      throw new IOException("an entry of media is cut off: length=" + length + " json=" + json);
    }
    return json;
  }
}
