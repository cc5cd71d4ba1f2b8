package dev.tracker.torture;

import dev.tracker.metadata.StepRange;
import dev.tracker.read.Curve;
import dev.tracker.read.Histograms;
import dev.tracker.read.MediaFile;
import dev.tracker.read.MetricSummary;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import dev.tracker.read.Strings;
import dev.tracker.read.TableRow;
import dev.tracker.value.Histogram;
import dev.tracker.verify.Finding;
import dev.tracker.verify.Severity;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Holds a run that a {@link Victim} left against its {@link Ledger}. It does not know how the
 * victim died: whoever calls it has seen to it that the ledger holds what must have survived.
 *
 * <p>What it requires: everything the ledger names is there once; the rest is a prefix of what each
 * thread logged, so that all steps from 0 to the last are there, each once; every series holds
 * exactly what the calls held that are there, bit for bit, at their steps, global steps and times;
 * curves and step ranges agree with rows; what an earlier check found is still there, but for what
 * a rewind took away; {@link Verifier} finds nothing. A run has gone back or it has not. What has
 * no step is as {@link Stepless} says.
 */
final class Checker {
  private static final int BUCKETS = 40;

  private final Path run;
  private final Call.Script script;
  private final Ledger ledger;
  private final Stepless stepless;

  // What the last check found.
  private Found[] before;
  private int rewindsBefore;

  private Found[] found;

  /** By thread, the calls of which something is missing that was packed on another thread. */
  private List<Set<Double>> incomplete;

  private List<Set<Double>> incompleteBefore;
  private long values;
  private long steplessValues;

  Checker(Path run, Call.Script script, Ledger ledger) {
    this.run = run;
    this.script = script;
    this.ledger = ledger;
    this.stepless = new Stepless(run, script, ledger);
    this.before = nothing();
    this.found = nothing();
    this.incomplete = sets();
    this.incompleteBefore = sets();
  }

  private List<Set<Double>> sets() {
    List<Set<Double>> sets = new ArrayList<>();
    for (int thread = 0; thread < script.threads(); thread++) {
      sets.add(new HashSet<>());
    }
    return sets;
  }

  private Found[] nothing() {
    Found[] nothing = new Found[script.threads()];
    Arrays.fill(nothing, Found.NOTHING);
    return nothing;
  }

  /** Returns how many values it has compared so far. */
  long values() {
    return values + steplessValues;
  }

  /** Returns how many of them were lines of the console, tags and values of the config. */
  long steplessValues() {
    return steplessValues;
  }

  /** Returns what the last check found of a thread. */
  Found found(int thread) {
    return found[thread];
  }

  /** Checks everything; throws an {@link AssertionError} that says what is wrong. */
  void check() throws IOException {
    require(ledger.failures().isEmpty(), () -> "the victim saw it: " + ledger.failures());
    try (RunReader reader = RunReader.open(run)) {
      found = nothing();
      incomplete = sets();
      for (int thread = 0; thread < script.threads(); thread++) {
        if (reader.metrics().contains(Call.series(thread))) {
          Scalars rows = reader.scalars(Call.series(thread));
          found[thread] =
              new Found(rows.values(), rows.steps(), rows.globalSteps(), rows.timestamps());
        }
      }
      checkOrder();
      checkSteps(reader);
      for (int thread = 0; thread < script.threads(); thread++) {
        checkParts(reader, thread);
      }
      checkShared(reader);
      checkLedger();
      checkRewinds();
      checkBefore();
      steplessValues += stepless.check(reader, found);
    }
    verify();
    before = found;
    incompleteBefore = incomplete;
    rewindsBefore = ledger.rewinds().size();
  }

  /** Returns all findings of the verifier that a death does not explain. */
  private void verify() {
    List<Finding> findings =
        Verifier.verify(run).findings().stream()
            .filter(finding -> finding.severity() != Severity.NOTE)
            .filter(finding ->
                finding.severity() == Severity.DAMAGE || !finding.part().equals("journal"))
            .toList();
    require(findings.isEmpty(), () -> "the verifier found " + findings);
  }

