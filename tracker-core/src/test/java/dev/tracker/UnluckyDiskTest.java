package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.RunLayout;
import dev.tracker.metadata.Gap;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.read.RunReader;
import dev.tracker.system.Await;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A board on a disk that fails by chance: what {@code flush} promised is there, what is missing is
 * declared, nothing is there twice, and once the disk works again so does the board.
 *
 * <p>{@code -Dtracker.test.rounds} says how many disks, {@code -Dtracker.test.seed} which one
 * first.
 */
@Tag("once")
class UnluckyDiskTest {
  private static final int ROUNDS = Integer.getInteger("tracker.test.rounds", 24);
  private static final long FIRST =
      Long.getLong("tracker.test.seed", ThreadLocalRandom.current().nextInt());

  @TempDir Path root;

  /** That after a flush so many calls had been made, of which so many were lost. */
  private record Promise(int calls, long dropped) {}

  @Test
  void whatIsMissingIsDeclared_andNothingElseIsMissing() throws Exception {
    StandardError err = StandardError.capture();
    try {
      for (int i = 0; i < ROUNDS; i++) {
        try {
          round(FIRST + i);
        } catch (Throwable e) {
          throw new AssertionError("seed=" + (FIRST + i), e);
        }
      }
    } finally {
      err.close();
    }
  }

  private void round(long seed) throws Exception {
    Random random = new Random(seed);
    FaultyFiles files = new FaultyFiles();
    Board board =
        Board.builder("unlucky")
            .root(root)
            .files(files)
            .queueCapacity(64 << random.nextInt(3))
            .open();
    long begin = micros();
    List<Promise> promises = new ArrayList<>();
    int calls = 0;
    for (int phase = 0; phase < 12; phase++) {
      switch (random.nextInt(4)) {
        case 0 -> files.isFull = true;
        case 1 -> files.heal();
        default -> files.failByChance(random.nextLong());
      }
      for (int left = 1 + random.nextInt(400); left > 0; left--) {
        board.log("a", calls++); // throws nothing, whatever the disk does
      }
      if (random.nextBoolean() && isFlushed(board)) {
        promises.add(new Promise(calls, board.health().dropped()));
      }
    }
    files.heal();
    Await.until("the journal is written again", () -> board.health().queued() == 0);
    // It tells of what was lost, and of a force that had failed just before.
    Await.until("the board is flushed", () -> isFlushed(board));
    board.flush();
    Await.until("the board is well again", () -> !board.health().failing());
    long dropped = board.health().dropped();
    for (int i = 0; i < 10; i++) {
      board.log("a", calls++);
    }
    board.finish();
    assertEquals(dropped, board.health().dropped(), "nothing is lost on a disk that works");
    long end = micros();

    double[] found;
    try (RunReader reader = RunReader.open(board.directory())) {
      found = reader.scalars("a").values();
    }
    for (int i = 1; i < found.length; i++) {
      assertTrue(found[i - 1] < found[i], "in order, each once: " + found[i - 1] + " " + found[i]);
    }
    List<Gap> gaps = MetadataReader.gaps(new RunLayout(board.directory()).metadata());
    assertEquals(dropped, gaps.stream().mapToLong(Gap::rows).sum(), "declared");
    assertEquals(calls - dropped, found.length, "there");
    for (Gap gap : gaps) {
      assertTrue(
          begin <= gap.fromMicros() && gap.fromMicros() <= gap.toMicros() && gap.toMicros() <= end,
          () -> "begin=" + begin + " end=" + end + " gap=" + gap);
    }
    for (Promise promise : promises) {
      long there = DoubleStream.of(found).filter(value -> value < promise.calls).count();
      assertTrue(there >= promise.calls - promise.dropped, () -> promise + " there=" + there);
    }
    double[] last = DoubleStream.of(found).skip(found.length - 10).toArray();
    assertEquals(calls - 10, last[0], "what was logged afterwards");
  }

  private static boolean isFlushed(Board board) {
    try {
      board.flush();
      return true;
    } catch (TrackerException e) {
      return false;
    }
  }

  private static long micros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
  }
}
