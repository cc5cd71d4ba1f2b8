package dev.tracker.read;

import dev.tracker.series.Rows;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the rows of a series of strings, one at a time, in the order in which they were
 * logged; it holds about a thousand of them, however many there are. {@link Strings} has all at
 * once.
 *
 * <p>It shows the moment at which it was made, and lasts until its reader is refreshed or closed:
 * then {@link #next} throws IllegalStateException. It need not be closed itself. For one thread at
 * a time.
 */
public final class StringCursor {
  private final RunReader reader;
  private final ScalarPages pages;
  private @Nullable Rows page;
  private int row = -1;

  StringCursor(RunReader reader, ScalarPages pages) {
    this.reader = reader;
    this.pages = pages;
    page = null;
  }

  /** Moves on to the next row, at first to the first one; false where there is none. */
  public boolean next() {
    Rows now = page;
    if (now != null && row + 1 < now.size()) {
      row++;
      return true;
    }
    page = reader.page(pages);
    row = 0;
    return page != null;
  }

  /** Returns the row's step. */
  public long step() {
    return page().steps()[row];
  }

  /** Returns the row's global step. */
  public long globalStep() {
    return page().globalSteps()[row];
  }

  /** Returns the row's time, in microseconds since the epoch. */
  public long timestamp() {
    return page().micros()[row];
  }

  /** Returns the row's text. */
  public String value() {
    return page().text(row);
  }

  private Rows page() {
    if (page == null) {
      throw new NoSuchElementException("the cursor is not at a row (call next)");
    }
    return page;
  }
}
