package dev.tracker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Kind;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * Two threads at a ring of eight slots, with nothing behind it: where its guarantees hang on the
 * order of single reads and writes, millions of tries are to be had here and only thousands with a
 * board. The second thread, or the arbiter, does what {@code tracker-writer} would.
 *
 * <p>In this package because the ring is nobody else's business.
 */
public class RingRaces {
  private static final int CAPACITY = 8;
  private static final byte[] PATCH = "{}".getBytes(StandardCharsets.UTF_8);

  private static Ring ring(boolean drops) {
    return new Ring(
        CAPACITY, 1 << 20, drops, false, new BoardClock(InstantSource.system()), "races");
  }

  private static Metric metric(int number) {
    return new Metric(null, "metric " + number, Kind.FLOAT64, number, 0, null);
  }

  /** Counts the log calls that lie in the ring up to a slot, as whoever takes them out would. */
  private static int rows(Ring ring, long last) {
    int rows = 0;
    for (long at = ring.taken() + 1; at <= last; at += ring.slots().size(at)) {
      if (!ring.isPublished(at)) {
        return -1;
      }
      rows += ring.slots().what(at) == Slots.VOID ? 0 : 1;
    }
    return rows;
  }

  /** The user ends the board while somebody logs a number. */
  @JCStressTest
  @Outcome(id = "accepted, there", expect = ACCEPTABLE, desc = "logged before the end")
  @Outcome(id = "refused, not there", expect = ACCEPTABLE, desc = "logged after the end")
  @Outcome(id = "accepted, not there", expect = FORBIDDEN, desc = "lost without a word")
  @Outcome(id = "refused, there", expect = FORBIDDEN, desc = "kept, and denied")
  @State
  public static class LogAgainstEnd {
    private final Ring ring = ring(false);
    private final Metric metric = metric(0);
    private boolean accepted;
    private long last;

    @Actor
    public void log() {
      try {
        ring.put(metric, 1, Slots.ROW, 0);
        accepted = true;
      } catch (IllegalStateException e) {
        accepted = false;
      }
    }

    @Actor
    public void end() {
      last = ring.end(true);
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 =
          (accepted ? "accepted" : "refused") + (rows(ring, last) == 1 ? ", there" : ", not there");
    }
  }

  /** The JVM takes the board down while somebody logs a text, which reserves bytes first. */
  @JCStressTest
  @Outcome(id = "there", expect = ACCEPTABLE, desc = "logged before the end")
  @Outcome(id = "counted, bytes given back", expect = ACCEPTABLE, desc = "logged after the end")
  @Outcome(id = "there, counted", expect = FORBIDDEN, desc = "kept, and counted as lost")
  @Outcome(id = "nowhere", expect = FORBIDDEN, desc = "lost without being counted")
  @Outcome(id = "counted, bytes held", expect = FORBIDDEN, desc = "the queue shrinks for ever")
  @State
  public static class TextAgainstShutdown {
    private final Ring ring = ring(false);
    private final Draft draft = new Draft(new DraftIndex());
    private long last;

    public TextAgainstShutdown() {
      draft.add(metric(0), "text");
    }

    @Actor
    public void log() {
      ring.put(draft, Slots.ROW, 0);
    }

    @Actor
    public void end() {
      last = ring.end(false);
    }

    @Arbiter
    public void look(L_Result result) {
      boolean there = rows(ring, last) == 1;
      if (ring.losses().rows() == 0) {
        result.r1 = there ? "there" : "nowhere";
      } else if (there) {
        result.r1 = "there, counted";
      } else {
        result.r1 = ring.queuedBytes() == 0 ? "counted, bytes given back" : "counted, bytes held";
      }
    }
  }

  /** The program prints while the board ends; what is printed later is not part of the run. */
  @JCStressTest
  @Outcome(id = "there", expect = ACCEPTABLE, desc = "printed before the end")
  @Outcome(id = "passed over", expect = ACCEPTABLE, desc = "printed after the end")
  @Outcome(id = "passed over, counted", expect = FORBIDDEN, desc = "no loss, but counted as one")
  @Outcome(id = "refused", expect = FORBIDDEN, desc = "printing must never throw")
  @State
  public static class PrintAgainstEnd {
    private final Ring ring = ring(false);
    private boolean refused;
    private long last;

