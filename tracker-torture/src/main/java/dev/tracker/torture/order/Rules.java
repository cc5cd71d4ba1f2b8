package dev.tracker.torture.order;

import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.Snapshot;
import dev.tracker.torture.order.Trace.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What must be stable, at every system call at which it must:
 *
 * <ul>
 *   <li>when {@code flush} returns, and with STRICT when {@code log} does: the frames of all log
 *       calls before it, and the names of their segments;
 *   <li>when SQLite writes to its WAL: every file of series, media and console, and the folders
 *       above it up to the root; of a run that is being repaired up to that run;
 *   <li>when a repair returns: the same, and the database;
 *   <li>when a segment is deleted: a checkpoint that is not before its end;
 *   <li>when a staged file is deleted, or a series' file: everything that SQLite has written.
 * </ul>
 */
final class Rules {
  private static final String RUN = OrderVictim.PROJECT + "/" + OrderVictim.RUN + "/";
  private static final String DATABASE = RUN + "data/metadata.db";
  private static final String WAL = DATABASE + "-wal";
  private static final String REPAIRED = OrderVictim.PROJECT + "/" + OrderVictim.REPAIRED;

  /** What the repaired run is called until it is whole. */
  private static final String MAKING =
      OrderVictim.PROJECT + "/." + OrderVictim.REPAIRED + ".repair";

  private final Platter platter;
  private final String marks;
  private final Path scratch;
  private final Ledger ledger = new Ledger();
  private final JournalFrames frames = new JournalFrames();
  private final List<String> broken = new ArrayList<>();
  private final Map<String, Integer> checked = new TreeMap<>();

  /**
   * What a process that was killed left of series: it may stay for a while, and nobody names it.
   */
  private final Set<StoredFile> left = new HashSet<>();

  Rules(Platter platter, Path marks, Path scratch) {
    this.platter = platter;
    this.marks = marks.toString();
    this.scratch = scratch;
  }

  Ledger ledger() {
    return ledger;
  }

  /** Returns what was broken, each with what it was about. */
  List<String> broken() {
    return broken;
  }

  /** Returns how often each rule was looked at. */
  Map<String, Integer> checked() {
    return checked;
  }

  /** Looks at a call before the platter takes it in. */
  void before(Event event) throws IOException {
    Call call = event.call();
    if (!event.begins()) {
      return;
    }
    switch (call.name()) {
      case "pwrite64", "write" -> beforeWrite(call);
      case "unlink" -> beforeDelete(call.text(0));
      case "unlinkat" -> beforeDelete(call.pathAt(0, 1));
      default -> {}
    }
  }

  /** Looks at a call after the platter has taken it in. */
  void after(Event event) {
    Call call = event.call();
    if (event.succeeded() && call.name().equals("pwrite64")) {
      String path = platter.relative(Call.path(call.argument(0)));
      StoredFile file = platter.written(call);
      if (path != null && file != null && path.startsWith(RUN + "journal/")) {
        frames.take(file, platter.changes(), call.number64(3), call.bytes(1));
      }
    }
  }

  /** A process was killed. */
  void killed() {
    platter.forEachFile((path, file) -> {
      if (path.startsWith(RUN + "data/") && !platter.isStable(path)) {
        left.add(file);
      }
    });
  }

  private void beforeWrite(Call call) {
    String path = Call.path(call.argument(0));
    if (path.equals(marks)) {
      mark(new String(call.bytes(1), StandardCharsets.UTF_8));
    } else if ((MAKING + "/data/metadata.db-wal").equals(platter.relative(path))) {
      count("the same while a run is repaired");
      platter.forEachFile((name, file) -> {
        if (isNamed(MAKING + "/", name) && !platter.isStableIn(MAKING, name)) {
          broken.add("committed before it was forced: file=" + name);
        }
      });
    } else if (WAL.equals(platter.relative(path))) {
      count("series, media and console are forced before the commit");
      platter.forEachFile((name, file) -> {
        if (isNamed(RUN, name) && !left.contains(file) && !platter.isStable(name)) {
          broken.add("committed before it was forced: file=" + name);
        }
      });
    }
  }

