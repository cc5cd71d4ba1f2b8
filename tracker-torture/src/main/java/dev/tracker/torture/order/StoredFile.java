package dev.tracker.torture.order;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.Predicate;

/** A file: what is stable of it, and what was written since. */
final class StoredFile implements Stored {
  /**
   * Something that a force has not reached yet.
   *
   * @param number of the change, over all files and folders
   * @param offset where it was written; for a new length, that length
   * @param bytes what was written; none for a new length
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Change(long number, long offset, byte[] bytes) {
    boolean isLength() {
      return bytes.length == 0;
    }
  }

  private static final int PAGE_BYTES = 4096;

  private byte[] stable = new byte[0];
  private int length;
  private final ArrayDeque<Change> pending = new ArrayDeque<>();

  long length() {
    long size = length;
    for (Change change : pending) {
      size =
          change.isLength() ? change.offset : Math.max(size, change.offset + change.bytes.length);
    }
    return size;
  }

  /** Writes, in as many changes as there are pages: a disk may keep one and lose the next. */
  void write(long number, long offset, byte[] bytes) {
    for (int from = 0; from < bytes.length; ) {
      int to = (int) Math.min(bytes.length, PAGE_BYTES - (offset + from) % PAGE_BYTES + from);
      pending.add(new Change(number, offset + from, Arrays.copyOfRange(bytes, from, to)));
      from = to;
    }
  }

  void truncate(long number, long size) {
    pending.removeIf(change -> !change.isLength() && change.offset >= size);
    pending.add(new Change(number, size, new byte[0]));
  }

  @Override
  public boolean isForced() {
    return pending.isEmpty();
  }

  /** Whether all that was written is stable; a file may still come to be cut. */
  boolean isWritten() {
    return pending.stream().allMatch(Change::isLength);
  }

  /** Whether a change, and all before it, is stable. */
  boolean isForced(long number) {
    Change first = pending.peek();
    return first == null || first.number > number;
  }

  @Override
  public void force(long upTo) {
    for (Change change = pending.peek();
        change != null && change.number <= upTo;
        change = pending.peek()) {
      apply(change);
      pending.remove();
    }
  }

  private void apply(Change change) {
    if (change.isLength()) {
      resize((int) change.offset);
    } else {
      int end = (int) change.offset + change.bytes.length;
      resize(Math.max(length, end));
      System.arraycopy(change.bytes, 0, stable, (int) change.offset, change.bytes.length);
    }
  }

  private void resize(int size) {
    if (size > stable.length) {
      stable = Arrays.copyOf(stable, Math.max(size, 2 * stable.length));
    }
    if (size < length) {
      Arrays.fill(stable, size, length, (byte) 0);
    }
    length = size;
  }

  /** Returns what is stable, and of the rest what a disk happens to have kept. */
  byte[] content(Predicate<Change> kept) {
    StoredFile copy = new StoredFile();
    copy.stable = Arrays.copyOf(stable, length);
    copy.length = length;
    pending.stream().filter(kept).forEach(copy::apply);
    return Arrays.copyOf(copy.stable, copy.length);
  }

  /** Returns what is stable, as long as the file is now. */
  byte[] lengthened() {
    return Arrays.copyOf(content(change -> false), (int) length());
  }
}
