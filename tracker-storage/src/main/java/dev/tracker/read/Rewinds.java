package dev.tracker.read;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Kind;
import dev.tracker.journal.RecordVisitor;
import java.util.ArrayList;
import java.util.List;

/**
 * The rewinds that the journal holds and the sealer has not carried out: they say which rows before
 * them still count.
 *
 * <p>For one thread at a time.
 */
final class Rewinds {
  /**
   * A rewind.
   *
   * @param position where the frame begins that holds nothing but it
   * @param step the greatest step that stays
   */
  record Rewind(long position, long step) {}

  private final List<Rewind> rewinds = new ArrayList<>();

  /** Adds the one that comes next. */
  void add(long position, long step) {
    rewinds.add(new Rewind(position, step));
  }

  int size() {
    return rewinds.size();
  }

  /** Returns those at a position or after it, in order. */
  List<Rewind> from(long position) {
    return rewinds.stream().filter(rewind -> rewind.position >= position).toList();
  }

  boolean isEmpty() {
    return rewinds.isEmpty();
  }

  /** Forgets those before a position: they have been carried out. */
  void forget(long position) {
    rewinds.removeIf(rewind -> rewind.position < position);
  }

  /** Whether there is one at a position or after it. */
  boolean anyFrom(long position) {
    return rewinds.stream().anyMatch(rewind -> rewind.position >= position);
  }

  /** Returns the greatest step that still counts of the rows before a position. */
  long limit(long position) {
    long limit = Long.MAX_VALUE;
    for (Rewind rewind : rewinds) {
      if (rewind.position >= position) {
        limit = Math.min(limit, rewind.step);
      }
    }
    return limit;
  }

  /** Passes on what it is given, without the rows that do not count any more. */
  static final class Filter implements RecordVisitor {
    private final RecordVisitor to;
    private long limit = Long.MAX_VALUE;
    private boolean counts;

    Filter(RecordVisitor to) {
      this.to = to;
    }

    /** Sets the greatest step that counts from here on. */
    void limit(long step) {
      limit = step;
    }

    @Override
    public void series(int id, Kind kind, String name) {
      to.series(id, kind, name);
    }

    @Override
    public void row(long step, long globalStep, long micros, int values) {
      counts = step <= limit;
      if (counts) {
        to.row(step, globalStep, micros, values);
      }
    }

    @Override
    public void value(int series, long bits) {
      if (counts) {
        to.value(series, bits);
      }
    }

    @Override
    public void text(int series, byte[] bytes, int offset, int length) {
      if (counts) {
        to.text(series, bytes, offset, length);
      }
    }

    @Override
    public void globalStep(long value) {
      to.globalStep(value);
    }

    @Override
    public void gap(long rows, long fromMicros, long toMicros) {
      to.gap(rows, fromMicros, toMicros);
    }

    @Override
    public void rewind(long step, long globalStep) {
      to.rewind(step, globalStep);
    }

    @Override
    public void entry(
        int series, long step, long globalStep, long micros, byte[] bytes, int offset, int length) {
      if (step <= limit) {
        to.entry(series, step, globalStep, micros, bytes, offset, length);
      }
    }

    /** Lines have no step, so all of them count. */
    @Override
    public void console(ConsoleStream stream, long micros, byte[] utf8, int offset, int length) {
      to.console(stream, micros, utf8, offset, length);
    }

    @Override
    public void run(byte[] json) {
      to.run(json);
    }
  }
}
