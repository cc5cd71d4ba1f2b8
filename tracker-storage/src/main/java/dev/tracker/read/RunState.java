package dev.tracker.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /**
   * Returns the columns of each table.
   *
   * @throws IOException if the document does not tell those of one: what is appended could not be
   *     sealed
   */
  public Map<String, TableSchema> tables() throws IOException {
    Map<String, TableSchema> tables = new HashMap<>();
    for (SeriesName one : series) {
      if (one.kind == Kind.TABLE) {
        JsonNode columns = document.fields().get(RunDocument.TABLE + one.name);
        tables.put(one.name, TableSchema.ofJson(one.name, columns));
      }
    }
    return tables;
  }

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
