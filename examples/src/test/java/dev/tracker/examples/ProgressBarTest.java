package dev.tracker.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void shouldRedrawOneLineAndEraseWhatWasLonger() {
    try (ProgressBar progress =
        new ProgressBar(new PrintStream(bytes, true, StandardCharsets.UTF_8), 2)) {
      progress.note("a long note");
      progress.advance();
      assertEquals(0.5, progress.fraction());
      progress.note("a note");
      progress.advance();
    }
    String[] drawn = bytes.toString(StandardCharsets.UTF_8).split("\r", -1);
    assertEquals("", drawn[0]);
    assertEquals("[###############...............]  50%  a long note", drawn[1]);
    String last = drawn[drawn.length - 1];
    assertEquals(
        "[##############################] 100%  a note     " + System.lineSeparator(), last);
  }
}