  /** What each thread logged is there in its order, and what is missing a rewind took. */
  private void checkOrder() {
    List<Ledger.Rewind> rewinds = ledger.rewinds();
    for (int thread = 0; thread < script.threads(); thread++) {
      Found rows = found[thread];
      for (int i = 0; i < rows.size(); i++) {
        int row = i;
        int life = rows.life(i);
        boolean begins = i == 0 || rows.life(i - 1) != life;
        long expected = begins ? 0 : rows.number(i - 1) + 1;
        require(
            i == 0 || rows.life(i - 1) <= life,
            () -> place(rows, row) + " comes after a later life");
        if (rows.number(i) != expected) {
          long stepBefore = i == 0 ? -1 : rows.steps()[i - 1];
          long step = rows.steps()[i];
          boolean explained =
              rows.number(i) > expected
                  && rewinds.stream()
                      .anyMatch(rewind ->
                          rewind.life == life && stepBefore <= rewind.step && rewind.step < step);
          require(explained, () -> place(rows, row) + " where number " + expected + " comes next");
        }
      }
    }
  }

  private static String place(Found rows, int i) {
    return "row "
        + i
        + " (life "
        + rows.life(i)
        + " number "
        + rows.number(i)
        + " step "
        + rows.steps()[i]
        + ")";
  }

  /** Every step is there once, in the order of time, and ranges say what rows say. */
  private void checkSteps(RunReader reader) {
    int calls = Arrays.stream(found).mapToInt(Found::size).sum();
    int[] whose = new int[calls];
    int[] row = new int[calls];
    Arrays.fill(whose, -1);
    for (int thread = 0; thread < found.length; thread++) {
      for (int i = 0; i < found[thread].size(); i++) {
        long step = found[thread].steps()[i];
        int who = thread;
        require(
            step >= 0 && step < calls && whose[(int) step] < 0,
            () ->
                "step "
                    + step
                    + " of thread "
                    + who
                    + " is there twice, or another is not: calls="
                    + calls);
        whose[(int) step] = thread;
        row[(int) step] = i;
      }
    }
    Map<Long, long[]> ranges = new HashMap<>();
    long micros = 0;
    for (int step = 0; step < calls; step++) {
      Found rows = found[whose[step]];
      int i = row[step];
      long time = rows.micros()[i];
      long last = micros;
      int at = step;
      require(time >= last, () -> "time goes back at step " + at + ": " + time + " after " + last);
      micros = time;
      long[] range =
          ranges.computeIfAbsent(rows.globalSteps()[i], key -> new long[] {at, at, time, time, 0});
      range[1] = step;
      range[3] = time;
      range[4]++;
    }
    checkRanges(reader, ranges);
  }

  private void checkRanges(RunReader reader, Map<Long, long[]> expected) {
    if (!ledger.rewinds().isEmpty()) {
      return; // until one has been carried out, ranges count rows that are gone
    }
    Map<Long, long[]> told = new HashMap<>();
    for (StepRange range : reader.steps()) {
      told.put(
          range.globalStep(),
          new long[] {
            range.firstStep(),
            range.lastStep(),
            range.firstMicros(),
            range.lastMicros(),
            range.rows()
          });
    }
    require(
        expected.keySet().equals(told.keySet()),
        () -> "global steps " + told.keySet() + " where rows say " + expected.keySet());
    expected.forEach((global, range) ->
        require(
            Arrays.equals(range, told.get(global)),
            () ->
                "global step "
                    + global
                    + " is "
                    + Arrays.toString(told.get(global))
                    + " where rows say "
                    + Arrays.toString(range)));
  }

  /** Everything the victim was told is safe is there. */
  private void checkLedger() {
    for (int number : ledger.lives()) {
      Ledger.Life life = ledger.life(number);
      if (life == null) {
        continue;
      }
      long total = 0;
      for (int thread = 0; thread < script.threads(); thread++) {
        Found rows = found[thread];
        long calls = rows.calls(number);
        long flushed = life.flushed[thread];
        int who = thread;
        require(calls >= flushed, () -> flushedButMissing(number, who, flushed, calls));
        require(
            life.made == null || calls <= life.made[who],
            () -> "more calls than were made: " + flushedButMissing(number, who, flushed, calls));
        total += count(rows, number);
        for (double id : incomplete.get(thread)) {
          if (Call.life(id) == number) {
            total--;
            require(
                Call.number(id) >= flushed,
                () ->
                    "flushed but not whole: number="
                        + Call.number(id)
                        + ", "
                        + flushedButMissing(number, who, flushed, calls));
          }
        }
      }
      long there = total;
      if (life.journaledBefore == 0) {
        require(
            there >= life.journaled,
            () ->
                "journaled but not there: life="
                    + number
                    + " journaled="
                    + life.journaled
                    + " found="
                    + there);
      } else if (life.journaledBefore < Long.MAX_VALUE) {
        long since = life.journaled - life.journaledBefore;
        require(
            there >= since,
            () ->
                "journaled after a rewind but not there: life="
                    + number
                    + " journaled="
                    + since
                    + " found="
                    + there);
      }
    }
  }

