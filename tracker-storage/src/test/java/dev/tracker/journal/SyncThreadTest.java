package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The thread that forces and prepares: when it runs, when it sleeps, what goes first. */
class SyncThreadTest {
  private final String name = "sync-under-test-" + System.identityHashCode(this);
  private final SyncThread sync = new SyncThread(name);

  private static boolean nothing() {
    return false;
  }

  private List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .toList();
  }

  @Test
  void thread_livesAsLongAsThereIsAJournal() {
    AtomicInteger forced = new AtomicInteger();
    SyncThread.Entry one = sync.entry(forced::incrementAndGet, SyncThreadTest::nothing);
    SyncThread.Entry two = sync.entry(forced::incrementAndGet, SyncThreadTest::nothing);
    one.forceWithin(0);
    assertEquals(List.of(), threads());
    one.start();
    two.start();
    Await.until(() -> forced.get() == 1); // asked for before it was started
    assertEquals(1, threads().size());
    assertTrue(threads().get(0).isDaemon());
    one.remove();
    two.forceWithin(0);
    Await.until(() -> forced.get() == 2);
    two.remove();
    two.remove();
    Await.until(() -> threads().isEmpty());
    SyncThread.Entry three = sync.entry(forced::incrementAndGet, SyncThreadTest::nothing);
    three.start();
    three.forceWithin(0);
    Await.until(() -> forced.get() == 3);
    three.remove();
    Await.until(() -> threads().isEmpty());
  }

  @Test
  void thread_sleepsWithoutATimeWhenNothingIsAsked() {
    AtomicInteger forced = new AtomicInteger();
    SyncThread.Entry entry = sync.entry(forced::incrementAndGet, SyncThreadTest::nothing);
    entry.start();
    entry.forceWithin(0);
    Await.until(() -> forced.get() == 1);
    Await.until(() -> threads().get(0).getState() == Thread.State.WAITING);
    threads().get(0).interrupt(); // is no reason to end
    entry.forceWithin(0);
    Await.until(() -> forced.get() == 2);
    entry.remove();
  }

  @Test
  void wishForSooner_wakesAndAWishForLaterDoesNotDelay() {
    AtomicInteger forced = new AtomicInteger();
    SyncThread.Entry entry = sync.entry(forced::incrementAndGet, SyncThreadTest::nothing);
    entry.start();
    entry.forceWithin(TimeUnit.HOURS.toNanos(1));
    Await.until(() -> threads().get(0).getState() == Thread.State.TIMED_WAITING);
    assertEquals(0, forced.get());
    long begin = System.nanoTime();
    entry.forceWithin(TimeUnit.MILLISECONDS.toNanos(50));
    entry.forceWithin(TimeUnit.HOURS.toNanos(1));
    Await.until(() -> forced.get() == 1);
    assertTrue(System.nanoTime() - begin >= TimeUnit.MILLISECONDS.toNanos(50));
    entry.remove();
  }

  @Test
  void whatIsDue_goesBetweenTheStepsOfPreparing() {
    List<String> done = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch asked = new CountDownLatch(1);
    AtomicInteger steps = new AtomicInteger();
    SyncThread.Entry waits = sync.entry(() -> done.add("force"), SyncThreadTest::nothing);
    SyncThread.Entry prepares =
        sync.entry(
            () -> done.add("never"),
            () -> {
              done.add("step");
              try {
                asked.await();
              } catch (InterruptedException e) {
                done.add("interrupted");
              }
              return steps.incrementAndGet() < 3;
            });
    waits.start();
    prepares.start();
    prepares.prepare();
    Await.until(() -> done.equals(List.of("step")));
    waits.forceWithin(0);
    asked.countDown();
    Await.until(() -> done.size() == 4);
    assertEquals(List.of("step", "force", "step", "step"), done);
    waits.remove();
    prepares.remove();
  }
}
