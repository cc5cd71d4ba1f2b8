package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.journal.JournalSummary;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.metadata.CutRanges;
import dev.tracker.metadata.MediaEntry;
import dev.tracker.metadata.MediaQuery;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.metadata.StepRange;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The ranges of global steps as of a moment. */
final class StepRanges {
  private final Map<Long, StepRange> ranges = new TreeMap<>();

  private StepRanges() {}

  /**
   * Joins the ranges in metadata with those in the journal.
   *
   * @throws PassedException if more was sealed since than the moment holds
   */
  static List<StepRange> of(RunMoment moment) throws IOException {
    MetadataReader.StepsAt sealed = MetadataReader.steps(moment.layout().metadata());
    if (sealed.position() > moment.end().position()) {
      throw new PassedException(
          "more of the run was sealed since than this moment holds: run=" + moment.layout().root());
    }
    StepRanges joined = new StepRanges();
    sealed.ranges().forEach(joined::add);
    long from = Math.max(sealed.position(), moment.checkpoint().position());
    for (Rewinds.Rewind rewind : moment.rewinds(from)) {
      joined.addTail(moment, from, rewind.position());
      joined.goBack(moment, rewind);
      from = rewind.position();
    }
    joined.addTail(moment, from, moment.end().position());
    return List.copyOf(joined.ranges.values());
  }

  private void addTail(RunMoment moment, long from, long to) throws IOException {
    JournalSummary tail = new JournalSummary();
    moment.decodeAll(from, to, tail);
    tail.forEachRange((globalStep, firstStep, lastStep, firstMicros, lastMicros, rows) ->
        add(new StepRange(globalStep, firstStep, lastStep, firstMicros, lastMicros, rows)));
  }

  /** Does what the sealer will do: what is cut through is found out from the rows that stay. */
  private void goBack(RunMoment moment, Rewinds.Rewind rewind) throws IOException {
    long step = rewind.step();
    List<StepRange> across =
        ranges.values().stream()
            .filter(range -> range.firstStep() <= step && range.lastStep() > step)
            .toList();
    ranges.values().removeIf(range -> range.lastStep() > step);
    if (across.isEmpty()) {
      return;
    }
    CutRanges cut = new CutRanges(step, across);
    long first = across.stream().mapToLong(StepRange::firstStep).min().orElseThrow();
    for (RunMoment.View view : moment.views().values()) {
      addSealed(moment, view, new Wanted(Axis.STEP, first, step, view.lastSealed()), cut);
    }
    moment.decode(moment.checkpoint().position(), rewind.position(), new TailRows(cut));
    cut.left().forEach(this::add);
  }

  private static void addSealed(RunMoment moment, RunMoment.View view, Wanted wanted, CutRanges cut)
      throws IOException {
    SeriesEntry entry = view.sealed();
    if (entry == null || view.sealedRows() == 0) {
      return;
    }
    if (view.kind() == Kind.MEDIA) {
      MediaQuery query = MediaQuery.upTo(view.id(), Math.min(wanted.to(), wanted.lastStep()));
      for (MediaEntry media : MetadataReader.media(moment.layout().metadata(), query)) {
        TailRows.add(media.step(), media.globalStep(), media.micros(), cut);
      }
      return;
    }
    SealedRows rows = new SealedRows(moment.layout(), entry);
    List<Piece> pieces = rows.touched(wanted);
    if (!pieces.isEmpty()) {
      rows.read(
          SealedRows.stretches(pieces),
          batch -> cut.add(batch.steps(), batch.globalSteps(), batch.micros(), batch.size()));
    }
  }

  /** Takes in the rows of the journal that become rows of series. */
  private record TailRows(CutRanges cut) implements RecordVisitor {
    @Override
    public void row(long step, long globalStep, long micros, int values) {
      if (values > 0) {
        add(step, globalStep, micros, cut);
      }
    }

    @Override
    public void entry(
        int series, long step, long globalStep, long micros, byte[] bytes, int offset, int length) {
      add(step, globalStep, micros, cut);
    }

    static void add(long step, long globalStep, long micros, CutRanges cut) {
      cut.add(new long[] {step}, new long[] {globalStep}, new long[] {micros}, 1);
    }
  }

  private void add(StepRange range) {
    ranges.merge(range.globalStep(), range, StepRanges::join);
  }

  private static StepRange join(StepRange a, StepRange b) {
    return new StepRange(
        a.globalStep(),
        Math.min(a.firstStep(), b.firstStep()),
        Math.max(a.lastStep(), b.lastStep()),
        Math.min(a.firstMicros(), b.firstMicros()),
        Math.max(a.lastMicros(), b.lastMicros()),
        a.rows() + b.rows());
  }
}
