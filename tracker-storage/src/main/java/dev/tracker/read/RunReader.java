package dev.tracker.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.journal.JournalHoleException;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.StepRange;
import dev.tracker.series.Rows;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;
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

  /**
   * Returns the names of all metrics (series of numbers, booleans or strings), in the order in
   * which they were first logged.
   */
  public List<String> metrics() {
    return names(Kind::isScalar);
  }

  /**
   * Returns the names of all series of histograms, in the order in which they were first logged.
   */
  public List<String> histograms() {
    return names(RunReader::isHistogram);
  }

  /** Returns the names of all series of media, in the order in which they were first logged. */
  public List<String> media() {
    return names(Kind.MEDIA::equals);
  }

  /** Returns the names of all tables, in the order in which they were first logged. */
  public List<String> tables() {
    return names(Kind.TABLE::equals);
  }

  private synchronized List<String> names(Predicate<Kind> kinds) {
    hasAnswered = true;
    return moment().views().values().stream()
        .filter(view -> kinds.test(view.kind()))
        .map(RunMoment.View::name)
        .toList();
  }

  private static boolean isHistogram(Kind kind) {
    return kind == Kind.HISTOGRAM_I32 || kind == Kind.HISTOGRAM_U8;
  }

  /** A run that looks crashed may have ended well since the moment. */
  private RunInfo latestInfo(RunInfo seen) throws IOException {
    try (RunMoment latest = RunMoment.take(layout)) {
      RunInfo info = RunInfo.of(latest);
      return info.status() == RunStatus.CRASHED ? seen : info;
    }
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
    return curve(numbers(metric), axis, from, to, buckets);
  }

  /**
   * Returns where the rows of a metric of any kind are, strings included: a {@link #curve} of whose
   * buckets only the ranges and the counts mean anything.
   *
   * @param axis what the buckets are spread over
   * @param from the least, included
   * @param to the greatest, included
   * @param buckets how many at most, 1 at least
   * @throws IllegalArgumentException if there is no such metric
   */
  public synchronized Curve counts(String metric, Axis axis, long from, long to, int buckets) {
    return curve(scalar(metric), axis, from, to, buckets);
  }

  private Curve curve(RunMoment.View series, Axis axis, long from, long to, int buckets) {
    if (buckets < 1) {
      throw new IllegalArgumentException(
          "a curve has one bucket at least: buckets="
              + buckets
              + " metric='"
              + series.name()
              + "'");
    }
    Wanted wanted = wanted(axis, from, to);
    return answer(
        series,
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
    return new Strings(answer(texts(metric), now -> rows(now, Wanted.ALL)));
  }

  /**
   * Returns all rows of a metric of strings, one after the other: for series that are larger than
   * memory. A cursor lasts until this reader is refreshed or closed.
   *
   * @throws IllegalArgumentException if there is no such metric, or it holds something else
   */
  public StringCursor stringCursor(String metric) {
    return stringCursor(metric, Axis.STEP, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Returns the rows of a metric of strings that are within a range of steps, global steps or
   * times, one after the other, in the order in which they were logged. A cursor lasts until this
   * reader is refreshed or closed.
   *
   * @param from the least, included
   * @param to the greatest, included
   * @throws IllegalArgumentException if there is no such metric, or it holds something else
   */
  public synchronized StringCursor stringCursor(String metric, Axis axis, long from, long to) {
    Wanted wanted = wanted(axis, from, to);
    return answer(
        texts(metric),
        view -> new StringCursor(this, new ScalarPages(layout, moment(), view, wanted)));
  }

  private RunMoment.View texts(String metric) {
    RunMoment.View view = view(metric);
    if (view.kind() != Kind.STRING) {
      throw unfit(view, "not strings");
    }
    return view;
  }

  private static IllegalArgumentException unfit(RunMoment.View view, String wanted) {
    return new IllegalArgumentException(
        "metric '"
            + view.name()
            + "' holds "
            + contents(view.kind())
            + ", "
            + wanted
            + ": read it with "
            + method(view.kind())
            + "()");
  }

  private static String contents(Kind kind) {
    return switch (kind) {
      case FLOAT64, INT64 -> "numbers";
      case BOOL -> "booleans";
      case STRING -> "strings";
      case HISTOGRAM_I32, HISTOGRAM_U8 -> "histograms";
      case MEDIA -> "media";
      case TABLE -> "a table";
    };
  }

  private static String method(Kind kind) {
    return switch (kind) {
      case FLOAT64, INT64, BOOL -> "scalars";
      case STRING -> "strings";
      case HISTOGRAM_I32, HISTOGRAM_U8 -> "histograms";
      case MEDIA -> "media";
      case TABLE -> "tables";
    };
  }

  /**
   * Returns all histograms of a series, in the order in which they were logged.
   *
   * @throws IllegalArgumentException if there is no such series, or it holds something else
   */
  public Histograms histograms(String name) {
    return histograms(name, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Returns the histograms of a series whose step is within a range, in the order in which they
   * were logged.
   *
   * @param fromStep the least step, included
   * @param toStep the greatest step, included
   * @throws IllegalArgumentException if there is no such series, or it holds something else
   */
  public synchronized Histograms histograms(String name, long fromStep, long toStep) {
    RunMoment.View view = view(name);
    if (!isHistogram(view.kind())) {
      throw unfit(view, "not histograms");
    }
    Wanted wanted = wanted(Axis.STEP, fromStep, toStep);
    return new Histograms(answer(view, now -> rows(now, wanted)));
  }

  /**
   * Returns all entries of a series of media, in the order in which they were logged.
   *
   * @throws IllegalArgumentException if there is no such series, or it holds something else
   */
  public List<MediaFile> media(String name) {
    return media(name, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Returns the entries of a series of media whose step is within a range, in the order in which
   * they were logged.
   *
   * @param fromStep the least step, included
   * @param toStep the greatest step, included
   * @throws IllegalArgumentException if there is no such series, or it holds something else
   */
  public List<MediaFile> media(String name, long fromStep, long toStep) {
    return files(name, fromStep, toStep, 0, Long.MAX_VALUE);
  }

  /**
   * Returns a page of the entries of a series of media, in the order in which they were logged.
   *
   * @param offset how many to pass over
   * @param limit how many to return at most
   * @throws IllegalArgumentException if there is no such series, it holds something else, or there
   *     is no such page
   */
  public List<MediaFile> mediaPage(String name, long offset, long limit) {
    if (offset < 0 || limit < 0) {
      throw new IllegalArgumentException("no such page: offset=" + offset + " limit=" + limit);
    }
    return files(name, Long.MIN_VALUE, Long.MAX_VALUE, offset, limit);
  }

  private synchronized List<MediaFile> files(
      String name, long fromStep, long toStep, long offset, long limit) {
    RunMoment.View view = view(name);
    if (view.kind() != Kind.MEDIA) {
      throw unfit(view, "not media");
    }
    return answer(
        view, now -> new MediaFiles(layout, moment(), now).read(fromStep, toStep, offset, limit));
  }

  /**
   * Returns the rows of a table.
   *
   * @throws IllegalArgumentException if there is no such table, or the name is of something else
   */
  public TableRows tables(String name) {
    return ask(now -> {
      String table = table(name).name();
      JsonNode columns = now.document().fields().get(RunDocument.TABLE + table);
      return TableRows.all(this, name, TableSchema.ofJson(table, columns));
    });
  }

  private RunMoment.View table(String name) {
    RunMoment.View view = view(name);
    if (view.kind() != Kind.TABLE) {
      throw unfit(view, "not a table");
    }
    return view;
  }

  /** Returns how many rows a table has; -1 where they have to be counted. */
  long tableRows(String name) {
    return ask(now -> table(name).isCut() ? -1 : table(name).rows());
  }

  /** Begins to read a table. */
  TablePages tablePages(TablePages.Shape shape, long fromStep, long toStep, long offset) {
    return ask(now -> {
      Wanted wanted = wanted(Axis.STEP, fromStep, toStep);
      return new TablePages(this, layout, now, table(shape.table()), wanted, shape, offset);
    });
  }

  /** Reads the next rows of a table; at the end, null. */
  synchronized @Nullable List<TableRow> page(TablePages pages) {
    try {
      return pages.next(moment());
    } catch (IOException e) {
      throw failed(layout, e);
    }
  }

  private RunMoment.View numbers(String metric) {
    RunMoment.View view = view(metric);
    if (!view.kind().isFixed()) {
      throw unfit(view, "not numbers");
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

  /** What is asked of a series. */
  private interface SeriesQuestion<T> {
    T of(RunMoment.View view) throws IOException;
  }

  private <T> T answer(RunMoment.View view, SeriesQuestion<T> question) {
    return ask(now -> question.of(view(view.name())));
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
    RunMoment.View view = now.view(metric);
    if (view == null) {
      throw CloseNames.noMetric(metric, now.names(), layout.root());
    }
    return view;
  }

  private RunMoment.View scalar(String metric) {
    RunMoment.View view = view(metric);
    if (!view.kind().isScalar()) {
      throw unfit(view, "not numbers or strings");
    }
    return view;
  }

  /**
   * Returns what all rows of a metric amount to: last, least, greatest, mean, and at which step.
   *
   * @throws IllegalArgumentException if there is no such metric
   */
  public MetricSummary summary(String metric) {
    return ask(now -> MetricSummary.of(now, scalar(metric)));
  }

  /** Returns what every metric amounts to, by name, in the order of first use. */
  public Map<String, MetricSummary> summary() {
    return ask(MetricSummary::all);
  }

  /**
   * Returns how many entries a series of histograms or of media has, and the step of the last, at
   * the price of a look, however many there are.
   *
   * @throws IllegalArgumentException if there is no such series, or it holds something else
   */
  public SeriesExtent extent(String name) {
    return ask(now -> {
      RunMoment.View view = view(name);
      if (!isHistogram(view.kind()) && view.kind() != Kind.MEDIA) {
        throw unfit(view, "neither histograms nor media");
      }
      return SeriesExtent.of(now, view);
    });
  }

  /**
   * Returns the step of the first row of a metric, in the order of logging, that holds NaN; empty
   * where none does.
   *
   * @throws IllegalArgumentException if there is no such metric
   */
  public OptionalLong firstNan(String metric) {
    return ask(now -> new FirstNan(now, scalar(metric)).find());
  }

  /**
   * Returns which steps were logged under which global step, by global step. In the seconds until a
   * rewind has been carried out, that reads the rows of global steps that it cuts through.
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

  private List<ConsoleLine> lines(long last) {
    return ask(now -> now.console(last));
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
    if (view != null && !view.kind().isFixed()) {
      throw unfit(view, "which cannot be followed");
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
