package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.read.RunInfo;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.read.Scalars;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.InLance;
import dev.tracker.system.RewindProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs that are really killed around a rewind, and while it is carried out: a run has gone back
 * or it has not, never half of it. {@code -Dtracker.test.seed} gives the moments of an earlier run,
 * which prints its seed.
 */
@Tag("once")
class KilledRewindTest {
  private static final long KEPT = 9_999;
  private static final long FIRST = 20_000;

  @TempDir Path root;

  private final long seed = Long.getLong("tracker.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  KilledRewindTest() {
    System.out.println("KilledRewindTest: -Dtracker.test.seed=" + seed);
  }

  @RepeatedTest(3)
  void shouldHaveGoneBackOrNot_whenKilledAroundARewind() throws Exception {
    Path run;
    boolean said;
    try (ChildJvm child = ChildJvm.of(RewindProgram.class).start()) {
      run = Path.of(child.ask("open " + root + " killed", "opened"));
      child.ask("log " + FIRST, "logged");
      child.ask("flush", "flushed");
      child.say("rewind " + KEPT);
      child.say("log " + FIRST);
      spin(60_000_000);
      child.kill();
      said = child.out().contains("rewound");
    }
    long life = lifeAfter(run);
    assertTrue(!said || life == 1, "it said so, so it is so, " + seen());
    long steps = check(run, KEPT, life);
    assertTrue(life == 1 ? steps > KEPT : steps == FIRST, steps + " steps, " + seen());

    resumeGoingBack(run, 4_000, 2, 1_000);
    assertEquals(5_001, check(run, 4_000, 2), seen());
    assertEquals(5_001L * RewindProgram.METRICS, InLance.rows(run), seen());
    checkAttempts(run);
  }

  @RepeatedTest(3)
  void shouldLoseNothing_whenKilledWhileTheSealerCarriesOutARewind() throws Exception {
    Path run;
    try (ChildJvm child = ChildJvm.of(RewindProgram.class).start()) {
      run = Path.of(child.ask("open " + root + " killed", "opened"));
      child.ask("log " + FIRST, "logged");
      child.ask("finish", "finished");
    }
    try (ChildJvm child = ChildJvm.of(RewindProgram.class).start()) {
      child.ask("resume " + root + " killed 1 " + KEPT, "opened");
      child.ask("log 50", "logged");
      child.ask("flush", "flushed");
      child.say("finish");
      long wanted = random.nextInt(RewindProgram.METRICS + 1);
      Await.until(
          wanted + " new folders in " + run,
          () -> newFolders(run) >= wanted || child.out().contains("finished"));
      spin(5_000_000);
      child.kill();
    }
    assertEquals(KEPT + 51, check(run, KEPT, 1), seen());
    Sealer.seal(run);
    assertEquals(KEPT + 51, check(run, KEPT, 1), seen());
    assertEquals((KEPT + 51) * RewindProgram.METRICS, InLance.rows(run), seen());
    assertEquals(List.of(), InLance.segments(run), seen());
    assertEquals(RewindProgram.METRICS, folders(run).size(), folders(run) + ", " + seen());
  }

  private void resumeGoingBack(Path run, long step, long life, long more) throws IOException {
    try (ChildJvm child = ChildJvm.of(RewindProgram.class).start()) {
      child.ask("resume " + root + " " + run.getFileName() + " " + life + " " + step, "opened");
      child.ask("log " + more, "logged");
      child.ask("finish", "finished");
    }
  }

  /** Returns how often the run has gone back, as its last row tells. */
  private static long lifeAfter(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      double[] values = reader.scalars(RewindProgram.metric(0)).values();
      return values.length == KEPT + 1
          ? 1
          : (long) (values[values.length - 1] / RewindProgram.LIFE);
    }
  }

  /** Checks that all metrics are of one moment, and returns how many steps there are. */
  private long check(Path run, long kept, long life) {
    try (RunReader reader = RunReader.open(run)) {
      long size = reader.scalars(RewindProgram.metric(0)).size();
      for (int i = 0; i < RewindProgram.METRICS; i++) {
        Scalars rows = reader.scalars(RewindProgram.metric(i));
        assertEquals(size, rows.size(), RewindProgram.metric(i) + ", " + seen());
        for (int row = 0; row < rows.size(); row++) {
          double expected = row + (row > kept ? life * RewindProgram.LIFE : 0);
          assertEquals(row, rows.steps()[row], seen());
          assertEquals(expected, rows.values()[row], seen());
          assertTrue(
              row == 0 || rows.timestamps()[row] >= rows.timestamps()[row - 1],
              "times go back, " + seen());
        }
      }
      return size;
    }
  }

  private void checkAttempts(Path run) {
    try (RunReader reader = RunReader.open(run)) {
      RunInfo info = reader.info();
      assertEquals(RunStatus.SUCCEEDED, info.status());
      assertEquals(2, info.attempts().size(), seen());
      RunInfo.Attempt crashed = info.attempts().get(0);
      RunInfo.Attempt second = info.attempts().get(1);
      assertEquals(Optional.empty(), crashed.finished());
      assertEquals(Optional.empty(), crashed.status());
      assertEquals(Optional.of(RunStatus.SUCCEEDED), second.status());
      assertEquals(info.finished(), second.finished());
      assertTrue(crashed.pid() > 0 && crashed.pid() != second.pid(), crashed + " " + second);
      assertTrue(second.started().isAfter(crashed.started()), crashed + " " + second);
    }
  }

  private static long newFolders(Path run) {
    return folders(run).stream().filter(name -> name.endsWith("~g2.lance")).count();
  }

  private static List<String> folders(Path run) {
    try (Stream<Path> entries = Files.list(new RunLayout(run).metrics())) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets a random bit of time pass. */
  private void spin(int nanos) {
    long end = System.nanoTime() + random.nextInt(nanos);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private String seen() {
    return "seed " + seed;
  }
}
