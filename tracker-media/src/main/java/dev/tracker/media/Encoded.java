package dev.tracker.media;

import java.nio.ByteBuffer;

/**
 * The bytes of a file and what they are.
 *
 * @param bytes the content, read-only; every call returns a buffer of its own, at the beginning
 * @param mediaType image/png, say
 * @param extension the ending of the file's name, without a dot
 * @param details what there is to know about the content
 */
public record Encoded(ByteBuffer bytes, String mediaType, String extension, Details details) {
  public Encoded {
    bytes = bytes.asReadOnlyBuffer();
  }

  Encoded(byte[] bytes, String mediaType, String extension, Details details) {
    this(ByteBuffer.wrap(bytes), mediaType, extension, details);
  }

  @Override
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /** Returns how many bytes there are. */
  public int length() {
    return bytes.remaining();
  }

  /** Returns a copy of the bytes. */
  public byte[] toByteArray() {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return copy;
  }
}
