package dev.tracker.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The SHA-256 of a file's content: two files with the same one are the same file.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record ContentHash(String hex) {
  /** How many digits it has. */
  public static final int DIGITS = 64;

  private static final int BUFFER_BYTES = 128 * 1024;
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  public ContentHash {
    if (!HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException("not a SHA-256: hex=" + hex);
    }
  }

  /** Returns the hash of an array. */
  public static ContentHash of(byte[] content) {
    return of(ByteBuffer.wrap(content));
  }

  /** Returns the hash of the buffer's remaining bytes; its position stays where it is. */
  public static ContentHash of(ByteBuffer content) {
    MessageDigest digest = digest();
    digest.update(content.duplicate());
    return of(digest);
  }

  /** Returns the hash of all that is left in a stream. */
  public static ContentHash of(InputStream content) throws IOException {
    MessageDigest digest = digest();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
      digest.update(buffer, 0, read);
    }
    return of(digest);
  }

  /** Returns the first digits. */
  public String digits(int count) {
    return hex.substring(0, count);
  }

  static ContentHash of(MessageDigest digest) {
    return new ContentHash(HexFormat.of().formatHex(digest.digest()));
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
