package dev.tracker.torture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Victim} said that it may count on, over all its lives. It takes the victim's lines
 * as they come; a {@link Checker} holds it against the run when the victim is dead.
 *
 * <p>Safe for use by several threads.
 */
final class Ledger {
  /** What was said of one opening of the run. Guarded by the ledger. */
  static final class Life {
    /** By thread, how many calls were logged before the last flush that returned. */
    long[] flushed;

    /** The same, whatever rewinds have taken away since: for what has no step. */
    long[] everFlushed;

    /** By thread, how many calls had returned when it began to finish; null where it did not. */
    long @Nullable [] atFinish;

    /** Whether what was printed was captured. */
    boolean captures;

    /** How many calls are in the journal. */
    long journaled;

    /** By thread, how many calls were made in a life that ended by itself; null in any other. */
    long @Nullable [] made;

    /** By thread, how many calls had returned when the last rewind had. */
    long[] afterRewind;

    /** How many calls were in the journal by then. */
    long journaledBefore;

    boolean opened;

    /** Whether what was said of the run while it was opened must be there. */
    boolean openingIsKept;

    Life(int threads) {
      flushed = new long[threads];
      everFlushed = new long[threads];
      afterRewind = new long[threads];
    }
  }

  /** A rewind that was begun. Guarded by the ledger. */
  static final class Rewind {
    /** In which life; for one at its opening, that one. */
    final int life;

    /** The greatest step that was to stay. */
    final long step;

    /** By life, what had been flushed by then. */
    final TreeMap<Integer, long[]> flushed = new TreeMap<>();

    boolean returned;

    /** Whether it is on stable storage. */
    boolean isForced;

    /** Whether the run must have gone back. */
    boolean isCertain;

    private Rewind(int life, long step) {
      this.life = life;
      this.step = step;
    }
  }

  private static final long LOOK_MILLIS = 20;

  private final int threads;
  private final TreeMap<Integer, Life> lives = new TreeMap<>();
  private final List<Rewind> rewinds = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final TreeMap<String, Integer> said = new TreeMap<>();

  /** The rewind that was begun and has not returned, and whose process may be alive. */
  private @Nullable Rewind present;

  /** How many rewinds were over when the last flush began. */
  private int rewindsAtFlush;

  Ledger(int threads) {
    this.threads = threads;
  }

  /** Takes a line of the victim's. */
  synchronized void add(String line) {
    String[] words = line.split(" ", -1);
    int number = Integer.parseInt(words[1]);
    Life life = lives.computeIfAbsent(number, key -> new Life(threads));
    switch (words[0]) {
      case "capturing" -> life.captures = true;
      case "opening" -> {
        present = null;
        if (words.length > 2) {
          beginRewind(number, Long.parseLong(words[2]));
        }
      }
      case "opened" -> {
        life.opened = true;
        life.openingIsKept = true;
        if (present != null) {
          life.journaledBefore = 0;
          endRewind(present);
        }
      }
      case "flushing" -> rewindsAtFlush = rewinds.size() - (present == null ? 0 : 1);
      case "flushed" -> flushed(life, counts(words), rewindsAtFlush);
      case "journaled" -> life.journaled = Long.parseLong(words[2]);
      case "rewinding" -> beginRewind(number, Long.parseLong(words[2]));
      case "rewound" -> {
        endRewind(Objects.requireNonNull(present));
        life.afterRewind = counts(words);
        // Those that had returned, and of each thread one that had not.
        life.journaledBefore = threads + Arrays.stream(life.afterRewind).sum();
      }
      case "finished" -> {
        life.made = counts(words);
        flushed(life, counts(words), rewinds.size());
      }
      case "failed" -> failures.add(line);
      case "finishing" -> life.atFinish = counts(words);
      default -> throw new IllegalArgumentException("no line of a victim's: " + line);
    }
    said.merge(words[0], 1, Integer::sum);
    notifyAll();
  }

  /**
   * Waits until a word has been said so often in all; gives up when nobody is there any more to say
   * it.
   */
  synchronized boolean await(String word, int times, BooleanSupplier isAlive)
      throws InterruptedException {
    while (said.getOrDefault(word, 0) < times) {
      if (!isAlive.getAsBoolean()) {
        return false;
      }
      wait(LOOK_MILLIS);
    }
    return true;
  }

  /**
   * Takes what was flushed.
   *
   * @param over how many rewinds were, before
   */
  private void flushed(Life life, long[] calls, int over) {
    for (int thread = 0; thread < threads; thread++) {
      flushed(life, thread, calls[thread]);
    }
    rewinds.subList(0, over).forEach(rewind -> rewind.isForced = rewind.returned);
  }

  /** Takes what was flushed of a thread, but for what a rewind may have taken away meanwhile. */
  private boolean flushed(Life life, int thread, long calls) {
    life.everFlushed[thread] = Math.max(life.everFlushed[thread], calls);
    boolean isLater =
        present == null && calls > life.afterRewind[thread] + (life.journaledBefore > 0 ? 1 : 0);
    if (isLater) {
      life.flushed[thread] = calls;
    }
    return isLater;
  }

  private long[] counts(String[] words) {
    return Arrays.stream(words, 2, 2 + threads).mapToLong(Long::parseLong).toArray();
  }

  private void beginRewind(int number, long step) {
    Rewind rewind = new Rewind(number, step);
    lives.forEach((key, life) -> {
      rewind.flushed.put(key, life.flushed);
      life.flushed = new long[threads];
      life.journaled = 0;
      life.journaledBefore = Long.MAX_VALUE; // until it has returned, nothing is known
    });
    rewinds.add(rewind);
    present = rewind;
  }

  private void endRewind(Rewind rewind) {
    rewind.returned = true;
    rewind.isCertain = true;
    present = null;
  }

  int threads() {
    return threads;
  }

  /** Returns what was said of a life; null where nothing was. */
  synchronized @Nullable Life life(int number) {
    return lives.get(number);
  }

  synchronized boolean everOpened() {
    return lives.values().stream().anyMatch(life -> life.opened);
  }

  synchronized int lastLife() {
    return lives.isEmpty() ? -1 : lives.lastKey();
  }

  synchronized List<Integer> lives() {
    return List.copyOf(lives.keySet());
  }

  synchronized List<Rewind> rewinds() {
    return List.copyOf(rewinds);
  }

  /** Whether a rewind is under way. */
  synchronized boolean isRewinding() {
    return present != null;
  }

  /** Returns a number that grows with each word of a rewind. */
  synchronized long rewindEvents() {
    return 2L * rewinds.size() - (present == null ? 0 : 1);
  }

  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /** Returns how often each word was said. */
  synchronized Map<String, Integer> said() {
    return new TreeMap<>(said);
  }

  /**
   * Takes back what only the page cache holds, before a check of a disk that lost it: what was
   * journaled, and not flushed.
   */
  synchronized void forgetUnforced() {
    for (Life life : lives.values()) {
      life.journaled = 0;
      life.openingIsKept = false;
    }
    rewinds.forEach(rewind -> rewind.isCertain &= rewind.isForced);
  }

  /** Adds what is known otherwise to be on stable storage: calls of one thread in a life. */
  synchronized void addFlushed(int number, int thread, long calls) {
    Life life = lives.computeIfAbsent(number, key -> new Life(threads));
    if (flushed(life, thread, calls)) {
      rewinds.forEach(rewind -> rewind.isForced = rewind.returned);
    }
  }
}
