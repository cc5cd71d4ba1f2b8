package dev.tracker.torture;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * How a {@link Victim} comes to the moment at which it is to die: what it does until then, and how
 * long that is waited for. One for each death.
 */
final class Approach {
  /** What a victim is to be doing when it dies. */
  enum Moment {
    OPEN,
    LOG,
    FLUSH,
    RESUME,
    REWIND,
    REWIND_AT_OPEN,
    REWIND_CARRIED_OUT,
    FINISH,
    PRINT,
    COMPACT,
    CLEAN,
    SEAL
  }

  /** How long a live run waits at most until it is sealed for the first time, and a bit more. */
  private static final long SEAL_NANOS = 6_000_000_000L;

  private final Moment moment;
  private final Random random;
  private final Call.Script script;
  private final Ledger ledger;
  private final Path run;

  /** What was said before the victim was started. */
  private final Map<String, Integer> said;

  Approach(Moment moment, Random random, Call.Script script, Ledger ledger, Path run) {
    this.moment = moment;
    this.random = random;
    this.script = script;
    this.ledger = ledger;
    this.run = run;
    this.said = ledger.said();
  }

  /** Returns the moment that {@code -Dtorture.moment} asks for, or else the one given. */
  static Moment askedOr(Moment other) {
    String asked = System.getProperty("torture.moment");
    return asked == null ? other : Moment.valueOf(asked);
  }

  /**
   * Says what the victim is to do.
   *
   * @param pauseMicros how long its threads rest between two calls
   * @param flushMillis how often it flushes, where it need not more often; 0 for never
   * @param strict whether log calls return when they are on stable storage
   */
  Plan plan(int pauseMicros, int flushMillis, boolean strict) {
    int openings = 1;
    int millis = 0;
    int pause = pauseMicros;
    int flush = flushMillis;
    int rewind = 0;
    boolean rewindsAtOpen = false;
    boolean finishes = false;
    boolean console = random.nextBoolean();
    switch (moment) {
      case OPEN, LOG -> {}
      case SEAL -> pause = Math.max(pause, 320);
      case FLUSH -> flush = 3;
      case RESUME -> {
        openings = 4;
        millis = 20;
      }
      case REWIND -> {
        openings = 3;
        millis = 80;
        flush = flush == 0 && random.nextBoolean() ? 20 : flush;
        rewind = random.nextBoolean() ? 15 : 150;
        rewindsAtOpen = random.nextBoolean();
      }
      case REWIND_AT_OPEN -> {
        openings = 4;
        millis = 80;
        rewindsAtOpen = true;
      }
      case REWIND_CARRIED_OUT -> {
        openings = 3;
        millis = 40;
        rewind = 15;
        rewindsAtOpen = random.nextBoolean();
        finishes = true;
      }
      case FINISH -> {
        millis = 100;
        finishes = true;
      }
      case PRINT -> {
        openings = 6;
        millis = 20;
        pause = Math.min(pause, 80);
        finishes = true;
        console = true;
      }
      case COMPACT, CLEAN -> {
        openings = 10;
        millis = 2;
        pause = Math.max(pause, 40);
        finishes = true;
      }
    }
    return new Plan(
        script,
        ledger.lastLife() + 1,
        openings,
        millis,
        pause,
        flush,
        rewind,
        rewindsAtOpen,
        finishes,
        strict,
        console);
  }

  /**
   * Waits for the moment and a bit of chance.
   *
   * @param logMillis how long a victim logs at most that does nothing else, or goes back meanwhile
   */
  void await(Child victim, int logMillis) throws InterruptedException {
    switch (moment) {
      case OPEN -> await(victim, "opening", 1, 250);
      case LOG -> await(victim, "opened", 1, logMillis);
      case FLUSH -> await(victim, "flushing", 1 + random.nextInt(8), 5);
      case RESUME -> await(victim, "opening", 2 + random.nextInt(3), 40);
      case REWIND_AT_OPEN -> await(victim, "opening", 2 + random.nextInt(3), 200);
      case REWIND ->
          await(victim, "rewinding", 1 + random.nextInt(3), random.nextBoolean() ? 15 : logMillis);
      case REWIND_CARRIED_OUT -> awaitFiles(victim, "finishing", 1 + random.nextInt(3));
      case FINISH -> awaitFiles(victim, "finishing", 1);
      case PRINT -> awaitLines(victim);
      case COMPACT -> awaitFiles(victim, "finishing", 6 + random.nextInt(5));
      case CLEAN -> awaitCleaning(victim);
      case SEAL -> awaitFiles(victim, "opened", 1);
    }
  }

  private void await(Child victim, String word, int times, int millis) throws InterruptedException {
    if (ledger.await(word, said.getOrDefault(word, 0) + times, victim::isAlive)) {
      pause(1_000L * random.nextInt(1 + millis * 1_000));
    }
  }

  /** Waits until the sealer takes files away that compacting has left over. */
  private void awaitCleaning(Child victim) throws InterruptedException {
    await(victim, "finishing", 6 + random.nextInt(5), 0);
    long deadline = System.nanoTime() + SEAL_NANOS;
    long most = 0;
    long now = Remains.dataFiles(run);
    while (victim.isAlive() && now >= most && System.nanoTime() < deadline) {
      most = now;
      now = Remains.dataFiles(run);
    }
    pause(random.nextInt(2_000_000));
  }

  /** Waits for a word, and then until the sealer has made some of the files that it has to make. */
  private void awaitFiles(Child victim, String word, int times) throws InterruptedException {
    await(victim, word, times, 0);
    int finished = ledger.said().getOrDefault("finished", 0);
    long wanted = Remains.dataFiles(run) + 1 + random.nextInt(7 * script.threads());
    long deadline = System.nanoTime() + SEAL_NANOS;
    while (victim.isAlive()
        && Remains.dataFiles(run) < wanted
        && ledger.said().getOrDefault("finished", 0) == finished
        && System.nanoTime() < deadline) {
      pause(500_000);
    }
    pause(random.nextInt(random.nextBoolean() ? 5_000_000 : 60_000_000));
  }

  /** Waits until the sealer has written lines of the console, which it then has to commit. */
  private void awaitLines(Child victim) throws InterruptedException {
    for (int seals = 1 + random.nextInt(4); seals > 0 && victim.isAlive(); seals--) {
      long sealed = Remains.lineBytes(run);
      while (victim.isAlive() && Remains.lineBytes(run) <= sealed) {
        pause(50_000);
      }
    }
    pause(random.nextInt(3_000_000));
  }

  private static void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
