package dev.tracker;

import org.jspecify.annotations.Nullable;

/**
 * One value of a message in the ring. A message takes a run of slots; the first one, its head, also
 * says what the message is and when it was logged.
 *
 * <p>Written by the thread that claimed it, before it publishes; read by {@code tracker-writer}
 * after that.
 */
final class Slot {
  /** A log call that takes the next step. */
  static final int ROW = 0;

  /** A log call that takes the current step. */
  static final int ROW_KEEPING_STEP = 1;

  /** A log call with the step it was given. */
  static final int ROW_AT_STEP = 2;

  /** The step of a log call that takes the current step, and that the library made by itself. */
  static final long OF_THE_LIBRARY = 1;

  /** One more global step. */
  static final int NEXT_GLOBAL_STEP = 3;

  /** Another global step. */
  static final int GLOBAL_STEP = 4;

  /** Nothing: the board was finished between claim and publication. */
  static final int VOID = 5;

  /** Back to an earlier step; {@link #bits} hold the global step there. */
  static final int REWIND = 6;

  /** A line that the program printed. */
  static final int CONSOLE = 7;

  /** A patch of the run's document: its config, tags or notes. */
  static final int PATCH = 8;

  /** Says whether a message counts when it is lost: a log call, a console line, a patch. */
  static boolean isCounted(int what) {
    return what <= ROW_AT_STEP || what == CONSOLE || what == PATCH;
  }

  /** No message that was to begin here was given up. */
  static final long NONE = -1;

  /**
   * The place of a message that was to begin here and will never be published, because its caller's
   * thread had no stack left. Written without a call, for whoever has no stack cannot make one.
   */
  volatile long givenUp = NONE;

  /** How many slots that message had claimed; written before {@link #givenUp}. */
  int givenUpSlots;

  /** How many bytes of payload it had reserved; written before {@link #givenUp}. */
  long givenUpBytes;

  /** {@link #metric} in a message without values and in the only slot of a {@link LargeRow}. */
  static final int NO_METRIC = -1;

  /** The series, by its number. */
  int metric = NO_METRIC;

  /** A text, a {@link Parcel}, a {@link LargeRow}, a console line, or the bytes of a patch. */
  @Nullable Object payload;

  long bits;

  /** Heads only: when, in microseconds since the epoch. */
  long micros;

  /**
   * Heads only: the step, the global step or the console stream that the message carries; in a log
   * call that takes the current step, 0 or {@link #OF_THE_LIBRARY}.
   */
  long step;

  /** Heads only: how many slots the message takes. */
  int slots;

  /** Heads only: one of the constants above. */
  int what;
}
