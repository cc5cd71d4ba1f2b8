package dev.tracker.torture.order;

import dev.tracker.Board;
import dev.tracker.Resume;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.read.TableRows;
import dev.tracker.verify.Finding;
import dev.tracker.verify.Severity;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Looks at a run that a power cut left, and at what it was repaired to: does it open, is it true,
 * does it hold what was promised?
 */
final class Remains {
  private final Path root;
  private final Path run;
  private final long promised;

  /** Steps whose larger values a killed process may have taken with it. */
  private final LongPredicate mayLack;

  private final List<String> wrong = new ArrayList<>();

  private Remains(Path root, String run, long promised, LongPredicate mayLack) {
    this.root = root;
    this.run = root.resolve(OrderVictim.PROJECT).resolve(run);
    this.promised = promised;
    this.mayLack = mayLack;
  }

  /** Returns what is wrong; nothing where a run is not there yet, and need not be. */
  static List<String> check(Path root, Ledger ledger, LongPredicate mayLack, boolean resume) {
    Remains left = new Remains(root, OrderVictim.RUN, ledger.promised(), mayLack);
    if (Files.isDirectory(left.run.resolve("journal")) || ledger.opened()) {
      left.check(resume);
    }
    Remains repaired =
        new Remains(root, OrderVictim.REPAIRED, ledger.promisedOfRepaired(), mayLack);
    if (Files.exists(repaired.run) || ledger.repaired()) {
      repaired.check(false);
    }
    return Stream.of(left, repaired).flatMap(remains -> remains.wrong.stream()).toList();
  }

  private void check(boolean resume) {
    try {
      look();
      if (resume) {
        goOn();
      }
    } catch (RuntimeException | IOException e) {
      wrong.add(run.getFileName() + ": " + e);
    }
  }

  private void look() throws IOException {
    try (RunReader reader = RunReader.open(run)) {
      long steps = numbers(reader);
      each(
          reader.metrics(),
          Story.TEXT,
          steps,
          name -> {
            String[] values = reader.strings(name).values();
            return matching(reader.strings(name).steps(), i -> values[i], s -> Story.text(s));
          });
      each(reader.histograms(), Story.HISTOGRAM, steps, name -> reader.histograms(name).steps());
      for (String media : List.of(Story.SMALL, Story.LARGE)) {
        each(reader.media(), media, steps, this.media(reader));
      }
      each(reader.tables(), Story.TABLE, steps, name -> rows(reader.tables(name)));
    }
    for (Finding finding : Verifier.verify(run).findings()) {
      boolean torn = finding.severity() == Severity.WARNING && finding.part().equals("journal");
      if (finding.severity() != Severity.NOTE && !torn) {
        wrong.add(finding.toString());
      }
    }
  }

  private interface Steps {
    long[] of(String name) throws IOException;
  }

  private long numbers(RunReader reader) {
    boolean any = reader.metrics().contains(Story.NUMBER);
    Scalars scalars = any ? reader.scalars(Story.NUMBER) : null;
    long steps = scalars == null ? 0 : scalars.size();
    if (steps < promised) {
      wrong.add("steps are missing: found=" + steps + " promised=" + promised);
    }
    for (int i = 0; scalars != null && i < steps; i++) {
      long bits = Double.doubleToRawLongBits(scalars.values()[i]);
      if (scalars.steps()[i] != i || bits != Double.doubleToRawLongBits(Story.number(i))) {
        wrong.add(
            "not what was logged: row=%d step=%d bits=%x".formatted(i, scalars.steps()[i], bits));
        break;
      }
    }
    return steps;
  }

  private static long[] rows(TableRows table) {
    return StreamSupport.stream(table.spliterator(), false)
        .mapToLong(row -> Story.text(row.step()).equals(row.get("text")) ? row.step() : -1)
        .toArray();
  }

  private static long[] matching(
      long[] steps, IntFunction<String> found, LongFunction<String> logged) {
    for (int i = 0; i < steps.length; i++) {
      if (!found.apply(i).equals(logged.apply(steps[i]))) {
        return new long[] {-1};
      }
    }
    return steps;
  }

  private Steps media(RunReader reader) {
    return name -> {
      List<MediaFile> files = reader.media(name);
      for (MediaFile file : files) {
        if (!Arrays.equals(file.bytes(), Story.media(name, file.step()))) {
          wrong.add("not the bytes that were logged: media=" + name + " step=" + file.step());
        }
      }
      return files.stream().mapToLong(MediaFile::step).toArray();
    };
  }

  /** Every step that was to have a value of a series has it, in order, once. */
  private void each(List<String> names, String name, long steps, Steps found) throws IOException {
    long[] there = names.contains(name) ? found.of(name) : new long[0];
    int next = 0;
    for (long step = 0; step < steps; step++) {
      boolean is = next < there.length && there[next] == step;
      if (is) {
        next++;
      } else if (Story.has(name, step) && step < promised && !mayLack.test(step)) {
        wrong.add(
            String.format(
                Locale.ROOT, "missing: series=%s step=%d promised=%d", name, step, promised));
        return;
      }
    }
    if (next < there.length) {
      wrong.add("not in order, twice, or never logged: series=" + name + " step=" + there[next]);
    }
  }

  /** The next writer goes on with it, ends it, and all is right. */
  private void goOn() throws IOException {
    Board.Builder builder =
        Board.builder("order")
            .root(root)
            .project(OrderVictim.PROJECT)
            .id(OrderVictim.RUN)
            .resume(Resume.ALLOW)
            .environment(false)
            .systemMetrics(Duration.ZERO);
    long steps;
    try (RunReader reader = RunReader.open(run)) {
      steps = reader.metrics().contains(Story.NUMBER) ? reader.scalars(Story.NUMBER).size() : 0;
    }
    try (Board board = builder.open()) {
      board.log(Story.NUMBER, Story.number(steps));
      board.finish();
    }
    try (RunReader reader = RunReader.open(run)) {
      if (numbers(reader) != steps + 1) {
        wrong.add("not gone on with: expected=" + (steps + 1));
      }
    }
    Verifier.verify(run).findings().stream()
        .filter(finding -> finding.severity() != Severity.NOTE)
        .forEach(finding -> wrong.add("after going on: " + finding));
  }
}
