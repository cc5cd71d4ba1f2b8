package dev.tracker.export;

import dev.tracker.read.Axis;
import dev.tracker.read.Curve;
import dev.tracker.read.RunReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Brings the rows of a run's metrics together by step, the least step first, whatever the order in
 * which they were logged.
 *
 * <p>It goes through ranges of steps of which each has few enough rows for memory; the tiles tell
 * how many rows are where. A range that is a single step may have any number of rows, but only the
 * last of each metric is kept.
 */
final class WideRows {
  /** The most rows of a range, those of all metrics added up: 16 MB of numbers. */
  private static final long MOST_ROWS = 1 << 19;

  /** The most characters of texts of a range. */
  private static final long MOST_CHARACTERS = 8L << 20;

  /** Of a step that is a range of its own, all is taken. */
  private static final long NO_LIMIT = Long.MAX_VALUE;

  /** Into how many stretches all metrics together are divided: 9 MB. */
  private static final int STRETCHES = 1 << 16;

  private static final int FEWEST_STRETCHES = 16;
  private static final int MOST_STRETCHES = 1 << 12;

  private final RunReader reader;
  private final int run;
  private final List<WideColumn> columns;
  private final WideSink sink;
  private final Runnable written;

  /**
   * Prepares the rows of a run.
   *
   * @param run the place of the run in {@link WideColumns#runs}
   * @param columns in the order of their places
   * @param sink gets the rows
   * @param written is told of each row
   */
  WideRows(RunReader reader, int run, List<WideColumn> columns, WideSink sink, Runnable written) {
    this.reader = reader;
    this.run = run;
    this.columns = columns;
    this.sink = sink;
    this.written = written;
  }

  /** Writes all rows. */
  void write() throws IOException {
    write(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** Neighbouring steps at which a metric has rows. */
  private record Stretch(long from, long to, long rows) {}

  private void write(long from, long to) throws IOException {
    List<Stretch> byEnd = stretches(from, to);
    List<Stretch> byBegin = new ArrayList<>(byEnd);
    byEnd.sort(Comparator.comparingLong(Stretch::to));
    byBegin.sort(Comparator.comparingLong(Stretch::from));
    long[] leastFrom = leastFrom(byEnd);
    long begun = 0; // rows of stretches that begin before the end of the range
    long ended = 0; // rows of those that end before its begin
    int nextBegun = 0;
    long begin = from;
    for (int first = 0; first < byEnd.size(); ) {
      long low = Math.max(begin, leastFrom[first]);
      long high = low;
      boolean fits = false;
      int after = first;
      long rowsEnded = ended;
      while (after < byEnd.size()) {
        long end = byEnd.get(after).to();
        for (; nextBegun < byBegin.size() && byBegin.get(nextBegun).from() <= end; nextBegun++) {
          begun += byBegin.get(nextBegun).rows();
        }
        if (begun - ended > MOST_ROWS && fits) {
          break;
        }
        fits = begun - ended <= MOST_ROWS;
        high = end;
        for (; after < byEnd.size() && byEnd.get(after).to() == end; after++) {
          rowsEnded += byEnd.get(after).rows();
        }
        if (!fits) {
          break;
        }
      }
      if (fits || (low == from && high == to)) {
        writeRange(low, high);
      } else if (low == high) {
        writeStep(low);
      } else {
        write(low, high);
      }
      ended = rowsEnded;
      first = after;
      begin = high == Long.MAX_VALUE ? high : high + 1;
    }
  }

  /** Returns where the rows of a range are, metric by metric. */
  private List<Stretch> stretches(long from, long to) {
    int each = Math.min(MOST_STRETCHES, Math.max(FEWEST_STRETCHES, STRETCHES / columns.size()));
    List<Stretch> stretches = new ArrayList<>();
    for (WideColumn column : columns) {
      Curve counts = reader.counts(column.metric(), Axis.STEP, from, to, each);
      for (int i = 0; i < counts.size(); i++) {
        stretches.add(new Stretch(counts.fromStep(i), counts.toStep(i), counts.count(i)));
      }
    }
    return stretches;
  }

  /** Returns, for each stretch, the least step of it and of all that follow. */
  private static long[] leastFrom(List<Stretch> byEnd) {
    long[] least = new long[byEnd.size()];
    long from = Long.MAX_VALUE;
    for (int i = least.length - 1; i >= 0; i--) {
      from = Math.min(from, byEnd.get(i).from());
      least[i] = from;
    }
    return least;
  }

  /** Writes a range of few rows, or where their texts are long, its halves. */
  private void writeRange(long from, long to) throws IOException {
    if (from == to) {
      writeStep(from);
    } else if (load(from, to, MOST_CHARACTERS)) {
      writeLoaded();
    } else {
      long middle = (from & to) + ((from ^ to) >> 1);
      writeRange(from, middle);
      writeRange(middle + 1, to);
    }
  }

  private void writeStep(long step) throws IOException {
    load(step, step, NO_LIMIT);
    writeLoaded();
  }

  private boolean load(long from, long to, long mostCharacters) {
    long left = mostCharacters;
    for (WideColumn column : columns) {
      left -= column.load(from, to, left);
      if (left < 0) {
        return false;
      }
    }
    return true;
  }

  private void writeLoaded() throws IOException {
    while (true) {
      WideColumn latest = null;
      for (WideColumn column : columns) {
        if (column.hasNext()
            && (latest == null
                || column.step() < latest.step()
                || (column.step() == latest.step() && column.micros() > latest.micros()))) {
          latest = column;
        }
      }
      if (latest == null) {
        return;
      }
      long step = latest.step();
      sink.begin(run, step, latest.globalStep(), latest.micros());
      for (WideColumn column : columns) {
        if (column.hasNext() && column.step() == step) {
          column.give(sink);
        }
      }
      sink.end();
      written.run();
    }
  }
}
