package dev.tracker.verify;

/** How bad a {@link Finding} is. */
public enum Severity {
  /** Nothing is lost: a process that died left it, or it is of no use. */
  NOTE,
  /** It may be damage or what a killed process leaves, or it is wrong and can be made anew. */
  WARNING,
  /** Something that was committed is not what it was. */
  DAMAGE
}
