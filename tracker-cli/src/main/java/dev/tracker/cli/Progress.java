package dev.tracker.cli;

import dev.tracker.verify.VerifyListener;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/** Says on standard error, now and then, how far a long command has come. */
final class Progress implements VerifyListener {
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final PrintWriter to;
  private long last = System.nanoTime();

  private Progress(PrintWriter to) {
    this.to = to;
  }

  /** Returns one where a person sees it. */
  static VerifyListener on(RunCommand command) {
    return command.json || !Terminal.isThere() ? NOBODY : new Progress(command.err());
  }

  @Override
  public void checked(String what, long done, long all) {
    if (System.nanoTime() - last > PAUSE_NANOS) {
      last = System.nanoTime();
      to.println("%d of %d MB, %s".formatted(done >> 20, all >> 20, what));
      to.flush();
    }
  }
}
