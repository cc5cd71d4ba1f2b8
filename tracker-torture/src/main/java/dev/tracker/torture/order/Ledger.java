package dev.tracker.torture.order;

/** What the victim had been promised by a moment: which runs, and how many steps must be there. */
final class Ledger {
  private int openings;
  private long steps;
  private long promised;
  private long rows;
  private boolean repaired;
  private long promisedOfRepaired;

  /** Takes in a line of the file of marks. */
  void take(String mark) {
    String what = mark.substring(0, mark.indexOf(" rows="));
    steps = field(mark, "steps");
    switch (what) {
      case "opened" -> {
        openings++;
        rows = 0;
      }
      case "rewind begins" -> promised = Math.min(promised, steps);
      case "flush returned", "finish returned", "log returned" -> {
        promised = steps;
        rows = field(mark, "rows");
      }
      case "repair begins" -> promisedOfRepaired = promised;
      case "repair returned" -> repaired = true;
      default -> {} // begins only
    }
  }

  private static long field(String mark, String name) {
    int from = mark.indexOf(name + "=") + name.length() + 1;
    int end = mark.indexOf(' ', from);
    return Long.parseLong(mark.substring(from, end < 0 ? mark.length() : end).strip());
  }

  /** Whether the run was open once, so that it must be there. */
  boolean opened() {
    return openings > 0;
  }

  /** Whether the run was repaired, so that another must be there. */
  boolean repaired() {
    return repaired;
  }

  /** Returns how many steps must be in that one, if it is there. */
  long promisedOfRepaired() {
    return promisedOfRepaired;
  }

  /** Returns how often the run was opened. */
  int openings() {
    return openings;
  }

  /** Returns how many steps the victim has logged. */
  long steps() {
    return steps;
  }

  /** Returns how many steps must be there. */
  long promised() {
    return promised;
  }

  /** Returns how many log calls since the run was opened must be there. */
  long rows() {
    return rows;
  }
}
