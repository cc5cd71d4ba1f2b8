package dev.tracker.bench;

/** Numbers that no encoding makes small, and that can be told again from their index. */
final class Noise {
  private Noise() {}

  /** Returns the number of an index, from 0 to below 1: the output of SplitMix64. */
  static double at(long index) {
    long z = (index + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return ((z ^ (z >>> 31)) >>> 11) * 0x1.0p-53;
  }

  /** Returns as many names of metrics. */
  static String[] names(int count) {
    String[] names = new String[count];
    for (int i = 0; i < count; i++) {
      names[i] = "bench/metric-" + i;
    }
    return names;
  }
}
