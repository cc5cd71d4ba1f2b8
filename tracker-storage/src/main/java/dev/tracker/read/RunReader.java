package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.journal.JournalHoleException;
import dev.tracker.lock.RunLock;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.series.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a run, whoever writes or wrote it: a live one of this or another process, a finished one, a
 * copy, one that crashed. For a list of runs see {@link Runs}.
 *
 * <p>A reader shows the run at one moment, the one at which it was opened or last {@linkplain
 * #refresh refreshed}: all its answers belong together. It changes nothing, takes no lock, and
 * costs the writer nothing. When the run goes back to an earlier step and its files are written
 * anew, an older moment can no longer be read: a {@link StorageException} says so, and {@link
 * #refresh} moves on. A reader that has not told anything of its moment yet moves on by itself.
 *
 * <p>May be used from any thread. {@link #close} is idempotent. What cannot be read is a {@link
 * StorageException}.
 */
public final class RunReader implements AutoCloseable {
  private final RunLayout layout;

  /** The present moment; null when closed. Guarded by this. */
  private @Nullable RunMoment moment;

  /** Whether anything was said of the series of the present moment. Guarded by this. */
  private boolean hasAnswered;

  private RunReader(RunLayout layout, RunMoment moment) {
    this.layout = layout;
    this.moment = moment;
  }

  /** Opens a run by its folder, at the present moment. */
  public static RunReader open(Path run) {
    RunLayout layout = new RunLayout(run);
    if (!Files.isDirectory(layout.journal()) && !Files.exists(layout.metadata())) {
      throw new StorageException(
          "not a run folder: run="
              + run
              + " exists="
              + Files.exists(run)
              + " (a run folder holds data/metadata.db or a journal folder; is this the root or the project?)");
    }
    try {
      return new RunReader(layout, RunMoment.take(layout));
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  /**
   * Returns what is known of the run besides its series. Its status is that of the call, not of the
   * moment.
   */
  public synchronized RunInfo info() {
    RunMoment now = moment();
    try {
      return RunInfo.of(now.document(), layout.root(), RunLock.isHeld(layout));
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  /** Returns the names of all metrics, in the order in which they were first logged. */
  public synchronized List<String> metrics() {
    hasAnswered = true;
    return List.copyOf(moment().views().keySet());
  }

  /** Returns what a metric holds. */
  public synchronized Kind kind(String metric) {
    Kind kind = view(metric).kind();
    hasAnswered = true;
    return kind;
  }

  /**
   * Returns all rows of a metric of numbers or booleans, in the order in which they were logged.
   *
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public Scalars scalars(String metric) {
    return scalars(metric, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Returns the rows of a metric of numbers or booleans whose step is within a range, in the order
   * in which they were logged.
   *
   * @param fromStep the least step, included
   * @param toStep the greatest step, included
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public Scalars scalars(String metric, long fromStep, long toStep) {
    return scalars(metric, Axis.STEP, fromStep, toStep);
  }

  /**
   * Returns the rows of a metric of numbers or booleans that are within a range of steps, global
   * steps or times, in the order in which they were logged.
   *
   * @param from the least, included
   * @param to the greatest, included
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public synchronized Scalars scalars(String metric, Axis axis, long from, long to) {
    Wanted wanted = wanted(axis, from, to);
    return new Scalars(answer(numbers(metric), view -> rows(view, wanted)));
  }

  /**
   * Returns all rows of a metric of numbers or booleans, one after the other: for series that are
   * larger than memory. A cursor lasts until this reader is refreshed or closed.
   *
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public ScalarCursor cursor(String metric) {
    return cursor(metric, Axis.STEP, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Returns the rows of a metric of numbers or booleans that are within a range of steps, global
   * steps or times, one after the other, in the order in which they were logged. A cursor lasts
   * until this reader is refreshed or closed.
   *
   * @param from the least, included
   * @param to the greatest, included
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public synchronized ScalarCursor cursor(String metric, Axis axis, long from, long to) {
    Wanted wanted = wanted(axis, from, to);
    return answer(
        numbers(metric),
        view -> new ScalarCursor(this, new ScalarPages(layout, moment(), view, wanted)));
  }

  /**
   * Returns the values that several metrics of numbers or booleans have at the same steps.
   *
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public Aligned aligned(List<String> metrics, Join join) {
    return aligned(metrics, join, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Returns the values that several metrics of numbers or booleans have at the same steps within a
   * range.
   *
   * @param fromStep the least step, included
   * @param toStep the greatest step, included
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public synchronized Aligned aligned(List<String> metrics, Join join, long fromStep, long toStep) {
    return Aligned.of(
        metrics, metrics.stream().map(name -> scalars(name, fromStep, toStep)).toList(), join);
  }

  /**
   * Returns a metric of numbers or booleans within a range of steps as few buckets, for drawing.
   * What it costs depends on the buckets more than on the rows.
   *
   * @param fromStep the least step, included
   * @param toStep the greatest step, included
   * @param buckets how many at most, 1 at least
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public Curve curve(String metric, long fromStep, long toStep, int buckets) {
    return curve(metric, Axis.STEP, fromStep, toStep, buckets);
  }

  /**
   * Returns a metric of numbers or booleans within a range of steps, global steps or times as few
   * buckets, for drawing.
   *
   * @param axis what the buckets are spread over
   * @param from the least, included
   * @param to the greatest, included
   * @param buckets how many at most, 1 at least
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public synchronized Curve curve(String metric, Axis axis, long from, long to, int buckets) {
    if (buckets < 1) {
      throw new IllegalArgumentException(
          "a curve has one bucket at least: buckets=" + buckets + " metric='" + metric + "'");
    }
    Wanted wanted = wanted(axis, from, to);
    return answer(
        numbers(metric),
        view -> {
          Rows tail = new Rows(view.kind(), 0);
          moment().readTail(view, Wanted.ALL, tail);
          CurveBuilder builder =
              new CurveBuilder(layout, view.kind(), wanted, view.sealed(), view.lastSealed(), tail);
          return new Curve(view.kind(), axis, origin(axis), builder.build(buckets));
        });
  }

  /**
   * Returns several metrics of numbers or booleans as {@link #curve} returns one, by name, in the
   * order of the names. For several runs see {@link Runs#curves}.
   *
   * @throws IllegalArgumentException if there is no such metric, or it holds strings
   */
  public synchronized Map<String, Curve> curves(
      Collection<String> metrics, Axis axis, long from, long to, int buckets) {
    metrics.forEach(this::numbers);
    Map<String, Curve> curves = new LinkedHashMap<>();
    for (String metric : metrics) {
      curves.put(metric, curve(metric, axis, from, to, buckets));
    }
    return curves;
  }

  /**
   * Returns all rows of a metric of strings, in the order in which they were logged.
   *
   * @throws IllegalArgumentException if there is no such metric, or it holds something else
   */
  public synchronized Strings strings(String metric) {
    RunMoment.View view = view(metric);
    if (view.kind() != Kind.STRING) {
      throw new IllegalArgumentException(
          "metric '" + metric + "' holds " + view.kind() + ", not strings: read it with scalars()");
    }
    return new Strings(answer(view, now -> rows(now, Wanted.ALL)));
  }

  private RunMoment.View numbers(String metric) {
    RunMoment.View view = view(metric);
    if (view.kind() == Kind.STRING) {
      throw new IllegalArgumentException(
          "metric '" + metric + "' holds strings, not numbers: read it with strings()");
    }
    return view;
  }

  private Wanted wanted(Axis axis, long from, long to) {
    long origin = origin(axis);
    return new Wanted(axis, shifted(from, origin), shifted(to, origin), Long.MAX_VALUE);
  }

  private long origin(Axis axis) {
    return axis == Axis.RELATIVE_TIME ? RunInfo.createdMicros(moment().document()) : 0;
  }

  /** Adds a time since the epoch; what is beyond all times stays the utmost one. */
  private static long shifted(long place, long by) {
    long sum = place + by;
    boolean overflow = ((place ^ sum) & (by ^ sum)) < 0;
    return overflow || place == Long.MAX_VALUE
        ? (place < 0 ? Long.MIN_VALUE : Long.MAX_VALUE)
        : place == Long.MIN_VALUE ? place : sum;
  }

  private <T> T answer(RunMoment.View view, SeriesQuestion<T> question) {
    String metric = view.name();
    return ask(now -> question.of(view(metric)));
  }

  /** Something that a series can tell. */
  private interface SeriesQuestion<T> {
    T of(RunMoment.View view) throws IOException;
  }

  /** Something that a moment can tell. */
  private interface Question<T> {
    T of(RunMoment now) throws IOException;
  }

  private synchronized <T> T ask(Question<T> question) {
    try {
      T answer = question.of(moment());
      hasAnswered = true;
      return answer;
    } catch (JournalHoleException e) {
      // So much was sealed since that not all of it could be held on to: the moment has passed.
      return askAgain(question);
    } catch (GoneException e) {
      if (hasAnswered) {
        throw failed(layout, e);
      }
      return askAgain(question); // nobody has been told anything of the moment that is gone
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  private <T> T askAgain(Question<T> question) {
    refresh();
    try {
      T answer = question.of(moment());
      hasAnswered = true;
      return answer;
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  private Rows rows(RunMoment.View view, Wanted wanted) throws IOException {
    if (wanted.isAll() && view.rows() > Integer.MAX_VALUE - 8) {
      throw new StorageException(
          "a metric has more rows than an array can hold: run="
              + layout.root()
              + " metric='"
              + view.name()
              + "' rows="
              + view.rows()
              + " (read it by ranges of steps, or with a cursor)");
    }
    Rows rows =
        Rows.withDoubles(view.kind(), wanted.isAll() && !view.isCut() ? (int) view.rows() : 0);
    SeriesEntry sealed = view.sealed();
    if (sealed != null) {
      new SealedRows(layout, sealed).read(wanted.upTo(view.lastSealed()), rows);
    }
    moment().readTail(view, wanted, rows);
    return rows;
  }

  /** Reads the page of a cursor; at the end, none. */
  synchronized @Nullable Rows page(ScalarPages pages) {
    try {
      return pages.next(moment());
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  private RunMoment.View view(String metric) {
    RunMoment now = moment();
    RunMoment.View view = now.views().get(metric);
    if (view == null) {
      throw new IllegalArgumentException(
          "no metric '"
              + metric
              + "' in run "
              + layout.root()
              + "; there are "
              + now.views().size()
              + ": "
              + now.views().keySet().stream().limit(20).collect(Collectors.joining(", "))
              + (now.views().size() > 20 ? ", ..." : ""));
    }
    return view;
  }

  /**
   * Returns what the program printed while a board captured it, in the order in which the lines
   * were complete. All of it: {@link #console(int)} suits long ones.
   */
  public List<ConsoleLine> console() {
    return lines(Long.MAX_VALUE);
  }

  /**
   * Returns the last lines that the program printed while a board captured it, or all if there are
   * fewer.
   *
   * @throws IllegalArgumentException if {@code last} is negative
   */
  public List<ConsoleLine> console(int last) {
    if (last < 0) {
      throw new IllegalArgumentException("there is no negative number of lines: last=" + last);
    }
    return lines(last);
  }

  private synchronized List<ConsoleLine> lines(long last) {
    try {
      return moment().console(last);
    } catch (JournalHoleException e) {
      refresh(); // as in rows
      return linesAgain(last);
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  private List<ConsoleLine> linesAgain(long last) {
    try {
      return moment().console(last);
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  /** Moves on to the present moment. */
  public synchronized void refresh() {
    RunMoment now = moment();
    try {
      if (now.isOutdated() || !advanced(now)) {
        moment = RunMoment.take(layout);
        now.close();
      }
      hasAnswered = false;
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  /** Moves a moment on; false where what follows it was sealed between two looks. */
  private static boolean advanced(RunMoment now) throws IOException {
    try {
      now.advance();
      return true;
    } catch (JournalHoleException e) {
      return false;
    }
  }

  /**
   * Copies the run, live or not, into a folder that does not exist yet. The copy holds at least
   * what this reader shows, is a run of its own, and opens wherever it is taken.
   */
  public void copyTo(Path target) {
    copy(target, false);
  }

  /**
   * Copies the run as {@link #copyTo} does; where the file system allows, the files of series are
   * hard links to the run's own. Whoever writes either run by this library leaves the other as it
   * is, for such files are never changed.
   */
  public void linkTo(Path target) {
    copy(target, true);
  }

  private void copy(Path target, boolean links) {
    try {
      new RunCopy(layout, new RunLayout(target), links).make();
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  /** Lets go of the run's files. */
  @Override
  public synchronized void close() {
    RunMoment now = moment;
    moment = null;
    if (now != null) {
      try {
        now.close();
      } catch (IOException e) {
        throw failed(layout, e);
      }
    }
  }

  private RunMoment moment() {
    if (moment == null) {
      throw new IllegalStateException("this reader is closed: run=" + layout.root());
    }
    return moment;
  }

  private static StorageException failed(RunLayout layout, IOException cause) {
    return new StorageException(
        "a run could not be read: run=" + layout.root() + " cause=" + cause.getMessage(), cause);
  }
}
