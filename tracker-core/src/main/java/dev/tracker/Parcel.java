package dev.tracker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value that is more than a number or a text, on its way from a log call to the journal: it has
 * to be packed into its journal form first, which takes too long for the caller and for {@code
 * tracker-writer}.
 *
 * <p>Made by the caller; addressed by {@code tracker-writer} when it takes the log call out of the
 * ring; packed by a thread of {@link Packers}, or by {@code tracker-writer} itself where that is
 * light work; handed back to {@code tracker-writer}, whatever happens. Each hand-over publishes the
 * fields written before it.
 */
final class Parcel implements Runnable {
  /** What a parcel takes in the queue besides what it holds. */
  static final int BYTES = 128;

  /** How hard packing is. */
  enum Effort {
    /** A copy of a few hundred bytes. */
    LIGHT,
    /** Arithmetic: binning, compression. */
    HEAVY,
    /** A file is copied, which may take as long as the file is large. */
    COPY
  }

  /** One entry of the journal. */
  static final class Entry {
    private final Metric metric;
    private final byte[] bytes;

    Entry(Metric metric, byte[] bytes) {
      this.metric = metric;
      this.bytes = bytes;
    }

    /** Returns the series it is of: the parcel's, or a {@linkplain #companions companion}. */
    Metric metric() {
      return metric;
    }

    /** Returns its form. */
    byte[] bytes() {
      return bytes;
    }
  }

  /**
   * What a value has become.
   *
   * @param entries in order
   * @param trouble why a part of it could not be packed; null where all could
   */
  record Packed(List<Entry> entries, @Nullable Throwable trouble) {
    static Packed of(Metric metric, byte[] bytes) {
      return new Packed(List.of(new Entry(metric, bytes)), null);
    }
  }

  /** Turns a value into its journal form. */
  interface Packing {
    /**
     * Returns the entries that the value becomes.
     *
     * @param step the step it was logged at
     */
    Packed pack(long step) throws Exception;

    /** Returns the entries that stand for a value that could not be packed; none by default. */
    default List<Entry> failed(Throwable cause) {
      return List.of();
    }
  }

  /** A log call some of whose values are parcels. Of tracker-writer alone. */
  static final class OpenRow {
    final long slot;
    int parcels;

    /** The next one in ring order. */
    @Nullable OpenRow next;

    OpenRow(long slot, int parcels) {
      this.slot = slot;
      this.parcels = parcels;
    }
  }

  /**
   * Parcels one behind the other, each in one line at a time: to join it takes no memory. Of
   * tracker-writer alone.
   */
  static final class Line {
    private @Nullable Parcel first;
    private @Nullable Parcel last;

    boolean isEmpty() {
      return first == null;
    }

    @Nullable Parcel first() {
      return first;
    }

    /** Returns the parcel behind one of the line. */
    @Nullable Parcel after(Parcel parcel) {
      return parcel.next;
    }

    void addLast(Parcel parcel) {
      Parcel before = last;
      if (before == null) {
        first = parcel;
      } else {
        before.next = parcel;
      }
      last = parcel;
    }

    /** Takes the first one away and returns it; null where there is none. */
    @Nullable Parcel removeFirst() {
      Parcel taken = first;
      if (taken != null) {
        first = taken.next;
        taken.next = null;
        last = first == null ? null : last;
      }
      return taken;
    }
  }

  final Metric metric;

  /** Further series that its entries may be of; they come before it. */
  final List<Metric> companions;

  final Effort effort;

  /** What it counts for in the queue until it is in the journal. */
  final long bytes;

  private @Nullable Packing packing;

  // The address, written by tracker-writer.
  long step;
  long globalStep;
  long micros;
  @Nullable OpenRow row;
  private @Nullable Parcels sender;

  /** Another that has come back; of whoever has hold of the two, see {@link Parcels}. */
  @Nullable Parcel nextBack;

  /** The next in the {@link Line} that it stands in; of tracker-writer alone. */
  private @Nullable Parcel next;

  /** How many of its entries were encoded; of tracker-writer alone. */
  int encoded;

  // What came of it, written by whoever packs.
  private volatile @Nullable List<Entry> packed;
  private @Nullable Throwable failure;

  Parcel(Metric metric, Effort effort, long bytes, Packing packing) {
    this(metric, List.of(), effort, bytes, packing);
  }

  Parcel(Metric metric, List<Metric> companions, Effort effort, long bytes, Packing packing) {
    this.metric = metric;
    this.companions = companions;
    this.effort = effort;
    this.bytes = bytes + BYTES;
    this.packing = packing;
  }

  /** Says where it goes when it is packed. */
  void returnTo(Parcels parcels) {
    sender = parcels;
  }

  /** Packs it on a thread of its own, and hands it back. */
  @Override
  public void run() {
    try {
      pack();
    } finally {
      Parcels parcels = sender;
      if (parcels != null) {
        parcels.takeBack(this);
      }
    }
  }

  /**
   * Packs it, whatever happens: also where the JVM lacks a class or a library that this takes, or
   * has no memory or stack left.
   */
  void pack() {
    Packing how = packing;
    if (how == null) {
      return;
    }
    List<Entry> result = List.of();
    try {
      Packed all = how.pack(step);
      failure = all.trouble();
      result = all.entries();
    } catch (Throwable e) {
      failure = e;
      result = standIns(how, e);
    } finally {
      packing = null; // and with it the value
      packed = result;
    }
  }

  /** Returns what stands for a value that could not be packed; nothing where that fails as well. */
  private static List<Entry> standIns(Packing how, Throwable cause) {
    try {
      return how.failed(cause);
    } catch (Throwable e) {
      return List.of(); // the cause is told
    }
  }

  /** Takes note that it cannot get into the journal. */
  void fail(Throwable cause) {
    failure = cause;
    packing = null;
    packed = List.of();
  }

  /** Gives up a parcel that is not packed in time; what packs it may still be at it. */
  List<Entry> abandon(Throwable cause) {
    Packing how = packing;
    List<Entry> result = packed;
    return result != null || how == null ? List.of() : standIns(how, cause);
  }

  boolean isPacked() {
    return packed != null;
  }

  /** Returns the entries it became. */
  List<Entry> packed() {
    List<Entry> result = packed;
    return result == null ? List.of() : result;
  }

  /** Returns why it, or a part of it, could not be packed. */
  @Nullable Throwable failure() {
    return failure;
  }
}
