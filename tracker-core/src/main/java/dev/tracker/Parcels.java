package dev.tracker;

import dev.tracker.journal.JournalWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The parcels of one board that have left the ring and are not in the journal: sent to be packed,
 * and written when they come back, each series' in the order in which they were logged.
 *
 * <p>Of {@code tracker-writer} alone, but for {@link #openRows} and {@link #takeBack}.
 *
 * <p>What needs memory comes before a log call is encoded: {@link #prepare}, and making its {@link
 * Parcel.OpenRow}. A heap that is full ends the call there, to be tried again, and not where a part
 * of it is encoded already.
 */
final class Parcels {
  private final Ring ring;

  /**
   * What has come back, from the threads that pack: the last one, which is linked to those before
   * it. So it takes no memory to hand a parcel back.
   */
  private final AtomicReference<@Nullable Parcel> lastBack = new AtomicReference<>();

  /** What had come back when this was looked at, the first one linked to those after it. */
  private @Nullable Parcel firstBack;

  /** Log calls some of whose parcels are not in the journal, in ring order; some may be whole. */
  private Parcel.@Nullable OpenRow firstRow;

  private Parcel.@Nullable OpenRow lastRow;

  /** What the next write puts into the journal. */
  private final Parcel.Line written = new Parcel.Line();

  /** What was sent and is not encoded, by series, in the order in which it was logged. */
  private final Map<Metric, Parcel.Line> lines = new HashMap<>();

  private volatile int openRows;
  private int waiting;

  Parcels(Ring ring) {
    this.ring = ring;
  }

  /** Returns how many log calls have parcels that are not in the journal. Any thread. */
  int openRows() {
    return openRows;
  }

  /** Returns how many of those log calls stand before a slot of the ring. */
  int openRowsBefore(long slot) {
    int rows = 0;
    Parcel.OpenRow row = firstRow;
    for (; row != null && row.slot < slot; row = row.next) {
      rows += row.parcels > 0 ? 1 : 0;
    }
    return rows;
  }

  /** Says whether nothing is on its way. */
  boolean isEmpty() {
    return waiting == 0 && written.isEmpty();
  }

  /** Prepares for parcels of a series; before a log call with some of them is encoded. */
  void prepare(Metric metric) {
    line(metric);
  }

  /** Begins a log call with parcels, once the rest of it is encoded and before any is sent. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
  void begin(Parcel.OpenRow row) {
    Parcel.OpenRow before = lastRow;
    if (before == null) {
      firstRow = row;
      ring.unsettled(row.slot);
    } else {
      before.next = row;
    }
    lastRow = row;
    openRows = openRows + 1;
  }

  /** Has a parcel packed; one that is light and first in its series is encoded at once. */
  void send(Parcel parcel, JournalWriter journal) {
    Parcel.Line line = line(parcel.metric);
    if (parcel.effort == Parcel.Effort.LIGHT && line.isEmpty()) {
      parcel.pack();
    } else {
      parcel.returnTo(this);
      try {
        Packers.pack(parcel);
        line.addLast(parcel); // it may have come back already, which only this thread looks at
        waiting++;
        return;
      } catch (RuntimeException | Error e) { // no thread to be had, perhaps
        parcel.fail(e);
      }
    }
    encode(parcel, journal, Integer.MAX_VALUE);
    written.addLast(parcel);
  }

  /**
   * Encodes what has come back, as far as the order within each series allows, until a frame is
   * full.
   */
  void encodePacked(JournalWriter journal, int frameBytes) {
    for (Parcel back = firstBack(); back != null; back = firstBack()) {
      Parcel.Line line = line(back.metric);
      Parcel first = line.first();
      while (first != null && first.isPacked()) {
        if (journal.pendingBytes() >= frameBytes || !encode(first, journal, frameBytes)) {
          return; // it goes on here with the next frame
        }
        line.removeFirst();
        waiting--;
        written.addLast(first);
        first = line.first();
      }
      firstBack = back.nextBack;
      back.nextBack = null;
    }
  }

  /** Takes a parcel back that is packed, and wakes whoever sent it. Any thread. */
  void takeBack(Parcel parcel) {
    Parcel before;
    do {
      before = lastBack.get();
      parcel.nextBack = before;
    } while (!lastBack.compareAndSet(before, parcel));
    ring.wakeTaker();
  }

  /** Returns what came back first of all that is not dealt with; null where there is nothing. */
  private @Nullable Parcel firstBack() {
    if (firstBack == null && lastBack.get() != null) {
      Parcel later = null;
      Parcel back = lastBack.getAndSet(null);
      while (back != null) {
        Parcel before = back.nextBack;
        back.nextBack = later;
        later = back;
        back = before;
      }
      firstBack = later;
    }
    return firstBack;
  }

  private Parcel.Line line(Metric metric) {
    return lines.computeIfAbsent(metric, key -> new Parcel.Line());
  }

  /**
   * Encodes what is left of a packed parcel, until a frame is full.
   *
   * @return whether nothing is left
   */
  private static boolean encode(Parcel parcel, JournalWriter journal, int frameBytes) {
    try {
      List<Parcel.Entry> entries = parcel.packed();
      while (parcel.encoded < entries.size()) {
        if (journal.pendingBytes() >= frameBytes) {
          return false;
        }
        encode(parcel, entries.get(parcel.encoded), journal);
        parcel.encoded++;
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      parcel.fail(e);
    }
    return true;
  }

  private static void encode(Parcel parcel, Parcel.Entry entry, JournalWriter journal) {
    journal.entry(entry.metric().id, parcel.step, parcel.globalStep, parcel.micros, entry.bytes());
  }

  /** Returns what was encoded since the last {@link #settle}. */
  Parcel.Line encoded() {
    return written;
  }

  /** What was encoded is in the journal now. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void settle() {
    if (written.isEmpty()) {
      return;
    }
    for (Parcel parcel = written.removeFirst(); parcel != null; parcel = written.removeFirst()) {
      ring.release(parcel.bytes);
      Parcel.OpenRow row = parcel.row;
      if (row != null && --row.parcels == 0) {
        openRows = openRows - 1;
      }
    }
    settleRows();
  }

  private void settleRows() {
    Parcel.OpenRow row = firstRow;
    while (row != null && row.parcels == 0) {
      row = row.next;
    }
    firstRow = row;
    lastRow = row == null ? null : lastRow;
    ring.unsettled(row == null ? Long.MAX_VALUE : row.slot);
  }

  /**
   * Gives up what has not come back, and encodes what stands for it. Done again, it encodes what is
   * left.
   *
   * @return how many values are lost
   */
  int abandon(Throwable cause, JournalWriter journal) {
    int lost = 0;
    for (Parcel.Line line : lines.values()) {
      for (Parcel parcel = line.first(); parcel != null; parcel = line.after(parcel)) {
        boolean packed = parcel.isPacked();
        List<Parcel.Entry> entries = packed ? parcel.packed() : parcel.abandon(cause);
        for (; parcel.encoded < entries.size(); parcel.encoded++) {
          encode(parcel, entries.get(parcel.encoded), journal);
        }
        boolean failed = !packed || (parcel.failure() != null && entries.isEmpty());
        lost += failed ? 1 : 0;
      }
    }
    lines.clear();
    waiting = 0;
    return lost;
  }
}
