package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.journal.Script.Act;
import dev.tracker.journal.Script.Model;
import dev.tracker.journal.SimulatedDisk.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * After a power cut at any moment the journal opens, holds what was durable, and holds a prefix.
 */
class JournalPowerCutTest {
  private static final Path FOLDER = Path.of("/run/journal");

  @Provide
  Arbitrary<List<List<Act>>> sessions() {
    return Script.acts().list().ofMinSize(1).ofMaxSize(5);
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void powerCutOrKill_leavesAPrefixThatHoldsWhatWasPromised(
      @ForAll("sessions") List<List<Act>> sessions, @ForAll Random random) throws IOException {
    survive(sessions, random, new SimulatedDisk(), false);
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void powerCutOfADiskThatFails_leavesAPrefixThatHoldsWhatWasPromised(
      @ForAll("sessions") List<List<Act>> sessions, @ForAll Random random) throws IOException {
    survive(sessions, random, new SimulatedDisk(), true);
  }

  private static void survive(
      List<List<Act>> sessions, Random random, SimulatedDisk fresh, boolean fails)
      throws IOException {
    SimulatedDisk disk = fresh;
    Counters start = Counters.START;
    List<Act> done = new ArrayList<>();
    for (List<Act> acts : sessions) {
      JournalWriter writer = JournalWriter.open(FOLDER, start, disk);
      long durable = writer.durable();
      if (fails) {
        writer.force(); // an order of entries that no force has made is not relied on
        disk.failing((call, file) -> {
          if ((call == Call.FORCE || call == Call.WRITE || call == Call.FORCE_FOLDER)
              && random.nextInt(8) == 0) {
            throw new IOException("Input/output error");
          }
        });
      }
      for (Act act : acts) {
        done.add(act);
        try {
          act.to(writer);
        } catch (IOException e) {
          assertTrue(fails, e::toString);
        }
        durable = writer.durable();
      }
      // Nobody can know what a force had lost that failed before the process was killed.
      boolean killed = !fails && random.nextInt(3) == 0;
      SimulatedDisk left = killed ? disk.kill() : disk.cut(random);
      durable = killed ? writer.written() : durable;
      disk.sound();
      writer.close();
      disk = left;
      start = check(disk, durable, done);
    }
  }

  /**
   * Checks what is left against what was done, and forgets what is gone; returns where the journal
   * ends.
   */
  private static Counters check(SimulatedDisk disk, long durable, List<Act> done)
      throws IOException {
    Log log = new Log();
    Counters end;
    try (JournalReader reader = JournalReader.open(FOLDER, 0, disk)) {
      Counters found = log.read(reader);
      end = found == null ? Counters.START : found;
    }
    assertTrue(
        end.position() >= durable, () -> "durable=" + durable + " found=" + log.lines.size());
    Model model = new Model();
    int kept = 0;
    while (kept < done.size() && model.records < end.position()) {
      done.get(kept++).to(model);
    }
    done.subList(kept, done.size()).clear();
    assertEquals(model.log.lines, log.lines);
    assertEquals(model.counters(), end);
    return end;
  }
}
