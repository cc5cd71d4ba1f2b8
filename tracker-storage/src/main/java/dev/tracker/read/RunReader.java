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
import java.util.List;
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
