package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tracker.format.Counters;
import dev.tracker.verify.Finding;
import dev.tracker.verify.Severity;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A power cut may keep a page of a segment and lose the one before it. Verify called that damage,
 * though nobody had been promised the records in it.
 */
class UnforcedHoleTest {
  @TempDir Path run;

  private final CountDownLatch goOn = new CountDownLatch(1);

  @Test
  void holeThatWasNeverForced_isWhatAPowerCutLeaves() throws IOException {
    FileLayer slow = new SlowForce(FileLayer.real(), new CountDownLatch(1), goOn);
    JournalWriter journal = open(slow);
    write(journal, 3);
    byte[] left = withoutTheSecondFrame();
    goOn.countDown();
    journal.close();
    Files.write(segment(), left);
    assertEquals(Set.of(Severity.WARNING), severities());
  }

  @Test
  void holeThatHadBeenForced_isDamage() throws IOException {
    JournalWriter journal = open(FileLayer.real());
    write(journal, 2);
    journal.force();
    write(journal, 1);
    byte[] left = withoutTheSecondFrame();
    journal.close();
    Files.write(segment(), left);
    assertEquals(Set.of(Severity.DAMAGE), severities());
  }

  @Test
  void segmentWithoutAHeader_isWhatAPowerCutLeaves() throws IOException {
    try (JournalWriter journal = open(FileLayer.real())) {
      write(journal, 1);
    }
    for (int bytes : new int[] {0, 1 << 20}) {
      Files.write(segment(), new byte[bytes]);
      assertEquals(Set.of(Severity.WARNING), severities(), "bytes=" + bytes);
    }
    Files.delete(segment());
    assertEquals(Set.of(Severity.WARNING), severities());
  }

  private JournalWriter open(FileLayer files) throws IOException {
    return JournalWriter.open(run.resolve("journal"), new Counters(0, 0, 0, 0), files);
  }

  private static void write(JournalWriter journal, int frames) throws IOException {
    for (int i = 0; i < frames; i++) {
      journal.run("{\"notes\":\"a\"}".getBytes(StandardCharsets.UTF_8));
      journal.write();
    }
  }

  private Path segment() throws IOException {
    Path journal = run.resolve("journal");
    return SegmentName.in(journal, FileLayer.real()).get(0).file(journal);
  }

  private byte[] withoutTheSecondFrame() throws IOException {
    byte[] bytes = Files.readAllBytes(segment());
    int first = SegmentFormat.HEADER_BYTES;
    int second = first + SegmentFormat.frameBytes((int) SegmentFormat.INT.get(bytes, first));
    int third = second + SegmentFormat.frameBytes((int) SegmentFormat.INT.get(bytes, second));
    Arrays.fill(bytes, second, third, (byte) 0);
    return bytes;
  }

  private Set<Severity> severities() {
    return Verifier.verify(run).findings().stream()
        .map(Finding::severity)
        .collect(Collectors.toSet());
  }
}
