package dev.tracker;

import dev.tracker.journal.JournalWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
  private final ArrayDeque<Parcel.OpenRow> rows = new ArrayDeque<>();

  /** What the next write puts into the journal. */
  private final ArrayList<Parcel> written = new ArrayList<>();

  /** What was sent and is not encoded, by series, in the order in which it was logged. */
  private final Map<Metric, ArrayDeque<Parcel>> queues = new HashMap<>();

  private volatile int openRows;
  private int waiting;

  Parcels(Ring ring) {
    this.ring = ring;
  }

  /** Returns how many log calls have parcels that are not in the journal. Any thread. */
  int openRows() {
    return openRows;
  }

  /** Says whether nothing is on its way. */
  boolean isEmpty() {
    return waiting == 0 && written.isEmpty();
  }

  /**
   * Begins a log call with parcels, before any of them is sent.
   *
   * @param slot where it stands in the ring
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
  Parcel.OpenRow begin(long slot, int parcels) {
    Parcel.OpenRow row = new Parcel.OpenRow(slot, parcels);
    if (rows.isEmpty()) {
      ring.unsettled(slot);
    }
    rows.addLast(row);
    openRows = openRows + 1;
    return row;
  }

  /** Takes back the log call that was begun last, if one was: none of its parcels was sent. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void cancel(Parcel.@Nullable OpenRow row) {
    if (row != null) {
      rows.removeLast();
      openRows = openRows - 1;
      settleRows();
    }
  }

  /** Has a parcel packed; one that is light and first in its series is encoded at once. */
  void send(Parcel parcel, JournalWriter journal) {
    written.ensureCapacity(written.size() + 1);
    ArrayDeque<Parcel> queue = queue(parcel.metric);
    try {
      if (parcel.effort == Parcel.Effort.LIGHT && queue.isEmpty()) {
        parcel.pack();
      } else {
        parcel.returnTo(this);
        queue.addLast(parcel);
        waiting++;
        Packers.pack(parcel);
        return;
      }
    } catch (RuntimeException | Error e) { // of the pool: packing itself throws nothing
      parcel.fail(e);
      if (queue.removeLastOccurrence(parcel)) {
        waiting--;
      }
    }
    encode(parcel, journal, Integer.MAX_VALUE);
  }

  /**
   * Encodes what has come back, as far as the order within each series allows, until a frame is
   * full.
   */
  void encodePacked(JournalWriter journal, int frameBytes) {
    for (Parcel back = firstBack(); back != null; back = firstBack()) {
      ArrayDeque<Parcel> queue = queue(back.metric);
      Parcel first = queue.peekFirst();
      while (first != null && first.isPacked()) {
        if (journal.pendingBytes() >= frameBytes) {
          return; // it goes on here with the next frame
        }
        written.ensureCapacity(written.size() + 1);
        if (!encode(first, journal, frameBytes)) {
          return;
        }
        queue.removeFirst();
        waiting--;
        first = queue.peekFirst();
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

  private ArrayDeque<Parcel> queue(Metric metric) {
    return queues.computeIfAbsent(metric, key -> new ArrayDeque<>());
  }

  /**
   * Encodes what is left of a packed parcel, until a frame is full; there is room for it among
   * those that were encoded.
   *
   * @return whether nothing is left
   */
  private boolean encode(Parcel parcel, JournalWriter journal, int frameBytes) {
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
    written.add(parcel);
    return true;
  }

  private static void encode(Parcel parcel, Parcel.Entry entry, JournalWriter journal) {
    journal.entry(entry.metric().id, parcel.step, parcel.globalStep, parcel.micros, entry.bytes());
  }

  /** Returns what was encoded since the last {@link #settle}. */
  List<Parcel> encoded() {
    return written;
  }

  /** What was encoded is in the journal now. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void settle() {
    if (written.isEmpty()) {
      return;
    }
    for (Parcel parcel : written) {
      ring.release(parcel.bytes);
      Parcel.OpenRow row = parcel.row;
      if (row != null && --row.parcels == 0) {
        openRows = openRows - 1;
      }
    }
    written.clear();
    settleRows();
  }

  private void settleRows() {
    while (!rows.isEmpty() && rows.getFirst().parcels == 0) {
      rows.removeFirst();
    }
    ring.unsettled(rows.isEmpty() ? Long.MAX_VALUE : rows.getFirst().slot);
  }

  /**
   * Gives up what has not come back, and encodes what stands for it.
   *
   * @return how many values are lost
   */
  int abandon(Throwable cause, JournalWriter journal) {
    int lost = 0;
    for (ArrayDeque<Parcel> queue : queues.values()) {
      for (Parcel parcel : queue) {
        boolean packed = parcel.isPacked();
        List<Parcel.Entry> entries = packed ? parcel.packed() : parcel.abandon(cause);
        for (Parcel.Entry entry : entries.subList(parcel.encoded, entries.size())) {
          encode(parcel, entry, journal);
        }
        boolean failed = !packed || (parcel.failure() != null && entries.isEmpty());
        lost += failed ? 1 : 0;
      }
    }
    queues.clear();
    waiting = 0;
    return lost;
  }
}
