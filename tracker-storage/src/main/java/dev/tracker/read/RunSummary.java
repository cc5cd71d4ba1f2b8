package dev.tracker.read;

import java.io.IOException;
import java.util.Map;

/**
 * A run and what its metrics amount to.
 *
 * @param info what is known of the run
 * @param metrics what each metric amounts to, by name, in the order of first use
 */
public record RunSummary(RunInfo info, Map<String, MetricSummary> metrics) {
  static RunSummary of(RunMoment moment, RunInfo info) throws IOException {
    return new RunSummary(info, MetricSummary.all(moment));
  }
}
