package dev.tracker.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunNamesTest {
  @Test
  void ids_tell_their_time_and_do_not_collide() {
    Instant time = Instant.parse("2026-11-20T20:47:55Z");
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      String id = RunNames.newId(time);
      assertTrue(id.matches("20261120-204755-[0-9a-z]{6}"), id);
      assertEquals(id, RunNames.checkId("run id", id));
      ids.add(id);
    }
    assertTrue(ids.size() >= 999, "1,000 ids of one second, different ones: " + ids.size());
  }

  @Test
  void an_illegal_id_is_named_with_what_is_allowed() {
    for (String id : new String[] {"", "../x", ".x", "a/b", "a b", "ä", "x".repeat(129)}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> RunNames.checkId("run id", id))
              .getMessage();
      assertTrue(
          message.startsWith("illegal run id: '") && message.contains("allowed: 1 to 128"),
          message);
    }
    assertEquals("A.b_c-9", RunNames.checkId("run id", "A.b_c-9"));
  }

  @Test
  void a_series_may_be_called_anything_that_is_text() {
    for (String name : new String[] {"a", " ", "😀", "x".repeat(65_535), "..", "a\nb", "\0"}) {
      assertEquals(name, RunNames.checkSeries(name));
    }
    assertMessage("", "a metric's name is empty");
    assertMessage("x".repeat(65_536), "a metric's name is too long: length=65536 limit=65535");
    assertMessage("a\ud83d", "is not Unicode text");
  }

  private static void assertMessage(String name, String part) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> RunNames.checkSeries(name)).getMessage();
    assertTrue(message.contains(part), message);
  }
}
