package dev.tracker.format;

import java.nio.file.Path;

/**
 * Where things are in a run folder.
 *
 * <pre>
 * root/
 *   data/metadata.db                     SQLite
 *   data/metrics/train__loss.lance/      one Lance dataset per series
 *   journal/*.seg                        what is not sealed yet
 *   journal/writer.lock  writer.json     who writes the run
 *   media/                               files by content
 *   logs/                                what the library and the program said
 * </pre>
 *
 * @param root the run folder itself
 */
public record RunLayout(Path root) {
  /** The ending of a series' folder. */
  public static final String SERIES_SUFFIX = ".lance";

  /** Returns the folder of what is sealed. */
  public Path data() {
    return root.resolve("data");
  }

  /** Returns the SQLite database. Only SQLite may open it, see {@code docs/decisions.md}. */
  public Path metadata() {
    return data().resolve("metadata.db");
  }

  /** Returns the folder that holds one Lance dataset per scalar series. */
  public Path metrics() {
    return data().resolve("metrics");
  }

  /**
   * Returns a series' Lance dataset.
   *
   * @param folder the folder that metadata names, without its ending
   */
  public Path series(String folder) {
    return metrics().resolve(folder + SERIES_SUFFIX);
  }

  /** Returns the journal's folder. */
  public Path journal() {
    return root.resolve("journal");
  }

  /** Returns the folder of media files. */
  public Path media() {
    return root.resolve("media");
  }

  /** Returns the folder of text logs. */
  public Path logs() {
    return root.resolve("logs");
  }

  /** Returns what the program printed: {@link ConsoleLog}. */
  public Path output() {
    return root.resolve(ConsoleLog.PATH);
  }

  /** Returns what the library did. */
  public Path log() {
    return logs().resolve("tracker.log");
  }

  /** Returns what the library did before that. */
  public Path olderLog() {
    return logs().resolve("tracker.log.1");
  }

  /** Returns the file whose lock the writer holds. */
  public Path lock() {
    return journal().resolve("writer.lock");
  }

  /** Returns the file that names the writer: process, host and heartbeat. */
  public Path holder() {
    return journal().resolve("writer.json");
  }
}
