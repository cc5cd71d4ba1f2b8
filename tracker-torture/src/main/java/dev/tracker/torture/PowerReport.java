package dev.tracker.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What came out of many power cuts. Safe for use by several threads. */
final class PowerReport {
  private static final long SECOND_MICROS = 1_000_000;

  private final long start = System.nanoTime();
  private final Map<String, Integer> cuts = new TreeMap<>();
  private final Map<String, Integer> disks = new TreeMap<>();
  private final Map<String, Integer> remains = new TreeMap<>();
  private final List<Long> missing = new ArrayList<>();
  private int rounds;
  private int broken;
  private int kept;
  private int lost;
  private long values;
  private long steplessValues;

  synchronized void cut(String moment, String disk, Iterable<String> left) {
    cuts.merge(moment, 1, Integer::sum);
    disks.merge(disk, 1, Integer::sum);
    left.forEach(what -> remains.merge(what, 1, Integer::sum));
  }

  /** Log calls of so many microseconds were lost; 0 where none were. */
  synchronized void missing(long micros) {
    missing.add(micros);
  }

  /** So many log calls had been promised to be on stable storage, and were there. */
  synchronized void kept(boolean any) {
    kept += any ? 1 : 0;
  }

  synchronized void checked(Checker by) {
    rounds++;
    values += by.values();
    steplessValues += by.steplessValues();
  }

  synchronized void broken() {
    broken++;
  }

  /** The file system itself did not come back, so that there was nothing to look at. */
  synchronized void lost() {
    lost++;
  }

  synchronized int rounds() {
    return rounds;
  }

  synchronized boolean isClean() {
    return broken == 0;
  }

  @Override
  public synchronized String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "powercut: %,d rounds in %,d s, broken %d, %,d values compared (%,d lines, tags and values"
                + " of the config); in %,d rounds something had been promised; the file system was"
                + " lost in %d others%n",
            rounds,
            (System.nanoTime() - start) / 1_000_000_000,
            broken,
            values,
            steplessValues,
            kept,
            lost));
    append(text, "cut while it was to", cuts);
    append(text, "mounted with", disks);
    append(text, "found on the disk", remains);
    long[] sorted = missing.stream().mapToLong(Long::longValue).sorted().toArray();
    text.append(
        String.format(
            "missing without flush: %,d cuts, p50 %.0f ms, p90 %.0f ms, p99 %.0f ms, max %.0f ms,"
                + " more than a second %d%n",
            sorted.length,
            millis(sorted, 0.5),
            millis(sorted, 0.9),
            millis(sorted, 0.99),
            millis(sorted, 1),
            missing.stream().filter(micros -> micros > SECOND_MICROS).count()));
    return text.toString();
  }

  private static void append(StringBuilder text, String what, Map<String, Integer> counts) {
    text.append(what).append(":\n");
    counts.forEach((key, count) -> text.append(String.format("  %,7d  %s%n", count, key)));
  }

  private static double millis(long[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : sorted[(int) Math.min(sorted.length - 1L, Math.ceil(share * sorted.length) - 1)] / 1e3;
  }
}
