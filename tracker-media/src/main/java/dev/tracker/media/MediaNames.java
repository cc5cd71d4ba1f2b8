package dev.tracker.media;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a file of a run is named: {@code samples_00000100_a1b2c3d4.png}, after the name and step of
 * the first entry that held its bytes, and their hash.
 *
 * <p>A plain name keeps its letters, with {@code /} written as {@code __}. Every other name (upper
 * case, which some file systems fold; other signs; {@code _} where it could be taken for a {@code
 * /}; too long; reserved) gets its plain letters followed by {@code ~} and 16 digits of its own
 * SHA-256, so that two names never give the same file. A file's name has at most 190 characters,
 * all of them lower-case letters, digits, or one of {@code _-.~}.
 */
public final class MediaNames {
  /** How many digits of the hash stand in a name; the first that tells it from other contents. */
  public static final List<Integer> HASH_DIGITS = List.of(8, 16, 32, 64);

  private static final int MAX_PLAIN = 80;
  private static final int MAX_PREFIX = 60;
  private static final int NAME_DIGITS = 16;

  /** As folders of series are named. */
  private static final Pattern PLAIN =
      Pattern.compile(
          "(?!\\.)[a-z0-9.-]+(?:_[a-z0-9.-]+)*(?:/[a-z0-9.-]+(?:_[a-z0-9.-]+)*)*(?<!\\.)");

  /** Device names that Windows claims, with or without an ending. */
  private static final Pattern RESERVED =
      Pattern.compile("(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\\..*)?");

  private static final Pattern FILE_NAME =
      Pattern.compile(
          "(.+)_(-?[0-9]{7,19})_((?:[0-9a-f]{8}){1,8})\\.([a-z0-9]{1,16})|\\.copy-.*\\.tmp");

  private static final Pattern EXTENSION = Pattern.compile("[a-z0-9]{1,16}");

  private MediaNames() {}

  /**
   * Returns the shortest name, of those that {@link #HASH_DIGITS} allow, under which there is no
   * other content.
   *
   * @param isOther tells whether a file of this name is there, or was promised, and holds other
   *     bytes
   */
  public static String fileName(
      String name, long step, ContentHash hash, String extension, Predicate<String> isOther) {
    for (int digits : HASH_DIGITS) {
      String file = fileName(name, step, hash, extension, digits);
      if (!isOther.test(file)) {
        return file;
      }
    }
    throw new IllegalStateException(
        "a file does not hold what its name says: file="
            + fileName(name, step, hash, extension, ContentHash.DIGITS)
            + " (damaged?)");
  }

  /** Returns a name with as many digits of the hash. */
  public static String fileName(
      String name, long step, ContentHash hash, String extension, int digits) {
    if (!EXTENSION.matcher(extension).matches()) {
      throw new IllegalArgumentException("not an ending: extension=" + extension);
    }
    String number = String.format(Locale.ROOT, "%08d", step);
    return safe(name) + '_' + number + '_' + hash.digits(digits) + '.' + extension;
  }

  /** Returns whether a file is named as {@link #fileName} names files, or is an unfinished one. */
  public static boolean isFileName(Path file) {
    return FILE_NAME.matcher(file.getFileName().toString()).matches();
  }

  /**
   * What the name of a file tells of the first entry that held its bytes.
   *
   * @param name what the entry was called; of a name that is not plain, its letters and its hash
   * @param step the entry's step
   * @param digits with which the hash of the bytes begins
   * @param extension the ending
   */
  public record Told(String name, long step, String digits, String extension) {
    /** Returns the media type that the ending stands for. */
    public String mediaType() {
      return MediaTypes.ofName('.' + extension);
    }
  }

  /** Returns what a file's name tells; empty where it is none of {@link #fileName}. */
  public static Optional<Told> told(Path file) {
    Matcher parts = FILE_NAME.matcher(file.getFileName().toString());
    if (!parts.matches() || parts.group(1) == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Told(
              parts.group(1).replace("__", "/"),
              Long.parseLong(parts.group(2)),
              parts.group(3),
              parts.group(4)));
    } catch (NumberFormatException e) {
      return Optional.empty(); // no step is as great
    }
  }

  private static String safe(String name) {
    if (name.length() <= MAX_PLAIN
        && PLAIN.matcher(name).matches()
        && !RESERVED.matcher(name).matches()) {
      return name.replace("/", "__");
    }
    ContentHash hash = ContentHash.of(name.getBytes(StandardCharsets.UTF_8));
    return prefix(name) + '~' + hash.digits(NAME_DIGITS);
  }

  private static String prefix(String name) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < name.length() && plain.length() < MAX_PREFIX; i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        plain.append((char) (c + ('a' - 'A')));
      } else if (c == '/') {
        plain.append("__");
      } else {
        plain.append(isKept(c) && (c != '.' || i > 0) ? c : '-');
      }
    }
    return RESERVED.matcher(plain).matches() ? plain.insert(0, '-').toString() : plain.toString();
  }

  private static boolean isKept(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  }
}
