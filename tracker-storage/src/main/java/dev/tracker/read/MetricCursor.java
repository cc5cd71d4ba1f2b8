package dev.tracker.read;

import dev.tracker.metadata.SeriesEntry;

/**
 * Up to where the rows of a metric have been told.
 *
 * @param position the journal position of the moment in which that was so
 * @param generation the series' generation in it
 * @param rows how many rows it had; -1 where that was not known
 */
record MetricCursor(long position, int generation, long rows) {
  /** The generation of a series that nothing is sealed of: it will be its first. */
  private static final int FIRST_GENERATION = 1;

  /** Returns the end of a metric as of a moment. */
  static MetricCursor endOf(RunMoment moment, String metric) {
    RunMoment.View view = moment.view(metric);
    if (view == null) {
      return new MetricCursor(moment.end().position(), FIRST_GENERATION, 0);
    }
    return at(moment, view, view.isCut() ? -1 : view.rows());
  }

  /** Returns the place behind the first rows of a view. */
  static MetricCursor at(RunMoment moment, RunMoment.View view, long rows) {
    return new MetricCursor(moment.end().position(), generation(view), rows);
  }

  private static int generation(RunMoment.View view) {
    SeriesEntry sealed = view.sealed();
    return sealed == null ? FIRST_GENERATION : sealed.generation();
  }

  /** Whether the first rows of a later view, as many as were told, are those that were told. */
  boolean isPrefixOf(RunMoment.View view, RunMoment later) {
    return rows >= 0
        && !view.isCut()
        && generation(view) == generation
        && rows <= view.rows()
        && !later.rewindsFrom(position);
  }
}
