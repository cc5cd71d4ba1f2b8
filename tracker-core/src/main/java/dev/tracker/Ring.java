package dev.tracker;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import dev.tracker.format.ConsoleStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
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

  private final RingBuffer<Slot> slots;

  /** The ring's slots once more, to be reached without a call: by sequence and {@link #mask}. */
  private final Slot[] all;

  private final int mask;
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
    this.slots = RingBuffer.createMultiProducer(Slot::new, size, new BusySpinWaitStrategy());
    this.slots.addGatingSequences(taken);
    this.all = new Slot[size];
    Arrays.setAll(all, slots::get);
    this.mask = size - 1;
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
    long micros = clock.micros();
    long at = claim(1, what, step, micros);
    if (at < 0) {
      return;
    }
    try {
      Slot slot = slots.get(at);
      slot.metric = metric;
      slot.bits = bits;
      head(slot, 1, what, step, micros);
      publish(at, at);
    } catch (Error e) {
      Slot head = all[(int) at & mask];
      head.givenUpSlots = 1;
      head.givenUpBytes = 0;
      head.givenUp = at;
      throw e;
    }
  }

  /** Puts in a log call of two doubles. */
  void put(Metric a, double x, Metric b, double y) {
    long micros = clock.micros();
    long at = claim(2, Slot.ROW, 0, micros);
    if (at < 0) {
      return;
    }
    long first = at - 1;
    try {
      head(value(first, a, x), 2, Slot.ROW, 0, micros);
      value(at, b, y);
      publish(first, at);
    } catch (Error e) {
      Slot head = all[(int) first & mask];
      head.givenUpSlots = 2;
      head.givenUpBytes = 0;
      head.givenUp = first;
      throw e;
    }
  }

  /** Puts in a message about the global step. */
  void putGlobalStep(int what, long globalStep) {
    long micros = clock.micros();
    long at = claim(1, what, globalStep, micros);
    if (at < 0) {
      return;
    }
    try {
      Slot slot = slots.get(at);
      slot.metric = null;
      head(slot, 1, what, globalStep, micros);
      publish(at, at);
    } catch (Error e) {
      Slot head = all[(int) at & mask];
      head.givenUpSlots = 1;
      head.givenUpBytes = 0;
      head.givenUp = at;
      throw e;
    }
  }

  /**
   * Puts in that the run goes back to a step. It is not dropped where it could wait.
   *
   * @return whether it is in; if not, nothing is being taken out now
   */
  boolean putRewind(long step, long globalStep) {
    long micros = clock.micros();
    long at = claim(1, Slot.REWIND, step, micros);
    if (at < 0) {
      return false;
    }
    try {
      Slot slot = slots.get(at);
      slot.metric = null;
      slot.bits = globalStep;
      head(slot, 1, Slot.REWIND, step, micros);
      publish(at, at);
    } catch (Error e) {
      Slot head = all[(int) at & mask];
      head.givenUpSlots = 1;
      head.givenUpBytes = 0;
      head.givenUp = at;
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
    return offer(line, Draft.bytes(line), Slot.CONSOLE, stream.code());
  }

  /**
   * Puts in a row that keeps the step, if there is room now. It never waits, and does nothing after
   * the end of the board.
   *
   * @return whether there is no more to be done about the row
   */
  boolean offerRow(Draft draft) {
    return offer(
        draft.toLargeRow(), draft.largeBytes(), Slot.ROW_KEEPING_STEP, Slot.OF_THE_LIBRARY);
  }

  private boolean offer(Object content, long payload, int what, long step) {
    long held = bytes.get();
    if (held > 0 && held + payload > maxBytes) {
      return isEnded();
    }
    bytes.addAndGet(payload);
    long at;
    try {
      at = slots.tryNext();
    } catch (InsufficientCapacityException e) {
      release(payload);
      return isEnded();
    }
    try {
      // What is refused as a console line is not counted.
      if (state != OPEN && claimedUnlessOpen(at, at, Slot.CONSOLE) < 0) {
        release(payload);
        return true;
      }
      Slot slot = slots.get(at);
      slot.metric = null;
      slot.payload = content;
      slot.bits = payload;
      head(slot, 1, what, step, clock.micros());
      slots.publish(at);
    } catch (Error e) {
      Slot head = all[(int) at & mask];
      head.givenUpSlots = 1;
      head.givenUpBytes = payload;
      head.givenUp = at;
      throw e;
    }
    return true;
  }

  /**
   * Counts a line that found no room; that is nobody's failure, for whoever prints never waits for
   * storage.
   */
  void loseLine() {
    losses.add(slots.getCursor(), Slot.CONSOLE, 0, clock.micros(), true);
  }

  /**
   * Puts in a patch of the run's document. Where there is no room and no waiting, it is kept beside
   * the ring, in its order, until the journal can take it.
   */
  void putPatch(byte[] json) {
    long micros = clock.micros();
    long payload = json.length;
    if (!reserve(payload, Slot.PATCH, 0, micros)) {
      keep(json);
      return;
    }
    long at = claim(1, Slot.PATCH, 0, micros);
    if (at < 0) {
      release(payload);
      keep(json);
      return;
    }
    Slot slot = slots.get(at);
    slot.metric = null;
    slot.payload = json;
    slot.bits = payload;
    head(slot, 1, Slot.PATCH, 0, micros);
    publish(at, at);
  }

  private void keep(byte[] json) {
    if (isEnded() || !losses.keep(slots.getCursor(), json)) {
      checkOpen();
      losses.addUnwritten(Slot.PATCH);
    }
  }

  /** Says whether waiting a moment for room in a full ring makes sense. */
  boolean isWorthWaitingFor() {
    return !drops && !isHopeless() && !isTaker() && !isEnded();
  }

  /** Puts in a log call with the values of a draft, which has at least one. */
  void put(Draft draft, int what, long step) {
    long micros = clock.micros();
    if (draft.size() > slots.getBufferSize() / LARGE_PART) {
      putLarge(draft, what, step, micros);
      return;
    }
    long payload = draft.bytes();
    if (payload > 0 && !reserve(payload, what, step, micros)) {
      return;
    }
    int size = draft.size();
    long last = claim(size, what, step, micros);
    if (last < 0) {
      release(payload);
      return;
    }
    long first = last - size + 1;
    try {
      for (int i = 0; i < size; i++) {
        draft.copyTo(slots.get(first + i), i);
      }
      head(slots.get(first), size, what, step, micros);
      publish(first, last);
    } catch (Error e) {
      Slot head = all[(int) first & mask];
      head.givenUpSlots = size;
      head.givenUpBytes = payload;
      head.givenUp = first;
      throw e;
    }
  }

  private void putLarge(Draft draft, int what, long step, long micros) {
    LargeRow row = draft.toLargeRow();
    long payload = draft.largeBytes();
    if (!reserve(payload, what, step, micros)) {
      return;
    }
    long at = claim(1, what, step, micros);
    if (at < 0) {
      release(payload);
      return;
    }
    try {
      Slot slot = slots.get(at);
      slot.metric = null;
      slot.payload = row;
      slot.bits = payload;
      head(slot, 1, what, step, micros);
      publish(at, at);
    } catch (Error e) {
      Slot head = all[(int) at & mask];
      head.givenUpSlots = 1;
      head.givenUpBytes = payload;
      head.givenUp = at;
      throw e;
    }
  }

  private Slot value(long at, Metric metric, double value) {
    Slot slot = slots.get(at);
    slot.metric = metric;
    slot.bits = Double.doubleToRawLongBits(value);
    return slot;
  }

  private static void head(Slot slot, int count, int what, long step, long micros) {
    slot.slots = count;
    slot.what = what;
    slot.step = step;
    slot.micros = micros;
  }

  private void publish(long first, long last) {
    slots.publish(first, last);
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

  /** Claims slots and returns the last one, or -1 where the message was dropped. */
  private long claim(int count, int what, long step, long micros) {
    long last;
    try {
      last = slots.tryNext(count);
    } catch (InsufficientCapacityException e) {
      last = claimWhenFull(count, what, step, micros);
      if (last < 0) {
        return last;
      }
    }
    if (state == OPEN) {
      return last;
    }
    long first = last - count + 1;
    try {
      return claimedUnlessOpen(first, last, what);
    } catch (Error e) {
      Slot head = all[(int) first & mask];
      head.givenUpSlots = count;
      head.givenUpBytes = 0;
      head.givenUp = first;
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
    return last;
  }

  /** Says whether messages are refused, or counted, for the board has ended. */
  boolean isEnded() {
    return state >= FINISHED;
  }

  private long claimWhenFull(int count, int what, long step, long micros) {
    boolean interrupted = false;
    try {
      for (int tries = 0; ; tries++) {
        if (slots.hasAvailableCapacity(count)) {
          try {
            return slots.tryNext(count);
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
    if (what == Slot.REWIND) {
      return isHopeless();
    }
    if (what == Slot.PATCH) {
      return drops || isHopeless() || isTaker();
    }
    if (drops || isHopeless() || isTaker()) {
      losses.add(slots.getCursor(), what, step, micros, drops);
      return true;
    }
    return false;
  }

  /** Publishes slots that were claimed after the end as nothing. */
  private long refuse(long first, long last, int what) {
    for (long at = first; at <= last; at++) {
      slots.get(at).metric = null;
    }
    head(slots.get(first), (int) (last - first + 1), Slot.VOID, 0, 0);
    slots.publish(first, last);
    refuse(what);
    return -1;
  }

  private void refuse(int what) {
    if (what == Slot.CONSOLE) {
      return; // printed after the end of the run: not part of it
    }
    checkOpen();
    if (what != Slot.PATCH) { // which is counted where it would be kept
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

  /** Waits until a message is settled, or that is hopeless. */
  private void awaitSettled(long last) {
    wakeTaker();
    boolean interrupted = false;
    for (int tries = 0; settled() < last && !isHopeless() && !isTaker(); tries++) {
      interrupted |= pause(tries);
    }
    restore(interrupted);
  }

  /** Whether the caller is the taker itself, through a logger that logs to the board. */
  @SuppressWarnings("ReferenceEquality")
  boolean isTaker() {
    return Thread.currentThread() == taker;
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
    if (!slots.isAvailable(first)) {
      return isGivenUp(first);
    }
    int count = slots.get(first).slots;
    return count == 1 || slots.isAvailable(first + count - 1) || isGivenUp(first);
  }

  /** Says whether a message was given up; then it publishes it as nothing. */
  private boolean isGivenUp(long first) {
    Slot head = slots.get(first);
    if (head.givenUp != first) {
      return false;
    }
    long last = first + head.givenUpSlots - 1;
    for (long at = first; at <= last; at++) {
      slots.get(at).metric = null;
      slots.get(at).payload = null;
    }
    release(head.givenUpBytes);
    head(head, head.givenUpSlots, Slot.VOID, 0, 0);
    slots.publish(first, last);
    return true;
  }

  /**
   * Rests until a message comes, or for a while. No message slips by: who puts one in claims first
   * and looks at the state then, the taker changes the state first and looks at the cursor then.
   *
   * @param next the slot that the next message will begin at
   */
  void doze(long next, long nanos) {
    if (!STATE.compareAndSet(this, OPEN, DOZING)) {
      return;
    }
    VarHandle.fullFence();
    if (slots.getCursor() < next) {
      LockSupport.parkNanos(nanos);
    }
    STATE.compareAndSet(this, DOZING, OPEN);
  }

  Slot slot(long at) {
    return slots.get(at);
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

  // ---- looking at it: any thread

  /** Refuses all further messages and returns the last slot that may hold an accepted one. */
  long end(boolean byUser) {
    state = byUser ? FINISHED : GONE;
    VarHandle.fullFence(); // the cursor is read after the state is seen: see claim
    return slots.getCursor();
  }

  /** Returns the last slot that was claimed. */
  long cursor() {
    return slots.getCursor();
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
    return Math.max(0, slots.getCursor() - taken.get());
  }

  long queuedBytes() {
    return bytes.get();
  }

  int capacity() {
    return slots.getBufferSize();
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
