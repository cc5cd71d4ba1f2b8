package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Kind;
import dev.tracker.system.Await;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The parts that log calls pass through, each by itself. */
class RingTest {
  private static Metric metric(int number) {
    return new Metric(null, "metric " + number, Kind.FLOAT64, number, Metric.NO_ID, null);
  }

  private static Ring ring(int capacity) {
    return new Ring(capacity, 1000, false, false, new BoardClock(InstantSource.system()), "run");
  }

  @Test
  void capacityIsTheNextPowerOfTwo() {
    assertEquals(8, ring(1).capacity());
    assertEquals(8, ring(8).capacity());
    assertEquals(16, ring(9).capacity());
    assertEquals(65_536, ring(50_000).capacity());
    assertEquals(65_536, ring(65_536).capacity());
    assertEquals(131_072, ring(65_537).capacity());
  }

  @Test
  void aMessageIsSeenWholeOrNotAtAll() {
    Ring ring = ring(8);
    assertFalse(ring.isPublished(0));
    ring.put(metric(0), 1, metric(1), 2);
    assertTrue(ring.isPublished(0));
    assertEquals(2, ring.slots().size(0));
    assertEquals(0, ring.slots().metric(0));
    assertEquals(1, ring.slots().metric(1));
    assertFalse(ring.isPublished(2));
    assertEquals(2, ring.queued());
    ring.take(1);
    assertEquals(0, ring.queued());
  }

  /**
   * Whoever dozes is woken by the next message, not by the end of its doze. A message that slipped
   * by would show as a round that lasts as long as the doze.
   */
  @Test
  void aDozingTakerIsWokenByAMessage() {
    int rounds = 20_000;
    long doze = TimeUnit.HOURS.toNanos(1);
    long patience = TimeUnit.SECONDS.toNanos(20);
    Ring ring = ring(1024);
    Metric metric = metric(0);
    Thread taker =
        new Thread(() -> {
          for (long next = 0; next < rounds; next++) {
            while (!ring.isPublished(next)) {
              ring.doze(next, doze);
            }
            ring.take(next);
          }
        });
    ring.takenBy(taker);
    taker.setDaemon(true);
    taker.start();
    long start = System.nanoTime();
    for (long next = 0; next < rounds; next++) {
      ring.put(metric, 0, Slots.ROW, 0);
      while (next % 3 == 0 && ring.taken() < next && System.nanoTime() - start < patience) {
        Thread.onSpinWait();
      }
    }
    Await.until("the taker has taken all", () -> !taker.isAlive());
  }

  @Test
  void aTakerDoesNotDozeOverAMessageThatCameBeforeItCouldBeSeenDozing() {
    Ring ring = ring(8);
    ring.put(metric(0), 0, Slots.ROW, 0);
    Thread taker = new Thread(() -> ring.doze(0, TimeUnit.HOURS.toNanos(1)));
    taker.setDaemon(true);
    taker.start();
    Await.until("the taker does not doze", () -> !taker.isAlive());
  }

  /**
   * A change of the config that found no room, at the very moment at which the board ended, was
   * kept for a writer that had already taken what was kept: lost, though the call had returned.
   */
  @Test
  void aPatchThatIsKeptTooLateForTheWriter_isRefused() throws Exception {
    Ring ring = new Ring(8, 1000, true, false, new BoardClock(InstantSource.system()), "run");
    for (int i = 0; i < ring.capacity(); i++) {
      ring.put(metric(0), 0, Slots.ROW, 0);
    }
    AtomicReference<Throwable> refusal = new AtomicReference<>();
    Thread caller = new Thread(() -> ring.putPatch(new byte[2]));
    caller.setUncaughtExceptionHandler((thread, e) -> refusal.set(e));
    synchronized (ring.losses()) {
      caller.start();
      Await.until("the caller wants to keep it", () -> caller.getState() == Thread.State.BLOCKED);
      ring.end(true);
      ring.losses().end();
      assertNull(ring.losses().poll());
    }
    caller.join();
    assertInstanceOf(IllegalStateException.class, refusal.get());
    assertNull(ring.losses().poll());
  }

