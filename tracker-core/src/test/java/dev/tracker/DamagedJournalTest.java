package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.journal.JournalScan;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.read.RunReader;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.DamageProgram;
import dev.tracker.verify.RepairReport;
import dev.tracker.verify.Repairer;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A killed run whose journal is damaged in front of frames that were flushed: what follows the
 * damage was dropped without a word, by readers and by the next writer.
 */
class DamagedJournalTest {
  @TempDir Path root;

  private Path run;
  private final List<Frame> frames = new ArrayList<>();

  private record Frame(String file, long offset, long rows, List<Double> losses) {}

  @BeforeEach
  void logAndDie() throws Exception {
    try (ChildJvm child =
        ChildJvm.of(DamageProgram.class)
            .property("tracker.native", "off")
            .start("flushed", root.toString())) {
      assertEquals(0, child.exit(), () -> child.story("did not make the run"));
    }
    run = root.resolve("default").resolve("flushed");
    JournalScan.scan(new RunLayout(run).journal(), 0, new Collector());
    assertTrue(frames.stream().filter(f -> !f.losses.isEmpty()).count() >= 3, frames::toString);
  }

  @Test
  void framesBehindDamage_areReadAndKept() throws Exception {
    Frame damaged = frames.stream().filter(f -> !f.losses.isEmpty()).skip(1).findFirst().get();
    flip(damaged);
    List<Double> expected = losses();
    expected.removeAll(damaged.losses);
    assertEquals(expected, read());
    assertFalse(Verifier.verify(run).isSound());
    try (Board board = resumed().open()) {
      board.log("train/loss", 1_000.0);
      board.finish();
    }
    expected.add(1_000.0);
    assertEquals(expected, read());
    assertTrue(Verifier.verify(run).isSound());
    try (var connection =
            java.sql.DriverManager.getConnection("jdbc:sqlite:" + new RunLayout(run).metadata());
        var gaps = connection.createStatement().executeQuery("SELECT sum(rows) FROM gap")) {
      assertEquals(damaged.rows, gaps.getLong(1));
    }
  }

  /** A writer that went on would give the series' number to another name. */
  @Test
  void damagedNameOfASeries_isRefused_andRepaired() throws Exception {
    Frame named = frames.stream().filter(frame -> !frame.losses.isEmpty()).findFirst().get();
    for (Frame frame : frames.subList(0, frames.indexOf(named) + 1)) {
      flip(frame);
    }
    StorageException refused = assertThrows(StorageException.class, () -> RunReader.open(run));
    assertTrue(refused.getMessage().contains("tracker repair"), refused::getMessage);
    RuntimeException again = assertThrows(RuntimeException.class, () -> resumed().open());
    assertTrue(again.getMessage().contains("tracker repair"), again::getMessage);
    RepairReport report = Repairer.repair(run, root.resolve("repaired"));
    try (RunReader reader = RunReader.open(report.target())) {
      assertTrue(
          reader.metrics().stream().anyMatch(name -> name.startsWith("recovered/")),
          reader.metrics()::toString);
    }
  }

  private Board.Builder resumed() {
    return Board.builder("flushed").root(root).id("flushed").resume(Resume.MUST);
  }

  private List<Double> losses() {
    List<Double> all = new ArrayList<>();
    frames.forEach(frame -> all.addAll(frame.losses));
    return all;
  }

  private List<Double> read() {
    try (RunReader reader = RunReader.open(run)) {
      return new ArrayList<>(
          DoubleStream.of(reader.scalars("train/loss").values()).boxed().toList());
    }
  }

  private void flip(Frame frame) throws IOException {
    Path file = new RunLayout(run).journal().resolve(frame.file);
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) frame.offset + 60] ^= 4;
    Files.write(file, bytes);
  }

  /** Takes the frames of a journal that is whole. */
  private final class Collector implements JournalScan.Sink {
    @Override
    public void frame(
        String file, long offset, Counters before, long end, JournalScan.Records records)
        throws IOException {
      Losses losses = new Losses();
      records.to(losses);
      frames.add(new Frame(file, offset, end - before.position(), losses.found));
    }

    @Override
    public void missing(String file, long expected, long found) {
      throw new AssertionError("missing: " + expected + " to " + found);
    }

    @Override
    public void fault(String file, long offset, JournalScan.Cause least, String what) {}

    @Override
    public void leftOver(String file) {}

    @Override
    public void end(long stable) {}
  }

  private static final class Losses implements RecordVisitor {
    private final List<Double> found = new ArrayList<>();

    @Override
    public void value(int series, long bits) {
      found.add(Double.longBitsToDouble(bits));
    }
  }
}
