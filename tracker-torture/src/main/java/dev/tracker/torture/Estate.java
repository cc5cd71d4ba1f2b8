package dev.tracker.torture;

import dev.tracker.Board;
import dev.tracker.Resume;
import dev.tracker.read.RunReader;
import dev.tracker.seal.Sealer;
import dev.tracker.verify.Verification;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;

/** The run that victims leave: it is checked after each death, and ended by those who live. */
final class Estate {
  static final String ID = "run";

  private static final long CALLS = 50;

  private final Path root;
  private final Path run;
  private final Call.Script script;
  private final Ledger ledger;
  private final Checker checker;

  Estate(Path root, Call.Script script, Ledger ledger) {
    this.root = root;
    this.run = root.resolve("default").resolve(ID);
    this.script = script;
    this.ledger = ledger;
    this.checker = new Checker(run, script, ledger);
  }

  Path run() {
    return run;
  }

  Checker checker() {
    return checker;
  }

  /** Whether there must be a run, or is one: the first victim may have died before that. */
  boolean isThere() {
    return ledger.everOpened() || isRun();
  }

  private boolean isRun() {
    try (RunReader reader = RunReader.open(run)) {
      return reader.info().id().equals(ID);
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Returns the microseconds of which a victim's log calls are gone; empty if it made none. */
  OptionalLong missing(Marks marks) {
    int life = ledger.lastLife();
    long most = -1;
    for (int thread = 0; thread < script.threads(); thread++) {
      long calls = marks.calls(life, thread);
      Found found = checker.found(thread);
      if (calls > 0) {
        most = Math.max(most, 0);
      }
      if (found.calls(life) < calls) {
        long newest = found.lastMicros(life);
        most = Math.max(most, marks.micros(thread) - (newest == 0 ? marks.begun(thread) : newest));
      }
    }
    return most < 0 ? OptionalLong.empty() : OptionalLong.of(most);
  }

  /**
   * Ends the run, and checks it.
   *
   * @param isOnlySealed whether nobody takes it over
   * @return what remains that should not
   */
  Set<String> end(boolean isOnlySealed) throws IOException {
    if (isOnlySealed && isRun()) {
      Sealer.seal(run);
    } else {
      takeOver();
    }
    checker.check();
    Verification verification = Verifier.verify(run);
    if (!verification.isSound()) {
      throw new AssertionError("sealed, and yet: " + verification.findings());
    }
    return Remains.of(run);
  }

  /** Logs a little, finishes, and tells the ledger what a victim would have said. */
  private void takeOver() {
    int life = ledger.lastLife() + 1;
    ledger.add("opening " + life);
    try (Board board =
        Board.builder("heir")
            .root(root)
            .id(ID)
            .resume(Resume.ALLOW)
            .environment(false)
            .tags(Call.tagOfLife(life))
            .systemMetrics(Duration.ZERO)
            .open()) {
      ledger.add("opened " + life);
      for (int thread = 0; thread < script.threads(); thread++) {
        new Victim.Hands(board, thread, false).log(life, script, thread, CALLS);
      }
      board.finish();
      ledger.add("finished " + life + (" " + CALLS).repeat(script.threads()));
    }
  }
}
