package dev.tracker.format;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/** The rules for names of runs, projects and series. */
public final class RunNames {
  /** The longest name of a series, in UTF-16 units. */
  public static final int MAX_SERIES_NAME = 65_535;

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final String LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
  private static final int RANDOM_LETTERS = 6;
  private static final SecureRandom RANDOM = new SecureRandom();

  private RunNames() {}

  /**
   * Returns a new run id, such as {@code 20261120-204755-k3f9q2}: ids sort by time (UTC) and do not
   * collide.
   */
  public static String newId(Instant now) {
    StringBuilder id = new StringBuilder(TIME.format(now)).append('-');
    for (int i = 0; i < RANDOM_LETTERS; i++) {
      id.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
    }
    return id.toString();
  }

  /**
   * Returns {@code id} if it can name a run or a project, otherwise throws {@link
   * IllegalArgumentException}.
   *
   * @param what what it would name, for the message
   */
  public static String checkId(String what, String id) {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "illegal "
              + what
              + ": '"
              + shorten(id)
              + "' (allowed: 1 to 128 of A-Z a-z 0-9 . _ -, beginning with a letter"
              + " or digit)");
    }
    return id;
  }

  /**
   * Returns {@code name} if it can name a series, otherwise throws {@link
   * IllegalArgumentException}.
   */
  public static String checkSeries(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a metric's name is empty");
    }
    if (name.length() > MAX_SERIES_NAME) {
      throw new IllegalArgumentException(
          "a metric's name is too long: length="
              + name.length()
              + " limit="
              + MAX_SERIES_NAME
              + " name='"
              + shorten(name)
              + "'");
    }
    if (!UTF_8.newEncoder().canEncode(name)) {
      throw new IllegalArgumentException(
          "a metric's name is not Unicode text (it holds half of a surrogate pair): '"
              + shorten(name)
              + "'");
    }
    return name;
  }

  private static final Charset UTF_8 = StandardCharsets.UTF_8;

  private static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
