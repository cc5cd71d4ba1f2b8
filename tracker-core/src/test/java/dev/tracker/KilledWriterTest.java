package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.InLance;
import dev.tracker.system.Workload;
import dev.tracker.system.WriterProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training programs that are really killed, at moments that differ each time: {@code
 * -Dtracker.test.seed} gives those of an earlier run, which prints its seed.
 */
class KilledWriterTest {
  private static final Workload WORKLOAD = new Workload(4, 60);
  private static final int FLOOD = 0;
  private static final int CALM = 10;
  private static final long MORE = 5_000;

  @TempDir Path root;

  private final long seed = Long.getLong("tracker.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  KilledWriterTest() {
    System.out.println("KilledWriterTest: -Dtracker.test.seed=" + seed);
  }

  @RepeatedTest(4)
  void shouldHoldAllThatWasReported_whenKilledWhileLogging() throws Exception {
    Path run;
    long reported;
    try (ChildJvm child = ChildJvm.of(WriterProgram.class).start()) {
      run = open(child, Resume.NEVER);
      child.ask(start(FLOOD), "started");
      long enough = random.nextInt(150_000);
      child.hear(line -> line.startsWith("journaled ") && reported(line) >= enough);
      spin();
      child.kill();
      reported = lastReported(child);
    }
    Workload.Found dead = checkDead(run, reported);
    resumeAndFinish(run, dead, 1);
  }

  @Test
  void shouldOpen_whenKilledRightAfterOpening() throws Exception {
    Path run;
    try (ChildJvm child = ChildJvm.of(WriterProgram.class).start()) {
      run = open(child, Resume.NEVER);
      child.kill();
    }
    Workload.Found dead = checkDead(run, 0);
    assertEquals(0, dead.values(), seen());
    resumeAndFinish(run, dead, 1);
  }

  @Test
  void shouldLoseNothing_whenKilledWhileTheSealerIsAtWork_andAgainWhileTheRestIsSealed()
      throws Exception {
    Path run;
    long reported;
    try (ChildJvm child = ChildJvm.of(WriterProgram.class).start()) {
      run = open(child, Resume.NEVER);
      child.ask(start(CALM), "started");
      awaitSealing(child, run, 0);
      child.kill();
      reported = lastReported(child);
    }
    checkDead(run, reported);

    long before;
    try (ChildJvm child = ChildJvm.of(WriterProgram.class).start()) {
      open(child, Resume.MUST);
      child.ask("log 1 4 60 0 " + MORE + " " + Workload.SINGLE, "logged");
      child.ask("flush", "flushed");
      try (RunReader reader = RunReader.open(run)) {
        before = WORKLOAD.found(reader).values();
      }
      long files = InLance.dataFiles(run);
      child.say("finish");
      awaitSealing(child, run, files);
      spin();
      child.kill();
    }
    checkBothLives(run, before);
    Sealer.seal(run);
    checkBothLives(run, before);
    checkSealed(run, before);
  }

  private void checkBothLives(Path run, long values) {
    try (RunReader reader = RunReader.open(run)) {
      assertNotEquals(RunStatus.RUNNING, reader.info().status(), seen());
      Workload.Found found = checked(reader);
      assertEquals(values, found.values(), seen());
      assertEquals(MORE, found.prefix(1, WORKLOAD.threads() - 1), seen());
    }
  }

  @RepeatedTest(3)
  void shouldLoseNothing_whenKilledInsideFinish() throws Exception {
    Path run;
    try (ChildJvm child = ChildJvm.of(WriterProgram.class).start()) {
      run = open(child, Resume.NEVER);
      child.ask("log 0 4 60 0 " + MORE + " " + Workload.SINGLE, "logged");
      long files = InLance.dataFiles(run);
      child.say("finish");
      awaitSealing(child, run, files);
      spin();
      child.kill();
    }
    Workload.Found found;
    try (RunReader reader = RunReader.open(run)) {
      found = checked(reader);
      assertEquals(WORKLOAD.threads() * MORE, found.values(), seen());
    }
    resumeAndFinish(run, found, 1);
  }

  private Path open(ChildJvm child, Resume resume) {
    return Path.of(child.ask("open " + root + " killed " + resume, "opened"));
  }

  private static String start(int pace) {
    return "start 0 " + WORKLOAD.threads() + " " + WORKLOAD.metrics() + " " + pace;
  }

  private static long reported(String line) {
    return Long.parseLong(line.substring(line.indexOf(' ') + 1));
  }

  private static long lastReported(ChildJvm child) {
    return child.out().stream()
        .filter(line -> line.startsWith("journaled "))
        .mapToLong(KilledWriterTest::reported)
        .max()
        .orElse(0);
  }

  /**
   * Waits until the sealer has written some of the files it has to write, or has already finished.
   */
  private void awaitSealing(ChildJvm child, Path run, long before) {
    long wanted = before + 1 + random.nextInt(WORKLOAD.metrics());
    Await.until(
        "data file " + wanted + " in " + run,
        () -> InLance.dataFiles(run) >= wanted || child.out().contains("finished"));
  }

  /** Lets a random bit of time pass, up to a few milliseconds. */
  private void spin() {
    long end = System.nanoTime() + random.nextInt(5_000_000);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private String seen() {
    return "seed " + seed;
  }

  private Workload.Found checked(RunReader reader) {
    Workload.Found found = WORKLOAD.found(reader);
    assertEquals(List.of(), found.wrong(), seen());
    assertEquals(found.values(), found.steps(), "one step for each value, " + seen());
    assertEquals(found.values(), found.lastStep() + 1, "no step left out, " + seen());
    return found;
  }

  private Workload.Found checkDead(Path run, long reported) {
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(RunStatus.CRASHED, reader.info().status(), seen());
      assertTrue(reader.info().finished().isEmpty(), seen());
      Workload.Found found = checked(reader);
      assertTrue(
          found.values() >= reported,
          "reported " + reported + " found " + found.values() + ", " + seen());
      return found;
    }
  }

  private void resumeAndFinish(Path run, Workload.Found before, int life) throws Exception {
    try (ChildJvm child = ChildJvm.of(WriterProgram.class).start()) {
      open(child, Resume.MUST);
      child.ask("log " + life + " 4 60 0 " + MORE + " " + Workload.SINGLE, "logged");
      child.ask("finish", "finished");
    }
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(RunStatus.SUCCEEDED, reader.info().status(), seen());
      Workload.Found found = checked(reader);
      for (int thread = 0; thread < WORKLOAD.threads(); thread++) {
        assertEquals(
            before.prefix(0, thread),
            found.prefix(0, thread),
            "what the dead one logged, " + seen());
        assertEquals(MORE, found.prefix(life, thread), "what its successor logged, " + seen());
      }
      assertEquals(before.values() + WORKLOAD.threads() * MORE, found.values(), seen());
    }
    checkSealed(run, before.values() + WORKLOAD.threads() * MORE);
  }

  private void checkSealed(Path run, long values) throws Exception {
    assertEquals(values, InLance.rows(run), seen());
    assertEquals(List.of(), InLance.segments(run), seen());
  }
}
