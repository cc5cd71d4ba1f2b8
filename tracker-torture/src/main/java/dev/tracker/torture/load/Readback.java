package dev.tracker.torture.load;

import dev.tracker.read.ConsoleLine;
import dev.tracker.read.Histograms;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.read.ScalarCursor;
import dev.tracker.read.StringCursor;
import dev.tracker.read.TableRow;
import dev.tracker.value.Histogram;
import dev.tracker.verify.Verification;
import dev.tracker.verify.Verifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Reads a finished run back, row by row, and compares it with what the mix has logged: each value
 * once, with its bits, in its order; then has the run verified.
 */
final class Readback {
  /** Differences that are told; the others are counted. */
  private static final int TOLD = 20;

  private final Path run;
  private final Mix mix;
  private long rows;
  private long wrong;

  Readback(Path run, Mix mix) {
    this.run = run;
    this.mix = mix;
  }

  /** Returns how many values are missing, too many or wrong, and what verifying has found. */
  long wrong() {
    return wrong;
  }

  /** Returns how many values were compared. */
  long rows() {
    return rows;
  }

  void compare() {
    try (RunReader reader = RunReader.open(run)) {
      for (int thread = 0; thread < Mix.THREADS; thread++) {
        for (Series series : Series.of(thread, mix.rare())) {
          long before = rows;
          holdingRows(() -> compare(reader, series));
          expect(series.name(), "rows", series.values(mix.rounds(thread)), rows - before);
        }
      }
      if (mix.prints()) {
        holdingRows(() -> console(reader));
      }
    }
    holdingRows(this::verify);
  }

  private void verify() {
    Verification verification = Verifier.verify(run);
    if (!verification.isSound()) {
      verification.findings().forEach(finding -> tell(finding.toString()));
    }
  }

  private static void holdingRows(Runnable work) {
    Usage.HOLDING_ROWS.lock();
    try {
      work.run();
    } finally {
      Usage.HOLDING_ROWS.unlock();
    }
  }

  private void compare(RunReader reader, Series series) {
    long seed = series.seed();
    switch (series.form()) {
      case FLAG -> flags(reader, series, seed);
      case TEXT -> texts(reader, series, seed);
      case HISTOGRAM -> histograms(reader, series, seed);
      case TABLE -> table(reader, series, seed);
      case IMAGE -> images(reader, series);
      default -> numbers(reader, series, seed);
    }
  }

  private void numbers(RunReader reader, Series series, long seed) {
    boolean isInteger = series.form() == Series.Form.INTEGER;
    long round = 0;
    long step = -1;
    long globalStep = -1;
    for (ScalarCursor row = reader.cursor(series.name()); row.next(); round += series.every()) {
      boolean right =
          isInteger
              ? row.longValue() == Series.integer(seed, round)
              : row.value() == Series.number(seed, round);
      right &= series.form() == Series.Form.STEP ? row.step() == round : row.step() > step;
      right &= row.globalStep() >= globalStep;
      step = row.step();
      globalStep = row.globalStep();
      count(series, round, right);
    }
  }

  private void flags(RunReader reader, Series series, long seed) {
    long round = 0;
    for (ScalarCursor row = reader.cursor(series.name()); row.next(); round += series.every()) {
      count(series, round, row.value() == (Series.flag(seed, round) ? 1 : 0));
    }
  }

  private void texts(RunReader reader, Series series, long seed) {
    long round = 0;
    for (StringCursor row = reader.stringCursor(series.name());
        row.next();
        round += series.every()) {
      count(series, round, row.value().equals(Series.text(seed, round)));
    }
  }

  private void histograms(RunReader reader, Series series, long seed) {
    Histograms all = reader.histograms(series.name());
    for (int i = 0; i < all.size(); i++) {
      long round = (long) i * series.every();
      double[] sample = Series.sample(seed, round);
      Histogram histogram = all.get(i);
      boolean right = histogram.count() == sample.length;
      right &= histogram.min() == Arrays.stream(sample).min().orElseThrow();
      right &= histogram.max() == Arrays.stream(sample).max().orElseThrow();
      count(series, round, right);
    }
  }

  /** Counts a table that was logged as one row, like everything else. */
  private void table(RunReader reader, Series series, long seed) {
    long seen = 0;
    boolean right = true;
    for (TableRow row : reader.tables(series.name())) {
      long round = seen / Series.TABLE_ROWS * series.every();
      long number = seen % Series.TABLE_ROWS;
      right &= Objects.equals(row.get("round"), (double) round);
      right &= Objects.equals(row.get("row"), (double) number);
      right &= Objects.equals(row.get("score"), Series.number(seed, round + number));
      right &= Objects.equals(row.get("text"), "row " + number);
      seen++;
      if (seen % Series.TABLE_ROWS == 0) {
        count(series, round, right);
        right = true;
      }
    }
    expect(series.name(), "rows of half a table", 0, seen % Series.TABLE_ROWS);
  }

  private void images(RunReader reader, Series series) {
    List<MediaFile> all = reader.media(series.name());
    for (int i = 0; i < all.size(); i++) {
      MediaFile image = all.get(i);
      boolean right = image.error().isEmpty() && image.width() == Series.IMAGE_SIDE;
      count(series, (long) i * series.every(), right);
    }
  }

  /** Lines do not wait for a full queue, unlike log calls; but those that are lost are counted. */
  private void console(RunReader reader) {
    long found = 0;
    long latest = -1;
    for (ConsoleLine line : reader.console()) {
      if (line.text().startsWith(Mix.CONSOLE)) {
        long round = Long.parseLong(line.text().substring(Mix.CONSOLE.length()));
        if (round <= latest) {
          tell("console: round=" + round + " after=" + latest);
        }
        latest = round;
        found++;
      }
    }
    long printed = (mix.rounds(0) + mix.rare() - 1) / mix.rare();
    long lost = printed - found;
    if (lost < 0 || lost > mix.board().health().dropped()) { // others are captured, too
      tell("console: lost=" + lost + " printed=" + printed + " found=" + found);
    }
  }

  private void count(Series series, long round, boolean right) {
    rows++;
    if (!right) {
      tell("wrong value: series=" + series.name() + " round=" + round);
    }
  }

  private void expect(String where, String what, long expected, long found) {
    if (expected != found) {
      wrong += Math.abs(expected - found) - 1;
      tell(where + ": what=" + what + " expected=" + expected + " found=" + found);
    }
  }

  private void tell(String what) {
    if (wrong++ < TOLD) {
      System.err.println("LOST OR WRONG: run=" + run + " " + what);
    }
  }
}
