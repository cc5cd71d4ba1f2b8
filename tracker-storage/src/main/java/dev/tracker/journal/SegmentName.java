package dev.tracker.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a segment: its first position, and a serial among those that begin at the same one.
 * Names sort in journal order, and a segment ends where the next one begins.
 *
 * @param first the position of the segment's first record
 * @param serial 0, or one more than the largest among the segments that begin there
 */
record SegmentName(long first, int serial) implements Comparable<SegmentName> {
  /** What the names of files begin with that are being made and are no segments yet. */
  static final String UNFINISHED = "spare";

  private static final Pattern FORM = Pattern.compile("0([0-9]{19})-([0-9]{4,9})\\.seg");
  private static final String LARGEST = Long.toString(Long.MAX_VALUE);
  private static final Comparator<SegmentName> ORDER =
      Comparator.comparingLong(SegmentName::first).thenComparingInt(SegmentName::serial);

  /** Returns the segments of a folder in journal order. */
  static List<SegmentName> in(Path folder, FileLayer files) throws IOException {
    List<SegmentName> found = new ArrayList<>();
    for (String name : files.list(folder)) {
      Matcher matcher = FORM.matcher(name);
      if (matcher.matches() && matcher.group(1).compareTo(LARGEST) <= 0) {
        found.add(
            new SegmentName(Long.parseLong(matcher.group(1)), Integer.parseInt(matcher.group(2))));
      }
    }
    found.sort(ORDER);
    return found;
  }

  Path file(Path folder) {
    return folder.resolve(toString());
  }

  @Override
  public int compareTo(SegmentName other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%020d-%04d.seg", first, serial);
  }
}
