package dev.tracker.format;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which folder a series lives in: readable, the same on every file system, and never the same for
 * two names.
 *
 * <p>A plain name keeps its letters, with {@code /} written as {@code __}: {@code train/loss} lives
 * in {@code train__loss}. Every other name (upper case, which some file systems fold; other signs;
 * {@code _} where it could be taken for a {@code /}; too long; reserved) gets its plain letters
 * followed by {@code ~} and 16 digits of its SHA-256: {@code A/B} lives in {@code a__b~…}. No plain
 * name holds a {@code ~}, so the two sorts cannot meet.
 */
public final class FolderNames {
  private static final int MAX_PLAIN = 100;
  private static final int MAX_PREFIX = 60;
  private static final int HASH_DIGITS = 16;

  /** Comes before the number of a generation; hashes have no {@code g}. */
  private static final String GENERATION = "~g";

  private static final Pattern LATER = Pattern.compile("~g[0-9]+$");

  /**
   * Parts of lower-case letters, digits, dot, hyphen and single inner underscores, joined by single
   * slashes.
   */
  private static final Pattern PLAIN =
      Pattern.compile(
          "(?!\\.)[a-z0-9.-]+(?:_[a-z0-9.-]+)*(?:/[a-z0-9.-]+(?:_[a-z0-9.-]+)*)*(?<!\\.)");

  private static final Pattern FOLDER = Pattern.compile("(?!\\.)[^/\\\\:\\x00-\\x1f]{1,200}");

  /** Device names that Windows claims, with or without an ending. */
  private static final Pattern RESERVED =
      Pattern.compile("(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\\..*)?");

  private FolderNames() {}

  /** Returns the folder of a series' first generation, without its ending. */
  public static String of(String name) {
    if (name.length() <= MAX_PLAIN
        && PLAIN.matcher(name).matches()
        && !RESERVED.matcher(name).matches()) {
      return name.replace("/", "__");
    }
    return prefix(name) + '~' + hash(name);
  }

  /**
   * Returns a folder for a series that none of {@code taken} uses: {@link #of} in every case that
   * has ever been seen, a longer one should two hashes meet. The folder of a histogram series ends
   * with the type of its counts.
   */
  public static String of(String name, Kind kind, Set<String> taken) {
    String ending = ending(kind);
    String folder = of(name) + ending;
    for (int i = 2; taken.contains(folder); i++) {
      folder = of(name) + '~' + i + ending;
    }
    return folder;
  }

  private static String ending(Kind kind) {
    return switch (kind) {
      case HISTOGRAM_I32 -> "_i32";
      case HISTOGRAM_U8 -> "_u8";
      default -> "";
    };
  }

  /**
   * Returns the folder of a later generation of a series, of which any folder is known: {@code
   * train__loss~g2}. No first folder ends like that.
   */
  public static String ofGeneration(String folder, int generation) {
    return generation == 1 ? first(folder) : first(folder) + GENERATION + generation;
  }

  /** Returns the folder of the first generation of a series, of which any folder is known. */
  public static String first(String folder) {
    int at = folder.lastIndexOf(GENERATION);
    return at > 0 && LATER.matcher(folder).find(at) ? folder.substring(0, at) : folder;
  }

  /** Whether a text can be such a folder; then it leads nowhere else. */
  public static boolean isFolder(String text) {
    return FOLDER.matcher(text).matches();
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
    return plain.toString();
  }

  private static boolean isKept(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  }

  private static String hash(String name) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_DIGITS / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
