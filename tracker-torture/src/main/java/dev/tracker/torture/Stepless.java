package dev.tracker.torture;

import static dev.tracker.torture.Checker.require;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.journal.JournalReader;
import dev.tracker.journal.JournalSummary;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.Snapshot;
import dev.tracker.read.ConsoleLine;
import dev.tracker.read.RunReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a run has besides rows, and no rewind takes away, against the {@link Ledger}: lines of
 * the console, tags and config.
 *
 * <p>Each thread prints, tags and changes the config before the call that says so, so that all of
 * this is there up to one call of each thread: at least up to the last one that was flushed, whose
 * row is there, or whose line, tag or value of the config is; of the one after it some may be.
 * Lines are there once, in their order, and were captured; one may be missing only where the run
 * declares a loss, for a line waits for a full queue a moment only. Of a life that was over when it
 * was last looked at nothing changes any more.
 */
final class Stepless {
  /** A thread in a life. */
  private record Voice(int life, int thread) {}

  private final Path run;
  private final Call.Script script;
  private final Ledger ledger;

  // What the last check found.
  private List<String> linesBefore = List.of();
  private Map<Voice, Set<Long>> tagsBefore = Map.of();
  private final Map<Integer, Double> configBefore = new HashMap<>();
  private int lifeBefore = -1;

  private Found[] found = {};

  /** Up to which call of a thread all must be there. */
  private Map<Voice, Long> whole = Map.of();

  Stepless(Path run, Call.Script script, Ledger ledger) {
    this.run = run;
    this.script = script;
    this.ledger = ledger;
  }

  /** Checks everything, and returns how many values it has compared. */
  long check(RunReader reader, Found... rows) throws IOException {
    found = rows;
    whole = new HashMap<>();
    for (int life : ledger.lives()) {
      for (int thread = 0; thread < script.threads(); thread++) {
        Voice voice = new Voice(life, thread);
        reaches(voice, found[thread].calls(life));
        reaches(voice, said(life).everFlushed[thread]);
      }
    }
    List<String> lines = new ArrayList<>();
    Map<Voice, List<Long>> printed = lines(reader.console(), lines);
    Map<Voice, Set<Long>> tags = tags(reader.info().tags());
    Map<Integer, Double> config = config(reader.info().config());
    printed.forEach((voice, numbers) -> reaches(voice, numbers.get(numbers.size() - 1)));
    tags.forEach((voice, numbers) -> numbers.forEach(number -> reaches(voice, number)));
    config.forEach((thread, id) -> reaches(new Voice(Call.life(id), thread), Call.number(id)));
    checkLines(lines, printed);
    checkTags(tags);
    checkConfig(config);
    linesBefore = lines;
    tagsBefore = tags;
    configBefore.putAll(config);
    lifeBefore = ledger.lastLife();
    return (long) lines.size() + reader.info().tags().size() + config.size();
  }

  private void reaches(Voice voice, long calls) {
    whole.merge(voice, calls, Math::max);
  }

  private Ledger.Life said(int life) {
    Ledger.Life said = ledger.life(life);
    if (said == null) {
      throw new AssertionError("there was no life " + life);
    }
    return said;
  }

  /** Returns the last call of which something may be there. */
  private long limit(Voice voice) {
    long[] made = said(voice.life).made;
    if (made != null) {
      return made[voice.thread];
    }
    boolean wentBack = ledger.rewinds().stream().anyMatch(rewind -> rewind.life >= voice.life);
    return wentBack ? Long.MAX_VALUE : found[voice.thread].calls(voice.life);
  }

  /** Returns the call that a line or tag tells of. */
  private Call call(String text) {
    String[] words = text.split(" ", -1);
    Call call =
        script.call(
            Integer.parseInt(words[1]), Integer.parseInt(words[2]), Long.parseLong(words[3]));
    long limit = limit(new Voice(call.life(), call.thread()));
    require(call.number() <= limit, () -> "'" + text + "' is of a call after " + limit);
    return call;
  }

  // ---- the console

  /** Reads which lines each thread has printed, and adds all of them to a list. */
  private Map<Voice, List<Long>> lines(List<ConsoleLine> console, List<String> all) {
    Map<Voice, List<Long>> printed = new HashMap<>();
    long micros = 0;
    for (ConsoleLine line : console) {
      long last = micros;
      require(line.timestamp() >= last, () -> "time goes back in the console: " + line);
      micros = line.timestamp();
      if (!line.text().startsWith(Call.LINE + " ")) {
        continue; // the library's own warnings are captured, too
      }
      Call call = call(line.text());
      Voice voice = new Voice(call.life(), call.thread());
      List<Long> numbers = printed.computeIfAbsent(voice, key -> new ArrayList<>());
      long previous = numbers.isEmpty() ? -1 : numbers.get(numbers.size() - 1);
      require(
          call.prints()
              && previous < call.number()
              && line.text().equals(call.line())
              && line.stream() == ConsoleStream.OUT
              && said(call.life()).captures,
          () -> "the console has '" + line + "' after number " + previous);
      numbers.add(call.number());
      all.add(line.text());
    }
    return printed;
  }

