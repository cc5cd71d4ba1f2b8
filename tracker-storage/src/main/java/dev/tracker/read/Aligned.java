package dev.tracker.read;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Values of several metrics at the same steps, the least step first. Where a metric has several
 * rows of one step, the one logged last counts.
 *
 * <p>The arrays are the object's own and of one length; whoever changes them changes what it
 * returns.
 */
public final class Aligned {
  /** Stands for a metric without a value at a step. */
  private static final int NONE = -1;

  private final List<String> metrics;
  private final long[] steps;
  private final List<Column> columns;

  private Aligned(List<String> metrics, long[] steps, List<Column> columns) {
    this.metrics = metrics;
    this.steps = steps;
    this.columns = columns;
  }

  /** A metric: which row is shown at each step, and at which steps it has one itself. */
  private static final class Column {
    private final boolean[] own;
    private final boolean[] known;
    private final double[] values;
    private final long[] longs;

    Column(Scalars rows, int[] shown, boolean[] own) {
      this.own = own;
      known = new boolean[shown.length];
      values = new double[shown.length];
      longs = new long[shown.length];
      long[] exact = rows.longs();
      for (int i = 0; i < shown.length; i++) {
        known[i] = shown[i] != NONE;
        values[i] = known[i] ? rows.values()[shown[i]] : Double.NaN;
        longs[i] = known[i] ? exact[shown[i]] : 0;
      }
    }
  }

  /** Aligns rows of metrics. */
  static Aligned of(List<String> metrics, List<Scalars> rows, Join join) {
    int count = rows.size();
    List<int[]> orders = rows.stream().map(Aligned::ascending).toList();
    int[] next = new int[count];
    int[] shown = new int[count];
    Arrays.fill(shown, NONE);
    int most = 0;
    for (int[] order : orders) {
      most = Math.addExact(most, order.length);
    }
    Builder builder = new Builder(count, Math.min(most, 1 << 16));
    while (true) {
      boolean any = false;
      long step = Long.MAX_VALUE;
      for (int m = 0; m < count; m++) {
        if (next[m] < orders.get(m).length) {
          any = true;
          step = Math.min(step, rows.get(m).steps()[orders.get(m)[next[m]]]);
        }
      }
      if (!any) {
        return builder.build(metrics, rows);
      }
      boolean[] own = new boolean[count];
      boolean all = true;
      for (int m = 0; m < count; m++) {
        int[] order = orders.get(m);
        own[m] = next[m] < order.length && rows.get(m).steps()[order[next[m]]] == step;
        if (own[m]) {
          shown[m] = order[next[m]++];
        } else if (join != Join.LAST_KNOWN) {
          shown[m] = NONE;
        }
        all &= own[m];
      }
      if (all || join != Join.INNER) {
        builder.add(step, shown, own);
      }
    }
  }

  /** Returns the rows by step, of each step the last one. */
  private static int[] ascending(Scalars rows) {
    long[] steps = rows.steps();
    int[] order = IntStream.range(0, steps.length).toArray();
    if (IntStream.range(1, steps.length).anyMatch(i -> steps[i] < steps[i - 1])) {
      order =
          IntStream.range(0, steps.length)
              .boxed()
              .sorted(Comparator.comparingLong(i -> steps[i]))
              .mapToInt(i -> i)
              .toArray();
    }
    int kept = 0;
    for (int i = 0; i < order.length; i++) {
      if (i + 1 == order.length || steps[order[i]] != steps[order[i + 1]]) {
        order[kept++] = order[i];
      }
    }
    return Arrays.copyOf(order, kept);
  }

  /** Gathers what is shown, step by step. */
  private static final class Builder {
    private final List<int[]> shown = new ArrayList<>();
    private final List<boolean[]> own = new ArrayList<>();
    private long[] steps;
    private int size;

    Builder(int metrics, int capacity) {
      steps = new long[capacity];
      for (int m = 0; m < metrics; m++) {
        shown.add(new int[capacity]);
        own.add(new boolean[capacity]);
      }
    }

    void add(long step, int[] rows, boolean[] theirOwn) {
      if (size == steps.length) {
        int capacity = Math.max(16, size * 2);
        steps = Arrays.copyOf(steps, capacity);
        shown.replaceAll(column -> Arrays.copyOf(column, capacity));
        own.replaceAll(column -> Arrays.copyOf(column, capacity));
      }
      steps[size] = step;
      for (int m = 0; m < rows.length; m++) {
        shown.get(m)[size] = rows[m];
        own.get(m)[size] = theirOwn[m];
      }
      size++;
    }

    Aligned build(List<String> metrics, List<Scalars> rows) {
      List<Column> columns = new ArrayList<>();
      for (int m = 0; m < rows.size(); m++) {
        columns.add(
            new Column(
                rows.get(m), Arrays.copyOf(shown.get(m), size), Arrays.copyOf(own.get(m), size)));
      }
      return new Aligned(List.copyOf(metrics), Arrays.copyOf(steps, size), columns);
    }
  }

  /** Returns the names of the metrics, in the order in which they were asked for. */
  public List<String> metrics() {
    return metrics;
  }

  /** Returns the number of steps. */
  public int size() {
    return steps.length;
  }

  /** Returns the steps, the least first, each of them once. */
  public long[] steps() {
    return steps;
  }

  /** Returns the values of a metric, NaN where none is shown. */
  public double[] values(String metric) {
    return column(metric).values;
  }

  /** Returns the values of a metric as {@link Scalars#longs} does, 0 where none is shown. */
  public long[] longs(String metric) {
    return column(metric).longs;
  }

  /** Whether the metric has a value at step number {@code i} itself. */
  public boolean hasValue(String metric, int i) {
    return column(metric).own[i];
  }

  /** Whether a value of the metric is shown at step number {@code i}, its own or the last known. */
  public boolean isKnown(String metric, int i) {
    return column(metric).known[i];
  }

  private Column column(String metric) {
    int i = metrics.indexOf(metric);
    if (i < 0) {
      throw new IllegalArgumentException(
          "metric '" + metric + "' is not among those aligned: " + metrics);
    }
    return columns.get(i);
  }
}