  /** The bytes that were reserved for it stayed so for ever. */
  @Test
  void aRowThatWaitsForRoomWhenTheBoardIsFinished_holdsNothing() throws Exception {
    for (int size : new int[] {1, 5}) { // which is put in as it is, and as one large row
      Ring ring = ring(32);
      for (int i = 0; i < ring.capacity(); i++) {
        ring.put(metric(0), 0, Slots.ROW, 0);
      }
      Draft draft = new Draft();
      for (int i = 0; i < size; i++) {
        draft.add(metric(i), "a text");
      }
      AtomicReference<Throwable> refusal = new AtomicReference<>();
      Thread caller = new Thread(() -> ring.put(draft, Slots.ROW, 0));
      caller.setUncaughtExceptionHandler((thread, e) -> refusal.set(e));
      caller.start();
      Await.until("the caller has reserved its bytes", () -> ring.queuedBytes() > 0);
      ring.end(true);
      caller.join();
      assertInstanceOf(IllegalStateException.class, refusal.get());
      assertEquals(0, ring.queuedBytes());
    }
  }

  @Property
  void aDraftThatKnowsItsSeries_holdsWhatAMapWould(
      @ForAll @Size(max = 400) List<@IntRange(max = 150) Integer> puts,
      @ForAll @IntRange(min = 1, max = 50) int every) {
    Draft draft = new Draft(new DraftIndex());
    Map<Integer, Long> expected = new HashMap<>();
    for (int i = 0; i < puts.size(); i++) {
      draft.add(metric(puts.get(i)), i);
      expected.put(puts.get(i), (long) i);
      if (i % every == 0) {
        assertEquals(expected, values(draft));
        draft.clear();
        expected.clear();
      }
    }
    assertEquals(expected, values(draft));
  }

  private static Map<Integer, Long> values(Draft draft) {
    Map<Integer, Long> values = new HashMap<>();
    if (draft.size() > 0) {
      Ring ring = ring(8 * 256);
      ring.put(draft, Slots.ROW, 0);
      Slots slots = ring.slots();
      for (int i = 0; i < slots.size(0); i++) {
        assertEquals(
            null, values.put(slots.metric(i), slots.bits(i)), "a series stands there once");
      }
    }
    return values;
  }

  @Test
  void lossesBetweenTheSameMessagesAreOneGap_globalStepsKeepTheirPlace() {
    Losses losses = new Losses();
    assertEquals(Losses.NOWHERE, losses.firstAfter());
    losses.add(10, Slots.ROW, 0, 100, false);
    losses.add(10, Slots.NEXT_GLOBAL_STEP, 0, 101, false);
    losses.add(12, Slots.ROW_AT_STEP, 5, 90, false);
    losses.add(15, Slots.GLOBAL_STEP, 7, 120, false);
    losses.add(15, Slots.NEXT_GLOBAL_STEP, 0, 121, false);
    losses.add(16, Slots.ROW_KEEPING_STEP, 0, 130, true);
    assertEquals(10, losses.firstAfter());
    Losses.Gap first = losses.poll();
    assertEquals(List.of(2L, 90L, 100L), List.of(first.rows, first.fromMicros, first.toMicros));
    assertEquals(1, first.globalSteps);
    assertFalse(first.setsGlobalStep);
    assertEquals(15, losses.firstAfter());
    Losses.Gap second = losses.poll();
    assertEquals(1, second.rows);
    assertTrue(second.setsGlobalStep);
    assertEquals(List.of(7L, 1L), List.of(second.globalStep, second.globalSteps));
    assertEquals(Losses.NOWHERE, losses.firstAfter());
    assertEquals(null, losses.poll());
    assertEquals(3, losses.rows());
    assertEquals(2, losses.takeUnreported(), "what was dropped by policy is no surprise");
    assertEquals(0, losses.takeUnreported());
  }

  @Test
  void theClockAgreesWithTheWall() {
    long made = System.nanoTime();
    BoardClock clock = new BoardClock(InstantSource.system());
    List<Long> off = new ArrayList<>();
    Await.until(
        "both clocks are read without an interruption between",
        () -> {
          long before = System.currentTimeMillis();
          long micros = clock.micros();
          long after = System.currentTimeMillis();
          off.add(micros - before * 1000);
          return after == before && micros >= before * 1000 - 50 && micros <= before * 1000 + 1050;
        });
    assertTrue(off.size() < 1000, "off by " + off.get(off.size() - 1) + " µs");
    assertFalse(clock.align(made), "it is too early to look at the wall again");
    assertTrue(clock.align(System.nanoTime() + TimeUnit.SECONDS.toNanos(2)));
  }
}
