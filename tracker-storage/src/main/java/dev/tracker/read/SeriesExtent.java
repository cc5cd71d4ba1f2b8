package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.series.Rows;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * How much there is of a series of histograms or of media; for what is in it see {@link
 * RunReader#histograms(String)} and {@link RunReader#media(String)}.
 *
 * @param name the series
 * @param kind what it holds
 * @param entries how many entries there are
 * @param stepOfLast the step of the one that was logged last, -1 where there is none
 */
public record SeriesExtent(String name, Kind kind, long entries, long stepOfLast) {
  /**
   * Reads it from metadata and the journal; the entries themselves are read only while a rewind
   * that takes some of them back has not been carried out.
   */
  static SeriesExtent of(RunMoment moment, RunMoment.View view) throws IOException {
    long entries = 0;
    long stepOfLast = -1;
    SeriesEntry sealed = view.sealed();
    if (sealed != null && sealed.rows() > 0) {
      if (view.isCut()) {
        List<Long> steps = stepsThatCount(moment, view, sealed);
        entries = steps.size();
        stepOfLast = steps.isEmpty() ? -1 : steps.get(steps.size() - 1);
      } else {
        entries = sealed.rows();
        stepOfLast = sealed.stats().stepOfLast();
      }
    }
    RowStats tail = view.tailRows() > 0 ? moment.tailStats(view) : null;
    return tail == null || tail.rows == 0
        ? new SeriesExtent(view.name(), view.kind(), entries, stepOfLast)
        : new SeriesExtent(view.name(), view.kind(), entries + tail.rows, tail.stepOfLast);
  }

  private static List<Long> stepsThatCount(
      RunMoment moment, RunMoment.View view, SeriesEntry sealed) throws IOException {
    if (view.kind() == Kind.MEDIA) {
      return new MediaFiles(moment.layout(), moment, view).sealedSteps();
    }
    Rows rows = new Rows(view.kind(), 0);
    new SealedRows(moment.layout(), sealed).read(Wanted.ALL.upTo(view.lastSealed()), rows);
    return Arrays.stream(rows.steps()).limit(rows.size()).boxed().toList();
  }
}
