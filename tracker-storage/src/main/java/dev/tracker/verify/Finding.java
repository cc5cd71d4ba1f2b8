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
  @Override
  public String toString() {
    return severity + " " + part + " " + where + ": " + what + " (" + remedy + ")";
  }
}