  private static String flushedButMissing(int life, int thread, long flushed, long calls) {
    return "flushed but not there: life="
        + life
        + " thread="
        + thread
        + " flushed="
        + flushed
        + " found="
        + calls;
  }

  private static long count(Found rows, int life) {
    long count = 0;
    for (int i = 0; i < rows.size(); i++) {
      if (rows.life(i) == life) {
        count++;
      }
    }
    return count;
  }

  /**
   * The run has gone back, or it has not. After a power cut this goes for several rewinds: the
   * first that is not there has all before it whole. Where a process died in a rewind and a later
   * one went back, nothing is known of the former.
   */
  private void checkRewinds() {
    List<Ledger.Rewind> rewinds = ledger.rewinds();
    for (int i = 0; i < rewinds.size(); i++) {
      Ledger.Rewind rewind = rewinds.get(i);
      if (rewind.returned || i == rewinds.size() - 1) {
        checkRewind(rewind);
      }
    }
  }

  private void checkRewind(Ledger.Rewind rewind) {
    boolean whole = !rewind.isCertain;
    boolean back = true;
    for (Map.Entry<Integer, long[]> entry : rewind.flushed.entrySet()) {
      for (int thread = 0; thread < script.threads(); thread++) {
        Found rows = found[thread];
        long flushed = entry.getValue()[thread];
        int there = lastBefore(rows, entry.getKey(), flushed);
        whole &= flushed == 0 || (there >= 0 && rows.number(there) == flushed - 1);
        back &= there < 0 || rows.steps()[there] <= rewind.step;
      }
    }
    require(
        back || whole,
        () ->
            "half of a rewind: step="
                + rewind.step
                + " life="
                + rewind.life
                + " certain="
                + rewind.isCertain);
  }

  private static int lastBefore(Found rows, int life, long number) {
    for (int i = rows.size() - 1; i >= 0; i--) {
      if (rows.life(i) == life && rows.number(i) < number) {
        return i;
      }
    }
    return -1;
  }

  /** What an earlier check found is still there, but for what a rewind took away. */
  private void checkBefore() {
    List<Ledger.Rewind> rewinds = ledger.rewinds();
    List<Ledger.Rewind> since =
        rewinds.subList(Math.min(rewindsBefore, rewinds.size()), rewinds.size());
    long floor = since.stream().mapToLong(rewind -> rewind.step).min().orElse(Long.MAX_VALUE);
    for (int thread = 0; thread < script.threads(); thread++) {
      Found old = before[thread];
      Found now = found[thread];
      int kept = old.upTo(floor);
      int who = thread;
      require(
          now.size() >= kept
              && Arrays.equals(old.ids(), 0, kept, now.ids(), 0, kept)
              && Arrays.equals(old.steps(), 0, kept, now.steps(), 0, kept)
              && Arrays.equals(old.micros(), 0, kept, now.micros(), 0, kept)
              && Arrays.equals(old.globalSteps(), 0, kept, now.globalSteps(), 0, kept),
          () ->
              "thread "
                  + who
                  + " lost or changed rows that an earlier check found: kept="
                  + kept
                  + " now="
                  + now.size());
      for (double id : incomplete.get(thread)) {
        require(
            !hasIn(old, id) || incompleteBefore.get(thread).contains(id),
            () -> "thread " + who + " lost a part of call " + id + " that an earlier check found");
      }
    }
  }

  private static boolean hasIn(Found rows, double id) {
    return Arrays.stream(rows.ids()).anyMatch(there -> there == id);
  }

  private void checkParts(RunReader reader, int thread) throws IOException {
    Found calls = found[thread];
    for (Call.Part part : Call.Part.values()) {
      String name = part.series(thread);
      int[] rows = holding(thread, part);
      switch (part) {
        case NUMBER -> checkScalars(reader, name, calls, rows, true);
        case WHOLE, FLAG -> checkScalars(reader, name, calls, rows, false);
        case TEXT -> checkTexts(reader, name, calls, rows);
        case HISTOGRAM -> checkHistograms(reader, name, calls, rows);
        case FILE -> checkFiles(reader, name, calls, rows);
        case TABLE -> checkTable(reader, name, calls, rows);
      }
    }
    checkCurve(reader, Call.series(thread), calls.ids(), calls.steps());
    values += calls.size();
  }

