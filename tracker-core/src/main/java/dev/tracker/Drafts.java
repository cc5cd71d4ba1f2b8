package dev.tracker;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Drafts that wait for the next log call of any thread. A thread finds the one that it used last,
 * unless another thread of a number that is greater by a multiple of {@link #PLACES} took it; then
 * a new one is made, as for a map that logs while it is being logged.
 *
 * <p>Not thread-locals: a million virtual threads would keep a million drafts, and a thread of an
 * application server would keep this class, and with it the class loader of a program that was
 * taken away long ago. Any thread.
 */
final class Drafts {
  /** More than there are threads that are in a log call at the same moment. */
  private static final int PLACES = 256;

  /** Places this far apart are not in one line of a processor's cache. */
  private static final int STRIDE = 16;

  private static final AtomicReferenceArray<@Nullable Draft> WAITING =
      new AtomicReferenceArray<>((PLACES + 1) * STRIDE);

  private Drafts() {}

  /** Returns an empty draft, which is the caller's until it is given back. */
  static Draft take() {
    int place = place();
    Draft draft = WAITING.getPlain(place);
    if (draft != null && WAITING.compareAndSet(place, draft, null)) {
      return draft;
    }
    return new Draft();
  }

  /** Empties a draft and leaves it for later. */
  static void giveBack(Draft draft) {
    draft.clear();
    WAITING.setRelease(place(), draft);
  }

  private static int place() {
    int number = (int) Thread.currentThread().getId() & (PLACES - 1);
    return (number + 1) * STRIDE;
  }
}
