package dev.tracker.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How Lance is asked to lay out a column.
 *
 * @param name what it is called in a table
 * @param fileVersion the version of the file's format
 * @param metadata what the column's field says to Lance's writer; every reader may pass it over
 */
record Encoding(String name, String fileVersion, Map<String, String> metadata) {
  /** What series are written with. */
  static final Encoding OURS = of("2.1");

  /** What lance-core 7.0.0 can be asked for, ours first. */
  static final List<Encoding> ALL =
      List.of(
          OURS,
          of("2.0"),
          of("2.2"),
          of("2.1", "compression", "none"),
          of("2.1", "compression", "lz4", "bss", "off"),
          of("2.1", "compression", "lz4", "bss", "on"),
          of("2.1", "compression", "zstd", "bss", "off"),
          of("2.1", "compression", "zstd", "bss", "on"),
          of("2.1", "rle-threshold", "1.0"),
          of("2.1", "dict-divisor", "1", "dict-size-ratio", "1.0"),
          of("2.1", "structural-encoding", "fullzip"),
          of("2.2", "compression", "lz4", "bss", "on"));

  /** Makes an encoding of a file version and of pairs of a key and its value. */
  static Encoding of(String fileVersion, String... pairs) {
    StringBuilder name = new StringBuilder(fileVersion);
    Map<String, String> metadata = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      name.append(' ').append(pairs[i]).append('=').append(pairs[i + 1]);
      metadata.put("lance-encoding:" + pairs[i], pairs[i + 1]);
    }
    return new Encoding(name.toString(), fileVersion, metadata);
  }
}
