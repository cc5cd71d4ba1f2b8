package dev.tracker.read;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says of a name that there is none, and what there is, the names most like it first. */
final class CloseNames {
  /** How many names a message lists. */
  private static final int LISTED = 20;

  /** How many edits a name may be away and still be what was meant: one in three characters. */
  private static final int EDITS = 3;

  private CloseNames() {}

  static IllegalArgumentException noMetric(String asked, Collection<String> names, Path run) {
    if (names.isEmpty()) {
      return new IllegalArgumentException(
          "no metric '" + asked + "' in run " + run + ": nothing was logged yet");
    }
    List<String> sorted = sorted(asked, names);
    String first = sorted.get(0);
    boolean meant = distance(asked, first) <= Math.max(1, asked.length() / EDITS);
    return new IllegalArgumentException(
        "no metric '"
            + asked
            + "' in run "
            + run
            + (meant ? "; did you mean '" + first + "'?" : ";")
            + " there are "
            + names.size()
            + ": "
            + sorted.stream().limit(LISTED).collect(Collectors.joining(", "))
            + (names.size() > LISTED ? ", ..." : ""));
  }

  /** Returns the names, those most like the one asked for first. */
  static List<String> sorted(String asked, Collection<String> names) {
    return names.stream()
        .sorted(Comparator.comparingInt((String name) -> distance(asked, name)))
        .toList();
  }

  /** 0 for a name that differs in case alone, 1 for one that holds the other, else edits. */
  private static int distance(String asked, String name) {
    String a = asked.toLowerCase(Locale.ROOT);
    String b = name.toLowerCase(Locale.ROOT);
    if (a.equals(b)) {
      return 0;
    }
    if (!a.isEmpty() && (b.contains(a) || a.contains(b))) {
      return 1;
    }
    return 1 + edits(a, b);
  }

  /** The Levenshtein distance, row by row. */
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
