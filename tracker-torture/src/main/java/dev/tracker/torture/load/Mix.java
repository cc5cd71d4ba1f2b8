package dev.tracker.torture.load;

import dev.tracker.Board;
import dev.tracker.Metric;
import dev.tracker.Row;
import dev.tracker.SeriesKind;
import dev.tracker.media.Image;
import dev.tracker.media.Layout;
import dev.tracker.torture.load.Series.Form;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that log everything there is, through every form of call, into one board; as fast as it
 * takes it, or at a rate. They log in rounds: what a round logs is said by {@link Series}.
 */
@SuppressWarnings("EnumOrdinal") // a place in an array, never kept
final class Mix {
  static final int THREADS = 4;

  /** Where a run's config says {@code rare}. */
  static final String RARE = "rare";

  static final String CONSOLE = "console ";

  /** One call in so many rounds is timed. */
  private static final int TIMED = 4;

  private static final long NOT_PACED = 0;

  private final Board board;
  private final int rare;
  private final boolean prints;
  private final long period;
  private final Delays delays;
  private final AtomicLongArray rounds = new AtomicLongArray(THREADS);
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean ending;

  /**
   * Begins to log.
   *
   * @param rate values a second; infinity for as fast as the board takes them
   * @param rare in how many rounds there is a histogram
   * @param prints whether there are lines on the console, too
   */
  Mix(Path root, String id, double rate, int rare, boolean prints, Delays delays) {
    this.rare = rare;
    this.prints = prints;
    this.delays = delays;
    period = Double.isInfinite(rate) ? NOT_PACED : (long) (1e9 * THREADS * perRound() / rate);
    board =
        Board.builder("load")
            .root(root)
            .id(id)
            .config(Map.of(RARE, rare))
            .captureOutput(prints)
            .closeTimeout(Duration.ofHours(1)) // all is to be in Lance when it is counted
            .open();
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      Thread thread = new Thread(() -> run(number), "load-" + id + "-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  Board board() {
    return board;
  }

  /** Returns how many values a round has, the rare ones left out. */
  static double perRound() {
    double values = 0;
    for (Series series : Series.of(0, 0)) {
      values += series.every() > 0 ? 1.0 / series.every() : 0;
    }
    return values;
  }

  /** Returns how many values were logged so far. */
  double values() {
    long all = 0;
    for (int i = 0; i < THREADS; i++) {
      all += rounds(i);
    }
    return all * perRound();
  }

  /** Returns how many rounds a thread has been through. */
  long rounds(int thread) {
    return rounds.get(thread);
  }

  int rare() {
    return rare;
  }

  boolean prints() {
    return prints;
  }

  /** Stops logging; the board stays open. */
  void stop() throws InterruptedException {
    ending = true;
    for (Thread thread : threads) {
      thread.join();
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new IllegalStateException("a log call threw: run=" + board.directory(), thrown);
    }
  }

  private void run(int number) {
    try {
      Logger logger = new Logger(number);
      long start = System.nanoTime();
      for (long round = 0; !ending; round++) {
        await(start + round * period);
        logger.log(round);
        rounds.set(number, round + 1);
      }
    } catch (RuntimeException | Error e) {
      failure.set(e);
    }
  }

  private void await(long due) {
    while (period != NOT_PACED && !ending && System.nanoTime() - due < 0) {
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  /** What one thread logs. */
  private final class Logger {
    private final int thread;
    private final String[][] names = new String[Form.values().length][];
    private final long[][] seeds = new long[Form.values().length][];
    private final List<Metric> metrics = new ArrayList<>();
    private final Metric integers;
    private final Row row = board.row();

    Logger(int thread) {
      this.thread = thread;
      for (Form form : Form.values()) {
        List<Series> series = Series.of(thread, form, rare);
        names[form.ordinal()] = series.stream().map(Series::name).toArray(String[]::new);
        seeds[form.ordinal()] = series.stream().mapToLong(Series::seed).toArray();
      }
      for (int i = 0; i < Form.METRIC.count; i++) {
        metrics.add(board.metric(name(Form.METRIC, i)));
      }
      integers = board.metric(name(Form.INTEGER, 0), SeriesKind.INT64);
    }

    private String name(Form form, int i) {
      return names[form.ordinal()][i];
    }

    private double number(Form form, int i, long round) {
      return Series.number(seeds[form.ordinal()][i], round);
    }

    private long seed(Form form) {
      return seeds[form.ordinal()][0];
    }

    void log(long round) {
      byName(round);
      for (int i = 0; i < Form.METRIC.count; i++) {
        metrics.get(i).log(number(Form.METRIC, i, round));
      }
      board.log(
          name(Form.PAIR, 0), number(Form.PAIR, 0, round),
          name(Form.PAIR, 1), number(Form.PAIR, 1, round));
      board.log(
          name(Form.TRIPLE, 0), number(Form.TRIPLE, 0, round),
          name(Form.TRIPLE, 1), number(Form.TRIPLE, 1, round),
          name(Form.TRIPLE, 2), number(Form.TRIPLE, 2, round));
      for (int i = 0; i < Form.ROW.count; i++) {
        row.put(name(Form.ROW, i), number(Form.ROW, i, round));
      }
      row.log();
      integers.log(Series.integer(seed(Form.INTEGER), round));
      if (round % Form.MAP.every == 0) {
        board.log(map(Form.MAP, round));
      }
      if (round % Form.FLAG.every == 0) {
        board.log(name(Form.FLAG, 0), Boolean.valueOf(Series.flag(seed(Form.FLAG), round)));
      }
      if (round % Form.STEP.every == 0) {
        board.log(round, map(Form.STEP, round));
        board.log(name(Form.TEXT, 0), Series.text(seed(Form.TEXT), round));
      }
      if (round % rare == 0) {
        large(round);
      }
    }

    private void byName(long round) {
      boolean timed = round % TIMED == 0;
      for (int i = 0; i < Form.NAME.count; i++) {
        double value = number(Form.NAME, i, round);
        if (timed && i == round / TIMED % Form.NAME.count) {
          long start = System.nanoTime();
          board.log(name(Form.NAME, i), value);
          delays.add(System.nanoTime() - start);
        } else {
          board.log(name(Form.NAME, i), value);
        }
      }
    }

    private Map<String, Double> map(Form form, long round) {
      return Map.of(name(form, 0), number(form, 0, round), name(form, 1), number(form, 1, round));
    }

    private void large(long round) {
      board.log(name(Form.HISTOGRAM, 0), Histogram.of(Series.sample(seed(Form.HISTOGRAM), round)));
      if (round % (2L * rare) == 0) {
        board.log(name(Form.TABLE, 0), table(round));
      }
      if (round % (4L * rare) == 0) {
        int side = Series.IMAGE_SIDE;
        byte[] pixels = Series.pixels(seed(Form.IMAGE), round);
        board.log(name(Form.IMAGE, 0), Image.of(pixels, side, side, 1, Layout.HWC));
      }
      if (thread == 0) {
        board.step();
        if (prints) {
          System.out.println(CONSOLE + round);
        }
        if (round % (16L * rare) == 0) {
          board.config("round", round);
          board.tag("sixteenth");
          board.untag("sixteenth");
        }
      }
    }

    private Table table(long round) {
      List<List<?>> rows = new ArrayList<>();
      for (int i = 0; i < Series.TABLE_ROWS; i++) {
        rows.add(List.of(round, i, number(Form.TABLE, 0, round + i), "row " + i));
      }
      return Table.of(List.of("round", "row", "score", "text"), rows);
    }
  }
}