  /** Returns which of a thread's calls hold something. */
  private int[] holding(int thread, Call.Part part) {
    Found calls = found[thread];
    int[] rows = new int[calls.size()];
    int size = 0;
    for (int i = 0; i < calls.size(); i++) {
      if (call(thread, i).holds(part)) {
        rows[size++] = i;
      }
    }
    return Arrays.copyOf(rows, size);
  }

  private Call call(int thread, int row) {
    return script.call(found[thread].life(row), thread, found[thread].number(row));
  }

  private void checkScalars(
      RunReader reader, String name, Found calls, int[] rows, boolean doubles) {
    if (!reader.metrics().contains(name)) {
      requireSize(name, rows.length, 0);
      return;
    }
    Scalars scalars = reader.scalars(name);
    requirePlaces(name, calls, rows, scalars.steps(), scalars.globalSteps(), scalars.timestamps());
    int thread = thread(name);
    for (int i = 0; i < rows.length; i++) {
      Call call = call(thread, rows[i]);
      long expected =
          doubles
              ? Double.doubleToRawLongBits(call.number64())
              : name.startsWith("flag") ? (call.flag() ? 1 : 0) : call.whole();
      long there = doubles ? Double.doubleToRawLongBits(scalars.values()[i]) : scalars.longs()[i];
      requireEqual(name, i, expected, there);
    }
    if (doubles) {
      checkCurve(reader, name, scalars.values(), scalars.steps());
    }
    values += rows.length;
  }

  private static int thread(String name) {
    return Integer.parseInt(name.substring(name.indexOf('/') + 1));
  }

  private void checkTexts(RunReader reader, String name, Found calls, int[] rows) {
    if (!reader.metrics().contains(name)) {
      requireSize(name, rows.length, 0);
      return;
    }
    Strings strings = reader.strings(name);
    requirePlaces(name, calls, rows, strings.steps(), strings.globalSteps(), strings.timestamps());
    for (int i = 0; i < rows.length; i++) {
      requireSame(name, i, call(thread(name), rows[i]).text(), strings.values()[i]);
    }
    values += rows.length;
  }

  private void checkHistograms(RunReader reader, String name, Found calls, int[] rows) {
    if (!reader.histograms().contains(name)) {
      whole(name, calls, rows, new long[0]);
      return;
    }
    Histograms histograms = reader.histograms(name);
    int[] whole = whole(name, calls, rows, histograms.steps());
    requirePlaces(
        name, calls, whole, histograms.steps(), histograms.globalSteps(), histograms.timestamps());
    for (int i = 0; i < whole.length; i++) {
      Histogram expected = call(thread(name), whole[i]).histogram().computeBins();
      Histogram there = histograms.get(i);
      requireSame(name, i, text(expected), text(there));
    }
    values += whole.length;
  }

  private static String text(Histogram of) {
    return Arrays.toString(of.counts())
        + Arrays.toString(of.edges())
        + Arrays.asList(of.count(), of.underflow(), of.overflow(), of.nans())
        + Arrays.asList(of.positiveInfinities(), of.negativeInfinities())
        + Arrays.asList(of.min(), of.max(), of.sum());
  }

  private void checkFiles(RunReader reader, String name, Found calls, int[] rows)
      throws IOException {
    List<MediaFile> files = reader.media().contains(name) ? reader.media(name) : List.of();
    long[] steps = files.stream().mapToLong(MediaFile::step).toArray();
    int[] whole = whole(name, calls, rows, steps);
    requirePlaces(
        name,
        calls,
        whole,
        steps,
        files.stream().mapToLong(MediaFile::globalStep).toArray(),
        files.stream().mapToLong(MediaFile::timestamp).toArray());
    for (int i = 0; i < whole.length; i++) {
      requireBytes(name, i, call(thread(name), whole[i]).file(), files.get(i).bytes());
    }
    values += whole.length;
  }

