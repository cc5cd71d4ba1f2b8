package dev.tracker.value;

import java.util.Set;

/**
 * A column of a {@link Table}.
 *
 * @param name what it is called; not empty, at most {@value #MAX_NAME} characters, and none of
 *     {@code _step}, {@code _global_step}, {@code _timestamp}, which every row has
 * @param type what its cells hold, unless they are null
 */
public record Column(String name, Type type) {
  /** How long a name may be, in chars. */
  public static final int MAX_NAME = 1_000;

  /** What every row has besides its cells. */
  static final Set<String> RESERVED = Set.of("_step", "_global_step", "_timestamp");

  /** What the cells of a column hold; each may be null. */
  public enum Type {
    /** Text. */
    TEXT,
    /** Doubles; every bit is kept. What numbers become unless the column is declared. */
    NUMBER,
    /** 64-bit integers, exact. Only a declared column is of this type. */
    INTEGER,
    /** True or false. */
    BOOLEAN,
    /** Instants, to the microsecond. */
    TIME,
    /** Images, audio, video and other files. */
    MEDIA
  }

  /** Checks the name. */
  public Column {
    if (name == null || name.isEmpty() || name.length() > MAX_NAME || RESERVED.contains(name)) {
      throw new IllegalArgumentException(
          "illegal name of a table's column: column="
              + (name == null ? "null" : "'" + Cells.shorten(name) + "' length=" + name.length())
              + " limit="
              + MAX_NAME
              + " (not empty, and none of "
              + RESERVED.stream().sorted().toList()
              + ", which every row has)");
    }
  }
}
