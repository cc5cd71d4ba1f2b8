package dev.tracker.torture;

import dev.tracker.Resume;
import dev.tracker.read.RunReader;
import dev.tracker.seal.Sealer;
import dev.tracker.verify.Verification;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * One power cut: a {@link Victim} writes a run on a disk of its own; at a moment that chance has
 * chosen it is stopped, the disk is copied as it is, and the copy is mounted, checked, and gone on
 * with by a writer that lives.
 */
final class PowerCutRound {
  /** What the victim is to be doing when the power is cut. */
  private enum Moment {
    OPEN,
    LOG,
    FLUSH,
    RESUME,
    REWIND,
    FINISH,
    COMPACT,
    SEAL
  }

  private static final String ID = "run";
  private static final int MEGABYTES = 256;
  private static final int[] COMMIT_SECONDS = {1, 1, 2, 5, 30};
  private static final String[] DATA = {
    "data=ordered", "data=writeback", "data=writeback,noauto_da_alloc"
  };
  private static final String[] FEATURES = {
    "has_journal", "has_journal", "has_journal,fast_commit"
  };

  private final Random random;
  private final Path folder;
  private final PowerReport report;
  private final Call.Script script;
  private final Ledger ledger;
  private final Path image;
  private final Moment moment;
  private final Plan plan;

  PowerCutRound(long seed, Path folder, PowerReport report) {
    this.random = new Random(seed);
    this.folder = folder;
    this.report = report;
    this.script = new Call.Script(seed, 1 + random.nextInt(3), 16 << random.nextInt(9));
    this.ledger = new Ledger(script.threads());
    this.image = folder.resolve("disk.img");
    Moment any = Moment.values()[random.nextInt(Moment.values().length)];
    this.moment = random.nextInt(4) == 0 ? Moment.LOG : any; // it tells how much is lost
    this.plan = plan();
  }

  private Plan plan() {
    int pause = 80 << random.nextInt(5);
    int flush = random.nextInt(3) == 0 ? 5 + random.nextInt(200) : 0;
    boolean strict = random.nextInt(5) == 0;
    boolean console = random.nextBoolean();
    return switch (moment) {
      case OPEN, LOG, SEAL ->
          new Plan(script, 0, 1, 0, pause, flush, 0, false, false, strict, console);
      case FLUSH -> new Plan(script, 0, 1, 0, pause, 3, 0, false, false, strict, console);
      case RESUME -> new Plan(script, 0, 4, 20, pause, flush, 0, false, false, strict, console);
      case REWIND ->
          new Plan(script, 0, 2, 80, pause, 0, 0, true, random.nextBoolean(), false, console);
      case FINISH -> new Plan(script, 0, 1, 300, pause, flush, 0, false, true, strict, console);
      case COMPACT -> new Plan(script, 0, 10, 2, pause, flush, 0, false, true, strict, console);
    };
  }

  void play() throws Exception {
    String features = FEATURES[random.nextInt(FEATURES.length)];
    String options =
        DATA[random.nextInt(DATA.length)]
            + ",commit="
            + COMMIT_SECONDS[random.nextInt(COMMIT_SECONDS.length)];
    Path file = folder.resolve("marks");
    Marks marks = Marks.open(file);
    try (LoopDisk disk =
        LoopDisk.make(image, MEGABYTES, features, options, folder.resolve("disk"))) {
      List<String> arguments =
          new ArrayList<>(List.of(disk.folder().toString(), ID, file.toString()));
      arguments.addAll(plan.words());
      LoopDisk left;
      try (Child child = Child.start(Victim.class, List.of(), arguments, ledger::add)) {
        await(child);
        if (child.isAlive()) {
          LoopDisk.run("kill", "-STOP", "" + child.pid());
        }
        try {
          left = disk.cut(folder.resolve("copy.img"), folder.resolve("copy"));
        } finally {
          child.kill(); // so that all that it said before it was stopped has arrived
        }
        try (left) {
          look(left, marks, features + " " + options);
        } catch (AssertionError | RuntimeException | IOException e) {
          throw new AssertionError(
              child.story("lost its power at " + moment + ", " + plan + ": " + e), e);
        }
      }
    }
  }

  /** Waits for the moment and a bit of chance. */
  private void await(Child child) throws InterruptedException {
    switch (moment) {
      case OPEN -> await(child, "opening", 1, 300);
      case LOG -> await(child, "opened", 1, 3_000);
      case FLUSH -> await(child, "flushing", 1 + random.nextInt(20), 5);
      case RESUME -> await(child, "opening", 2 + random.nextInt(3), 60);
      case REWIND -> await(child, "opening", 2, 400);
      case FINISH -> await(child, "finishing", 1, 250);
      case COMPACT -> await(child, "finishing", 6 + random.nextInt(5), 250);
      case SEAL -> {
        await(child, "opened", 1, 0);
        pause(4_950_000_000L + random.nextInt(700_000_000));
      }
    }
  }

  private void await(Child child, String word, int times, int millis) throws InterruptedException {
    if (ledger.await(word, times, child::isAlive)) {
      pause(random.nextInt(1 + millis * 1_000) * 1_000L);
    }
  }

  private static void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void look(LoopDisk disk, Marks marks, String how) throws IOException {
    Path run = disk.folder().resolve("default").resolve(ID);
    Set<String> remains = Remains.of(run);
    int life = ledger.lastLife();
    ledger.forgetJournaled();
    if (plan.strict()) {
      for (int thread = 0; thread < script.threads(); thread++) {
        long calls = marks.calls(life, thread);
        if (calls > 0) {
          ledger.addFlushed(life, thread, calls);
        }
      }
    }
    Checker checker = new Checker(run, script, ledger);
    if (ledger.everOpened() || isRun(run)) {
      checker.check();
      if (!plan.strict() && ledger.rewinds().isEmpty()) {
        missing(checker, marks, life);
      }
      report.kept(promised());
      goOn(disk.folder(), run, checker);
    }
    report.cut(moment.toString(), how, remains);
    report.checked(checker);
  }

  private boolean promised() {
    for (int life : ledger.lives()) {
      Ledger.Life said = ledger.life(life);
      for (int thread = 0; said != null && thread < script.threads(); thread++) {
        if (said.flushed[thread] > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isRun(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      return reader.info().id().equals(ID);
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** How much was lost of what had been logged, in time. */
  private void missing(Checker checker, Marks marks, int life) {
    long most = 0;
    boolean logged = false;
    for (int thread = 0; thread < script.threads(); thread++) {
      long calls = marks.calls(life, thread);
      Found found = checker.found(thread);
      if (calls > 0) {
        logged = true;
      }
      if (found.calls(life) < calls) {
        long newest = found.lastMicros(life);
        most = Math.max(most, marks.micros(thread) - (newest == 0 ? marks.begun(thread) : newest));
      }
    }
    if (logged) {
      report.missing(most);
    }
  }

  /** A writer that lives takes the run over; or nobody does, and it is only sealed. */
  private void goOn(Path root, Path run, Checker checker) throws IOException {
    if (random.nextBoolean() && isRun(run)) {
      Sealer.seal(run);
    } else {
      Heir.takeOver(root, ID, Resume.ALLOW, ledger, script);
    }
    checker.check();
    Verification verification = Verifier.verify(run);
    if (!verification.isSound()) {
      throw new AssertionError("sealed, and yet: " + verification.findings());
    }
    if (!Remains.of(run).isEmpty()) {
      throw new AssertionError("sealed, and yet there are " + Remains.of(run));
    }
  }
}
