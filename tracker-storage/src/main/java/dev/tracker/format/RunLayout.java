package dev.tracker.format;

import java.nio.file.Path;
import java.util.List;

/**
 * Where things are in a run folder.
 *
 * <pre>
 * root/
 *   data/metadata.db                     SQLite
 *   data/metrics/train__loss.lance/      one Lance dataset per scalar series
 *   data/histograms/grad__fc1_i32.lance/ one per histogram series
 *   data/tables/predictions.lance/       one per table
 *   journal/*.seg                        what is not sealed yet
 *   journal/writer.lock  writer.json     who writes the run
 *   media/                               files by content
 *   media/staged/                        those that are not sealed yet
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

  /** Returns the folder that holds one Lance dataset per histogram series. */
  public Path histograms() {
    return data().resolve("histograms");
  }

  /** Returns the folder that holds one Lance dataset per table. */
  public Path tables() {
    return data().resolve("tables");
  }

  /** Returns the folders that hold Lance datasets. */
  public List<Path> datasets() {
    return List.of(metrics(), histograms(), tables());
  }

  /**
   * Returns the folder that holds the Lance datasets of a kind; media have none.
   *
   * @throws IllegalArgumentException if the kind has none
   */
  public Path datasets(Kind kind) {
    return switch (kind) {
      case FLOAT64, INT64, BOOL, STRING -> metrics();
      case HISTOGRAM_I32, HISTOGRAM_U8 -> histograms();
      case TABLE -> tables();
      case MEDIA -> throw new IllegalArgumentException("media have no dataset");
    };
  }

  /**
   * Returns a series' Lance dataset.
   *
   * @param kind what it holds
   * @param folder the folder that metadata names, without its ending
   */
  public Path series(Kind kind, String folder) {
    return datasets(kind).resolve(folder + SERIES_SUFFIX);
  }

  /**
   * Whether a path that metadata names stays within the run folder: relative, with {@code /}, of
   * plain parts.
   */
  public static boolean isInside(String path) {
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return path.indexOf('\\') < 0 && path.indexOf('\0') < 0 && path.indexOf(':') < 0;
  }

  /** Returns the journal's folder. */
  public Path journal() {
    return root.resolve("journal");
  }

  /** Returns the folder of media files. */
  public Path media() {
    return root.resolve("media");
  }

  /** Returns the folder of media files that are not sealed yet. */
  public Path staged() {
    return media().resolve("staged");
  }

  /**
   * Returns where a media file is that is not sealed yet.
   *
   * @param digest its SHA-256
   * @param extension the ending of its name, without a dot
   */
  public Path staged(String digest, String extension) {
    return staged().resolve(digest + "." + extension);
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

  /** Returns all folders that have one name in every run. */
  public List<Path> folders() {
    return List.of(data(), metrics(), histograms(), tables(), journal(), media(), staged(), logs());
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
