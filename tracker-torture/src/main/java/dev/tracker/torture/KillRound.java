package dev.tracker.torture;

import dev.tracker.Resume;
import dev.tracker.format.RunLayout;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.seal.Sealer;
import dev.tracker.verify.Verification;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * One round of kills: a run that is written by one {@link Victim} after the other, each of them
 * killed at a moment that chance has chosen, checked after each death, and at last ended by a
 * writer that lives.
 */
final class KillRound {
  /** What a victim is to be doing when it is killed. */
  enum Moment {
    OPEN,
    LOG,
    FLUSH,
    RESUME,
    REWIND,
    REWIND_CARRIED_OUT,
    FINISH,
    COMPACT,
    CLEAN,
    SEAL
  }

  private static final String ID = "run";

  /** How long a live run waits at most until it is sealed for the first time, and a bit more. */
  private static final long SEAL_NANOS = 6_000_000_000L;

  private final Random random;
  private final Path root;
  private final List<String> flags;
  private final KillReport report;
  private final Call.Script script;
  private final Ledger ledger;
  private final Checker checker;
  private final Path run;

  /** What was said before the present victim was started. */
  private Map<String, Integer> said = Map.of();

  KillRound(long seed, Path root, List<String> flags, KillReport report) {
    this.random = new Random(seed);
    this.root = root;
    this.flags = flags;
    this.report = report;
    this.run = root.resolve("default").resolve(ID);
    this.script =
        new Call.Script(
            seed, 1 + random.nextInt(3), random.nextBoolean() ? 4 : 16 << random.nextInt(9));
    this.ledger = new Ledger(script.threads());
    this.checker = new Checker(run, script, ledger);
  }

  void play() throws Exception {
    int deaths = 2 + random.nextInt(2);
    try (Watcher watcher = new Watcher(run, ledger, random.nextInt(script.threads()))) {
      for (int i = 0; i < deaths; i++) {
        killOne();
      }
      end();
      watcher.end();
      report.looked(watcher.looks());
    }
    report.checked(checker);
  }

