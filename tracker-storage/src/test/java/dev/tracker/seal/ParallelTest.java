package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParallelTest {
  private static final int HELPERS = 8;

  @Test
  void withoutAnyHelper_whoAsksDoesItAll() throws Exception {
    CountDownLatch begun = new CountDownLatch(HELPERS + 1);
    CountDownLatch release = new CountDownLatch(1);
    List<Parallel.Task<Integer>> stuck = new ArrayList<>();
    for (int i = 0; i <= HELPERS; i++) {
      stuck.add(() -> {
        begun.countDown();
        await(release);
        return 0;
      });
    }
    Thread owner =
        new Thread(() -> {
          try {
            Parallel.run(stuck);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    owner.start();
    begun.await();
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    List<Parallel.Task<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int number = i;
      tasks.add(() -> {
        threads.add(Thread.currentThread());
        return number;
      });
    }

    List<Integer> results = Parallel.run(tasks);

    assertEquals(20, results.size());
    for (int i = 0; i < 20; i++) {
      assertEquals(i, results.get(i));
    }
    assertEquals(Set.of(Thread.currentThread()), threads);
    release.countDown();
    owner.join();
  }

  @Test
  void notHelped_whoAsksDoesItAll_afterAFailureToo() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    AtomicInteger ended = new AtomicInteger();
    List<Parallel.Task<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int number = i;
      tasks.add(() -> {
        threads.add(Thread.currentThread());
        ended.incrementAndGet();
        if (number == 3) {
          throw new IOException("the fourth");
        }
        return number;
      });
    }
    IOException failure = assertThrows(IOException.class, () -> Parallel.run(tasks, false));
    assertEquals("the fourth", failure.getMessage());
    assertEquals(20, ended.get());
    assertEquals(Set.of(Thread.currentThread()), threads);
  }

  @Test
  void aFailure_isThrownOnlyWhenAllHaveEnded() {
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch lastRuns = new CountDownLatch(1);
    List<Parallel.Task<Integer>> tasks = new ArrayList<>();
    tasks.add(() -> {
      await(lastRuns); // which a helper begins with
      throw new IOException("the first");
    });
    tasks.add(() -> {
      throw new OutOfMemoryError("the second");
    });
    tasks.add(() -> {
      lastRuns.countDown();
      ended.incrementAndGet();
      return 0;
    });

    IOException failure = assertThrows(IOException.class, () -> Parallel.run(tasks));

    assertEquals("the first", failure.getMessage());
    assertEquals(1, failure.getSuppressed().length);
    assertTrue(failure.getSuppressed()[0].getCause() instanceof OutOfMemoryError);
    assertEquals(1, ended.get());
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
