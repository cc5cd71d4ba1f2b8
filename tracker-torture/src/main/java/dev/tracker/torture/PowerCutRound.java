package dev.tracker.torture;

import dev.tracker.torture.Approach.Moment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One power cut: a {@link Victim} writes a run on a disk of its own; at a moment that chance has
 * chosen it is stopped, the disk is copied as it is, and the copy is mounted, checked, and gone on
 * with by a writer that lives.
 */
final class PowerCutRound {
  private static final int MEGABYTES = 256;

  /** Long, for it tells how much is lost. */
  private static final int LOG_MILLIS = 3_000;

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

  PowerCutRound(long seed, Path folder, PowerReport report) {
    this.random = new Random(seed);
    this.folder = folder;
    this.report = report;
    this.script = new Call.Script(seed, 1 + random.nextInt(3), 16 << random.nextInt(9));
    this.ledger = new Ledger(script.threads());
  }

  void play() throws Exception {
    String features = FEATURES[random.nextInt(FEATURES.length)];
    String options =
        DATA[random.nextInt(DATA.length)]
            + ",commit="
            + COMMIT_SECONDS[random.nextInt(COMMIT_SECONDS.length)];
    List<Moment> moments = List.of(Moment.values());
    Moment any = moments.get(random.nextInt(moments.size()));
    Moment moment = Approach.askedOr(random.nextInt(4) == 0 ? Moment.LOG : any);
    int pause = 80 << random.nextInt(5);
    int flush = random.nextInt(3) == 0 ? 5 + random.nextInt(200) : 0;
    Path file = folder.resolve("marks");
    Marks marks = Marks.open(file);
    try (LoopDisk disk =
        LoopDisk.make(
            folder.resolve("disk.img"), MEGABYTES, features, options, folder.resolve("disk"))) {
      Path run = new Estate(disk.folder(), script, ledger).run();
      Approach approach = new Approach(moment, random, script, ledger, run);
      Plan plan = approach.plan(pause, flush, random.nextInt(5) == 0);
      List<String> arguments =
          new ArrayList<>(List.of(disk.folder().toString(), Estate.ID, file.toString()));
      arguments.addAll(plan.words());
      LoopDisk left;
      try (Child child = Child.start(Victim.class, List.of(), arguments, ledger::add)) {
        approach.await(child, LOG_MILLIS);
        if (child.isAlive()) {
          LoopDisk.run("kill", "-STOP", "" + child.pid());
        }
        try {
          left = disk.cut(folder.resolve("copy.img"), folder.resolve("copy"));
        } finally {
          child.kill(); // so that all that it said before it was stopped has arrived
        }
        try (left) {
          Set<String> remains = look(left.folder(), marks, plan.strict());
          report.cut(moment.toString(), features + " " + options, remains);
        } catch (AssertionError | RuntimeException | IOException e) {
          throw new AssertionError(
              child.story("lost its power at " + moment + ", " + plan + ": " + e), e);
        }
      }
    }
  }

  private Set<String> look(Path root, Marks marks, boolean strict) throws IOException {
    Estate estate = new Estate(root, script, ledger);
    Set<String> remains = Remains.of(estate.run());
    int life = ledger.lastLife();
    for (int thread = 0; strict && life >= 0 && thread < script.threads(); thread++) {
      ledger.addFlushed(life, thread, marks.calls(life, thread));
    }
    ledger.forgetUnforced();
    if (estate.isThere()) {
      estate.checker().check();
      if (!strict && ledger.rewinds().isEmpty()) {
        estate.missing(marks).ifPresent(report::missing);
      }
      report.kept(promised());
      Set<String> left = estate.end(random.nextBoolean());
      if (!left.isEmpty()) {
        throw new AssertionError("sealed, and yet there are " + left);
      }
    }
    report.checked(estate.checker());
    return remains;
  }

  private boolean promised() {
    for (int life : ledger.lives()) {
      Ledger.Life said = ledger.life(life);
      for (int thread = 0; said != null && thread < script.threads(); thread++) {
        if (said.everFlushed[thread] > 0) {
          return true;
        }
      }
    }
    return false;
  }
}
