package dev.tracker.export;

import dev.tracker.format.Kind;
import dev.tracker.read.Axis;
import dev.tracker.read.RunReader;
import dev.tracker.read.ScalarCursor;
import dev.tracker.read.StringCursor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A metric of a run within a range of steps: of each step the row that was logged last, the least
 * step first.
 *
 * <p>For one thread.
 */
final class WideColumn {
  private static final int FIRST_CAPACITY = 1024;

  private final RunReader reader;
  private final String metric;
  private final Kind kind;
  private final int place;
  private long[] steps = new long[FIRST_CAPACITY];
  private long[] globalSteps = new long[FIRST_CAPACITY];
  private long[] times = new long[FIRST_CAPACITY];
  private long[] bits = {};
  private String[] texts = {};
  private boolean isAscending;
  private int size;
  private int next;

  /**
   * Makes one without rows.
   *
   * @param place where it is among {@link WideColumns#metrics}
   */
  WideColumn(RunReader reader, String metric, Kind kind, int place) {
    this.reader = reader;
    this.metric = metric;
    this.kind = kind;
    this.place = place;
    if (kind == Kind.STRING) {
      texts = new String[FIRST_CAPACITY];
    } else {
      bits = new long[FIRST_CAPACITY];
    }
  }

  String metric() {
    return metric;
  }

  int place() {
    return place;
  }

  /**
   * Takes the rows of a range instead of those it has.
   *
   * @param most the most characters of texts
   * @return how many characters there are; more than the most where not all was read
   */
  long load(long from, long to, long most) {
    size = 0;
    next = 0;
    isAscending = true;
    long characters = 0;
    if (kind == Kind.STRING) {
      StringCursor at = reader.stringCursor(metric, Axis.STEP, from, to);
      while (characters <= most && at.next()) {
        String text = at.value();
        int row = rowFor(at.step(), at.globalStep(), at.timestamp());
        characters += text.length() - texts[row].length();
        texts[row] = text;
      }
    } else {
      boolean doubles = kind == Kind.FLOAT64;
      for (ScalarCursor at = reader.cursor(metric, Axis.STEP, from, to); at.next(); ) {
        int row = rowFor(at.step(), at.globalStep(), at.timestamp());
        bits[row] = doubles ? Double.doubleToRawLongBits(at.value()) : at.longValue();
      }
    }
    if (!isAscending) {
      sort();
    }
    return characters;
  }

  /** Returns where a row goes: to the place of the one before, if that has the same step. */
  private int rowFor(long step, long globalStep, long micros) {
    int row = size > 0 && steps[size - 1] == step ? size - 1 : size;
    if (row == size) {
      isAscending &= size == 0 || steps[size - 1] < step;
      begin();
    }
    steps[row] = step;
    globalSteps[row] = globalStep;
    times[row] = micros;
    return row;
  }

  private void begin() {
    if (size == steps.length) {
      int capacity = size * 2;
      steps = Arrays.copyOf(steps, capacity);
      globalSteps = Arrays.copyOf(globalSteps, capacity);
      times = Arrays.copyOf(times, capacity);
      if (kind == Kind.STRING) {
        texts = Arrays.copyOf(texts, capacity);
      } else {
        bits = Arrays.copyOf(bits, capacity);
      }
    }
    if (kind == Kind.STRING) {
      texts[size] = "";
    }
    size++;
  }

  private void sort() {
    int[] order =
        IntStream.range(0, size)
            .boxed()
            .sorted(Comparator.comparingLong(i -> steps[i]))
            .mapToInt(i -> i)
            .toArray();
    int kept = 0;
    for (int i = 0; i < order.length; i++) {
      if (i + 1 == order.length || steps[order[i]] != steps[order[i + 1]]) {
        order[kept++] = order[i];
      }
    }
    int[] last = Arrays.copyOf(order, kept);
    steps = picked(steps, last);
    globalSteps = picked(globalSteps, last);
    times = picked(times, last);
    if (kind == Kind.STRING) {
      texts = Arrays.stream(last).mapToObj(i -> texts[i]).toArray(String[]::new);
    } else {
      bits = picked(bits, last);
    }
    size = kept;
  }

  private static long[] picked(long[] column, int... rows) {
    return Arrays.stream(rows).mapToLong(i -> column[i]).toArray();
  }

  /** Whether there is a next row. */
  boolean hasNext() {
    return next < size;
  }

  /** Returns the step of the next row. */
  long step() {
    return steps[next];
  }

  /** Returns the global step of the next row. */
  long globalStep() {
    return globalSteps[next];
  }

  /** Returns the time of the next row. */
  long micros() {
    return times[next];
  }

  /** Gives the value of the next row away, and moves on. */
  void give(WideSink sink) throws IOException {
    if (kind == Kind.STRING) {
      sink.text(place, texts[next]);
    } else {
      sink.number(place, bits[next]);
    }
    next++;
  }
}
