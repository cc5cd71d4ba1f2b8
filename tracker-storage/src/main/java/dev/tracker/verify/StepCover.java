package dev.tracker.verify;

import dev.tracker.metadata.StepRange;
import dev.tracker.series.Rows;
import java.util.List;
import java.util.function.Consumer;

/** Whether every row lies within the range that metadata gives for its global step. */
final class StepCover {
  private final List<StepRange> ranges;
  private int last;
  private long outside;
  private String example = "";

  /**
   * Takes the ranges.
   *
   * @param ranges by global step; none where they are not to be held against rows
   */
  StepCover(List<StepRange> ranges) {
    this.ranges = ranges;
  }

  List<StepRange> ranges() {
    return ranges;
  }

  boolean isRight() {
    return outside == 0;
  }

  void check(String series, Rows rows) {
    if (ranges.isEmpty()) {
      return;
    }
    long[] steps = rows.steps();
    long[] globalSteps = rows.globalSteps();
    long[] micros = rows.micros();
    for (int i = 0; i < rows.size(); i++) {
      int at = find(globalSteps[i]);
      StepRange range = ranges.get(Math.max(0, at));
      if (at < 0
          || steps[i] < range.firstStep()
          || steps[i] > range.lastStep()
          || micros[i] < range.firstMicros()
          || micros[i] > range.lastMicros()) {
        if (outside++ == 0) {
          example =
              "series=%s step=%d global step=%d time=%d"
                  .formatted(series, steps[i], globalSteps[i], micros[i]);
        }
      }
    }
  }

  private int find(long globalStep) {
    if (ranges.get(last).globalStep() == globalStep) {
      return last;
    }
    int low = 0;
    int high = ranges.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long there = ranges.get(middle).globalStep();
      if (there == globalStep) {
        last = middle;
        return middle;
      }
      if (there < globalStep) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  void tell(Consumer<Finding> findings) {
    if (outside > 0) {
      findings.accept(
          new Finding(
              Severity.DAMAGE,
              "metadata",
              "data/metadata.db",
              "rows lie outside of the ranges of their global steps: rows="
                  + outside
                  + " first: "
                  + example,
              "the rows are whole; tracker repair makes the ranges anew"));
    }
  }
}
