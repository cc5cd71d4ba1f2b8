package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset.Stretch;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a series at a moment, a page at a time: first the sealed ones, then the journal's.
 *
 * <p>For one thread at a time.
 */
final class ScalarPages {
  /** 4 MB; the journal's pages end with a frame and so may have more. */
  static final int PAGE_ROWS = 1 << 17;

  /** Texts can be long. */
  private static final int TEXT_PAGE_ROWS = 1 << 10;

  private final RunMoment moment;
  private final RunMoment.View view;
  private final Wanted wanted;
  private final @Nullable SealedRows sealed;

  /** What has not been read of the sealed rows. */
  private final Deque<Stretch> left = new ArrayDeque<>();

  private final long start;
  private final long end;
  private long position;
  private final int pageRows;
  private Rows page;

  /** What is wanted of a page of texts, which stay where they are in it. */
  private Rows picked;

  ScalarPages(RunLayout layout, RunMoment moment, RunMoment.View view, Wanted wanted)
      throws IOException {
    this.moment = moment;
    this.view = view;
    this.wanted = wanted;
    end = moment.end().position();
    start = moment.tailStart();
    position = start;
    pageRows = view.kind().isFixed() ? PAGE_ROWS : TEXT_PAGE_ROWS;
    page = new Rows(view.kind(), 0);
    picked = new Rows(view.kind(), 0);
    SeriesEntry entry = view.sealed();
    sealed = entry == null || entry.rows() == 0 ? null : new SealedRows(layout, entry);
    if (sealed != null && entry != null) {
      left.addAll(
          wanted.isAll() && !view.isCut()
              ? List.of(new Stretch(0, entry.rows()))
              : SealedRows.stretches(sealed.touched(wanted.upTo(view.lastSealed()))));
    }
  }

  /**
   * Returns the next rows, of which there is one at least; null at the end. They are valid until
   * the next call.
   *
   * @param now the reader's moment
   * @throws IllegalStateException if it is not the one that the pages began with
   */
  @Nullable Rows next(RunMoment now) throws IOException {
    if (now != moment || now.end().position() != end || now.tailStart() != start) {
      throw new IllegalStateException(
          "the reader was refreshed since the cursor was made: metric='"
              + view.name()
              + "' (make a new cursor)");
    }
    page.clear();
    while (sealed != null && !left.isEmpty() && page.size() == 0) {
      sealed.read(take(), page);
      keep(wanted.upTo(view.lastSealed()));
    }
    while (page.size() == 0 && position < end) {
      position = moment.readTail(view, position, end, pageRows, page);
      keep(wanted);
    }
    return page.size() == 0 ? null : page;
  }

  private void keep(Wanted which) {
    if (view.kind().isFixed()) {
      which.keepIn(page, 0);
      return;
    }
    picked.clear();
    SealedRows.pick(page, which, picked);
    Rows read = page;
    page = picked;
    picked = read;
  }

  /** Takes as much of the stretches as fits into a page. */
  private List<Stretch> take() {
    List<Stretch> taken = new ArrayList<>();
    long room = pageRows;
    while (room > 0 && !left.isEmpty()) {
      Stretch stretch = left.remove();
      long rows = Math.min(room, stretch.rows());
      taken.add(new Stretch(stretch.from(), stretch.from() + rows));
      room -= rows;
      if (rows < stretch.rows()) {
        left.addFirst(new Stretch(stretch.from() + rows, stretch.to()));
      }
    }
    return taken;
  }
}
