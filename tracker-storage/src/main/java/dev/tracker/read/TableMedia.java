package dev.tracker.read;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The media of one page of a table, looked up when somebody asks. Any thread. */
final class TableMedia {
  private record Key(long step, String digest) {}

  private final RunReader reader;
  private final String table;
  private final long fromStep;
  private final long toStep;
  private final Map<String, Map<Key, MediaFile>> byColumn = new HashMap<>(); // guarded by this

  TableMedia(RunReader reader, String table, long fromStep, long toStep) {
    this.reader = reader;
    this.table = table;
    this.fromStep = fromStep;
    this.toStep = toStep;
  }

  /** Returns the entry of a content at a step. */
  synchronized Optional<MediaFile> find(String column, long step, String digest) {
    return Optional.ofNullable(
        byColumn.computeIfAbsent(column, this::read).get(new Key(step, digest)));
  }

  private Map<Key, MediaFile> read(String column) {
    Map<Key, MediaFile> found = new HashMap<>();
    for (MediaFile file : reader.media(table + '/' + column, fromStep, toStep)) {
      found.putIfAbsent(new Key(file.step(), file.digest()), file);
    }
    return found;
  }
}
