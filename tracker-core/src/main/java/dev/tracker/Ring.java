package dev.tracker;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.MultiProducerSequencer;
import com.lmax.disruptor.Sequence;
import dev.tracker.format.ConsoleStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The way from log calls to {@code tracker-writer}: any number of threads put messages in, one
 * takes them out.
 *
 * <p>A message is a run of slots, one per value, claimed and published together. Order in the ring
 * is the order of the run. Putting a message in allocates nothing, and waits only while the ring is
 * full.
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>A message whose call returned normally is taken out, or counted in {@link Losses}. Never
 *       both, never neither.
 *   <li>{@link #end} draws a line: a call that claims after it is refused, and whoever claimed
 *       before it publishes. So everything up to the cursor as it is after {@code end} will be
 *       published, and all that was accepted is there.
 *   <li>A caller that dies between claiming and publishing, because its stack or the heap is full,
 *       does not stop the ring: it marks its slots as given up, and the taker passes over them.
 *   <li>While {@link #isHopeless the way out is closed}, a full ring drops instead of waiting.
 * </ul>
 */
final class Ring {
  /** Messages are accepted, and the taker looks for them. */
  private static final int OPEN = 0;

  /** Messages are accepted, and the next one has to wake the taker. */
  private static final int DOZING = 1;

  /** The user finished the board: further messages are his mistake. */
  private static final int FINISHED = 2;

  /** The JVM is going down and took the board with it: further messages are counted. */
  private static final int GONE = 3;

  private static final VarHandle STATE = stateHandle();

  /**
   * Initialized ahead: were it first thrown when the heap or a stack is full, its class would be
   * unusable from then on.
   */
  @SuppressWarnings({"unused", "StaticAssignmentOfThrowable"})
  private static final Exception FULL = InsufficientCapacityException.INSTANCE;

  /** A message of more than this part of the ring travels as one {@link LargeRow}. */
  private static final int LARGE_PART = 8;

  /** Room for a few messages of two values. */
  private static final int MIN_CAPACITY = 8;

  private static final int SPINS_WHEN_FULL = 200;
  private static final long MIN_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final MultiProducerSequencer sequencer;
  private final Slots slots;
  private final Sequence taken = new Sequence();
  private final BoardClock clock;
  private final boolean drops;
  private final boolean strict;
  private final long maxBytes;
  private final AtomicLong bytes = new AtomicLong();
  private final Losses losses = new Losses();
  private final String run;

  private volatile int state = OPEN;
  private volatile long firstUnsettled = Long.MAX_VALUE;

  private volatile boolean failing;
  private volatile boolean dead;

  /** Whether the taker has ended, so that nothing will be settled any more. */
  private volatile boolean left;

  private volatile @Nullable Thread taker;

  /**
   * Makes an empty ring.
   *
   * @param capacity how many values it holds; rounded up to a power of two, at least 8
   * @param maxBytes how many bytes of payload it holds
   * @param drops whether a full ring drops rather than waits
   * @param strict whether putting a message in waits until the message is on stable storage
   * @param run the run's id, for messages
   */
  Ring(int capacity, long maxBytes, boolean drops, boolean strict, BoardClock clock, String run) {
    int size = Integer.highestOneBit(Math.max(capacity, MIN_CAPACITY) - 1) << 1;
    this.sequencer = new MultiProducerSequencer(size, new BusySpinWaitStrategy());
    this.sequencer.addGatingSequences(taken);
    this.slots = new Slots(size);
    this.maxBytes = maxBytes;
    this.drops = drops;
    this.strict = strict;
    this.clock = clock;
    this.run = run;
  }

  private static VarHandle stateHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(Ring.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // ---- putting messages in: any thread

  /** Puts in a log call of one value that is not a text. */
  void put(Metric metric, long bits, int what, long step) {
    putOne(what, metric.number, bits, null, 0, step, clock.micros());
  }

  /** Puts in a log call of two doubles. */
  void put(Metric a, double x, Metric b, double y) {
    long first = claim(2, Slots.ROW, a.number, 0, clock.micros(), 0);
    if (first < 0) {
      return;
    }
    try {
      slots.bits(first, Double.doubleToRawLongBits(x));
      slots.value(first + 1, b.number, Double.doubleToRawLongBits(y));
      publish(first, first + 1);
    } catch (Error e) {
      slots.givenUp[(int) first & slots.mask] = ((first >>> slots.lapShift) + 1) << 32;
      slots.hasGivenUp = true;
      throw e;
    }
  }

  /** Puts in a message about the global step. */
  void putGlobalStep(int what, long globalStep) {
    putOne(what, Slots.NO_METRIC, 0, null, 0, globalStep, clock.micros());
  }

  /**
   * Puts in that the run goes back to a step. It is not dropped where it could wait.
   *
   * @return whether it is in; if not, nothing is being taken out now
   */
  boolean putRewind(long step, long globalStep) {
    return putOne(Slots.REWIND, Slots.NO_METRIC, globalStep, null, 0, step, clock.micros());
  }

  /**
   * Puts in a message of one slot.
   *
   * @param reserved how many bytes of payload are reserved for it; given back where it is not in
   * @return whether it is in
   */
  private boolean putOne(
      int what,
      int metric,
      long bits,
      @Nullable Object payload,
      long reserved,
      long step,
      long micros) {
    int clipped = clipped(reserved);
    long at = claim(1, what, metric, step, micros, reserved);
    if (at < 0) {
      return false;
    }
    try {
      slots.bits(at, bits);
      if (payload != null) {
        slots.payload(at, payload);
      }
      publish(at, at);
    } catch (Error e) {
      slots.givenUp[(int) at & slots.mask] = (((at >>> slots.lapShift) + 1) << 32) | clipped;
      slots.hasGivenUp = true;
      throw e;
    }
    return true;
  }

  /**
   * Puts in a line that the program printed, if there is room now. It never waits, and does nothing
   * after the end of the board.
   *
   * @return whether there is no more to be done about the line
   */
  boolean offerLine(ConsoleStream stream, String line) {
    return offer(line, Draft.bytes(line), Slots.CONSOLE, stream.code());
  }

  /**
   * Puts in a row that keeps the step, if there is room now. It never waits, and does nothing after
   * the end of the board.
   *
   * @return whether there is no more to be done about the row
   */
  boolean offerRow(Draft draft) {
    return offer(
        draft.toLargeRow(), draft.largeBytes(), Slots.ROW_KEEPING_STEP, Slots.OF_THE_LIBRARY);
  }

  private boolean offer(Object content, long payload, int what, long step) {
    long held = bytes.get();
    if (held > 0 && held + payload > maxBytes) {
      return isEnded();
    }
    int reserved = clipped(payload);
    long micros = clock.micros();
    bytes.addAndGet(payload);
    long at;
    try {
      at = sequencer.tryNext();
    } catch (InsufficientCapacityException e) {
      release(payload);
      return isEnded();
    } catch (Error e) {
      release(payload);
      throw e;
    }
    long[] words = slots.words[((int) at & slots.mask) >>> Slots.PIECE_SHIFT];
    int word = ((int) at & slots.pieceMask) << Slots.WORDS_SHIFT;
    words[word + Slots.HEAD] =
        ((long) what << Slots.WHAT_SHIFT)
            | (1L << Slots.SIZE_SHIFT)
            | (Slots.NO_METRIC & Slots.METRIC_MASK);
    words[word + Slots.STEP] = step;
    words[word + Slots.MICROS] = micros;
    try {
      // What is refused as a console line is not counted.
      if (state != OPEN && claimedUnlessOpen(at, at, Slots.CONSOLE) < 0) {
        release(payload);
        return true;
      }
      slots.payload(at, content);
      slots.bits(at, payload);
      sequencer.publish(at);
    } catch (Error e) {
      slots.givenUp[(int) at & slots.mask] = (((at >>> slots.lapShift) + 1) << 32) | reserved;
      slots.hasGivenUp = true;
      throw e;
    }
    return true;
  }

  /**
   * Counts a line that found no room; that is nobody's failure, for whoever prints never waits for
   * storage.
   */
  void loseLine() {
    losses.add(sequencer.getCursor(), Slots.CONSOLE, 0, clock.micros(), true);
  }

  /**
   * Puts in a patch of the run's document. Where there is no room and no waiting, it is kept beside
   * the ring, in its order, until the journal can take it.
   */
  void putPatch(byte[] json) {
    long micros = clock.micros();
    long payload = json.length;
    if (!reserve(payload, Slots.PATCH, 0, micros)) {
      keep(json);
      return;
    }
    if (!putOne(Slots.PATCH, Slots.NO_METRIC, payload, json, payload, 0, micros)) {
      keep(json);
    }
  }

  private void keep(byte[] json) {
    if (isEnded() || !losses.keep(sequencer.getCursor(), json)) {
      checkOpen();
      losses.addUnwritten(Slots.PATCH);
    }
  }

  /** Says whether waiting a moment for room in a full ring makes sense. */
  boolean isWorthWaitingFor() {
    return !drops && !isHopeless() && !isEnded();
  }

  /** Puts in a log call with the values of a draft, which has at least one. */
  void put(Draft draft, int what, long step) {
    long micros = clock.micros();
    if (draft.size() > sequencer.getBufferSize() / LARGE_PART) {
      putLarge(draft, what, step, micros);
      return;
    }
    long payload = draft.bytes();
    int reserved = clipped(payload);
    if (payload > 0 && !reserve(payload, what, step, micros)) {
      return;
    }
    int size = draft.size();
    long first = claim(size, what, draft.metric(0), step, micros, payload);
    if (first < 0) {
      return;
    }
    try {
      draft.copyTo(slots, first);
      publish(first, first + size - 1);
    } catch (Error e) {
      slots.givenUp[(int) first & slots.mask] = (((first >>> slots.lapShift) + 1) << 32) | reserved;
      slots.hasGivenUp = true;
      throw e;
    }
  }

  private void putLarge(Draft draft, int what, long step, long micros) {
    LargeRow row = draft.toLargeRow();
    long payload = draft.largeBytes();
    if (reserve(payload, what, step, micros)) {
      putOne(what, Slots.NO_METRIC, payload, row, payload, step, micros);
    }
  }

  /** Returns how much of a payload is given back where its message has to be given up. */
  private static int clipped(long payload) {
    return (int) Math.min(payload, Integer.MAX_VALUE);
  }

  private void publish(long first, long last) {
    sequencer.publish(first, last);
    if (strict) {
      awaitSettled(last);
    }
  }

  /** Refuses a message after the end; it is for calls that turn out to have nothing to put in. */
  void checkOpen() {
    if (state == FINISHED) {
      throw finished();
    }
  }

  // ---- claiming slots

  /**
   * Claims slots, writes what the message is into the first one, and returns that; or -1 where the
   * message was dropped.
   *
   * @param reserved how many bytes of payload are given back unless the slots are there
   */
  private long claim(int count, int what, int metric, long step, long micros, long reserved) {
    long claimed = -1;
    try {
      claimed = claim(count, what, metric, step, micros);
      return claimed;
    } finally {
      if (claimed < 0) {
        release(reserved);
      }
    }
  }

  /**
   * Claims slots, writes what the message is into the first one, and returns that; or -1 where the
   * message was dropped. Where it throws, the slots are given up.
   */
  private long claim(int count, int what, int metric, long step, long micros) {
    long last;
    try {
      last = sequencer.tryNext(count);
    } catch (InsufficientCapacityException e) {
      last = claimWhenFull(count, what, step, micros);
      if (last < 0) {
        return last;
      }
    }
    // No call before the head is there: it tells how much is given up where the stack ends.
    long first = last - count + 1;
    long[] words = slots.words[((int) first & slots.mask) >>> Slots.PIECE_SHIFT];
    int word = ((int) first & slots.pieceMask) << Slots.WORDS_SHIFT;
    words[word + Slots.HEAD] =
        ((long) what << Slots.WHAT_SHIFT)
            | ((long) count << Slots.SIZE_SHIFT)
            | (metric & Slots.METRIC_MASK);
    words[word + Slots.STEP] = step;
    words[word + Slots.MICROS] = micros;
    if (state == OPEN) {
      return first;
    }
    try {
      return claimedUnlessOpen(first, last, what);
    } catch (Error e) {
      slots.givenUp[(int) first & slots.mask] = ((first >>> slots.lapShift) + 1) << 32;
      slots.hasGivenUp = true;
      throw e;
    }
  }

  /** Wakes the taker if it dozes, and refuses slots that were claimed after the end. */
  private long claimedUnlessOpen(long first, long last, int what) {
    if (isEnded()) {
      return refuse(first, last, what);
    }
    if (STATE.compareAndSet(this, DOZING, OPEN)) {
      wakeTaker();
    }
    return first;
  }

  /** Says whether messages are refused, or counted, for the board has ended. */
  boolean isEnded() {
    return state >= FINISHED;
  }

  private long claimWhenFull(int count, int what, long step, long micros) {
    boolean interrupted = false;
    try {
      for (int tries = 0; ; tries++) {
        if (sequencer.hasAvailableCapacity(count)) {
          try {
            return sequencer.tryNext(count);
          } catch (InsufficientCapacityException e) {
            continue; // another thread was faster
          }
        }
        if (cannotWait(what, step, micros)) {
          return -1;
        }
        interrupted |= pause(tries);
      }
    } finally {
      restore(interrupted);
    }
  }

  /**
   * Reserves bytes of payload. A message that alone is more than the ring may hold goes through an
   * empty ring.
   */
  private boolean reserve(long payload, int what, long step, long micros) {
    boolean interrupted = false;
    try {
      for (int tries = 0; ; tries++) {
        if (isEnded()) {
          refuse(what);
          return false;
        }
        long held = bytes.get();
        if (held == 0 || held + payload <= maxBytes) {
          if (bytes.compareAndSet(held, held + payload)) {
            return true;
          }
        } else if (cannotWait(what, step, micros)) {
          return false;
        } else {
          interrupted |= pause(tries);
        }
      }
    } finally {
      restore(interrupted);
    }
  }

  /**
   * Says, for a message that found no room, whether it has to go: then it is counted, or its caller
   * is told.
   */
  private boolean cannotWait(int what, long step, long micros) {
    if (isEnded()) {
      refuse(what);
      return true;
    }
    if (what == Slots.REWIND) {
      return isHopeless();
    }
    if (what == Slots.PATCH) {
      return drops || isHopeless();
    }
    if (drops || isHopeless()) {
      losses.add(sequencer.getCursor(), what, step, micros, drops);
      return true;
    }
    return false;
  }

  /** Publishes slots that were claimed after the end as nothing. */
  private long refuse(long first, long last, int what) {
    slots.clear(first);
    sequencer.publish(first, last);
    refuse(what);
    return -1;
  }

  private void refuse(int what) {
    if (what == Slots.CONSOLE) {
      return; // printed after the end of the run: not part of it
    }
    checkOpen();
    if (what != Slots.PATCH) { // which is counted where it would be kept
      losses.addUnwritten(what);
    }
  }

  private IllegalStateException finished() {
    return new IllegalStateException("the board is finished: run=" + run);
  }

  /** Waits a moment, longer each time, and says whether the thread was interrupted meanwhile. */
  boolean pause(int tries) {
    if (tries < SPINS_WHEN_FULL) {
      Thread.onSpinWait();
      return false;
    }
    if (tries == SPINS_WHEN_FULL) {
      wakeTaker();
    }
    int doublings = Math.min((tries - SPINS_WHEN_FULL) / 4, 10);
    LockSupport.parkNanos(Math.min(MIN_PAUSE_NANOS << doublings, MAX_PAUSE_NANOS));
    return Thread.interrupted();
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- waiting for the taker: any thread

  /** Waits until a message is settled, or that is hopeless, or it was given up at the end. */
  private void awaitSettled(long last) {
    wakeTaker();
    boolean interrupted = false;
    for (int tries = 0; settled() < last && !isHopeless() && !left; tries++) {
      interrupted |= pause(tries);
    }
    restore(interrupted);
  }

  /** Lets the taker look at once. */
  void wakeTaker() {
    LockSupport.unpark(taker);
  }

  /**
   * Says whether nothing is being taken out now: the journal cannot be written, or the taker died.
   */
  boolean isHopeless() {
    return failing || dead;
  }

  // ---- taking messages out: tracker-writer

  void takenBy(Thread thread) {
    taker = thread;
  }

  /** Says whether the message that begins at a slot is there, whole. */
  boolean isPublished(long first) {
    if (!sequencer.isAvailable(first)) {
      return isGivenUp(first);
    }
    int count = slots.size(first);
    return count == 1 || sequencer.isAvailable(first + count - 1) || isGivenUp(first);
  }

  /** Says whether a message was given up; then it publishes it as nothing. */
  private boolean isGivenUp(long first) {
    if (!slots.isGivenUp(first)) {
      return false;
    }
    slots.clear(first);
    release(slots.givenUpBytes(first));
    sequencer.publish(first, first + slots.size(first) - 1);
    return true;
  }

  /**
   * Rests until a message comes, or for a while. No message slips by: who puts one in claims first
   * and looks at the state then, the taker changes the state first and looks at the cursor then.
   *
   * @param next the slot that the next message will begin at
   * @return whether it rested; not where a message is there or on its way already, or the board has
   *     ended
   */
  boolean doze(long next, long nanos) {
    if (!STATE.compareAndSet(this, OPEN, DOZING)) {
      return false;
    }
    VarHandle.fullFence();
    boolean rests = sequencer.getCursor() < next;
    if (rests) {
      LockSupport.parkNanos(nanos);
    }
    STATE.compareAndSet(this, DOZING, OPEN);
    return rests;
  }

  Slots slots() {
    return slots;
  }

  /**
   * Says which is the first message that was taken out and is not whole in the journal, because
   * parts of it are still being packed; {@code Long.MAX_VALUE} where there is none. To be called
   * before such a message is {@linkplain #take given back}.
   */
  void unsettled(long slot) {
    firstUnsettled = slot;
  }

  /** Gives slots back to those who put messages in. */
  void take(long last) {
    taken.set(last);
  }

  /** Gives bytes of payload back. */
  void release(long payload) {
    if (payload > 0) {
      bytes.addAndGet(-payload);
    }
  }

  void failing(boolean now) {
    failing = now;
  }

  void died() {
    dead = true;
  }

  /** Says that the taker has ended: what it has not settled by now never will be. */
  void left() {
    left = true;
  }

  // ---- looking at it: any thread

  /** Refuses all further messages and returns the last slot that may hold an accepted one. */
  long end(boolean byUser) {
    state = byUser ? FINISHED : GONE;
    VarHandle.fullFence(); // the cursor is read after the state is seen: see claim
    return sequencer.getCursor();
  }

  /** Returns the last slot that was claimed. */
  long cursor() {
    return sequencer.getCursor();
  }

  long taken() {
    return taken.get();
  }

  /** Returns the last slot up to which all messages are in the journal, whole. */
  long settled() {
    long last = taken.get(); // before the other: a message is unsettled before it is given back
    return Math.min(last, firstUnsettled - 1);
  }

  long queued() {
    return Math.max(0, sequencer.getCursor() - taken.get());
  }

  long queuedBytes() {
    return bytes.get();
  }

  int capacity() {
    return sequencer.getBufferSize();
  }

  long maxBytes() {
    return maxBytes;
  }

  boolean isFailing() {
    return failing;
  }

  boolean isDead() {
    return dead;
  }

  Losses losses() {
    return losses;
  }
}