    @Actor
    public void print() {
      try {
        ring.offerLine(ConsoleStream.OUT, "line");
      } catch (IllegalStateException e) {
        refused = true;
      }
    }

    @Actor
    public void end() {
      last = ring.end(true);
    }

    @Arbiter
    public void look(L_Result result) {
      if (refused) {
        result.r1 = "refused";
      } else if (rows(ring, last) == 1) {
        result.r1 = "there";
      } else {
        result.r1 = ring.losses().rows() == 0 ? "passed over" : "passed over, counted";
      }
    }
  }

  /**
   * The queue is full and nobody may wait, so a change of the config is kept beside it; meanwhile
   * the board ends, and the writer takes what is kept for the last time.
   */
  @JCStressTest
  @Outcome(id = "accepted, written", expect = ACCEPTABLE, desc = "changed before the end")
  @Outcome(id = "refused, not written", expect = ACCEPTABLE, desc = "changed after the end")
  @Outcome(id = "accepted, not written", expect = FORBIDDEN, desc = "lost without a word")
  @Outcome(id = "refused, written", expect = FORBIDDEN, desc = "kept, and denied")
  @State
  public static class KeptPatchAgainstEnd {
    private final Ring ring = ring(true);
    private boolean accepted;
    private boolean written;

    public KeptPatchAgainstEnd() {
      fill(ring);
    }

    @Actor
    public void config() {
      try {
        ring.putPatch(PATCH);
        accepted = true;
      } catch (IllegalStateException e) {
        accepted = false;
      }
    }

    @Actor
    public void end() {
      ring.end(true);
      ring.losses().end();
      for (Losses.Gap gap = ring.losses().poll(); gap != null; gap = ring.losses().poll()) {
        written |= !gap.patches.isEmpty();
      }
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = (accepted ? "accepted" : "refused") + (written ? ", written" : ", not written");
    }
  }

  /** Two rows of two values each. */
  @JCStressTest
  @Outcome(id = "the first, the second", expect = ACCEPTABLE, desc = "one after the other")
  @Outcome(id = "the second, the first", expect = ACCEPTABLE, desc = "one after the other")
  @Outcome(id = "mixed", expect = FORBIDDEN, desc = "a row has a value of another one")
  @State
  public static class LogAgainstLog {
    private final Ring ring = ring(false);
    private final Metric first = metric(1);
    private final Metric second = metric(2);

    @Actor
    public void logFirst() {
      ring.put(first, 1, first, 2);
    }

    @Actor
    public void logSecond() {
      ring.put(second, 1, second, 2);
    }

    @Arbiter
    public void look(L_Result result) {
      boolean isFirst = ring.slots().metric(0) == first.number;
      Metric then = isFirst ? second : first;
      Metric now = isFirst ? first : second;
      result.r1 =
          isRow(ring, 0, now) && isRow(ring, 2, then)
              ? isFirst ? "the first, the second" : "the second, the first"
              : "mixed";
    }
  }

  /** A row of two values is taken out as soon as it is seen. */
  @JCStressTest
  @Outcome(id = "whole", expect = ACCEPTABLE, desc = "all of it is seen")
  @Outcome(id = "torn", expect = FORBIDDEN, desc = "a slot is seen as it was before")
  @State
  public static class LogAgainstTake {
    private final Ring ring = ring(false);
    private final Metric metric = metric(0);

    @Actor
    public void log() {
      ring.put(metric, 1, metric, 2);
    }

    @Actor
    public void take(L_Result result) {
      while (!ring.isPublished(0)) {
        Thread.onSpinWait();
      }
      result.r1 = isRow(ring, 0, metric) ? "whole" : "torn";
    }
  }

