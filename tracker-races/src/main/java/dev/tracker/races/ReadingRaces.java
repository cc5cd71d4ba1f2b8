package dev.tracker.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tracker.Board;
import dev.tracker.read.RunReader;
import dev.tracker.seal.Sealer;
import java.nio.file.Path;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * A reader that looks without a pause, by its own moment and by new ones, while rows move from the
 * journal into their final files. All rows are there from the beginning, so each look has to show
 * them all.
 */
public class ReadingRaces {
  private static final int ROWS = 3_000;

  /** A run whose writer died is sealed. */
  @JCStressTest
  @Outcome(id = "all rows, always", expect = ACCEPTABLE, desc = "from the journal or from Lance")
  @Outcome(id = "fewer rows", expect = FORBIDDEN, desc = "rows went missing on their way")
  @Outcome(id = "more rows", expect = FORBIDDEN, desc = "rows were seen in both places")
  @Outcome(id = "other rows", expect = FORBIDDEN, desc = "other values, or another order")
  @Outcome(id = "figures that differ", expect = FORBIDDEN, desc = "summary or curve tell otherwise")
  @State
  public static class SealAgainstRead {
    private final Scene scene = new Scene();
    private final Path run = scene.root().resolve("run");
    private volatile boolean sealed;

    public SealAgainstRead() {
      Board board = scene.board().queueCapacity(8_192).open();
      log(board);
      board.flush();
      try (RunReader live = RunReader.open(board.directory())) {
        live.copyTo(run);
      }
      board.close();
    }

    @Actor
    public void seal() {
      Sealer.seal(run);
      sealed = true;
    }

    @Actor
    public void read(L_Result result) {
      Looks looks = new Looks();
      try (RunReader reader = RunReader.open(run)) {
        boolean last;
        do {
          last = sealed;
          looks.at(reader);
          looks.atNew(run);
          reader.refresh();
        } while (!last);
      }
      result.r1 = looks.outcome;
    }

    @Arbiter
    public void remove() {
      scene.remove();
    }
  }

  /** A live run is finished. */
  @JCStressTest
  @Outcome(id = "all rows, always", expect = ACCEPTABLE, desc = "from the journal or from Lance")
  @Outcome(id = "fewer rows", expect = FORBIDDEN, desc = "rows went missing on their way")
  @Outcome(id = "more rows", expect = FORBIDDEN, desc = "rows were seen in both places")
  @Outcome(id = "other rows", expect = FORBIDDEN, desc = "other values, or another order")
  @Outcome(id = "figures that differ", expect = FORBIDDEN, desc = "summary or curve tell otherwise")
  @State
  public static class FinishAgainstRead {
    private final Scene scene = new Scene();
    private final Board board = scene.board().queueCapacity(8_192).open();
    private volatile boolean finished;

    public FinishAgainstRead() {
      log(board);
      board.flush();
    }

    @Actor
    public void finish() {
      board.finish();
      finished = true;
    }

    @Actor
    public void read(L_Result result) {
      Looks looks = new Looks();
      try (RunReader reader = RunReader.open(board.directory())) {
        boolean last;
        do {
          last = finished;
          looks.at(reader);
          looks.atNew(board.directory());
          reader.refresh();
        } while (!last);
      }
      result.r1 = looks.outcome;
    }

    @Arbiter
    public void remove() {
      scene.remove();
    }
  }

  private static void log(Board board) {
    for (int i = 0; i < ROWS; i++) {
      board.log("a", i, "b", i);
    }
  }

  /** What a reader saw: the first thing that was wrong, if any. */
  private static final class Looks {
    String outcome = "all rows, always";

    void at(RunReader run) {
      for (String metric : new String[] {"a", "b"}) {
        double[] values = Scene.values(run, metric);
        if (values.length != ROWS) {
          outcome = values.length < ROWS ? "fewer rows" : "more rows";
        } else if (!Arrays.equals(values, Scene.count(0, ROWS))) {
          outcome = "other rows";
        } else if (run.summary(metric).rows() != ROWS || counted(run, metric) != ROWS) {
          outcome = "figures that differ";
        }
      }
    }

    void atNew(Path folder) {
      try (RunReader run = RunReader.open(folder)) {
        at(run);
      }
    }

    private static long counted(RunReader run, String metric) {
      var curve = run.curve(metric, 0, ROWS, 7);
      long rows = 0;
      for (int i = 0; i < curve.size(); i++) {
        rows += curve.count(i);
      }
      return rows;
    }
  }
}
