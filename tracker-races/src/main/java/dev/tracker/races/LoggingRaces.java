package dev.tracker.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tracker.Board;
import dev.tracker.Durability;
import dev.tracker.Metric;
import dev.tracker.SeriesKind;
import dev.tracker.format.Kind;
import dev.tracker.read.RunReader;
import dev.tracker.read.Scalars;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * Calls that put something into a run, against its end and against each other: with a real board,
 * which is finished, and read back by a reader of its own.
 *
 * <p>Who logs goes on until a call is refused, so that the end always comes between two calls or
 * into one.
 */
public class LoggingRaces {
  /** The user finishes the board while another thread logs. */
  @JCStressTest
  @Outcome(id = "all accepted rows", expect = ACCEPTABLE, desc = "and none that was refused")
  @Outcome(id = "an accepted row is missing", expect = FORBIDDEN, desc = "lost without a word")
  @Outcome(id = "there is a row too many", expect = FORBIDDEN, desc = "refused, or twice there")
  @Outcome(id = "rows are mixed up", expect = FORBIDDEN, desc = "not in the order of the calls")
  @State
  public static class LogAgainstFinish {
    private final Scene scene = new Scene();
    private final Board board = scene.board().open();
    private int accepted;

    @Actor
    public void log() {
      accepted = logUntilRefused(board);
    }

    @Actor
    public void finish() {
      board.finish();
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = fate(scene, board, accepted);
    }
  }

  /** The same with {@code close}, and a queue so small that whoever logs mostly waits for room. */
  @JCStressTest
  @Outcome(id = "all accepted rows", expect = ACCEPTABLE, desc = "and none that was refused")
  @Outcome(id = "an accepted row is missing", expect = FORBIDDEN, desc = "lost without a word")
  @Outcome(id = "there is a row too many", expect = FORBIDDEN, desc = "refused, or twice there")
  @Outcome(id = "rows are mixed up", expect = FORBIDDEN, desc = "not in the order of the calls")
  @State
  public static class LogAgainstClose {
    private final Scene scene = new Scene();
    private final Board board = scene.board().queueCapacity(8).open();
    private int accepted;

    @Actor
    public void log() {
      accepted = logUntilRefused(board);
    }

    @Actor
    public void close() {
      board.close();
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = fate(scene, board, accepted);
    }
  }

  /** The same where a log call that returned is on the disk. */
  @JCStressTest
  @Outcome(id = "all accepted rows", expect = ACCEPTABLE, desc = "each durable when its call was")
  @Outcome(id = "returned too early", expect = FORBIDDEN, desc = "a row was not durable yet")
  @Outcome(id = "an accepted row is missing", expect = FORBIDDEN, desc = "lost without a word")
  @Outcome(id = "there is a row too many", expect = FORBIDDEN, desc = "refused, or twice there")
  @Outcome(id = "rows are mixed up", expect = FORBIDDEN, desc = "not in the order of the calls")
  @State
  public static class StrictLogAgainstFinish {
    private final Scene scene = new Scene();
    private final Board board = scene.board().durability(Durability.STRICT).open();
    private int accepted;
    private boolean tooEarly;

    @Actor
    public void log() {
      try {
        for (; ; accepted++) {
          board.log("a", (double) accepted);
          tooEarly |= board.health().durable() <= accepted;
        }
      } catch (IllegalStateException e) {
        // the board is finished
      }
    }

    @Actor
    public void finish() {
      board.finish();
    }

    @Arbiter
    public void look(L_Result result) {
      String fate = fate(scene, board, accepted);
      result.r1 = tooEarly ? "returned too early" : fate;
    }
  }

  /** The config changes again and again while the board is finished. */
  @JCStressTest
  @Outcome(id = "the last accepted change", expect = ACCEPTABLE, desc = "is what the run says")
  @Outcome(id = "an earlier state", expect = FORBIDDEN, desc = "an accepted change is lost")
  @Outcome(id = "a refused change", expect = FORBIDDEN, desc = "kept, and denied")
  @State
  public static class ConfigAgainstFinish {
    private final Scene scene = new Scene();
    private final Board board = scene.board().open();
    private int last;

    public ConfigAgainstFinish() {
      board.config("n", 0);
    }

    @Actor
    public void config() {
      try {
        for (int n = 1; ; n++) {
          board.config("n", n);
          last = n;
        }
      } catch (IllegalStateException e) {
        // the board is finished
      }
    }

    @Actor
    public void finish() {
      board.finish();
    }

    @Arbiter
    public void look(L_Result result) {
      int found;
      try (RunReader run = RunReader.open(board.directory())) {
        found = ((Number) run.info().config().get("n")).intValue();
      }
      scene.remove();
      result.r1 =
          found == last
              ? "the last accepted change"
              : found < last ? "an earlier state" : "a refused change";
    }
  }

  /** Two threads add a tag each. */
  @JCStressTest
  @Outcome(id = "both", expect = ACCEPTABLE, desc = "in whatever order")
  @Outcome(id = "one", expect = FORBIDDEN, desc = "a list of tags has replaced a newer one")
  @State
  public static class TagAgainstTag {
    private final Scene scene = new Scene();
    private final Board board = scene.board().open();

    @Actor
    public void tagFirst() {
      board.tag("first");
    }

    @Actor
    public void tagSecond() {
      board.tag("second");
    }

    @Arbiter
    public void look(L_Result result) {
      board.finish();
      try (RunReader run = RunReader.open(board.directory())) {
        result.r1 = run.info().tags().containsAll(List.of("first", "second")) ? "both" : "one";
      }
      scene.remove();
    }
  }