  /** A queue that drops is full, and gets room. */
  @JCStressTest
  @Outcome(id = "there", expect = ACCEPTABLE, desc = "there was room already")
  @Outcome(id = "counted", expect = ACCEPTABLE, desc = "there was none yet")
  @Outcome(id = "there, counted", expect = FORBIDDEN, desc = "kept, and counted as lost")
  @Outcome(id = "nowhere", expect = FORBIDDEN, desc = "lost without being counted")
  @State
  public static class DropAgainstTake {
    private final Ring ring = ring(true);
    private final Metric metric = metric(0);

    public DropAgainstTake() {
      fill(ring);
    }

    @Actor
    public void log() {
      ring.put(metric, 1, Slots.ROW, 0);
    }

    @Actor
    public void take() {
      ring.take(0);
    }

    @Arbiter
    public void look(L_Result result) {
      boolean there = rows(ring, ring.cursor()) == CAPACITY;
      boolean counted = ring.losses().rows() == 1;
      result.r1 = there ? counted ? "there, counted" : "there" : counted ? "counted" : "nowhere";
    }
  }

  /** A queue that waits is full, and the board ends without its getting room. */
  @JCStressTest
  @Outcome(id = "refused", expect = ACCEPTABLE, desc = "whoever waited for room is told")
  @Outcome(id = "accepted", expect = FORBIDDEN, desc = "there is no room for it")
  @State
  public static class WaitAgainstEnd {
    private final Ring ring = ring(false);
    private final Metric metric = metric(0);

    public WaitAgainstEnd() {
      fill(ring);
    }

    @Actor
    public void log(L_Result result) {
      try {
        ring.put(metric, 1, Slots.ROW, 0);
        result.r1 = "accepted";
      } catch (IllegalStateException e) {
        result.r1 = "refused";
      }
    }

    @Actor
    public void end() {
      ring.end(true);
    }
  }

  /** The taker goes to sleep as a message comes. */
  @JCStressTest
  @Outcome(id = "seen", expect = ACCEPTABLE, desc = "awake still, or woken")
  @Outcome(id = "slept over", expect = FORBIDDEN, desc = "nobody woke it for the message")
  @State
  public static class LogAgainstDoze {
    private static final long DOZE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Ring ring = ring(false);
    private final Metric metric = metric(0);

    @Actor
    public void log() {
      ring.put(metric, 1, Slots.ROW, 0);
    }

    @Actor
    public void doze(L_Result result) {
      ring.takenBy(Thread.currentThread());
      long start = System.nanoTime();
      while (!ring.isPublished(0)) {
        ring.doze(0, DOZE_NANOS);
      }
      result.r1 = System.nanoTime() - start < DOZE_NANOS ? "seen" : "slept over";
    }
  }

  /** A flush asks how far everything is whole while a row whose image is still packed is taken. */
  @JCStressTest
  @Outcome(id = "not taken, not whole", expect = ACCEPTABLE, desc = "asked before")
  @Outcome(id = "taken, not whole", expect = ACCEPTABLE, desc = "asked after")
  @Outcome(id = "whole", expect = FORBIDDEN, desc = "a flush would return too early")
  @State
  public static class FlushAgainstPacking {
    private final Ring ring = ring(false);

    public FlushAgainstPacking() {
      ring.put(metric(0), 1, Slots.ROW, 0);
    }

    @Actor
    public void take() {
      ring.unsettled(0);
      ring.take(0);
    }

    @Actor
    public void flush(L_Result result) {
      boolean taken = ring.taken() == 0;
      boolean whole = ring.settled() >= 0;
      result.r1 = whole ? "whole" : taken ? "taken, not whole" : "not taken, not whole";
    }
  }

  private static void fill(Ring ring) {
    Metric metric = metric(3);
    for (int i = 0; i < CAPACITY; i++) {
      ring.put(metric, 0, Slots.ROW, 0);
    }
  }

  private static boolean isRow(Ring ring, long at, Metric metric) {
    Slots slots = ring.slots();
    return slots.size(at) == 2
        && slots.metric(at) == metric.number
        && slots.metric(at + 1) == metric.number
        && slots.bits(at) == Double.doubleToRawLongBits(1)
        && slots.bits(at + 1) == Double.doubleToRawLongBits(2);
  }
}
