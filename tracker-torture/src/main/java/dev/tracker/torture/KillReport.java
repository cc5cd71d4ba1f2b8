package dev.tracker.torture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What came out of many rounds. Safe for use by several threads. */
final class KillReport {
  private final long start = System.nanoTime();
  private final Map<String, Integer> kills = new TreeMap<>();
  private final Map<String, Integer> remains = new TreeMap<>();
  private final List<Long> missingPaced = new ArrayList<>();
  private final List<Long> missingFlood = new ArrayList<>();
  private int rounds;
  private long values;
  private long steplessValues;
  private long looks;

  synchronized void killed(String moment, Collection<String> left) {
    kills.merge(moment, 1, Integer::sum);
    left.forEach(what -> remains.merge(what, 1, Integer::sum));
  }

  synchronized void missing(long micros, boolean flood) {
    (flood ? missingFlood : missingPaced).add(micros);
  }

  synchronized void checked(Checker by) {
    rounds++;
    values += by.values();
    steplessValues += by.steplessValues();
  }

  synchronized void looked(long times) {
    looks += times;
  }

  synchronized int rounds() {
    return rounds;
  }

  @Override
  public synchronized String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%,d rounds in %,d s, %,d values compared (%,d lines, tags and values of the config),"
                + " %,d looks of readers that were attached%n",
            rounds, (System.nanoTime() - start) / 1_000_000_000, values, steplessValues, looks));
    append(text, "killed while it was to", kills);
    append(text, "found on disk", remains);
    append(text, "missing, threads that pause", missingPaced);
    append(text, "missing, threads that do not", missingFlood);
    List<Long> all = new ArrayList<>(missingPaced);
    all.addAll(missingFlood);
    append(text, "missing, all", all);
    return text.toString();
  }

  private static void append(StringBuilder text, String what, Map<String, Integer> counts) {
    text.append(what).append(":\n");
    counts.forEach((key, count) -> text.append(String.format("  %,7d  %s%n", count, key)));
  }

  private static void append(StringBuilder text, String what, List<Long> micros) {
    long[] sorted = micros.stream().mapToLong(Long::longValue).sorted().toArray();
    text.append(
        String.format(
            "%s: %,d kills, p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms%n",
            what,
            sorted.length,
            millis(sorted, 0.5),
            millis(sorted, 0.9),
            millis(sorted, 0.99),
            sorted.length == 0 ? 0 : Arrays.stream(sorted).max().orElse(0) / 1e3));
  }

  private static double millis(long[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : sorted[(int) Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] / 1e3;
  }
}
