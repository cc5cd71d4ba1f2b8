package dev.tracker.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tracker.Board;
import dev.tracker.Resume;
import dev.tracker.TrackerException;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import java.util.Optional;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Calls that end a board or wait for it, against each other; and two that open one. */
public class EndingRaces {
  private static final String FAILURE = "the training's own";

  /** A thread logs, flushes and reads, over and over, while another one finishes the board. */
  @JCStressTest
  @Outcome(id = "what was flushed was there", expect = ACCEPTABLE, desc = "whoever looked at once")
  @Outcome(id = "what was flushed was missing", expect = FORBIDDEN, desc = "returned too early")
  @Outcome(id = "an accepted row is missing", expect = FORBIDDEN, desc = "at the end")
  @State
  public static class FlushAgainstFinish {
    private final Scene scene = new Scene();
    private final Flushing flushing = new Flushing(scene.board().open());

    @Actor
    public void flush() {
      flushing.run();
    }

    @Actor
    public void finish() {
      flushing.board.finish();
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = flushing.outcome();
      scene.remove();
    }
  }

  /** The same with {@code close}. */
  @JCStressTest
  @Outcome(id = "what was flushed was there", expect = ACCEPTABLE, desc = "whoever looked at once")
  @Outcome(id = "what was flushed was missing", expect = FORBIDDEN, desc = "returned too early")
  @Outcome(id = "an accepted row is missing", expect = FORBIDDEN, desc = "at the end")
  @State
  public static class FlushAgainstClose {
    private final Scene scene = new Scene();
    private final Flushing flushing = new Flushing(scene.board().open());

    @Actor
    public void flush() {
      flushing.run();
    }

    @Actor
    public void close() {
      flushing.board.close();
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = flushing.outcome();
      scene.remove();
    }
  }

  /** Logs a row, flushes it and looks for it, until a row is refused; then flushes once more. */
  private static final class Flushing {
    final Board board;
    private int accepted;
    private boolean missing;

    Flushing(Board board) {
      this.board = board;
    }

    void run() {
      try {
        while (true) {
          board.log("a", 1.0);
          accepted++;
          look();
        }
      } catch (IllegalStateException e) {
        look();
      }
    }

    private void look() {
      board.flush();
      missing |= rows() < accepted;
    }

    private int rows() {
      try (RunReader run = RunReader.open(board.directory())) {
        return Scene.values(run, "a").length;
      }
    }

    String outcome() {
      if (missing) {
        return "what was flushed was missing";
      }
      return rows() < accepted ? "an accepted row is missing" : "what was flushed was there";
    }
  }

  /** Both return when the run has ended, whoever of them ended it. */
  @JCStressTest
  @Outcome(id = "succeeded, sealed", expect = ACCEPTABLE, desc = "as either of them saw on return")
  @Outcome(id = "returned too early", expect = FORBIDDEN, desc = "one saw a run that has not ended")
  @Outcome(id = "ended twice", expect = FORBIDDEN, desc = "the row or the attempt is there twice")
  @State
  public static class FinishAgainstFinish {
    private final Scene scene = new Scene();
    private final Board board = scene.board().open();
    private boolean firstSawTheEnd;
    private boolean secondSawTheEnd;

    public FinishAgainstFinish() {
      board.log("a", 1.0);
    }

    @Actor
    public void finishFirst() {
      board.finish();
      firstSawTheEnd = hasSucceeded(board);
    }

    @Actor
    public void finishSecond() {
      board.finish();
      secondSawTheEnd = hasSucceeded(board);
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = ending(scene, board, firstSawTheEnd && secondSawTheEnd);
    }
  }

  /** The program finishes the board while try-with-resources of another thread closes it. */
  @JCStressTest
  @Outcome(id = "succeeded, sealed", expect = ACCEPTABLE, desc = "as either of them saw on return")
  @Outcome(id = "returned too early", expect = FORBIDDEN, desc = "one saw a run that has not ended")
  @Outcome(id = "ended twice", expect = FORBIDDEN, desc = "the row or the attempt is there twice")
  @State
  public static class FinishAgainstClose {
    private final Scene scene = new Scene();
    private final Board board = scene.board().open();
    private boolean firstSawTheEnd;
    private boolean secondSawTheEnd;

    public FinishAgainstClose() {
      board.log("a", 1.0);
    }

    @Actor
    public void finish() {
      board.finish();
      firstSawTheEnd = hasSucceeded(board);
    }

    @Actor
    public void close() {
      board.close();
      secondSawTheEnd = hasSucceeded(board);
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = ending(scene, board, firstSawTheEnd && secondSawTheEnd);
    }
  }

  /** One thread has failed, the other has not. */
  @JCStressTest
  @Outcome(id = "failed", expect = ACCEPTABLE, desc = "a failure is never forgotten")
  @Outcome(id = "succeeded", expect = FORBIDDEN, desc = "the failure is forgotten")
  @Outcome(id = "failed without a word", expect = FORBIDDEN, desc = "what it was is forgotten")
  @Outcome(id = "something else", expect = FORBIDDEN, desc = "neither has ended the run")
  @State
  public static class FinishAgainstFailure {
    private final Scene scene = new Scene();
    private final Board board = scene.board().open();

    public FinishAgainstFailure() {
      board.log("a", 1.0);
    }

    @Actor
    public void finish() {
      board.finish();
    }

    @Actor
    public void fail() {
      board.finish(new RuntimeException(FAILURE));
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = failure(scene, board);
    }
  }

