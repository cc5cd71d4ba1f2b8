package dev.tracker.read;

import dev.tracker.journal.JournalSummary;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.StepRange;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The ranges of global steps as of a moment. */
final class StepRanges {
  private final Map<Long, StepRange> ranges = new TreeMap<>();

  private StepRanges() {}

  /**
   * Joins the ranges in metadata with those in the journal.
   *
   * @throws PassedException if more was sealed since than the moment holds
   */
  static List<StepRange> of(RunMoment moment) throws IOException {
    MetadataReader.StepsAt sealed = MetadataReader.steps(moment.layout().metadata());
    if (sealed.position() > moment.end().position()) {
      throw new PassedException(
          "more of the run was sealed since than this moment holds: run=" + moment.layout().root());
    }
    StepRanges joined = new StepRanges();
    long limit = moment.limit(sealed.position());
    for (StepRange range : sealed.ranges()) {
      if (range.firstStep() <= limit) {
        joined.add(
            range.globalStep(),
            range.firstStep(),
            Math.min(limit, range.lastStep()),
            range.firstMicros(),
            range.lastMicros(),
            range.rows());
      }
    }
    JournalSummary tail = new JournalSummary();
    moment.decode(
        Math.max(sealed.position(), moment.checkpoint().position()), moment.end().position(), tail);
    tail.forEachRange(joined::add);
    return List.copyOf(joined.ranges.values());
  }

  private void add(
      long globalStep,
      long firstStep,
      long lastStep,
      long firstMicros,
      long lastMicros,
      long rows) {
    ranges.merge(
        globalStep,
        new StepRange(globalStep, firstStep, lastStep, firstMicros, lastMicros, rows),
        StepRanges::join);
  }

  private static StepRange join(StepRange a, StepRange b) {
    return new StepRange(
        a.globalStep(),
        Math.min(a.firstStep(), b.firstStep()),
        Math.max(a.lastStep(), b.lastStep()),
        Math.min(a.firstMicros(), b.firstMicros()),
        Math.max(a.lastMicros(), b.lastMicros()),
        a.rows() + b.rows());
  }
}
