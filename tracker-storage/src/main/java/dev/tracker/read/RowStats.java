package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.SeriesStats;
import dev.tracker.series.Rows;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What rows of one series amount to, added up in the order in which they were logged.
 *
 * <p>For one thread at a time.
 */
final class RowStats {
  final Kind kind;
  long rows;
  long firstStep = Long.MAX_VALUE;
  long lastStep = Long.MIN_VALUE;
  long last;
  byte @Nullable [] lastText;
  long stepOfLast = -1;
  long min;
  long stepOfMin = -1;
  long max;
  long stepOfMax = -1;
  double sum;
  long nans;
  long infinities;

  RowStats(Kind kind) {
    this.kind = kind;
    if (kind == Kind.FLOAT64) {
      last = min = max = Double.doubleToRawLongBits(Double.NaN);
    }
  }

  /** Returns what metadata says of the sealed rows of a series. */
  static RowStats of(SeriesEntry entry) {
    RowStats all = new RowStats(entry.kind());
    if (entry.rows() == 0) {
      return all;
    }
    SeriesStats stats = entry.stats();
    all.rows = entry.rows();
    all.firstStep = entry.firstStep();
    all.lastStep = entry.lastStep();
    all.last = stats.last();
    String text = stats.lastText();
    all.lastText = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    all.stepOfLast = stats.stepOfLast();
    all.nans = stats.nans();
    all.infinities = stats.infinities();
    if (all.values() > 0) {
      all.min = stats.min();
      all.stepOfMin = stats.stepOfMin();
      all.max = stats.max();
      all.stepOfMax = stats.stepOfMax();
      all.sum = stats.sum();
    }
    return all;
  }

  /** Returns how many values there are that are not NaN. */
  long values() {
    return kind.isFixed() ? rows - nans : 0;
  }

  /** Returns the mean of the finite values, NaN where there is none. */
  double mean() {
    long finite = values() - infinities;
    return finite == 0 ? Double.NaN : sum / finite;
  }

  /** Adds a row with a number or a boolean. */
  void add(long step, long bits) {
    begin(step);
    last = bits;
    double value = kind == Kind.FLOAT64 ? Double.longBitsToDouble(bits) : bits;
    if (Double.isNaN(value)) {
      nans++;
      return;
    }
    boolean first = values() == 1;
    if (first || isLess(bits, min)) {
      min = bits;
      stepOfMin = step;
    }
    if (first || isLess(max, bits)) {
      max = bits;
      stepOfMax = step;
    }
    if (Double.isInfinite(value)) {
      infinities++;
    } else {
      sum += value;
    }
  }

  /** Adds a row with a text. */
  void addText(long step, byte[] utf8, int offset, int length) {
    begin(step);
    lastText = Arrays.copyOfRange(utf8, offset, offset + length);
  }

  /** Adds an entry that is no scalar. */
  void addEntry(long step) {
    begin(step);
  }

  private void begin(long step) {
    rows++;
    firstStep = Math.min(firstStep, step);
    lastStep = Math.max(lastStep, step);
    stepOfLast = step;
  }

  /** Adds rows of the same kind. */
  void add(Rows added) {
    for (int i = 0; i < added.size(); i++) {
      long step = added.steps()[i];
      if (kind == Kind.STRING) {
        byte[] text = added.text(i).getBytes(StandardCharsets.UTF_8);
        addText(step, text, 0, text.length);
      } else {
        add(step, added.bits()[i]);
      }
    }
  }

  /** Adds the rows that come after these. */
  void add(RowStats next) {
    if (next.rows == 0) {
      return;
    }
    if (next.values() > 0) {
      boolean first = values() == 0;
      if (first || isLess(next.min, min)) {
        min = next.min;
        stepOfMin = next.stepOfMin;
      }
      if (first || isLess(max, next.max)) {
        max = next.max;
        stepOfMax = next.stepOfMax;
      }
    }
    rows += next.rows;
    firstStep = Math.min(firstStep, next.firstStep);
    lastStep = Math.max(lastStep, next.lastStep);
    last = next.last;
    lastText = next.lastText;
    stepOfLast = next.stepOfLast;
    sum += next.sum;
    nans += next.nans;
    infinities += next.infinities;
  }

  private boolean isLess(long a, long b) {
    return kind == Kind.FLOAT64 ? Double.longBitsToDouble(a) < Double.longBitsToDouble(b) : a < b;
  }
}