  private void checkLines(List<String> lines, Map<Voice, List<Long>> printed) throws IOException {
    int kept = linesBefore.size();
    require(
        lines.size() >= kept && lines.subList(0, kept).equals(linesBefore),
        () -> "lines of the console are lost or others: before=" + linesBefore + " now=" + lines);
    long missing = 0;
    StringBuilder which = new StringBuilder();
    for (Map.Entry<Voice, Long> entry : whole.entrySet()) {
      Voice voice = entry.getKey();
      List<Long> all = printed.getOrDefault(voice, List.of());
      Set<Long> there = new HashSet<>(all);
      long end = endOfLines(voice, entry.getValue());
      long last = all.isEmpty() ? -1 : all.get(all.size() - 1);
      for (long number = 0; number < Math.max(end, last); number++) {
        if (script.call(voice.life, voice.thread, number).prints() && !there.contains(number)) {
          missing++;
          which.append(' ').append(voice).append(" number ").append(number);
        }
      }
    }
    long lost = missing == 0 ? 0 : declared();
    require(missing <= lost, () -> "lines of the console are missing: declared=" + lost + which);
  }

  /** Returns up to which call lines must be there: a board that finishes captures no more. */
  private long endOfLines(Voice voice, long calls) {
    Ledger.Life life = said(voice.life);
    long[] atFinish = life.atFinish;
    if (!life.captures) {
      return 0;
    }
    return atFinish == null ? calls : Math.min(calls, atFinish[voice.thread]);
  }

  /** Returns how many log calls and lines the run says to have lost. */
  private long declared() throws IOException {
    RunLayout layout = new RunLayout(run);
    Optional<Snapshot> sealed = MetadataReader.read(layout.metadata());
    JournalSummary rest = new JournalSummary();
    try (JournalReader journal =
        JournalReader.open(
            layout.journal(),
            sealed.map(Snapshot::checkpoint).map(Counters::position).orElse(0L),
            FileLayer.real())) {
      while (journal.nextFrame()) {
        journal.decode(rest);
      }
    }
    return sealed.map(Snapshot::rowsLost).orElse(0L)
        + rest.gaps().stream().mapToLong(JournalSummary.Dropped::rows).sum();
  }

  // ---- tags

  /** Reads which calls of each thread the run is tagged with, and checks those of lives. */
  private Map<Voice, Set<Long>> tags(List<String> all) {
    Map<Voice, Set<Long>> tags = new HashMap<>();
    Set<String> others = new TreeSet<>();
    for (String tag : all) {
      boolean isNew;
      if (tag.startsWith(Call.TAG + " ")) {
        Call call = call(tag);
        Voice voice = new Voice(call.life(), call.thread());
        isNew =
            call.changesTags()
                && tags.computeIfAbsent(voice, key -> new TreeSet<>()).add(call.number());
      } else {
        isNew = others.add(tag);
      }
      require(isNew, () -> "tag '" + tag + "' is there twice or was never given: " + all);
    }
    for (int life : ledger.lives()) {
      boolean isThere = others.remove(Call.tagOfLife(life));
      boolean mustBe =
          said(life).openingIsKept
              || whole.entrySet().stream()
                  .anyMatch(entry -> entry.getKey().life == life && entry.getValue() > 0)
              || tags.keySet().stream().anyMatch(voice -> voice.life == life);
      require(isThere || !mustBe, () -> "the tag of life " + life + " is not there: " + all);
    }
    require(others.isEmpty(), () -> "tags that nobody gave: " + others);
    return tags;
  }

  private void checkTags(Map<Voice, Set<Long>> tags) {
    whole.forEach((voice, calls) -> {
      Call next = script.call(voice.life, voice.thread, calls);
      Call last = next.tagsBefore();
      Set<Long> there = tags.getOrDefault(voice, Set.of());
      Set<Long> old = last == null ? Set.of() : Set.of(last.number());
      Set<Long> both = new TreeSet<>(old);
      both.add(calls);
      boolean isNext = next.changesTags() && calls <= limit(voice);
      require(
          there.equals(old) || (isNext && (there.equals(both) || there.equals(Set.of(calls)))),
          () ->
              "tags of " + voice + " are of calls " + there + ": calls=" + calls + " last=" + old);
      require(
          voice.life > lifeBefore || there.equals(tagsBefore.getOrDefault(voice, Set.of())),
          () -> "tags of " + voice + " were " + tagsBefore.get(voice) + " and are " + there);
    });
  }

  // ---- config

  /** Reads of which call each thread's value of the config is. */
  private Map<Integer, Double> config(Map<String, Object> all) {
    Map<Integer, Double> config = new HashMap<>();
    for (int thread = 0; thread < script.threads(); thread++) {
      if (all.get(Call.configKey(thread)) instanceof Number id) {
        config.put(thread, id.doubleValue());
      }
    }
    return config;
  }

  private void checkConfig(Map<Integer, Double> config) {
    for (int thread = 0; thread < script.threads(); thread++) {
      Double there = config.get(thread);
      List<@Nullable Double> may = new ArrayList<>();
      may.add(null);
      for (int life : ledger.lives()) {
        Voice voice = new Voice(life, thread);
        long calls = whole.getOrDefault(voice, 0L);
        Double changed = lastChange(voice, calls);
        if (changed != null) {
          may.clear();
          may.add(changed);
        }
        Call next = script.call(life, thread, calls);
        if (next.changesConfig() && calls <= limit(voice)) {
          may.add(next.id());
        }
      }
      String who = "the config of thread " + thread;
      require(may.contains(there), () -> who + " is of call " + there + " and may be of " + may);
      Double before = configBefore.get(thread);
      require(
          before == null
              || (there != null && (there.equals(before) || Call.life(there) > lifeBefore)),
          () -> who + " was of call " + before + " and is of " + there);
    }
  }

  /** Returns the last of a number of calls that changes the config; null where none does. */
  private @Nullable Double lastChange(Voice voice, long calls) {
    for (long number = calls - 1; number >= 0; number--) {
      Call call = script.call(voice.life, voice.thread, number);
      if (call.changesConfig()) {
        return call.id();
      }
    }
    return null;
  }
}
