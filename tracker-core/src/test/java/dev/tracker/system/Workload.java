package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.Metric;
import dev.tracker.Row;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What several threads log so that a reader can tell of each value where it belongs.
 *
 * <p>Every thread logs the numbers 0, 1, 2 and so on; number <i>i</i> goes to metric <i>i</i>
 * modulo the number of metrics, and the value says which life of the run, which thread and which
 * number it is. For what must be found see {@link Found}.
 *
 * @param threads how many threads log
 * @param metrics how many metrics each of them logs to
 */
public record Workload(int threads, int metrics) {
  static final int MAX_LIVES = 1 << 6;
  static final int MAX_THREADS = 1 << 6;
  private static final double NUMBERS = 1L << 40;

  /** Calls that carry one number each, so that calls and numbers can be compared. */
  public static final int SINGLE = 0;

  /** All kinds of calls in turn. */
  public static final int MIXED = 1;

  /** Returns the name of a metric. */
  public static String metric(int index) {
    return "group-" + index % 7 + "/metric-" + index;
  }

  static double value(int life, int thread, long number) {
    return (life * MAX_THREADS + thread) * NUMBERS + number;
  }

  static int life(double value) {
    return (int) (value / NUMBERS) / MAX_THREADS;
  }

  static int thread(double value) {
    return (int) (value / NUMBERS) % MAX_THREADS;
  }

  static long number(double value) {
    return (long) (value % NUMBERS);
  }

  /** One logging thread's hands: the names and handles it uses. */
  public final class Hands {
    private final Board board;
    private final int life;
    private final int thread;
    private final String[] names = new String[metrics];
    private final Metric[] handles = new Metric[metrics];
    private final Row row;

    public Hands(Board board, int life, int thread) {
      this.board = board;
      this.life = life;
      this.thread = thread;
      this.row = board.row();
      for (int i = 0; i < metrics; i++) {
        names[i] = metric(i);
        handles[i] = board.metric(names[i]);
      }
    }

    /** Logs numbers {@code from} to {@code to - 1}. */
    public void log(long from, long to, int calls) {
      long i = from;
      while (i < to) {
        int call = calls == SINGLE ? (int) (i % 2) : (int) (i / 5 % 6);
        i += log(i, (int) Math.min(to - i, 5), call);
      }
    }

    private int log(long i, int left, int call) {
      if (call == 1) {
        handles[at(i)].log(value(life, thread, i));
        return 1;
      }
      if (call == 2 && left >= 2) {
        board.log(
            names[at(i)], value(life, thread, i), names[at(i + 1)], value(life, thread, i + 1));
        return 2;
      }
      if (call == 3 && left >= 3) {
        for (int k = 0; k < 3; k++) {
          row.put(names[at(i + k)], value(life, thread, i + k));
        }
        row.log();
        return 3;
      }
      if (call == 4) {
        board.log(Map.of(names[at(i)], value(life, thread, i)));
        return 1;
      }
      if (call == 5) {
        board.log(names[at(i)], (Object) value(life, thread, i));
        return 1;
      }
      board.log(names[at(i)], value(life, thread, i));
      return 1;
    }

    private int at(long number) {
      return (int) (number % metrics);
    }
  }

  /** Gathers what is there of some metrics, at one moment of the run. */
  public Found found() {
    return new Found(this);
  }

  /** Gathers what is there of all metrics, at one moment of the run. */
  public Found found(RunReader reader) {
    Found found = found();
    for (int i = 0; i < metrics; i++) {
      found.read(reader, i);
    }
    return found;
  }

  /**
   * What a reader found of a workload at one moment, and whether it can be true.
   *
   * <p>Checked while it is gathered: that each thread's numbers come in their order, none twice,
   * none left out, and that nobody's steps, global steps or times go backwards.
   */
  public static final class Found {
    private static final int MAX_REPORTS = 10;