  /** Of the last table of a life, its first rows may be there alone: it takes several frames. */
  private void checkTable(RunReader reader, String name, Found calls, int[] rows)
      throws IOException {
    List<TableRow> there = new ArrayList<>();
    if (reader.tables().contains(name)) {
      reader.tables(name).forEach(there::add);
    }
    long[] steps = there.stream().mapToLong(TableRow::step).distinct().toArray();
    int at = 0;
    int torn = -1;
    for (int row : whole(name, calls, rows, steps)) {
      Call call = call(thread(name), row);
      int before = torn;
      require(
          before < 0 || calls.life(before) < calls.life(row),
          () -> name + " goes on behind a torn table at " + place(calls, before));
      long size = there.stream().filter(one -> one.step() == calls.steps()[row]).count();
      if (size < call.tableRows()) {
        torn = row;
        incomplete.get(thread(name)).add(calls.ids()[row]);
      } else {
        requireSize(name + " at step " + calls.steps()[row], call.tableRows(), size);
      }
      for (int i = 0; i < size; i++) {
        checkTableRow(name, at, there.get(at), calls, row, i);
        at++;
      }
    }
    requireSize(name, at, there.size());
    values += at;
  }

  private void checkTableRow(String name, int at, TableRow there, Found calls, int row, int i)
      throws IOException {
    Call call = call(thread(name), row);
    requireEqual(name, at, calls.steps()[row], there.step());
    requireEqual(name, at, calls.globalSteps()[row], there.globalStep());
    requireEqual(name, at, calls.micros()[row], there.timestamp());
    requireSame(name, at, call.cellText(i), String.valueOf(there.get("text")));
    requireSame(name, at, String.valueOf(i), String.valueOf(there.get("row")));
    requireEqual(
        name,
        at,
        Double.doubleToRawLongBits(call.cellNumber(i)),
        there.get("number") instanceof Double number ? Double.doubleToRawLongBits(number) : -1);
    byte[] file = call.cellFile(i);
    requireSame(name, at, file != null, there.media("file").isPresent());
    if (file != null) {
      requireBytes(name, at, file, there.media("file").orElseThrow().bytes());
    }
  }

  /**
   * Returns which of the calls that hold a part have it. What is packed on other threads comes
   * later than its call, so that of each life the last ones may be missing.
   */
  private int[] whole(String name, Found calls, int[] rows, long[] steps) {
    int[] whole = new int[steps.length];
    int size = 0;
    int missing = -1;
    for (int row : rows) {
      if (size < steps.length && steps[size] == calls.steps()[row]) {
        int before = missing;
        require(
            before < 0 || calls.life(before) < calls.life(row),
            () -> name + " has a hole at " + place(calls, before));
        whole[size++] = row;
      } else {
        missing = row;
        incomplete.get(thread(name)).add(calls.ids()[row]);
      }
    }
    requireSize(name, size, steps.length);
    return whole;
  }

  /** The series of all threads holds what each of them logged, in the order of steps. */
  private void checkShared(RunReader reader) {
    Scalars rows = reader.metrics().contains(Call.SHARED) ? reader.scalars(Call.SHARED) : null;
    int[] next = new int[script.threads()];
    int size = rows == null ? 0 : rows.size();
    for (int i = 0; i < size && rows != null; i++) {
      int thread = Call.threadOfShared(rows.values()[i]);
      Found calls = found[thread];
      int place = i;
      skip(thread, next);
      require(
          next[thread] < calls.size(), () -> "shared has more rows than were logged: row=" + place);
      requireSame(Call.SHARED, i, call(thread, next[thread]).shared(), rows.values()[i]);
      requireEqual(Call.SHARED, i, calls.steps()[next[thread]], rows.steps()[i]);
      require(
          place == 0 || rows.steps()[place] > rows.steps()[place - 1],
          () -> "shared is not in the order of steps: row=" + place);
      next[thread]++;
    }
    for (int thread = 0; thread < script.threads(); thread++) {
      skip(thread, next);
      requireSize(Call.SHARED + " of thread " + thread, found[thread].size(), next[thread]);
    }
    values += size;
  }

  /** Goes on to the next call that the shared series holds. */
  private void skip(int thread, int[] next) {
    while (next[thread] < found[thread].size() && !call(thread, next[thread]).holdsShared()) {
      next[thread]++;
    }
  }

