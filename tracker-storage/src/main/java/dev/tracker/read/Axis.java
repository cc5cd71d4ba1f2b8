package dev.tracker.read;

import dev.tracker.format.Tile;
import dev.tracker.series.Rows;

/** What rows are selected by, and what a curve runs along. */
public enum Axis {
  /** The step of the log call. */
  STEP,
  /** The global step that was current. */
  GLOBAL_STEP,
  /** When it was logged, in microseconds since the epoch. */
  TIME,
  /** When it was logged, in microseconds since the run was created. */
  RELATIVE_TIME;

  /** Returns where each row is; for {@link #RELATIVE_TIME}, since the epoch. */
  long[] column(Rows rows) {
    return switch (this) {
      case STEP -> rows.steps();
      case GLOBAL_STEP -> rows.globalSteps();
      case TIME, RELATIVE_TIME -> rows.micros();
    };
  }

  /** Returns where the least row of a tile is. */
  long low(Tile tile) {
    return switch (this) {
      case STEP -> tile.stepLow();
      case GLOBAL_STEP -> tile.globalLow();
      case TIME, RELATIVE_TIME -> tile.microsLow();
    };
  }

  /** Returns where the greatest row of a tile is. */
  long high(Tile tile) {
    return switch (this) {
      case STEP -> tile.stepHigh();
      case GLOBAL_STEP -> tile.globalHigh();
      case TIME, RELATIVE_TIME -> tile.microsHigh();
    };
  }
}
