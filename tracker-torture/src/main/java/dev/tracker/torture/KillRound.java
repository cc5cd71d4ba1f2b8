package dev.tracker.torture;

import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.torture.Approach.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One round of kills: a run that is written by one {@link Victim} after the other, each of them
 * killed at a moment that chance has chosen, checked after each death, and at last ended by a
 * writer that lives.
 */
final class KillRound {
  private static final int LOG_MILLIS = 300;

  private final Random random;
  private final Path root;
  private final List<String> flags;
  private final KillReport report;
  private final Call.Script script;
  private final Ledger ledger;
  private final Estate estate;

  KillRound(long seed, Path root, List<String> flags, KillReport report) {
    this.random = new Random(seed);
    this.root = root;
    this.flags = flags;
    this.report = report;
    this.script =
        new Call.Script(
            seed, 1 + random.nextInt(3), random.nextBoolean() ? 4 : 16 << random.nextInt(9));
    this.ledger = new Ledger(script.threads());
    this.estate = new Estate(root, script, ledger);
  }

  void play() throws Exception {
    int deaths = 2 + random.nextInt(2);
    try (Watcher watcher = new Watcher(estate.run(), ledger, random.nextInt(script.threads()))) {
      for (int i = 0; i < deaths; i++) {
        killOne();
      }
      if (estate.isThere()) {
        Set<String> remains = estate.end(random.nextBoolean());
        remains.remove(Remains.WAL); // the watcher may have looked
        if (!remains.isEmpty()) {
          throw new AssertionError("sealed, and yet there are " + remains);
        }
      }
      watcher.end();
      report.looked(watcher.looks());
    }
    report.checked(estate.checker());
  }

  private void killOne() throws Exception {
    List<Moment> moments = List.of(Moment.values());
    Moment any = moments.get(random.nextInt(moments.size()));
    if (any == Moment.SEAL && random.nextInt(3) != 0) {
      any = Moment.LOG; // it takes five seconds
    }
    Moment moment = Approach.askedOr(any);
    int pause = random.nextInt(3) == 0 ? 0 : 20 << random.nextInt(6);
    int flush = random.nextInt(3) == 0 ? 5 + random.nextInt(50) : 0;
    Approach approach = new Approach(moment, random, script, ledger, estate.run());
    Plan plan = approach.plan(pause, flush, random.nextInt(12) == 0);
    Path file = root.resolve("marks");
    Files.deleteIfExists(file);
    Marks marks = Marks.open(file);
    List<String> arguments = new ArrayList<>(List.of(root.toString(), Estate.ID, file.toString()));
    arguments.addAll(plan.words());
    int rewinds = ledger.rewinds().size();
    boolean killed;
    try (Child child = Child.start(Victim.class, flags, arguments, ledger::add)) {
      approach.await(child, LOG_MILLIS);
      killed = child.isAlive();
      child.kill();
      Set<String> remains = Remains.of(estate.run());
      try {
        check();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            child.story("was killed at " + moment + ", " + plan + ": " + e), e);
      }
      report.killed(killed ? moment.toString() : "ended before it was killed", remains);
    }
    if (killed && rewinds == ledger.rewinds().size()) {
      estate.missing(marks).ifPresent(micros -> report.missing(micros, plan.pauseMicros() == 0));
    }
  }

  private void check() throws IOException {
    if (!estate.isThere()) {
      return; // it died before there was a run
    }
    estate.checker().check();
    try (RunReader reader = RunReader.open(estate.run())) {
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
}