    private final Workload workload;
    private final long[][] least = new long[MAX_LIVES * MAX_THREADS][];
    private final List<String> wrong = new ArrayList<>();
    private final boolean[] seen;
    private long values;
    private long lastStep = -1;
    private long[] stepsSeen = new long[1024];
    private long distinctSteps;

    Found(Workload workload) {
      this.workload = workload;
      this.seen = new boolean[workload.metrics()];
    }

    /** Takes in one metric; a metric that the run does not know has no values. */
    public void read(RunReader reader, int metric) {
      String name = metric(metric);
      seen[metric] = true;
      if (reader.metrics().contains(name)) {
        add(metric, reader.scalars(name));
      }
    }

    private void add(int metric, Scalars rows) {
      double[] found = rows.values();
      long step = -1;
      long globalStep = -1;
      long[] times = new long[MAX_LIVES * MAX_THREADS];
      for (int i = 0; i < rows.size(); i++) {
        double value = found[i];
        int who = life(value) * MAX_THREADS + thread(value);
        if (least[who] == null) {
          least[who] = new long[workload.metrics()];
        }
        long expected = least[who][metric] * workload.metrics() + metric;
        if (value != value(who / MAX_THREADS, who % MAX_THREADS, expected)) {
          complain(
              metric, i, "holds " + describe(value) + " where number " + expected + " comes next");
          return;
        }
        least[who][metric]++;
        if (rows.steps()[i] <= step
            || rows.globalSteps()[i] < globalStep
            || rows.timestamps()[i] < times[who]) {
          complain(metric, i, "goes back in step, global step or its thread's time");
        }
        step = rows.steps()[i];
        globalStep = rows.globalSteps()[i];
        times[who] = rows.timestamps()[i];
        addStep(step);
      }
      values += rows.size();
    }

    private static String describe(double value) {
      return "life " + life(value) + " thread " + thread(value) + " number " + number(value);
    }

    private void complain(int metric, int row, String what) {
      report("row " + row + " of " + metric(metric) + " " + what);
    }

    private void report(String what) {
      if (wrong.size() < MAX_REPORTS) {
        wrong.add(what);
      }
    }

    private void addStep(long step) {
      int word = Math.toIntExact(step >> 6);
      if (word >= stepsSeen.length) {
        stepsSeen = Arrays.copyOf(stepsSeen, Math.max(word + 1, 2 * stepsSeen.length));
      }
      if ((stepsSeen[word] & 1L << step) == 0) {
        stepsSeen[word] |= 1L << step;
        distinctSteps++;
      }
      lastStep = Math.max(lastStep, step);
    }

    /** Returns how many values there are. */
    public long values() {
      return values;
    }

    /** Returns how many steps there are, each of them once. */
    public long steps() {
      return distinctSteps;
    }

    /** Returns the greatest step; -1 where there is none. */
    public long lastStep() {
      return lastStep;
    }

    /**
     * Returns how many numbers of a thread are there at least: all numbers before belong to a
     * prefix.
     */
    public long prefix(int life, int thread) {
      long from = 0;
      long to = Long.MAX_VALUE;
      long[] counts = least[life * MAX_THREADS + thread];
      for (int metric = 0; metric < seen.length; metric++) {
        if (!seen[metric]) {
          continue;
        }
        // With n numbers logged, metric m has one for every k with k * metrics + m < n.
        long count = counts == null ? 0 : counts[metric];
        from = Math.max(from, count == 0 ? 0 : (count - 1) * seen.length + metric + 1);
        to = Math.min(to, count * seen.length + metric);
      }
      if (from > to) {
        report(
            "life "
                + life
                + " thread "
                + thread
                + " has a hole: some metric shows "
                + from
                + " of its numbers, another no more than "
                + to);
      }
      return from;
    }

    /** Returns what cannot be true; empty where all can. */
    public List<String> wrong() {
      for (int who = 0; who < least.length; who++) {
        if (least[who] != null) {
          prefix(who / MAX_THREADS, who % MAX_THREADS);
        }
      }
      return wrong;
    }
  }
}
