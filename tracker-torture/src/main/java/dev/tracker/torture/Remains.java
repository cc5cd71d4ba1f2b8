package dev.tracker.torture;

import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.Snapshot;
import dev.tracker.series.SeriesDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** In what state a run's folder was left: tells whether a death came when it was wanted. */
final class Remains {
  /** It stays as long as a reader looks. */
  static final String WAL = "metadata.db with its WAL";

  private Remains() {}

  /** Returns what there is, in words; changes nothing. */
  static Set<String> of(Path run) throws IOException {
    Set<String> remains = new TreeSet<>();
    RunLayout layout = new RunLayout(run);
    if (!Files.exists(layout.journal())) {
      remains.add("no run yet");
      return remains;
    }
    if (!list(layout.journal(), ".seg").isEmpty()) {
      remains.add("segments not sealed or not yet deleted");
    }
    if (Files.exists(layout.staged()) && !list(layout.staged(), "").isEmpty()) {
      remains.add("staged media");
    }
    Set<String> files = new TreeSet<>();
    Optional<Snapshot> snapshot =
        MetadataReader.read(layout.metadata(), file -> files.add(file.path()));
    if (snapshot.isEmpty()) {
      remains.add("no metadata yet");
    }
    if (lineBytes(run) > snapshot.map(Snapshot::outputBytes).orElse(0L)) {
      remains.add("lines of the console that metadata does not name");
    }
    if (Files.exists(Path.of(layout.metadata() + "-wal"))) {
      remains.add(WAL);
    }
    List<SeriesEntry> series = snapshot.map(Snapshot::series).orElse(List.of());
    Set<Path> known =
        series.stream()
            .filter(entry -> entry.kind() != Kind.MEDIA)
            .map(entry -> layout.series(entry.kind(), entry.folder()))
            .collect(Collectors.toSet());
    for (Path folders : layout.datasets()) {
      for (Path folder : list(folders, RunLayout.SERIES_SUFFIX)) {
        if (!known.contains(folder)) {
          remains.add("datasets that metadata does not name");
        }
      }
    }
    for (SeriesEntry entry : series) {
      if (entry.kind() != Kind.MEDIA && entry.rows() > 0) {
        look(layout, entry, files, remains);
      }
    }
    return remains;
  }

  private static void look(
      RunLayout layout, SeriesEntry entry, Set<String> files, Set<String> remains)
      throws IOException {
    Path folder = layout.series(entry.kind(), entry.folder());
    for (long version : SeriesDataset.versions(folder)) {
      if (version != entry.version()) {
        remains.add(
            "manifests " + (version > entry.version() ? "newer" : "older") + " than recorded");
      }
    }
    for (Path file : list(folder.resolve("data"), ".lance")) {
      if (!files.contains(layout.root().relativize(file).toString())) {
        remains.add("data files that metadata does not name");
      }
    }
  }

  /** Returns how many data files there are, whether metadata names them or not. */
  static long dataFiles(Path run) {
    long files = 0;
    try {
      for (Path folders : new RunLayout(run).datasets()) {
        for (Path folder : list(folders, RunLayout.SERIES_SUFFIX)) {
          files += list(folder.resolve("data"), ".lance").size();
        }
      }
    } catch (IOException | UncheckedIOException e) {
      return files; // going away while we look
    }
    return files;
  }

  /** Returns how many bytes of lines there are, whether metadata names them or not. */
  static long lineBytes(Path run) {
    return new RunLayout(run).output().toFile().length();
  }

  private static List<Path> list(Path folder, String suffix) throws IOException {
    if (!Files.exists(folder)) {
      return new ArrayList<>();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(path -> path.toString().endsWith(suffix)).toList();
    }
  }
}
