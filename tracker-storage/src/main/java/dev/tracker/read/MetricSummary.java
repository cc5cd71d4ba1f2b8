package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.series.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What all rows of a metric amount to. "The best value and where" is one look at it: {@code
 * run.summary("val/loss").min()} and {@code .stepOfMin()}.
 *
 * <p>NaN counts in no extreme and not in the mean; infinities count in the extremes alone. A value
 * that there is none of is NaN, a step -1. Integers beyond 2^53 are rounded, but for {@code
 * lastLong}, {@code minLong} and {@code maxLong}.
 *
 * @param name the metric
 * @param kind what it holds
 * @param rows how many rows there are
 * @param firstStep the least step
 * @param lastStep the greatest step
 * @param last the value that was logged last; NaN for a metric of strings
 * @param lastText the text that was logged last, for a metric of strings
 * @param stepOfLast its step
 * @param min the least value
 * @param stepOfMin the step of the first row that holds it
 * @param max the greatest value
 * @param stepOfMax the step of the first row that holds it
 * @param mean the mean of the finite values; infinite, or NaN, where their sum is greater than any
 *     double
 * @param nans how many values are NaN: {@link RunReader#firstNan} tells where the first is
 * @param infinities how many values are infinite
 * @param lastLong of integers and booleans (0 or 1): the value that was logged last; else 0
 * @param minLong of those: the least
 * @param maxLong of those: the greatest
 */
public record MetricSummary(
    String name,
    Kind kind,
    long rows,
    long firstStep,
    long lastStep,
    double last,
    Optional<String> lastText,
    long stepOfLast,
    double min,
    long stepOfMin,
    double max,
    long stepOfMax,
    double mean,
    long nans,
    long infinities,
    long lastLong,
    long minLong,
    long maxLong) {
  /**
   * Sums up a series as of a moment, from metadata and the journal; its rows are read only while a
   * rewind that takes some of them back has not been carried out.
   */
  static MetricSummary of(RunMoment moment, RunMoment.View view) throws IOException {
    SeriesEntry sealed = view.sealed();
    RowStats all = new RowStats(view.kind());
    if (sealed != null && view.isCut()) {
      Rows rows = new Rows(view.kind(), 0);
      new SealedRows(moment.layout(), sealed).read(Wanted.ALL.upTo(view.lastSealed()), rows);
      all.add(rows);
    } else if (sealed != null) {
      all = RowStats.of(sealed);
    }
    RowStats tail = view.tailRows() > 0 ? moment.tailStats(view) : null;
    if (tail != null) {
      all.add(tail);
    }
    return of(view, all);
  }

  /** Sums up every metric, by name, in the order of first use. */
  static Map<String, MetricSummary> all(RunMoment moment) throws IOException {
    Map<String, MetricSummary> all = new LinkedHashMap<>();
    for (RunMoment.View view : moment.views().values()) {
      if (view.kind().isScalar()) {
        all.put(view.name(), of(moment, view));
      }
    }
    return Collections.unmodifiableMap(all);
  }

  private static MetricSummary of(RunMoment.View view, RowStats all) {
    boolean any = all.rows > 0;
    byte[] text = all.lastText;
    boolean isWhole = any && (view.kind() == Kind.INT64 || view.kind() == Kind.BOOL);
    return new MetricSummary(
        view.name(),
        view.kind(),
        all.rows,
        any ? all.firstStep : -1,
        any ? all.lastStep : -1,
        any ? number(view.kind(), all.last) : Double.NaN,
        text == null ? Optional.empty() : Optional.of(new String(text, StandardCharsets.UTF_8)),
        all.stepOfLast,
        all.values() > 0 ? number(view.kind(), all.min) : Double.NaN,
        all.stepOfMin,
        all.values() > 0 ? number(view.kind(), all.max) : Double.NaN,
        all.stepOfMax,
        view.kind() == Kind.STRING ? Double.NaN : all.mean(),
        all.nans,
        all.infinities,
        isWhole ? all.last : 0,
        isWhole ? all.min : 0,
        isWhole ? all.max : 0);
  }

  private static double number(Kind kind, long bits) {
    return switch (kind) {
      case FLOAT64 -> Double.longBitsToDouble(bits);
      case STRING -> Double.NaN;
      default -> bits;
    };
  }
}
