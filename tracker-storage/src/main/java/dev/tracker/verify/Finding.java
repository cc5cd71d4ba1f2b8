package dev.tracker.verify;

/**
 * One thing that is wrong with a run.
 *
 * @param severity how bad it is
 * @param part what it is about: {@code journal}, {@code metadata}, {@code series}, {@code media},
 *     {@code console} or {@code folder}
 * @param where the file, relative to the run folder, or the name of the series
 * @param what what is wrong, with the numbers that tell
 * @param remedy what can be saved, or be done
 */
public record Finding(Severity severity, String part, String where, String what, String remedy) {
  private static final int MAX_CHARS = 4_000;

  /** Cuts texts off that are as long as only a damaged database makes them. */
  public Finding {
    where = cutOff(where);
    what = cutOff(what);
  }

  private static String cutOff(String text) {
    return text.length() <= MAX_CHARS
        ? text
        : text.substring(0, MAX_CHARS) + "... characters=" + text.length();
  }

  @Override
  public String toString() {
    return severity + " " + part + " " + where + ": " + what + " (" + remedy + ")";
  }
}
