package dev.tracker.read;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import java.io.IOException;
import java.util.List;

/**
 * What a writer must know to go on with a run: nothing but the end of it.
 *
 * @param counters where the journal ends, and the steps there
 * @param series every series there is
 * @param document what is known of the run besides
 */
public record RunState(Counters counters, List<SeriesName> series, RunDocument document) {
  /**
   * A series by its number.
   *
   * @param id the number, for ever
   * @param name the name
   * @param kind what it holds
   */
  public record SeriesName(int id, String name, Kind kind) {}

  /** Reads it; the caller holds the run's lock, so that it stays true. */
  public static RunState load(RunLayout layout) throws IOException {
    try (RunMoment moment = RunMoment.take(layout)) {
      List<SeriesName> series =
          moment.views().values().stream()
              .map(view -> new SeriesName(view.id(), view.name(), view.kind()))
              .toList();
      return new RunState(moment.end(), series, moment.document().copy());
    }
  }
}