  /** What is known of a series without its rows, and a curve, made of tiles, say what they say. */
  private void checkCurve(RunReader reader, String name, double[] rows, long[] steps) {
    if (rows.length == 0) {
      return;
    }
    MetricSummary summary = reader.summary(name);
    requireEqual(name + " summary", 0, rows.length, summary.rows());
    requireEqual(name + " first step", 0, steps[0], summary.firstStep());
    requireEqual(name + " last step", 0, steps[rows.length - 1], summary.lastStep());
    requireSame(name + " last", 0, rows[rows.length - 1], summary.last());
    Curve curve = reader.curve(name, Long.MIN_VALUE, Long.MAX_VALUE, BUCKETS);
    int row = 0;
    for (int i = 0; i < curve.size(); i++) {
      long count = 0;
      long nans = 0;
      double min = Double.NaN;
      double max = Double.NaN;
      int first = row;
      requireEqual(name + " curve from", i, steps[row], curve.fromStep(i));
      while (row < rows.length && steps[row] <= curve.toStep(i)) {
        double value = rows[row];
        if (Double.isNaN(value)) {
          nans++;
        } else {
          min = Double.isNaN(min) ? value : Math.min(min, value);
          max = Double.isNaN(max) ? value : Math.max(max, value);
        }
        count++;
        row++;
      }
      requireEqual(name + " curve to", i, steps[row - 1], curve.toStep(i));
      requireEqual(name + " curve count", i, count, curve.count(i));
      requireEqual(name + " curve nans", i, nans, curve.nans(i));
      checkMean(name, i, Arrays.copyOfRange(rows, first, row), curve.mean(i));
      requireSame(name + " curve min", i, min, curve.min(i));
      requireSame(name + " curve max", i, max, curve.max(i));
      requireEqual(
          name + " curve first",
          i,
          Double.doubleToRawLongBits(rows[first]),
          Double.doubleToRawLongBits(curve.first(i)));
      requireEqual(
          name + " curve last",
          i,
          Double.doubleToRawLongBits(rows[row - 1]),
          Double.doubleToRawLongBits(curve.last(i)));
    }
    requireSize(name + " curve", rows.length, row);
  }

  /** Added in another order, a mean is another one in its last digits. */
  private static void checkMean(String name, int bucket, double[] rows, double there) {
    double[] finite = Arrays.stream(rows).filter(Double::isFinite).toArray();
    double sum = Arrays.stream(finite).sum();
    if (Double.isInfinite(sum)) {
      return; // the mean is then, too
    }
    double greatest = Arrays.stream(finite).map(Math::abs).max().orElse(0);
    require(
        finite.length == 0
            ? Double.isNaN(there)
            : Math.abs(there - sum / finite.length) <= 1e-9 * greatest,
        () -> name + " curve mean of bucket " + bucket + ": sum=" + sum + " curve=" + there);
  }

  private void requirePlaces(
      String name, Found calls, int[] rows, long[] steps, long[] globalSteps, long[] micros) {
    requireSize(name, rows.length, steps.length);
    IntConsumer check =
        i -> {
          requireEqual(name + " step", i, calls.steps()[rows[i]], steps[i]);
          requireEqual(name + " global step", i, calls.globalSteps()[rows[i]], globalSteps[i]);
          requireEqual(name + " time", i, calls.micros()[rows[i]], micros[i]);
        };
    for (int i = 0; i < rows.length; i++) {
      check.accept(i);
    }
  }

  private static void requireSize(String what, long expected, long there) {
    if (expected != there) {
      throw new AssertionError(what + " has " + there + " where calls say " + expected);
    }
  }

  private static void requireSame(String what, int row, Object expected, Object there) {
    if (!expected.equals(there)) {
      throw new AssertionError(
          what + " row " + row + " is " + there + " where calls say " + expected);
    }
  }

  private static void requireEqual(String what, int row, long expected, long there) {
    if (expected != there) {
      throw new AssertionError(
          what + " row " + row + " is " + there + " where calls say " + expected);
    }
  }

  private static void requireBytes(String what, int row, byte[] expected, byte[] there) {
    if (!Arrays.equals(expected, there)) {
      throw new AssertionError(
          what
              + " row "
              + row
              + " holds other bytes: length="
              + there.length
              + " expected="
              + expected.length);
    }
  }

  /** What is wrong, said only when it is. */
  interface Story {
    String tell();
  }

  static void require(boolean holds, Story story) {
    if (!holds) {
      throw new AssertionError(story.tell());
    }
  }
}
