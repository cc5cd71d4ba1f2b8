package dev.tracker.export;

/** Hears how far an export is, at times. */
@FunctionalInterface
public interface ExportListener {
  /**
   * Says how far it is; called by the exporting thread, at least once for each metric.
   *
   * @param rows how many rows have been written
   * @param metrics how many metrics have been written whole, those of all runs counted
   * @param ofMetrics how many there are
   */
  void exported(long rows, int metrics, int ofMetrics);
}
