package dev.tracker.read;

import dev.tracker.journal.JournalSummary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the journal holds beyond metadata, counted in blocks of some hundred thousand values, so
 * that a commit takes blocks away and the rest need not be counted again.
 *
 * <p>For one thread at a time.
 */
final class Tail {
  /** A block of this many values is full, */
  private static final long BLOCK_VALUES = 1 << 18;

  /** or of this many for each series, where there are many: a block counts for all of them. */
  private static final long BLOCK_VALUES_PER_SERIES = 64;

  /** Frames next to one another: the positions from the first one's begin to the last one's end. */
  private static final class Block {
    final long from;
    long to;
    final JournalSummary summary = new JournalSummary();

    Block(long from) {
      this.from = from;
      this.to = from;
    }

    boolean isFull() {
      long many = BLOCK_VALUES_PER_SERIES * (summary.highestId() + 1L);
      return summary.values() + summary.lines() >= Math.max(BLOCK_VALUES, many);
    }
  }

  private final Deque<Block> blocks = new ArrayDeque<>();

  /** Returns what the next frame is to be counted in. */
  JournalSummary at(long position) {
    Block last = blocks.peekLast();
    if (last == null || last.isFull()) {
      last = new Block(position);
      blocks.addLast(last);
    }
    return last.summary;
  }

  /** Says that a frame was counted, and where it ends. */
  void counted(long end) {
    blocks.getLast().to = end;
  }

  /** Forgets all. */
  void clear() {
    blocks.clear();
  }

  /**
   * Forgets what lies before a position, and with it the block that reaches across it.
   *
   * @return where the block that was forgotten for reaching across ended: what lies from the
   *     position to there is to be {@linkplain #recount counted again}; the position itself where
   *     there was none
   */
  long forget(long position) {
    long across = position;
    while (!blocks.isEmpty() && blocks.getFirst().from < position) {
      across = Math.max(across, blocks.removeFirst().to);
    }
    return across;
  }

  /** Puts a block before all others and returns what is to be counted in it. */
  JournalSummary recount(long from, long to) {
    Block block = new Block(from);
    block.to = to;
    blocks.addFirst(block);
    return block.summary;
  }

  /** Returns how many values a series has. */
  long rowsOf(int id) {
    long rows = 0;
    for (Block block : blocks) {
      rows += block.summary.rowsOf(id);
    }
    return rows;
  }

  /** Returns the bytes that the values of a series take in columns. */
  long bytesOf(int id) {
    long bytes = 0;
    for (Block block : blocks) {
      bytes += block.summary.bytesOf(id);
    }
    return bytes;
  }

  /** Returns how many console lines there are. */
  long lines() {
    long lines = 0;
    for (Block block : blocks) {
      lines += block.summary.lines();
    }
    return lines;
  }

  /**
   * Where the last console lines are to be looked for.
   *
   * @param position where to begin reading
   * @param skip how many lines from there on are not among them
   */
  record Place(long position, long skip) {}

  /** Returns where the last lines begin; null where there are no lines. */
  @Nullable Place lastLines(long wanted) {
    Place place = null;
    long found = 0;
    for (Iterator<Block> i = blocks.descendingIterator(); i.hasNext() && found < wanted; ) {
      Block block = i.next();
      if (block.summary.lines() > 0) {
        found += block.summary.lines();
        place = new Place(block.from, Math.max(0, found - wanted));
      }
    }
    return place;
  }

  /** Returns the patches of the run's document, in order. */
  List<byte[]> patches() {
    List<byte[]> patches = new ArrayList<>();
    for (Block block : blocks) {
      patches.addAll(block.summary.patches());
    }
    return patches;
  }
}
