package dev.tracker.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.MediaForm;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.JournalScan;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.metadata.FileEntry;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.value.Histogram;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Looks through the journal beyond the checkpoint, and through what it names. */
final class JournalSurvey implements JournalScan.Sink {
  private static final String REPAIR = "tracker repair saves every other whole frame";
  private static final String TORN = "what comes before is whole; the next writer goes on there";

  private final RunLayout layout;
  private final Consumer<Finding> findings;
  private final Map<Integer, Kind> kinds = new HashMap<>();
  private final Map<Integer, String> names = new HashMap<>();

  /** The digests of all files that metadata names. */
  private final Set<String> committed;

  private final Set<Path> staged = new HashSet<>();

  /** The entries of media, by what a media file tells of the first that held it. */
  private final Set<Held> held = new HashSet<>();

  private record Held(String digest, long step) {}

  private final long from;
  private long records;
  private long segments;
  private boolean atZero;
  private @Nullable RunDocument document;

  /** The position after the last frame. */
  private long reached;

  /** The first position that is missing where a power cut may have taken it; -1 for none. */
  private long hole = -1;

  /** What is wrong at that position and behind it; damage, if it had been on stable storage. */
  private final List<Finding> doubts = new ArrayList<>();

  JournalSurvey(
      RunLayout layout,
      Consumer<Finding> findings,
      List<SeriesEntry> series,
      Set<String> committed,
      long from) {
    this.layout = layout;
    this.findings = findings;
    this.committed = committed;
    this.from = from;
    this.reached = from;
    series.forEach(entry -> {
      kinds.put(entry.id(), entry.kind());
      names.put(entry.id(), entry.name());
    });
  }

  /** Looks, and returns how many records there are. */
  long make(RunDocument sealed) throws IOException {
    document = sealed.copy();
    if (Files.isDirectory(layout.journal())) {
      countSegments();
      JournalScan.scan(layout.journal(), from, this);
    }
    if (Files.isDirectory(layout.staged())) {
      try (var files = Files.list(layout.staged())) {
        files
            .filter(file -> !staged.contains(file))
            .forEach(file ->
                say(
                    Severity.NOTE,
                    "media",
                    "media/staged/" + file.getFileName(),
                    "no entry names it",
                    "nothing is lost; the next writer removes it"));
      }
    }
    return records;
  }