  /** Whether a run's metadata may name a file: neither Lance's traces, nor what is on its way. */
  private static boolean isNamed(String run, String path) {
    if (path.startsWith(run + "media/")) {
      return !path.startsWith(run + "media/staged/") && !path.contains("/.copy-");
    }
    return path.equals(run + "logs/output.log")
        || (path.startsWith(run + "data/")
            && !path.startsWith(run + "data/metadata.db")
            && !path.contains("/_transactions/"));
  }

  private void repaired() {
    count("a repaired run is forced before it is reported");
    platter.forEachFile((name, file) -> {
      boolean isKept = isNamed(REPAIRED + "/", name) || name.equals(REPAIRED + "/data/metadata.db");
      if (isKept && !platter.isStable(name)) {
        broken.add("reported before it was forced: file=" + name);
      }
    });
  }

  private void mark(String line) {
    ledger.take(line);
    if (line.startsWith("opened")) {
      frames.beginAttempt();
    } else if (line.startsWith("repair returned")) {
      repaired();
    } else if (line.contains(" returned") && !line.startsWith("rewind")) {
      boolean strict = line.startsWith("log");
      count(strict ? "STRICT: forced before log returns" : "forced before flush or finish returns");
      if (frames.rows() < ledger.rows()) {
        broken.add("returned before it was written: " + line.strip() + " written=" + frames.rows());
      }
      for (StoredFile file : frames.unforced(ledger.rows())) {
        broken.add("returned before it was forced: " + line.strip() + " file=" + path(file));
      }
      for (StoredFile file : frames.files(ledger.rows())) {
        String path = path(file);
        if (!path.isEmpty() && !isEntered(path)) {
          broken.add("returned before its name was forced: " + line.strip() + " file=" + path);
        }
      }
    }
  }

  /** Returns where a file is; empty where it was deleted. */
  private String path(StoredFile file) {
    List<String> found = new ArrayList<>();
    platter.forEachFile((path, other) -> {
      if (other.equals(file)) {
        found.add(path);
      }
    });
    return found.isEmpty() ? "" : found.get(0);
  }

  private boolean isEntered(String path) {
    int name = path.lastIndexOf('/');
    String folder = path.substring(0, name);
    Stored entry = platter.find(path);
    return platter.isStable(folder)
        && entry != null
        && platter.find(folder) instanceof StoredFolder stored
        && stored.holdsForSure(path.substring(name + 1), entry);
  }

  private void beforeDelete(String file) throws IOException {
    String path = platter.relative(file);
    Stored stored = path == null ? null : platter.find(path);
    if (path == null || !(stored instanceof StoredFile deleted)) {
      return;
    }
    if (path.startsWith(RUN) && path.endsWith(".seg")) {
      count("a checkpoint is forced before its segments are deleted");
      long checkpoint = stableCheckpoint();
      if (checkpoint < frames.end(deleted)) {
        broken.add(
            "segment deleted before its checkpoint was forced: file=%s end=%d checkpoint=%d"
                .formatted(path, frames.end(deleted), checkpoint));
      }
    } else if (path.startsWith(RUN + "media/staged/") && !path.contains("/.copy-")) {
      count("a commit is forced before staged media are deleted");
      if (platter.find(WAL) != null && !platter.isStable(WAL)) {
        broken.add("deleted before the commit was forced: file=" + path);
      }
    }
  }

  /** Returns the checkpoint that a power cut would leave at worst; -1 where there is none. */
  private long stableCheckpoint() throws IOException {
    Path database = scratch.resolve("metadata.db");
    for (String end : List.of("", "-wal", "-shm", "-journal")) {
      Files.deleteIfExists(scratch.resolve("metadata.db" + end));
    }
    for (String end : List.of("", "-wal", "-journal")) {
      String path = DATABASE + end;
      if (platter.find(path) instanceof StoredFile file && isEntered(path)) {
        Files.write(scratch.resolve("metadata.db" + end), file.content(change -> false));
      }
    }
    if (!Files.exists(database)) {
      return -1;
    }
    return MetadataReader.read(database)
        .map(Snapshot::checkpoint)
        .map(c -> c.position())
        .orElse(-1L);
  }

  private void count(String rule) {
    checked.merge(rule, 1, Integer::sum);
  }

  /** Deletes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }
}