  /** One thread has failed, and try-with-resources of another one closes the board. */
  @JCStressTest
  @Outcome(id = "failed", expect = ACCEPTABLE, desc = "a failure is never forgotten")
  @Outcome(id = "succeeded", expect = FORBIDDEN, desc = "the failure is forgotten")
  @Outcome(id = "failed without a word", expect = FORBIDDEN, desc = "what it was is forgotten")
  @Outcome(id = "something else", expect = FORBIDDEN, desc = "neither has ended the run")
  @State
  public static class CloseAgainstFailure {
    private final Scene scene = new Scene();
    private final Board board = scene.board().open();

    public CloseAgainstFailure() {
      board.log("a", 1.0);
    }

    @Actor
    public void close() {
      board.close();
    }

    @Actor
    public void fail() {
      board.finish(new RuntimeException(FAILURE));
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = failure(scene, board);
    }
  }

  /** A library asks for the board that is open while the only one is closed. */
  @JCStressTest
  @Outcome(id = "the board", expect = ACCEPTABLE, desc = "asked before its end")
  @Outcome(id = "none", expect = ACCEPTABLE, desc = "asked after its end")
  @Outcome(id = "another board", expect = FORBIDDEN, desc = "there is none")
  @Outcome(id = "a board that has ended", expect = FORBIDDEN, desc = "close had returned")
  @State
  public static class CurrentAgainstClose {
    private final Scene scene = new Scene();
    private final Board board = scene.board().open();
    private volatile boolean closed;

    @Actor
    public void ask(L_Result result) {
      Board found = board;
      while (found != null) {
        boolean hadEnded = closed;
        found = current();
        result.r1 = found == null ? "none" : found == board ? "the board" : "another board";
        if (found != null && hadEnded) {
          result.r1 = "a board that has ended";
          return;
        }
      }
    }

    private static Board current() {
      try {
        return Board.current();
      } catch (IllegalStateException e) {
        return null;
      }
    }

    @Actor
    public void close() {
      board.close();
      closed = true;
    }

    @Arbiter
    public void look() {
      scene.remove();
    }
  }

  /** Two programs open the same run. */
  @JCStressTest
  @Outcome(id = "one", expect = ACCEPTABLE, desc = "the other one is refused")
  @Outcome(id = "both", expect = FORBIDDEN, desc = "two writers of one run")
  @Outcome(id = "neither", expect = FORBIDDEN, desc = "they stand in each other's way")
  @State
  public static class OpenAgainstOpen {
    private final Scene scene = new Scene();
    private Board first;
    private Board second;

    @Actor
    public void openFirst() {
      first = open(scene);
    }

    @Actor
    public void openSecond() {
      second = open(scene);
    }

    @Arbiter
    public void look(L_Result result) {
      result.r1 = first != null && second != null ? "both" : first == second ? "neither" : "one";
      close(first);
      close(second);
      scene.remove();
    }

    private static Board open(Scene scene) {
      try {
        return scene.board().id("run").resume(Resume.ALLOW).open();
      } catch (TrackerException e) {
        return null;
      }
    }

    private static void close(Board board) {
      if (board != null) {
        board.close();
      }
    }
  }

  /** A run is resumed over and over until its writer lets go of it. */
  @JCStressTest
  @Outcome(id = "both rows, two attempts", expect = ACCEPTABLE, desc = "one after the other")
  @Outcome(id = "something else", expect = FORBIDDEN, desc = "two writers of one run")
  @State
  public static class ResumeAgainstFinish {
    private final Scene scene = new Scene();
    private final Board board = scene.board().id("run").open();

    public ResumeAgainstFinish() {
      board.log("a", 0.0);
    }

    @Actor
    public void resume() {
      Board next = null;
      while (next == null) {
        try {
          next = scene.board().id("run").resume(Resume.MUST).open();
        } catch (TrackerException e) {
          Thread.onSpinWait();
        }
      }
      next.log("a", 1.0);
      next.finish();
    }

    @Actor
    public void finish() {
      board.finish();
    }

    @Arbiter
    public void look(L_Result result) {
      try (RunReader run = RunReader.open(board.directory())) {
        RunInfo info = run.info();
        result.r1 =
            Scene.fate(Scene.values(run, "a"), 2).equals("all accepted rows")
                    && info.attempts().size() == 2
                    && info.attempts().stream().allMatch(EndingRaces::hasSucceeded)
                ? "both rows, two attempts"
                : "something else";
      }
      scene.remove();
    }
  }

  private static boolean hasSucceeded(RunInfo.Attempt attempt) {
    return attempt.status().equals(Optional.of(RunStatus.SUCCEEDED));
  }

  private static boolean hasSucceeded(Board board) {
    try (RunReader run = RunReader.open(board.directory())) {
      return run.info().status() == RunStatus.SUCCEEDED && board.health().sealed() == 1;
    }
  }

  private static String ending(Scene scene, Board board, boolean bothSawTheEnd) {
    boolean once;
    try (RunReader run = RunReader.open(board.directory())) {
      once = run.info().attempts().size() == 1 && Scene.values(run, "a").length == 1;
    }
    scene.remove();
    return !bothSawTheEnd ? "returned too early" : once ? "succeeded, sealed" : "ended twice";
  }

  private static String failure(Scene scene, Board board) {
    RunInfo info;
    try (RunReader run = RunReader.open(board.directory())) {
      info = run.info();
    }
    scene.remove();
    return switch (info.status()) {
      case SUCCEEDED -> "succeeded";
      case FAILED -> info.error().orElse("").contains(FAILURE) ? "failed" : "failed without a word";
      default -> "something else";
    };
  }
}
