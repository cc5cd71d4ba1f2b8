package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.journal.JournalHoleException;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.StepRange;
import dev.tracker.series.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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

  /** What tells followers; null as long as there was none. Guarded by this. */
  private @Nullable Following following;

  private RunReader(RunLayout layout, RunMoment moment) {
    this.layout = layout;
    this.moment = moment;
  }

  /** Opens a run by its folder, at the present moment. */
  public static RunReader open(Path run) {
    RunLayout layout = new RunLayout(run);
    if (!RunFolders.isRun(run)) {
      throw RunFolders.notARun(run);
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
      RunInfo info = RunInfo.of(now);
      return info.status() == RunStatus.CRASHED ? latestInfo(info) : info;
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  /** A run that looks crashed may have ended well since the moment. */
  private RunInfo latestInfo(RunInfo seen) throws IOException {
    try (RunMoment latest = RunMoment.take(layout)) {
      RunInfo info = RunInfo.of(latest);
      return info.status() == RunStatus.CRASHED ? seen : info;
    }
  }

  /** Returns the names of all metrics, in the order in which they were first logged. */
  public synchronized List<String> metrics() {
    hasAnswered = true;
    return List.copyOf(moment().names());
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
  public synchronized Scalars scalars(String metric, long fromStep, long toStep) {
    RunMoment.View view = view(metric);
    if (view.kind() == Kind.STRING) {
      throw new IllegalArgumentException(
          "metric '" + metric + "' holds strings, not numbers: read it with strings()");
    }
    return new Scalars(rows(view, fromStep, toStep));
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
    return new Strings(rows(view, Long.MIN_VALUE, Long.MAX_VALUE));
  }

  private Rows rows(RunMoment.View view, long fromStep, long toStep) {
    try {
      return rowsNow(view, fromStep, toStep);
    } catch (JournalHoleException e) {
      // So much was sealed since that not all of it could be held on to: the moment has passed.
      refresh();
      return rowsAgain(view.name(), fromStep, toStep);
    } catch (GoneException e) {
      if (hasAnswered) {
        throw failed(layout, e);
      }
      refresh(); // nobody has been told anything of the moment that is gone
      return rowsAgain(view.name(), fromStep, toStep);
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  private Rows rowsAgain(String metric, long fromStep, long toStep) {
    try {
      return rowsNow(view(metric), fromStep, toStep);
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  private Rows rowsNow(RunMoment.View view, long fromStep, long toStep) throws IOException {
    boolean all = fromStep == Long.MIN_VALUE && toStep == Long.MAX_VALUE;
    if (all && view.rows() > Integer.MAX_VALUE - 8) {
      throw new StorageException(
          "a metric has more rows than an array can hold: run="
              + layout.root()
              + " metric='"
              + view.name()
              + "' rows="
              + view.rows()
              + " (read it by ranges of steps)");
    }
    Rows rows = new Rows(view.kind(), all && !view.isCut() ? (int) view.rows() : 0);
    SeriesEntry sealed = view.sealed();
    if (sealed != null) {
      new SealedRows(layout, sealed).read(fromStep, Math.min(toStep, view.lastSealed()), rows);
    }
    moment().readTail(view, fromStep, toStep, rows);
    hasAnswered = true;
    return rows;
  }

  private RunMoment.View view(String metric) {
    RunMoment now = moment();
    RunMoment.View view = now.view(metric);
    if (view == null) {
      throw CloseNames.noMetric(metric, now.names(), layout.root());
    }
    return view;
  }

  /**
   * Returns what all rows of a metric amount to: last, least, greatest, mean, and at which step.
   *
   * @throws IllegalArgumentException if there is no such metric
   */
  public MetricSummary summary(String metric) {
    return ask(now -> MetricSummary.of(now, view(metric)));
  }

  /** Returns what every metric amounts to, by name, in the order of first use. */
  public Map<String, MetricSummary> summary() {
    return ask(now -> {
      Map<String, MetricSummary> all = new LinkedHashMap<>();
      for (RunMoment.View view : now.views().values()) {
        all.put(view.name(), MetricSummary.of(now, view));
      }
      return Collections.unmodifiableMap(all);
    });
  }

  /**
   * Returns the step of the first row of a metric, in the order of logging, that holds NaN; empty
   * where none does.
   *
   * @throws IllegalArgumentException if there is no such metric
   */
  public OptionalLong firstNan(String metric) {
    return ask(now -> new FirstNan(now, view(metric)).find());
  }

  /**
   * Returns which steps were logged under which global step, by global step. In the seconds until a
   * rewind has been carried out, a range that it cuts through counts rows that are gone.
   */
  public List<StepRange> steps() {
    return ask(StepRanges::of);
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
    } catch (JournalHoleException | PassedException e) {
      return askAgain(question); // as in rows
    } catch (GoneException e) {
      if (hasAnswered) {
        throw failed(layout, e);
      }
      return askAgain(question);
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

  /**
   * Has a listener told what is logged to a metric of numbers or booleans from this reader's moment
   * on, some tens of milliseconds after it is logged: no row twice, none left out. This reader
   * stays where it is. The metric need not exist yet.
   *
   * <p>The listener is called on the reader's thread {@code tracker-follower}, see {@link
   * MetricListener} for what it is told. It ends with the run, and when the follower or this reader
   * is closed.
   *
   * @throws IllegalArgumentException if the metric holds strings
   */
  public synchronized Follower follow(String metric, MetricListener listener) {
    RunMoment now = moment();
    RunMoment.View view = now.view(metric);
    if (view != null && view.kind() == Kind.STRING) {
      throw new IllegalArgumentException(
          "metric '"
              + metric
              + "' holds strings, which cannot be followed: read it with strings()");
    }
    hasAnswered = true;
    if (following == null) {
      following = new Following(layout);
    }
    return following.add(metric, listener, MetricCursor.endOf(now, metric));
  }

  /** Moves on to the present moment. Costs what is new since, not what is there. */
  public synchronized void refresh() {
    RunMoment now = moment();
    try {
      moment = now.refresh(RunMoment.NOBODY);
      hasAnswered = false;
    } catch (IOException e) {
      throw failed(layout, e);
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

  /** Lets go of the run's files, and ends following. */
  @Override
  public synchronized void close() {
    RunMoment now = moment;
    moment = null;
    if (following != null) {
      following.close();
    }
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

  static StorageException failed(RunLayout layout, Exception cause) {
    return new StorageException(
        "a run could not be read: run=" + layout.root() + " cause=" + cause.getMessage(), cause);
  }
}
