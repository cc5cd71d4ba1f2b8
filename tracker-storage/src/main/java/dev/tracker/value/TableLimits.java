package dev.tracker.value;

/**
 * How much a table may be. What is more is refused where the table is made, by an {@link
 * IllegalArgumentException}. The limits are of one table, as it is logged by one call; a series of
 * them may have any number of rows.
 *
 * <p>The system properties are read at each call.
 */
public final class TableLimits {
  /** The system property that sets how many bytes the text of a cell may have. */
  public static final String MAX_CELL_BYTES_PROPERTY = "tracker.table.maxCellBytes";

  /** 16 MB. */
  public static final long DEFAULT_MAX_CELL_BYTES = 16L << 20;

  /** The system property that sets how many bytes one table may hold in memory. */
  public static final String MAX_BYTES_PROPERTY = "tracker.table.maxBytes";

  /** 256 MB. */
  public static final long DEFAULT_MAX_BYTES = 256L << 20;

  /** How many columns a table may have. */
  public static final int MAX_COLUMNS = 4_096;

  private TableLimits() {}

  /** Returns how many bytes the text of a cell may have. */
  public static long maxCellBytes() {
    return Long.getLong(MAX_CELL_BYTES_PROPERTY, DEFAULT_MAX_CELL_BYTES);
  }

  /** Returns how many bytes one table may hold in memory. */
  public static long maxBytes() {
    return Long.getLong(MAX_BYTES_PROPERTY, DEFAULT_MAX_BYTES);
  }
}
