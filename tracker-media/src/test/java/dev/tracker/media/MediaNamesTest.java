package dev.tracker.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class MediaNamesTest {
  private static final ContentHash HASH =
      ContentHash.of("abc".getBytes(java.nio.charset.StandardCharsets.UTF_8));

  @Test
  void a_file_is_named_after_name_step_and_hash() {
    assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", HASH.hex());
    assertEquals("samples_00000100_ba7816bf.png", name("samples", 100));
    assertEquals("val__samples_-0000001_ba7816bf.png", name("val/samples", -1));
    assertEquals("a_9223372036854775807_ba7816bf.png", name("a", Long.MAX_VALUE));
  }

  @Test
  void a_clash_takes_more_digits() {
    Set<String> others = new HashSet<>();
    for (int digits : new int[] {8, 16, 32, 64}) {
      String name = MediaNames.fileName("a", 0, HASH, "png", others::contains);
      assertEquals("a_00000000_" + HASH.digits(digits) + ".png", name);
      others.add(name);
    }
    assertThrows(
        IllegalStateException.class,
        () -> MediaNames.fileName("a", 0, HASH, "png", others::contains));
    assertThrows(
        IllegalArgumentException.class, () -> MediaNames.fileName("a", 0, HASH, "../x", 8));
  }

  @Test
  void no_two_names_give_the_same_file() {
    List<String> names =
        List.of(
            "a/b",
            "a__b",
            "a_b",
            "A/B",
            "A/b",
            "a//b",
            "a/b/",
            "../x",
            "con",
            "con.txt",
            "CON",
            "\uD83D\uDE00",
            "\uD83D\uDE01",
            "x".repeat(10_000),
            "x".repeat(9_999),
            ".x",
            "a b",
            "a\0b",
            "a:b",
            "a~b",
            "a-b",
            "a\\b",
            "ä",
            "\uD800",
            " ",
            "nul",
            "Nul.x");
    Set<String> files = new HashSet<>();
    for (String name : names) {
      assertTrue(files.add(name(name, 7)), name);
    }
  }

  @Property(tries = 500)
  void a_name_is_safe_everywhere(@ForAll String name, @ForAll long step) {
    String file = MediaNames.fileName(name, step, HASH, "png", 64);
    assertTrue(file.matches("(?!\\.)[a-z0-9_.~-]{1,200}"), file);
    assertEquals(file.toLowerCase(Locale.ROOT), file);
    String stem = file.split("\\.", 2)[0];
    assertTrue(!stem.matches("con|prn|aux|nul|com[0-9]|lpt[0-9]"), file);
  }

  @Property(tries = 500)
  void different_names_give_different_files(@ForAll String one, @ForAll String other) {
    if (!one.equals(other)) {
      assertNotEquals(name(one, 0), name(other, 0));
    }
  }

  private static String name(String name, long step) {
    return MediaNames.fileName(name, step, HASH, "png", 8);
  }
}