  /** Two threads ask for a new series of the same name, of whatever kind and of integers. */
  @JCStressTest
  @Outcome(id = "integers, two rows", expect = ACCEPTABLE, desc = "the declaration came first")
  @Outcome(id = "doubles, one row", expect = ACCEPTABLE, desc = "it came later, and was refused")
  @Outcome(id = "something else", expect = FORBIDDEN, desc = "two series, or a row lost")
  @State
  public static class MetricAgainstMetric {
    private final Scene scene = new Scene();
    private final Board board = scene.board().open();
    private boolean refused;

    @Actor
    public void takeAny() {
      Metric metric = board.metric("a");
      metric.log(1.0);
    }

    @Actor
    public void declare() {
      try {
        board.metric("a", SeriesKind.INT64).log(1L);
      } catch (IllegalArgumentException e) {
        refused = true;
      }
    }

    @Arbiter
    public void look(L_Result result) {
      board.finish();
      try (RunReader run = RunReader.open(board.directory())) {
        Kind kind = run.kind("a");
        int rows = run.scalars("a").size();
        if (!refused && kind == Kind.INT64 && rows == 2) {
          result.r1 = "integers, two rows";
        } else if (refused && kind == Kind.FLOAT64 && rows == 1) {
          result.r1 = "doubles, one row";
        } else {
          result.r1 = "something else";
        }
      }
      scene.remove();
    }
  }

  /** The run goes back from step 9 to step 4 while another thread logs on. */
  @JCStressTest
  @Outcome(id = "what was logged later stays", expect = ACCEPTABLE, desc = "from step 5 on")
  @Outcome(id = "a dropped row is there", expect = FORBIDDEN, desc = "it did not go back for good")
  @Outcome(id = "a row is missing", expect = FORBIDDEN, desc = "dropped one after one that stays")
  @Outcome(id = "steps do not follow", expect = FORBIDDEN, desc = "a step is left out or repeated")
  @State
  public static class RewindAgainstLog {
    private static final int BEFORE = 10;
    private static final int STAY = 5;

    private final Scene scene = new Scene();
    private final Board board = scene.board().open();
    private volatile boolean isBack;
    private int logged = BEFORE;

    public RewindAgainstLog() {
      for (int i = 0; i < BEFORE; i++) {
        board.log("a", (double) i);
      }
    }

    @Actor
    public void rewind() {
      board.rewindTo(STAY - 1);
      isBack = true;
    }

    @Actor
    public void log() {
      boolean last;
      do {
        last = isBack;
        board.log("a", (double) logged++);
      } while (!last);
    }

    @Arbiter
    public void look(L_Result result) {
      board.finish();
      try (RunReader run = RunReader.open(board.directory())) {
        Scalars rows = run.scalars("a");
        double[] values = rows.values();
        double[] steps = Arrays.stream(rows.steps()).asDoubleStream().toArray();
        int later = values.length - STAY;
        if (!Arrays.equals(steps, Scene.count(0, steps.length))) {
          result.r1 = "steps do not follow";
        } else if (!Arrays.equals(values, 0, STAY, Scene.count(0, STAY), 0, STAY)
            || later > logged - BEFORE) {
          result.r1 = "a dropped row is there";
        } else {
          double[] tail = Scene.count(logged - later, logged);
          result.r1 =
              later > 0 && Arrays.equals(values, STAY, values.length, tail, 0, later)
                  ? "what was logged later stays"
                  : "a row is missing";
        }
      }
      scene.remove();
    }
  }

  /** The run goes back from step 9 to step 4 while the board is finished. */
  @JCStressTest
  @Outcome(id = "went back, five rows", expect = ACCEPTABLE, desc = "before the end")
  @Outcome(id = "refused, ten rows", expect = ACCEPTABLE, desc = "after the end")
  @Outcome(id = "went back, ten rows", expect = FORBIDDEN, desc = "it did not, without a word")
  @Outcome(id = "refused, five rows", expect = FORBIDDEN, desc = "it did, and denied it")
  @Outcome(id = ".* rows", expect = FORBIDDEN, desc = "another number of rows")
  @State
  public static class RewindAgainstFinish {
    private static final List<String> NUMBERS =
        List.of(
            "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");

    private final Scene scene = new Scene();
    private final Board board = scene.board().open();
    private boolean refused;

    public RewindAgainstFinish() {
      for (int i = 0; i < 10; i++) {
        board.log("a", (double) i);
      }
    }

    @Actor
    public void rewind() {
      try {
        board.rewindTo(4);
      } catch (IllegalStateException e) {
        refused = true;
      }
    }

    @Actor
    public void finish() {
      board.finish();
    }

    @Arbiter
    public void look(L_Result result) {
      try (RunReader run = RunReader.open(board.directory())) {
        int rows = Scene.values(run, "a").length;
        result.r1 = (refused ? "refused, " : "went back, ") + NUMBERS.get(rows) + " rows";
      }
      scene.remove();
    }
  }

  /** Logs 0, 1, 2 … and returns how many calls were accepted before one was refused. */
  private static int logUntilRefused(Board board) {
    int accepted = 0;
    try {
      for (; ; accepted++) {
        board.log("a", (double) accepted);
      }
    } catch (IllegalStateException e) {
      return accepted;
    }
  }

  private static String fate(Scene scene, Board board, int accepted) {
    String fate;
    try (RunReader run = RunReader.open(board.directory())) {
      fate = Scene.fate(Scene.values(run, "a"), accepted);
    }
    scene.remove();
    return fate;
  }
}
