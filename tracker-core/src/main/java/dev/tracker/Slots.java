package dev.tracker;

import org.jspecify.annotations.Nullable;

/**
 * The ring's memory: its slots, each one value of a message. A message takes a run of slots; the
 * first one, its head, also says what the message is and when it was logged.
 *
 * <p>A slot is half a cache line of numbers, and an object, which most slots have not. Numbers,
 * because a reference stored into an old object costs the caller more than all the rest of a log
 * call, and makes the collector look at it. They lie in pieces, because G1 gives an array of more
 * than half a region whole regions of its own: one of 2 MB takes 4.
 *
 * <p>Written by the thread that claimed a slot, before it publishes; read by {@code tracker-writer}
 * after that.
 */
final class Slots {
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

  /** {@link #metric} in a message without values and in the only slot of a {@link LargeRow}. */
  static final int NO_METRIC = -1;

  static final int WORDS_SHIFT = 2;

  /** How many slots have their words in one array, at most: 256 KB of them. */
  static final int PIECE_SHIFT = 13;

  static final int WHAT_SHIFT = 60;
  static final int SIZE_SHIFT = 32;
  static final long METRIC_MASK = 0xFFFF_FFFFL;
  private static final long SINGLE = ((long) ROW << (WHAT_SHIFT - SIZE_SHIFT)) | 1;
  private static final long SIZE_MASK = 0x0FFF_FFFFL;

  // The words of a slot.
  static final int HEAD = 0; // what, 4 bits; how many slots, 28; the series' number, 32
  static final int BITS = 1;
  static final int STEP = 2;
  static final int MICROS = 3;

  final int mask;
  final int pieceMask;
  final int lapShift;
  final long[][] words;
  private final @Nullable Object[] payloads;

  /**
   * By heads: which message will never be published, because its caller's thread had no stack left,
   * as the lap of the ring, counted from 1, above the bytes of payload that it had reserved.
   * Written without a call, for whoever has no stack cannot make one, and before {@link
   * #hasGivenUp}.
   */
  final long[] givenUp;

  volatile boolean hasGivenUp;

  /** Makes empty slots; their number is a power of two. */
  Slots(int size) {
    mask = size - 1;
    pieceMask = Math.min(size, 1 << PIECE_SHIFT) - 1;
    lapShift = Integer.numberOfTrailingZeros(size);
    words = new long[(mask >>> PIECE_SHIFT) + 1][(pieceMask + 1) << WORDS_SHIFT];
    payloads = new Object[size];
    givenUp = new long[size];
  }

  /** Says whether a message counts when it is lost: a log call, a console line, a patch. */
  static boolean isCounted(int what) {
    return what <= ROW_AT_STEP || what == CONSOLE || what == PATCH;
  }

  // ---- writing

  /** Puts a further value into a message. */
  void value(long at, int metric, long bits) {
    long[] piece = piece(at);
    int word = word(at);
    piece[word + HEAD] = metric & METRIC_MASK;
    piece[word + BITS] = bits;
  }

  void bits(long at, long bits) {
    piece(at)[word(at) + BITS] = bits;
  }

  void payload(long at, @Nullable Object payload) {
    payloads[place(at)] = payload;
  }

  /** Makes a message, of which no more than the head needs to be there, one that says nothing. */
  void clear(long first) {
    int size = size(first);
    for (int i = 0; i < size; i++) {
      payloads[place(first + i)] = null;
    }
    piece(first)[word(first) + HEAD] = ((long) VOID << WHAT_SHIFT) | ((long) size << SIZE_SHIFT);
  }

  // ---- reading

  /** Of a head: one of the constants above. */
  int what(long at) {
    return (int) (piece(at)[word(at) + HEAD] >>> WHAT_SHIFT);
  }

  /** Of a head: whether it is a log call of one value of a series, which takes the next step. */
  boolean isSingle(long at) {
    long head = piece(at)[word(at) + HEAD];
    return head >>> SIZE_SHIFT == SINGLE && (int) head != NO_METRIC;
  }

  /** Of a head: how many slots the message takes. */
  int size(long at) {
    return (int) ((piece(at)[word(at) + HEAD] >>> SIZE_SHIFT) & SIZE_MASK);
  }

  /** Returns the number of the value's series. */
  int metric(long at) {
    return (int) piece(at)[word(at) + HEAD];
  }

  long bits(long at) {
    return piece(at)[word(at) + BITS];
  }

  /**
   * Of a head: the step, the global step or the console stream that the message carries; in a log
   * call that takes the current step, 0 or {@link #OF_THE_LIBRARY}.
   */
  long step(long at) {
    return piece(at)[word(at) + STEP];
  }

  /** Of a head: when, in microseconds since the epoch. */
  long micros(long at) {
    return piece(at)[word(at) + MICROS];
  }

  /** A text, a {@link Parcel}, a {@link LargeRow}, a console line, or the bytes of a patch. */
  @Nullable Object payload(long at) {
    return payloads[place(at)];
  }

  // ---- messages given up

  /** Says whether a message was given up. */
  boolean isGivenUp(long first) {
    return hasGivenUp && givenUp[place(first)] >>> 32 == (((first >>> lapShift) + 1) & METRIC_MASK);
  }

  /** Returns how many bytes of payload a message that was given up had reserved. */
  int givenUpBytes(long first) {
    return (int) givenUp[place(first)];
  }

  int place(long at) {
    return (int) at & mask;
  }

  private long[] piece(long at) {
    return words[((int) at & mask) >>> PIECE_SHIFT];
  }

  private int word(long at) {
    return ((int) at & pieceMask) << WORDS_SHIFT;
  }
}