  private void killOne() throws Exception {
    Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
    if (moment == Moment.SEAL && random.nextInt(3) != 0) {
      moment = Moment.LOG; // it takes five seconds
    }
    Plan plan = plan(moment);
    Path file = root.resolve("marks");
    Files.deleteIfExists(file);
    Marks marks = Marks.open(file);
    said = ledger.said();
    List<String> arguments = new ArrayList<>(List.of(root.toString(), ID, file.toString()));
    arguments.addAll(plan.words());
    int rewinds = ledger.rewinds().size();
    boolean killed;
    try (Child child = Child.start(Victim.class, flags, arguments, ledger::add)) {
      await(child, moment);
      killed = child.isAlive();
      child.kill();
      Set<String> remains = Remains.of(run);
      try {
        check();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            child.story("was killed at " + moment + ", " + plan + ": " + e), e);
      }
      report.killed(killed ? moment.toString() : "ended before it was killed", remains);
    }
    if (killed && rewinds == ledger.rewinds().size()) {
      missing(marks, plan.pauseMicros() == 0);
    }
  }

  private Plan plan(Moment moment) {
    int life = ledger.lastLife() + 1;
    int pause = random.nextInt(3) == 0 ? 0 : 20 << random.nextInt(6);
    int flush = random.nextInt(3) == 0 ? 5 + random.nextInt(50) : 0;
    boolean strict = random.nextInt(12) == 0;
    boolean console = random.nextBoolean();
    return switch (moment) {
      case OPEN, LOG ->
          new Plan(script, life, 1, 0, pause, flush, 0, false, false, strict, console);
      case SEAL ->
          new Plan(
              script, life, 1, 0, Math.max(pause, 320), flush, 0, false, false, strict, console);
      case FLUSH -> new Plan(script, life, 1, 0, pause, 3, 0, false, false, strict, console);
      case RESUME -> new Plan(script, life, 4, 20, pause, flush, 0, false, false, strict, console);
      case REWIND ->
          new Plan(
              script, life, 3, 80, pause, flush, 15, random.nextBoolean(), false, strict, console);
      case REWIND_CARRIED_OUT ->
          new Plan(
              script, life, 3, 40, pause, flush, 15, random.nextBoolean(), true, strict, console);
      case FINISH -> new Plan(script, life, 1, 100, pause, flush, 0, false, true, strict, console);
      case COMPACT, CLEAN ->
          new Plan(
              script, life, 10, 2, Math.max(pause, 40), flush, 0, false, true, strict, console);
    };
  }

  /** Waits for the moment and a bit of chance. */
  private void await(Child child, Moment moment) throws InterruptedException {
    switch (moment) {
      case OPEN -> await(child, "opening", 1, 250);
      case LOG -> await(child, "opened", 1, 300);
      case FLUSH -> await(child, "flushing", 1 + random.nextInt(8), 5);
      case RESUME -> await(child, "opening", 2 + random.nextInt(3), 40);
      case REWIND -> await(child, "rewinding", 1 + random.nextInt(3), 15);
      case REWIND_CARRIED_OUT -> awaitFiles(child, "finishing", 1 + random.nextInt(3));
      case FINISH -> awaitFiles(child, "finishing", 1);
      case COMPACT -> awaitFiles(child, "finishing", 6 + random.nextInt(5));
      case CLEAN -> awaitCleaning(child);
      case SEAL -> awaitFiles(child, "opened", 1);
    }
  }

  private void await(Child child, String word, int times, int millis) throws InterruptedException {
    if (ledger.await(word, said.getOrDefault(word, 0) + times, child::isAlive)) {
      pause(random.nextInt(1 + millis * 1_000_000));
    }
  }

  /** Waits until the sealer takes files away that compacting has left over. */
  private void awaitCleaning(Child child) throws InterruptedException {
    await(child, "finishing", 6 + random.nextInt(5), 0);
    long deadline = System.nanoTime() + SEAL_NANOS;
    long most = 0;
    long now = Remains.dataFiles(run);
    while (child.isAlive() && now >= most && System.nanoTime() < deadline) {
      most = now;
      now = Remains.dataFiles(run);
    }
    pause(random.nextInt(2_000_000));
  }

  /** Waits for a word, and then until the sealer has made some of the files that it has to make. */
  private void awaitFiles(Child child, String word, int times) throws InterruptedException {
    await(child, word, times, 0);
    int finished = ledger.said().getOrDefault("finished", 0);
    long wanted = Remains.dataFiles(run) + 1 + random.nextInt(7 * script.threads());
    long deadline = System.nanoTime() + SEAL_NANOS;
    while (child.isAlive()
        && Remains.dataFiles(run) < wanted
        && ledger.said().getOrDefault("finished", 0) == finished
        && System.nanoTime() < deadline) {
      pause(500_000);
    }
    pause(random.nextInt(random.nextBoolean() ? 5_000_000 : 60_000_000));
  }

  private static void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void check() throws IOException {
    if (!ledger.everOpened() && !isRun()) {
      return; // it died before there was a run
    }
    checker.check();
    try (RunReader reader = RunReader.open(run)) {
      RunStatus status = reader.info().status();
      Ledger.Life last = ledger.life(ledger.lastLife());
      boolean said = last != null && last.made != null;
      boolean fits =
          said
              ? status == RunStatus.SUCCEEDED
              : status == RunStatus.CRASHED || status == RunStatus.SUCCEEDED;
      if (!fits) {
        throw new AssertionError("status is " + status + ": finished=" + said);
      }
    }
  }

  private boolean isRun() {
    try (RunReader reader = RunReader.open(run)) {
      return reader.info().id().equals(ID);
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** How much was lost of what had been logged, in time. */
  private void missing(Marks marks, boolean flood) {
    int life = ledger.lastLife();
    long most = 0;
    boolean logged = false;
    for (int thread = 0; thread < script.threads(); thread++) {
      long calls = marks.calls(life, thread);
      if (calls == 0) {
        continue;
      }
      logged = true;
      Found found = checker.found(thread);
      if (found.calls(life) < calls) {
        long newest = found.lastMicros(life);
        most = Math.max(most, marks.micros(thread) - (newest == 0 ? marks.begun(thread) : newest));
      }
    }
    if (logged) {
      report.missing(most, flood);
    }
  }

  /** A writer that lives takes the run over; or nobody does, and it is only sealed. */
  private void end() throws Exception {
    if (!isRun()) {
      return;
    }
    if (random.nextBoolean()) {
      Sealer.seal(run);
    } else {
      Heir.takeOver(root, ID, Resume.MUST, ledger, script);
    }
    checker.check();
    Verification verification = Verifier.verify(run);
    if (!verification.isSound()) {
      throw new AssertionError("sealed, and yet: " + verification.findings());
    }
    if (MetadataReader.read(new RunLayout(run).metadata()).isEmpty()) {
      throw new AssertionError("sealed, and yet without metadata");
    }
    Set<String> remains = new TreeSet<>(Remains.of(run));
    remains.remove(Remains.WAL); // the watcher may have looked
    if (!remains.isEmpty()) {
      throw new AssertionError("sealed, and yet there are " + remains);
    }
  }

  /** Removes the run's folder. */
  static void delete(Path root) throws IOException {
    try (Stream<Path> entries = Files.walk(root)) {
      entries
          .sorted(Comparator.reverseOrder())
          .forEach(path -> {
            try {
              Files.delete(path);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