  private void countSegments() throws IOException {
    try (var files = Files.list(layout.journal())) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".seg")) {
          segments++;
          atZero |= name.startsWith("0".repeat(20));
        }
      }
    }
  }

  boolean beginsAtZero() {
    return atZero;
  }

  long segments() {
    return segments;
  }

  /** Whether an entry of a step has a content. */
  boolean holds(String digest, long step) {
    return held.contains(new Held(digest, step));
  }

  @Override
  public void frame(
      String file, long offset, Counters before, long end, JournalScan.Records frame) {
    records += end - before.position();
    reached = end;
    RecordCheck check = new RecordCheck();
    try {
      frame.to(check);
    } catch (IOException | RuntimeException e) {
      check.wrong(String.valueOf(e.getMessage()));
    }
    if (check.fault != null) {
      say(
          Severity.DAMAGE,
          "journal",
          "journal/" + file,
          "frame holds what does not fit: offset=%d position=%d what=%s"
              .formatted(offset, before.position(), check.fault),
          REPAIR);
    }
  }

  @Override
  public void missing(String file, long expected, long found) {
    doubt();
    say(
        Severity.DAMAGE,
        "journal",
        "journal/" + file,
        "records are gone: from=%d to=%d".formatted(expected, found - 1),
        REPAIR);
  }

  @Override
  public void fault(String file, long offset, JournalScan.Cause least, String what) {
    if (least == JournalScan.Cause.POWER_CUT) {
      doubt();
    }
    boolean torn = least == JournalScan.Cause.KILL;
    say(
        torn ? Severity.WARNING : Severity.DAMAGE,
        "journal",
        "journal/" + file,
        what + " offset=" + offset,
        torn ? TORN : REPAIR);
  }

  private void doubt() {
    hole = hole < 0 ? reached : hole;
  }

  @Override
  public void end(long stable) {
    boolean lost = stable > hole;
    for (Finding doubt : doubts) {
      findings.accept(
          lost
              ? doubt
              : new Finding(
                  Severity.WARNING,
                  doubt.part(),
                  doubt.where(),
                  doubt.what() + " (not on stable storage before: a power cut?)",
                  TORN));
    }
  }

  @Override
  public void leftOver(String file) {
    say(
        Severity.NOTE,
        "journal",
        "journal/" + file,
        "is sealed already, or superseded",
        "nothing is lost; the next writer removes it");
  }

  private void say(Severity severity, String part, String where, String what, String remedy) {
    Finding finding = new Finding(severity, part, where, what, remedy);
    if (severity == Severity.DAMAGE && hole >= 0) {
      doubts.add(finding);
    } else {
      findings.accept(finding);
    }
  }

  /** Returns what is wrong with a value of a kind; null for nothing. */
  static @Nullable String wrongEntry(Kind kind, byte[] bytes, int offset, int length) {
    try {
      switch (kind) {
        case MEDIA -> MediaForm.inline(bytes, offset, length);
        case HISTOGRAM_I32, HISTOGRAM_U8 ->
            Histogram.decode(
                ByteBuffer.wrap(bytes, offset, length).slice().order(ByteOrder.LITTLE_ENDIAN));
        case TABLE -> {} // see wrongRow
        default -> {
          return "entry of a series of scalars: kind=" + kind;
        }
      }
      return null;
    } catch (IOException | RuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Returns what is wrong with a row of a table; null for nothing. */
  static @Nullable String wrongRow(
      RunDocument document, @Nullable String table, byte[] bytes, int offset, int length) {
    JsonNode columns = document.fields().get(RunDocument.TABLE + table);
    try {
      TableSchema.ofJson(String.valueOf(table), columns).form().decode(bytes, offset, length);
      return null;
    } catch (IOException | RuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Returns what is wrong with a media file of the run; empty where it is whole. */
  static Optional<String> wrongContent(RunLayout layout, Path file, MediaForm form) {
    String path = layout.root().relativize(file).toString();
    return FileDigests.compare(
        layout.root(), new FileEntry(path, form.length(), "sha256:" + form.digest()));
  }

  /** Holds records against what is known. */
  private final class RecordCheck implements RecordVisitor {
    @Nullable String fault;

    void wrong(String what) {
      if (fault == null) {
        fault = what;
      }
    }

    private @Nullable Kind kind(int series) {
      Kind kind = kinds.get(series);
      if (kind == null) {
        wrong("value of a series that nothing defines: series=" + series);
      }
      return kind;
    }

    @Override
    public void series(int id, Kind kind, String name) {
      Kind before = kinds.putIfAbsent(id, kind);
      names.putIfAbsent(id, name);
      if (before != null && before != kind) {
        wrong("series changes its kind: series=" + id + " kind=" + kind + " before=" + before);
      }
    }

    @Override
    public void value(int series, long bits) {
      Kind kind = kind(series);
      if (kind != null && !kind.isFixed()) {
        wrong("64 bits for a series of another kind: series=" + series + " kind=" + kind);
      }
    }

    @Override
    public void text(int series, byte[] bytes, int offset, int length) {
      Kind kind = kind(series);
      if (kind != null && kind != Kind.STRING) {
        wrong("text for a series of another kind: series=" + series + " kind=" + kind);
      }
    }

    @Override
    public void entry(
        int series, long step, long globalStep, long micros, byte[] bytes, int offset, int length) {
      Kind kind = kind(series);
      if (kind == null && wrongEntry(Kind.MEDIA, bytes, offset, length) == null) {
        kind = Kind.MEDIA; // which a repair takes it for, too
      }
      String wrong = kind == null ? null : wrongEntry(kind, bytes, offset, length);
      RunDocument columns = document;
      if (kind == Kind.TABLE && columns != null) {
        wrong = wrongRow(columns, names.get(series), bytes, offset, length);
      }
      if (wrong != null) {
        wrong("entry is none of its kind: series=" + series + " cause=" + wrong);
      } else if (kind == Kind.MEDIA) {
        media(step, bytes, offset, length);
      }
    }

    private void media(long step, byte[] bytes, int offset, int length) {
      try {
        MediaForm form = MediaForm.decode(bytes, offset, length);
        held.add(new Held(form.digest(), step));
        Path file = form.staged() ? layout.staged(form.digest(), form.extension()) : null;
        if (file != null && staged.add(file) && !isCommitted(file, form)) {
          wrongContent(layout, file, form)
              .ifPresent(what ->
                  say(
                      Severity.DAMAGE,
                      "media",
                      "media/staged/" + file.getFileName(),
                      what,
                      "its entry is whole, and can be kept without it"));
        }
      } catch (IOException e) {
        wrong(String.valueOf(e.getMessage()));
      }
    }

    /**
     * Says whether what was staged has its final name already; there it is compared like others.
     */
    private boolean isCommitted(Path file, MediaForm form) {
      return Files.notExists(file, LinkOption.NOFOLLOW_LINKS)
          && committed.contains("sha256:" + form.digest());
    }

    @Override
    public void run(byte[] json) {
      RunDocument patched = document;
      if (patched != null) {
        try {
          patched.patch(json);
        } catch (IOException e) {
          wrong(String.valueOf(e.getMessage()));
        }
      }
    }
  }
}
