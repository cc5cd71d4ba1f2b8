package dev.tracker.torture;

import dev.tracker.Board;
import dev.tracker.Resume;
import java.nio.file.Path;
import java.time.Duration;

/** A writer that lives: it takes over what victims left, logs a little, and finishes. */
final class Heir {
  private static final long CALLS = 50;

  private Heir() {}

  /** Goes on with a run, and tells the ledger what a victim would have said. */
  static void takeOver(Path root, String id, Resume resume, Ledger ledger, Call.Script script) {
    int life = ledger.lastLife() + 1;
    ledger.add("opening " + life);
    try (Board board =
        Board.builder("heir")
            .root(root)
            .id(id)
            .resume(resume)
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
