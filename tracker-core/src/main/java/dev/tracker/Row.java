package dev.tracker;

import org.jspecify.annotations.Nullable;

/**
 * Many values that are logged as one call, gathered without garbage: make one with {@link
 * Board#row()}, and fill and log it again and again.
 *
 * <p>For one thread. A name that is put twice keeps its later value. Values follow the rules of
 * {@link Board}.
 */
public final class Row {
  private final Board board;
  private final Draft draft = new Draft(new DraftIndex());
  private boolean keepsStep;
  private boolean hasStep;
  private long step;

  Row(Board board) {
    this.board = board;
  }

  /** Puts a number in. */
  public Row put(String name, double value) {
    board.gather(draft, name, value);
    return this;
  }

  /** Puts an integer in; exact in a series declared as {@link SeriesKind#INT64}. */
  public Row put(String name, long value) {
    board.gather(draft, name, value);
    return this;
  }

  /** Puts in a value of any kind that {@link Board#log(String, Object)} takes. */
  public Row put(String name, @Nullable Object value) {
    board.gather(draft, name, value);
    return this;
  }

  /**
   * Chooses the step of the next {@link #log()}, and of no further one; see {@link Board#log(long,
   * java.util.Map)}.
   */
  public Row step(long step) {
    this.step = Board.checkStep(step);
    hasStep = true;
    return this;
  }

  /**
   * Chooses whether {@link #log()} takes the next step, as it does at first, or the step that the
   * next automatic call will take, so that several calls share it. Holds until it is chosen anew.
   */
  public Row autoStep(boolean takesNext) {
    keepsStep = !takesNext;
    return this;
  }

  /** Logs what was put in, and empties the row. An empty row logs nothing and takes no step. */
  public void log() {
    try {
      board.log(draft, what(), step);
    } finally {
      draft.clear();
      hasStep = false;
      step = 0;
    }
  }

  private int what() {
    if (hasStep) {
      return Slots.ROW_AT_STEP;
    }
    return keepsStep ? Slots.ROW_KEEPING_STEP : Slots.ROW;
  }
}
